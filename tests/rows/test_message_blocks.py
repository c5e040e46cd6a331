"""Acknowledgements state the next steps: their blocks are there before anybody approves them (row TN-18)."""

from datetime import timedelta

import pytest

from apps.outreach.message_rules import USUAL, blocks_of, check_document, missing_blocks
from tests.leads_made import TUESDAY_NINE
from tests.rows.arranging import change_rules
from tests.rows.test_templates import do, newest, write

SOON = TUESDAY_NINE - timedelta(hours=1)
WHOLE = "We call {{next_contact}}, will ask what you need, and say how to send records. {preferences_link}"


def lacks(body, goal="acknowledge", channel="email", document=None):
    blocks = blocks_of(document or {})
    return [each.detail.partition(" (")[0] for each in missing_blocks(body, goal=goal, channel=channel, blocks=blocks)]


@pytest.mark.row("TN-18")
def test_each_missing_block_is_named_and_rules_of_the_tenant_replace_the_usual_ones():
    assert lacks(WHOLE) == []
    assert lacks("Thank you.") == [
        "It does not say when we call",
        "It does not say what we will ask",
        "It does not say how records are reviewed",
    ]
    assert lacks("Thank you.", goal="receipt") == [] and lacks("Thank you.", goal="") == []
    own = {"blocks": [{"id": "X", "name": "911", "goal": "acknowledge", "words": ["911"], "channels": ["text"]}]}
    assert lacks("Hi", document=own) == [] and lacks("Hi", channel="text", document=own) == ["It does not say 911"]
    assert lacks("Hi", document={"blocks": [{**own["blocks"][0], "channels": [], "is_active": False}]}) == []
    assert check_document(USUAL, {}, None) == []
    wrong = {"blocks": [{"id": "X", "goal": "nothing", "channels": ["call"]}]}
    pointers = [each.path for each in check_document(wrong, {}, None)]
    assert pointers == ["/blocks/0/name", "/blocks/0/goal", "/blocks/0/words", "/blocks/0/channels"]


@pytest.mark.row("TN-18")
def test_approval_of_an_acknowledgement_fails_until_it_states_the_next_steps(harbor, client_as):
    ada, dev, mail = client_as("ada"), client_as("dev"), {"channel": "email"}
    with harbor.scope():
        pk = str(newest("acknowledgement", "email").template_id)
    words = {**mail, "subject": "Received"}
    write(ada, SOON, WHOLE.replace("{{next_contact}}", "soon"), pk=pk, **words)
    said = do(ada, SOON, harbor, "acknowledgement", "submit", **mail)[1]
    assert "It does not say when we call (B-1). Use one of: {next_contact}." in said
    write(ada, SOON, WHOLE, pk=pk, **words)
    assert "another person approves it" in do(ada, SOON, harbor, "acknowledgement", "submit", **mail)[1]

    def stricter(document):
        document["blocks"].append({"id": "B-9", "name": "emergencies", "goal": "acknowledge", "words": ["911"]})

    change_rules(harbor, client_as, "messages", stricter)
    said = do(dev, SOON, harbor, "acknowledgement", "approve", **mail)[1]
    assert "It does not say emergencies (B-9)" in said
    with harbor.scope():
        assert newest("acknowledgement", "email").state == "submitted"
    write(ada, SOON, f"{WHOLE} Emergency: 911.", pk=pk, **words)
    do(ada, SOON, harbor, "acknowledgement", "submit", **mail)
    assert "goes out with these words" in do(dev, SOON, harbor, "acknowledgement", "approve", **mail)[1]
    write(ada, SOON, "Thank you. {preferences_link}", key="thanks", **words)
    assert "another person approves it" in do(ada, SOON, harbor, "thanks", "submit", **mail)[1]
    write(ada, SOON, "Thank you. {preferences_link}", key="thanks-2", **words, goal="acknowledge")
    assert "It does not say when we call" in do(ada, SOON, harbor, "thanks-2", "submit", **mail)[1]
