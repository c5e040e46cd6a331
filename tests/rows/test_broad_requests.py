"""Broad requests: screened, not turned away (row QL-19)."""

from datetime import timedelta

import pytest

from apps.leads.models import Task
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page

LATER = TUESDAY_NINE + timedelta(minutes=5)
TITLE = "Clarify service: ask what they need"
BROAD = {"request__service": "", "request__message": "I need a doctor"}


def open_kinds(tenant, lead):
    with tenant.scope():
        return sorted(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))


@pytest.mark.row("QL-19")
def test_who_needs_a_doctor_is_called_and_asked_for_what(harbor, client_as):
    """By a source that lets the service open, by one that asks for it, and without any place: screened each time."""
    routed = make_lead(harbor, source="landing-pages", **BROAD)
    promised = make_lead(harbor, **BROAD)
    nowhere = {"person__city": "", "person__postal_code": "", "person__region": "", "request__location": ""}
    lost = make_lead(harbor, source="landing-pages", **BROAD, **nowhere)
    assert [each.validity for each in (routed, promised, lost)] == ["valid"] * 3
    assert (routed.stage.key, routed.exception, promised.exception) == ("routed", "", "required_field_missing")
    assert open_kinds(harbor, routed) == ["call", "clarify_service"]
    assert open_kinds(harbor, promised) == ["call", "clarify_service", "review"]
    assert set(open_kinds(harbor, lost)) >= {"call", "clarify_service"}
    owner = client_as(routed.owner.user.email.partition("@")[0])
    assert TITLE in page(owner, f"/leads/{routed.id}/", at=LATER)
    told = ask(owner, "PATCH", f"/leads/{routed.id}", {"service": "imaging"}, at=LATER)
    assert told.status_code == 200, told.content
    harbor.drain(LATER)
    assert open_kinds(harbor, routed) == ["call"]
    assert reload(harbor, routed.id).next_action_at is not None
    with harbor.scope():
        ended = Task.rows().get(lead=routed, kind="clarify_service")
    assert (ended.state, ended.closed_because) == ("done", "the service is known")
    with harbor.scope():
        step = Task.rows().get(lead=promised, kind="clarify_service")
    ewa = client_as("ewa")
    with travelling(to=LATER):
        assert ewa.post(f"/leads/{promised.id}/steps/{step.id}/").status_code == 303
    assert open_kinds(harbor, promised) == ["call", "review"]
    asks = {"request__message": "Prices?", "request__location": "", "request__timeframe": ""}
    price = make_lead(harbor, source="landing-pages", **BROAD | asks)
    typo = make_lead(harbor, request__service="orthapedics")
    assert price.workflow == "information"
    assert all("clarify_service" not in open_kinds(harbor, each) for each in (make_lead(harbor), price, typo))
