"""RT-23: routes beside the average of their service; weak ones become reviews, small ones are not judged."""

import pytest

from apps.appointments.models import Appointment
from apps.catalog.models import Location, Queue
from apps.leads.models import Lead
from apps.policies.models import Review
from apps.reporting.route_queries import Route
from apps.reporting.watching import review_weak_routes
from apps.routing.models import RoutingDecision
from apps.tenancy.ids import new_id
from tests.leads_made import make_lead
from tests.reporting.test_web import DAY, LATER, page, table


def routed(tenant, lead, queue, count, booked):
    """Let so many inquiries like this one have been routed to a queue, some of them with a visit."""
    with tenant.scope():
        to, place = Queue.rows().get(key=queue), Location.rows().get(key="elm-st")
        decision, base = RoutingDecision.rows().filter(lead=lead).latest("decided_at"), Lead.rows().count() * 1000
        leads, decisions, visits = [], [], []
        for number in range(count):
            row = Lead.rows().get(id=lead.id)
            row.id, row.number = new_id(), base + number
            leads.append(row)
            told = RoutingDecision.rows().get(id=decision.id)
            told.id, told.lead, told.queue = new_id(), row, to
            decisions.append(told)
            if number < booked:
                hours = {"starts_at": LATER, "ends_at": LATER.replace(hour=23), "created_at": LATER}
                visits.append(Appointment(lead=row, location=place, event_id=new_id(), confirmed_by="patient", **hours))
        Lead.objects.bulk_create(leads)
        RoutingDecision.objects.bulk_create(decisions)
        Appointment.objects.bulk_create(visits)


@pytest.mark.row("RT-23")
def test_a_weak_route_is_listed_and_reviewed_once(harbor, client_as):
    lead = make_lead(harbor, source="derm-winter", request__service="dermatology", request__location="evanston")
    with harbor.scope():
        queues = dict(Queue.rows().order_by("key").values_list("key", "name"))
    own, other, small = "oak-calls", "evanston-calls", "general-intake"
    for queue, count, booked in ((own, 50, 3), (other, 49, 17), (small, 5, 0)):
        routed(harbor, lead, queue, count, booked)
    with harbor.scope():
        Lead.rows().filter(id=lead.id).update(is_test=True)
    body = page(client_as("lena"), f"/reports/routes/?{DAY}")
    told = f"Dermatology → {queues[own]}: scheduling 6 % vs 19 % average"
    assert f"<li>{told}.</li>" in body
    _, rows = table(client_as("lena"), f"/reports/routes.csv?{DAY}")
    assert rows[1] == [f"Dermatology → {queues[own]}", "50", "3", "6 %", "19 %", "weak"]
    assert rows[2][-1] == "" and rows[3][-3:] == ["Not enough data (n = 5)", "", "not judged"]
    with harbor.scope():
        assert (review_weak_routes(LATER), review_weak_routes(LATER)) == (1, 0)
        review = Review.rows().get(kind="weak_route")
        assert review.subject == f"dermatology/{own}" and review.opened_at == LATER
    assert told in page(client_as("cleo"), "/admin/policies/review/")


@pytest.mark.parametrize(
    ("leads", "scheduled", "all_leads", "all_scheduled", "enough", "weak"),
    [
        (50, 3, 100, 19, True, True),
        (50, 9, 100, 19, True, False),
        (10, 0, 100, 50, False, False),
        (95, 1, 100, 5, False, False),
        (50, 16, 100, 19, True, False),
    ],
)
def test_what_makes_a_route_weak(leads, scheduled, all_leads, all_scheduled, enough, weak):
    route = Route("derm", "oak", "Derm", "Oak", leads, scheduled, all_leads, all_scheduled)
    assert (route.is_enough, route.is_weak) == (enough, weak)
