"""RT-14: what a source brought in the past sets the queue and the speed, and the decision keeps what it saw."""

from datetime import timedelta

import pytest

from apps.appointments.models import Appointment, CompletedVisit
from apps.catalog.models import Location, SourceFigure
from apps.leads.models import Lead, Person
from apps.reporting.watching import measure_sources
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import add_location_rules, change_rules, is_, page

PAST = TUESDAY_NINE - timedelta(days=60)
WHEN = {"field": "source_conversion", "op": "at_least", "value": 25}
SLOW = {"request__timeframe": "researching", "request__preferred_channel": "email"}


def brought(tenant, lead, count, came):
    """Let the lead's source have brought so many leads two months ago, some of them to a completed visit."""
    with tenant.scope():
        place, rows, visits, done = Location.rows().get(key="elm-st"), [], [], []
        for number in range(count):
            row = Lead.rows().get(id=lead.id)
            row.id, row.number, row.captured_at = new_id(), 100_000 * row.number + number, PAST
            rows.append(row)
            if number < came:
                hours = {"starts_at": PAST, "ends_at": PAST + timedelta(hours=1), "created_at": PAST}
                told = {"location": place, "confirmed_by": "patient", "state": "completed_intake"}
                row.person = Person.rows().get(id=lead.person_id)
                row.person.id = new_id()
                row.person.save(force_insert=True)
                visits.append(Appointment(lead=row, event_id=new_id(), **hours, **told))
                kept = {"completed_at": PAST, "care_started_on": PAST.date(), "is_first": True, "event_id": new_id()}
                done.append(
                    CompletedVisit(appointment=visits[-1], lead=row, person=row.person, source_id=row.source_id, **kept)
                )
        Lead.objects.bulk_create(rows)
        Appointment.objects.bulk_create(visits)
        CompletedVisit.objects.bulk_create(done)


@pytest.mark.row("RT-14")
def test_a_source_that_converts_goes_to_the_fast_queue(harbor, client_as):
    good, plain = (make_lead(harbor, source=each, **SLOW) for each in ("web-imaging", "imaging-spring"))
    for lead, came in ((good, 5), (plain, 2)):
        brought(harbor, lead, 20, came)
    with travelling(to=TUESDAY_NINE), harbor.scope():
        assert (measure_sources(TUESDAY_NINE), measure_sources(TUESDAY_NINE)) == (2, 0)
        figures = dict(SourceFigure.rows().values_list("source__key", "percent"))
        assert figures == {"web-imaging": 25, "imaging-spring": 10}
    fast = {"id": "R-90", "name": "Sources that convert", "meaning": "Who comes by a good source is called first."}
    change_rules(
        harbor, client_as, "routing", add_location_rules(fast | {"when": WHEN, "then": {"queue": "elm-calls"}})
    )
    clocks = [{"kind": "first_contact", "limit_seconds": 300, "clock": "business", "starts": "owned"}]
    policy = {"id": "S-90", "name": "Good source", "meaning": "A good source is called fast.", "clocks": clocks}
    policy["when"] = {"all": [WHEN, is_("channel", "web_form")]}
    change_rules(harbor, client_as, "sla", lambda document: document["policies"].insert(0, policy))
    late = TUESDAY_NINE + timedelta(hours=1)
    lead, other = (make_lead(harbor, at=late, source=each, **SLOW) for each in ("web-imaging", "imaging-spring"))
    with harbor.scope():
        decision = RoutingDecision.rows().get(lead=lead)
        timer = SlaTimer.rows().get(lead=lead, kind="first_contact")
        assert (decision.rule_id, decision.facts["source_conversion"]) == ("R-90", 25)
        assert (timer.policy_name, timer.limit_seconds) == ("Good source", 300)
        assert RoutingDecision.rows().get(lead=other).rule_id != "R-90"
    assert "25 % (5 of 20" in page(client_as("ada"), "/admin/catalog/source/", at=late)
