"""Who refused calls lies in no call queue, whichever way a lead comes there (row CN-05)."""

from datetime import timedelta

import pytest

from apps.routing.models import RoutingDecision
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, change_queue, page

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
