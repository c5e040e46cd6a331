"""ST-15 and ST-17 in the report: cycle time runs to the end that the tenant names, and a booking starts no care."""

from datetime import date, timedelta

import pytest

from apps.reporting.process_queries import cycles
from apps.reporting.queries import Period, Wanted
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_stages import CONNECTED, VISIT

SOON = TUESDAY_NINE + timedelta(minutes=12)
CARE = TUESDAY_NINE + timedelta(days=3)
PERIOD = "?since=2026-12-01&until=2026-12-04"


def measured(harbor):
    """Return the patient process of the days as the query gives it to every report."""
    wanted = Wanted(Period(date(2026, 12, 1), date(2026, 12, 4), "America/Chicago"))
    with harbor.scope():
        return next(each for each in cycles(harbor.actor("lena"), wanted, CARE) if each.pipeline == "Patient inquiry")


@pytest.mark.row("ST-15")
@pytest.mark.row("ST-17")
def test_cycle_time_runs_to_care_start_and_a_booking_is_none(harbor, client_as):
    leads = [make_lead(harbor) for _ in range(2)]
    for lead in leads:
        owner = client_as(lead.owner.user.email.partition("@")[0])
        assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=SOON).status_code == 201
        assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=SOON).status_code == 201
    lena = client_as("lena")
    booked = page(lena, f"/reports/cycle/{PERIOD}", at=CARE)
    assert "Patient inquiry: 0 of 2 came from “Inquiry” to “Active patient”." in booked
    moved = {"to": "in_treatment", "reason": "The first visit took place"}
    assert ask(client_as("sam"), "POST", f"/leads/{leads[0].id}/stage", moved, at=CARE).status_code == 200
    shown = page(lena, f"/reports/cycle/{PERIOD}", at=CARE)
    assert "Patient inquiry: 1 of 2 came from “Inquiry” to “Active patient”." in shown
    found = measured(harbor)
    assert (found.booked, found.in_care, found.seconds) == (2, 1, ((CARE - TUESDAY_NINE).total_seconds(),))
    file = lena.get(f"/reports/cycle.csv{PERIOD}").content.decode("utf-8-sig")
    assert "Patient inquiry,Inquiry,Active patient,2,1," in file

    def sooner(document):
        document["pipelines"]["patient"]["end"] = {"at": "scheduled", "label": "Booked"}

    change_rules(harbor, client_as, "process", sooner)
    found = measured(harbor)
    assert (found.end, found.seconds) == ("Booked", ((SOON - TUESDAY_NINE).total_seconds(),) * 2)
