"""Eligibility by service and what it stops, through the doors: rows QL-12 and QL-13."""

from datetime import timedelta

import pytest

from apps.exceptions.models import ExceptionItem
from apps.leads.models import Task
from apps.sla.actions import running_timers
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page
from tests.rows.test_exceptions import decide
from tests.words import saying

LATER = TUESDAY_NINE + timedelta(minutes=10)
CONTACTS = {"call", "text", "email", "follow_up"}


def kinds_open(lead):
    return set(Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).values_list("kind", flat=True))


def clocks_of(lead):
    return set(running_timers(lead).values_list("kind", flat=True)) - {"acknowledgement", "exception"}


@pytest.mark.row("QL-12")
@pytest.mark.row("QL-13")
def test_sixteen_is_too_young_for_bariatrics_and_nobody_calls(harbor, client_as):
    asked = {"request__service": "bariatrics", "request__location": "oak-park"}
    lead = make_lead(harbor, **asked, person__date_of_birth="2010-03-01")
    ewa = client_as("ewa")
    said = ask(ewa, "GET", f"/leads/{lead.id}/criteria", at=LATER).json()
    reason = "Bariatrics from 18: age 16 → ineligible (age)"
    assert said["eligibility"] == {"result": "ineligible", "reasons": [reason]}
    assert reason in page(ewa, f"/leads/{lead.id}/", at=LATER)
    assert lead.exception == "ineligible"
    with harbor.scope():
        assert not kinds_open(lead) & CONTACTS and not clocks_of(lead)
        assert saying(Task.rows().filter(lead=lead, state="open"), title="Not eligible: close the lead or park it")
        item = ExceptionItem.rows().get(lead=lead, type="ineligible")
    assert {"nurture", "close"} <= set(item.allowed) and item.detail == f"{reason}."
    assert decide(ewa, item, LATER, decision="nurture", reason="Eighteen in two years").status_code == 303
    row = reload(harbor, lead.id)
    assert (row.stage.key, row.exception) == ("nurture", "")


@pytest.mark.row("QL-13")
def test_what_is_verified_stops_the_outreach_and_what_is_put_right_lets_it_go_on(harbor, client_as):
    lead = make_lead(harbor)
    ana = client_as(lead.owner.user.email.partition("@")[0])
    path = f"/leads/{lead.id}"
    connected = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    assert ask(ana, "POST", f"{path}/activities", connected, at=LATER).status_code == 201
    answers = {"V-1": "imaging", "V-2": "has a referral", "V-3": "no", "V-4": "first visit"}
    assert ask(ana, "POST", f"{path}/verification", {"answers": answers}, at=LATER).status_code == 201
    said = ask(ana, "GET", f"{path}/criteria", at=LATER).json()["eligibility"]
    assert said["result"] == "ineligible" and said["reasons"][0].endswith("ineligible (verification)")
    with harbor.scope():
        assert not kinds_open(lead) & CONTACTS and not clocks_of(lead)
    assert ask(ana, "POST", f"{path}/verification", {"answers": answers | {"V-3": "yes"}}, at=LATER).status_code == 201
    row = reload(harbor, lead.id)
    with harbor.scope():
        assert (row.exception, row.stage.key) == ("", "contacted") and "call" in kinds_open(lead)
