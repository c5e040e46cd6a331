"""Whatever brings a lead into a stage: its gate is asked and its steps run: rows ST-04 and ST-09 on the other paths."""

from datetime import timedelta

import pytest

from apps.leads.models import Task
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_stages import CONNECTED, save_stages
from tests.words import words_of

SOON = TUESDAY_NINE + timedelta(minutes=12)
STEPS = {
    "routed": [{"kind": "review", "title": "Look at the order", "after_seconds": 3600}],
    "closed": [
        {"kind": "review", "title": "Tell the referrer", "after_seconds": 3600},
        {"kind": "call", "title": "Nobody calls any more", "after_seconds": 60},
    ],
}


@pytest.fixture
def owned(harbor, client_as):
    """A lead that came after its stages got steps, and the browser of its owner."""
    save_stages(harbor, client_as("ada"), lambda rows: [(*row[:4], STEPS.get(row[1], row[4])) for row in rows])
    lead = make_lead(harbor)
    return lead, client_as(lead.owner.user.email.partition("@")[0])


def titles(harbor, lead):
    """Return what stands open on a lead."""
    with harbor.scope():
        return sorted(words_of(Task.rows().filter(lead=lead, state="open"), "title"))


@pytest.mark.row("ST-09")
def test_arrival_closing_and_reopening_run_the_steps_of_the_stage_they_lead_to(harbor, owned):
    lead, owner = owned
    assert "Look at the order" in titles(harbor, lead)
    assert lead.next_action_at is not None
    closing = {"reason": "not_interested", "note": "Went elsewhere", "outcome": "not_qualified"}
    assert ask(owner, "POST", f"/leads/{lead.id}/close", closing, at=SOON).status_code == 200
    assert titles(harbor, lead) == ["Tell the referrer"]
    again = {"reason": "They called back"}
    assert ask(owner, "POST", f"/leads/{lead.id}/reopen", again, at=SOON + timedelta(hours=1)).status_code == 200
    assert titles(harbor, lead).count("Look at the order") == 1
    assert reload(harbor, lead.id).next_action_at is not None


@pytest.mark.row("ST-04")
def test_a_logged_call_and_an_end_pass_no_gate(harbor, client_as, owned):
    lead, owner = owned

    def ask_more(document):
        document["gates"] |= {"contacted": ["payer"], "closed": ["timeframe", "payer"]}

    change_rules(harbor, client_as, "gates", ask_more)
    form = page(owner, f"/leads/{lead.id}/log-call/", at=SOON)
    assert "Stays where it is: Contacted needs: payer." in form
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=SOON).status_code == 201
    assert reload(harbor, lead.id).stage.key == "routed"
    assert "Contacted needs: payer." in page(owner, f"/leads/{lead.id}/", at=SOON)
    closing = {"reason": "not_interested", "note": "Went elsewhere", "outcome": "not_qualified"}
    refused = ask(owner, "POST", f"/leads/{lead.id}/close", closing, at=SOON)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]][-1] == "/payer"
    assert reload(harbor, lead.id).closed_at is None
