"""SC-14: what each band of the scorecard came to, with its interval, and the review that is due each quarter."""

from datetime import date, timedelta

import pytest

from apps.appointments.models import Appointment
from apps.catalog.models import Location
from apps.flows.sweeps import sweep
from apps.leads.models import Lead
from apps.policies.models import Review, RuleSetVersion
from apps.qualification.models import ScoreResult
from apps.qualification.reviewing import quarter_before
from apps.reporting.intervals import is_above, wilson
from apps.tenancy.ids import new_id
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.reporting.test_web import DAY, page, table

JANUARY = TUESDAY_NINE + timedelta(days=40)


def played(tenant, lead, band, points, of_leads, booked):
    """Let so many inquiries like this one have a fit of that band, some of them a visit."""
    with tenant.scope():
        first = ScoreResult.rows().filter(lead=lead).earliest("scored_at")
        verdict = {**first.verdict, "fit": {**first.verdict["fit"], "band": band, "total": points}}
        place, base = Location.rows().get(key="elm-st"), Lead.rows().count() * 1000
        leads, scores, visits = [], [], []
        for number in range(of_leads):
            row = Lead.rows().get(id=lead.id)
            row.id, row.number = new_id(), base + number
            leads.append(row)
            told = {"lead": row, "version": first.version, "intent": first.intent, "scored_at": first.scored_at}
            scores.append(ScoreResult(**told, fit=points, verdict=verdict))
            # The card heard of the answer later: that says nothing of what it foretold.
            later = told | {"scored_at": first.scored_at + timedelta(days=1)}
            scores.append(ScoreResult(**later, fit=99, verdict={**verdict, "fit": {"band": "medium", "total": 99}}))
            if number < booked:
                start = TUESDAY_NINE + timedelta(days=3)
                visit = {"starts_at": start, "ends_at": start + timedelta(hours=1), "confirmed_by": "patient"}
                visits.append(Appointment(lead=row, location=place, created_at=start, event_id=new_id(), **visit))
        Lead.objects.bulk_create(leads)
        ScoreResult.objects.bulk_create(scores)
        Appointment.objects.bulk_create(visits)


@pytest.mark.row("SC-14")
def test_bands_stand_beside_what_came_of_them_and_a_quarterly_review_asks_to_look(harbor, client_as):
    lead = make_lead(harbor)
    for _ in range(2):
        with harbor.scope():
            sweep(harbor.organization_id, JANUARY)
    for band, points, booked in (("high", 85, 31), ("medium", 55, 12), ("low", 20, 3)):
        played(harbor, lead, band, points, 100, booked)
    with harbor.scope():
        Lead.rows().filter(id=lead.id).update(is_test=True)
        version = RuleSetVersion.rows().get(rule_set__kind="scoring", state="approved").number
    body = page(client_as("lena"), f"/reports/scores/?{DAY}")
    assert f"Fit by scorecard v{version}, scheduled: High 31 %, Medium 12 %, Low 3 %." in body
    assert "does not schedule more often" not in body
    _, rows = table(client_as("lena"), f"/reports/scores.csv?{DAY}")
    fits = [row for row in rows if row[1] == "Fit"]
    assert fits[0] == ["High", "Fit", f"v{version}", "100", "69", "31", "31 %", "23–41 %", "0"]
    assert [row[6] for row in fits] == ["31 %", "12 %", "3 %"]
    withheld = table(client_as("cleo"), f"/reports/scores.csv?{DAY}")[1]
    assert next(row for row in withheld if row[0] == "Low")[5:8] == ["< 5", "withheld", ""]
    with harbor.scope():
        review = Review.rows().get(kind="score_conversion")
        assert (review.due_on, review.closed_at) == (date(2027, 1, 15), None)
        assert review.url == "/reports/scores/?since=2026-10-01&until=2026-12-31"
    cleo = client_as("cleo")
    assert "Compare scores with what came of them" in page(cleo, "/admin/policies/review/")
    assert review.sentence in page(cleo, "/admin/")
    door = f"/admin/policies/review/{review.id}/change/"
    assert cleo.post(door, {"outcome": ""}).status_code == 200
    assert cleo.post(door, {"outcome": "The bands hold; nothing changes."}).status_code == 302
    assert cleo.post(door, {"outcome": "Again"}).status_code == 422
    with harbor.scope():
        assert Review.rows().get(id=review.id).outcome == "The bands hold; nothing changes."


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(31, 100, "23–41 %"), (0, 20, "0–16 %"), (20, 20, "84–100 %"), (1, 2, "9–91 %")],
)
def test_the_interval_of_a_share(part, whole, told):
    assert str(wilson(part, whole)) == told


def test_of_nothing_there_is_no_interval_and_close_shares_do_not_differ():
    assert wilson(0, 0) is None
    assert is_above((31, 100), (12, 100)) and is_above((12, 100), (3, 100)) and not is_above((3, 100), (12, 100))
    assert not is_above((31, 100), (25, 100)) and not is_above((2, 10), (0, 10)) and not is_above((1, 1), (0, 0))


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2027, 1, 1), date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 5, 31), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 12, 31), date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_the_quarter_before(today, first, last):
    assert quarter_before(today) == (first, last)
