"""Who refused calls lies in no call queue, whichever way a lead comes there (row CN-05)."""

from datetime import timedelta

import pytest

from apps.consent.terms import Channel
from apps.exceptions.models import ExceptionItem
from apps.leads.models import Task
from apps.routing.models import RoutingDecision
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, change_queue, page
from tests.rows.test_exceptions import decide

SOON = TUESDAY_NINE + timedelta(minutes=4)
EMAIL_ONLY = [consent("call", "denied"), consent("email")]


def queue_of(tenant, lead):
    """Return the key of the queue in which a lead lies."""
    with tenant.scope():
        return reload(tenant, lead.id).queue.key


@pytest.mark.row("CN-05")
@pytest.mark.journey("E-15")
def test_a_call_opt_out_goes_to_the_email_worklist_and_to_no_call_queue(harbor, client_as):
    lead = make_lead(harbor, consent=EMAIL_ONLY)
    assert queue_of(harbor, lead) == "elm-email"
    with harbor.scope():
        verdict = RoutingDecision.rows().get(lead=lead).verdict
    assert "Elm Calls works by call alone, which they refused" in verdict["reason"]
    ana = client_as("ana")
    row = str(lead.id)
    assert row in page(ana, "/queue/?queue=elm-email&view=all", at=SOON)
    assert row not in page(ana, "/queue/?queue=elm-calls&view=all", at=SOON)
    why = page(ana, f"/leads/{lead.id}/why/", at=SOON)
    assert "Permitted channels" in why and "Elm Email Worklist" in why
    refused = ask(ana, "POST", f"/leads/{lead.id}/calls", {}, at=SOON)
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")
    # The next person with the same wishes is found at the other offices' own worklists.
    derm = {"request__service": "dermatology", "request__location": "oak-park"}
    oak = make_lead(harbor, consent=EMAIL_ONLY, person__phone="+13125550177", person__email="o@mail.example", **derm)
    assert queue_of(harbor, oak) == "oak-email"


@pytest.mark.row("CN-05")
def test_an_opt_out_of_calls_moves_what_lies_in_a_call_queue(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("call"), consent("email")])
    assert queue_of(harbor, lead) == "elm-calls"
    owner = reload(harbor, lead.id).owner_id
    ana = client_as("ana")
    body = {"channel": "call", "state": "withdrawn", "reason": "No calls please"}
    assert ask(ana, "POST", f"/leads/{lead.id}/consents", body, at=SOON).status_code == 201
    moved = reload(harbor, lead.id)
    assert queue_of(harbor, lead) == "elm-email" and moved.owner_id == owner
    assert "Elm Email Worklist has it" in page(ana, f"/leads/{lead.id}/", at=SOON)


@pytest.mark.row("CN-05")
def test_nobody_hands_such_a_lead_to_a_team_that_only_calls(harbor, client_as):
    lead = make_lead(harbor, consent=EMAIL_ONLY)
    change_queue(harbor, client_as, "nurse-line", channels="call")
    ana = client_as("ana")
    body = {"team": "clinical-intake", "reason": "Asks for a nurse"}
    refused = ask(ana, "POST", f"/leads/{lead.id}/transfers", body, at=SOON)
    assert (refused.status_code, refused.json()["code"]) == (409, "channel_refused"), refused.content
    assert "Nurse Line works by call alone" in refused.json()["detail"]
    given = ask(ana, "POST", f"/leads/{lead.id}/transfers", {**body, "team": "oak-calls"}, at=SOON)
    assert given.status_code == 201, given.content
    assert queue_of(harbor, lead) == "oak-email"


@pytest.mark.row("CN-16")
@pytest.mark.journey("E-15")
@pytest.mark.parametrize("way", ["at intake", "by an opt-out", "by the do-not-contact list"])
def test_nothing_permitted_is_an_exception_and_closes_with_a_reason(harbor, client_as, way):
    denied = [consent(each, "denied") for each in Channel]
    asked = {"at intake": denied}.get(way, [consent(each) for each in Channel])
    lead = make_lead(harbor, consent=asked)
    ewa = client_as("ewa")
    if way == "by an opt-out":
        for each in Channel:
            body = {"channel": each, "state": "withdrawn", "reason": "Leave me alone"}
            assert ask(ewa, "POST", f"/leads/{lead.id}/consents", body, at=SOON).status_code == 201
    if way == "by the do-not-contact list":
        with harbor.scope():
            points = list(lead.person.contact_points.values_list("kind", "value"))
        for kind, value in points:
            body = {"kind": kind, "value": value, "reason": "Asked by letter"}
            assert client_as("ada").post("/admin/consent/donotcontact/add/", body).status_code == 302
    held = reload(harbor, lead.id)
    assert held.exception == "no_permitted_channel" and held.next_action_at is not None
    with harbor.scope():
        item = ExceptionItem.rows().get(lead=lead, state="open", type="no_permitted_channel")
        assert not Task.rows().filter(lead=lead, state="open", kind__in=["call", "text", "email"]).exists()
    assert "No permitted channel" in page(ewa, "/exceptions/", at=SOON)
    owner = client_as("ewa" if held.owner_team.key == "central-intake" else "lena")
    body = {"decision": "close", "closure": "asked_not_to_be_contacted"}
    bare = decide(owner, item, SOON, **body)
    assert bare.status_code == 422 and reload(harbor, lead.id).closed_at is None
    assert decide(owner, item, SOON, **body, reason="They want no contact at all").status_code == 303
    assert reload(harbor, lead.id).closed_at is not None
