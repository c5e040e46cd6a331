"""Ping and post: a ping is answered by service and place and leaves nothing behind; the post is the lead."""

from typing import Any

import pytest
from django.http import HttpResponse

from apps.connectors.models import Hook, HookEvent
from apps.leads.models import Lead, Person
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, sample
from tests.connectors.signing import push, sender_of

FORM = "application/x-www-form-urlencoded"
ASKED = {"service": "imaging", "Zip": "60614", "State": "IL", "Phone_Hash": "5f4dcc3b5aa765d61d8327deb882cf99"}


def ping(sender: Sender, **fields: str) -> HttpResponse:
    """Ask whether we want a lead, as the exchange does."""
    if sender.connection.provider == "leadspedia":
        return sender.post(fields, headers={"X-Hook-Secret": SECRET}, content_type=FORM, part="ping")
    return push(sender, {"Mode": "ping", "Format": "JSON", **fields}, FORM)


def said(answer: HttpResponse) -> dict[str, Any]:
    """Return the reply's parts."""
    body = answer.json()
    found: dict[str, Any] = body.get("response", body)
    return found


def test_a_ping_is_answered_and_nothing_of_it_is_kept(harbor: Tenant) -> None:
    for key, good, bad in (("boberdoo", "Matched", "Unmatched"), ("leadspedia", "success", "failed")):
        sender = sender_of(harbor, key)
        word = "status" if key == "boberdoo" else "result"
        yes = ping(sender, **ASKED)
        assert said(yes)[word] == good and "price" not in said(yes)
        assert ping(sender, **ASKED).content == yes.content
        refused = said(ping(sender, **ASKED | {"service": "tattoo removal"}))
        assert refused[word] == bad and "service_not_offered" in refused.values()
        nowhere = said(ping(sender, **ASKED | {"Zip": "00000"}))
        assert nowhere[word] == bad and "postal_code_unknown" in nowhere.values()
    with harbor.scope():
        assert [table.rows().count() for table in (Hook, HookEvent, Person, Lead)] == [0, 0, 0, 0]


def test_the_post_after_a_ping_is_a_lead_and_the_same_again_no_second(harbor: Tenant) -> None:
    sender = sender_of(harbor, "boberdoo", consent_version="v4", consent_channels=["call"])
    own_id = said(ping(sender, **ASKED))["lead_id"]
    body = sample("boberdoo", "lead") | {"Mode": "post", "Lead_ID": own_id, "Format": "XML"}
    first = push(sender, body, FORM)
    (submission,) = sender.submissions()
    expected = f"<response><status>Matched</status><lead_id>{submission.id}</lead_id></response>"
    assert (first.content.decode(), first["Content-Type"]) == (expected, "application/xml")
    assert push(sender, body, FORM).content == first.content
    again = push(sender, body | {"Lead_ID": "another"}, FORM).content.decode()
    assert again == "<response><status>Unmatched</status><error>duplicate</error></response>"


@pytest.mark.parametrize("key", ["boberdoo", "leadspedia", "leadexec"])
def test_a_social_security_number_is_refused_whole(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    assert push(sender, sample(key, "lead") | {"SSN": "123-45-6789"}, FORM).status_code == 400
    assert sender.hooks() == []


def test_tests_of_leadspedia_and_verdicts_of_leadexec(harbor: Tenant) -> None:
    shown = {"consent_version": "v4", "consent_channels": ["call"]}
    pedia, executive = (sender_of(harbor, each, **shown) for each in ("leadspedia", "leadexec"))
    tried = push(pedia, sample("leadspedia", "lead") | {"lp_test": "1"}, FORM).json()
    assert tried["result"] == "success"
    sold = push(executive, sample("leadexec", "lead")).json()
    assert (sold["isValidPost"], sold["ResponseType"], sold["ResponseDetail"]) == (True, 0, "")
    again = push(executive, sample("leadexec", "lead") | {"LeadIdentifier": "LE-2"}).json()
    assert (again["isValidPost"], again["ResponseType"], again["ResponseDetail"]) == (False, 6, "duplicate")
    assert [each.is_test for each in pedia.submissions()][0] is True
