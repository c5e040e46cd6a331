"""Lead exchanges: the outcome they pay by, in their words and form, the same for the same lead."""

from typing import Any

import pytest
from django.http import HttpResponse

from apps.connectors.terms import HookState
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, permissions
from tests.connectors.senders import Sender, raw_of, sample
from tests.connectors.signing import push, sender_of

FORM = "application/x-www-form-urlencoded"
ACCEPT = "application/json;q=0.9,text/xml;q=0.8,application/xml;q=0.7"


@pytest.fixture
def conduit(harbor: Tenant) -> Sender:
    """Return LeadConduit."""
    return sender_of(harbor, "leadconduit", consent_version="v4", consent_channels=["call"])


@pytest.fixture
def prosper(harbor: Tenant) -> Sender:
    """Return Lead Prosper, whose lead brings the wording itself."""
    return sender_of(harbor, "lead-prosper", consent_channels=["call", "text"])


def sell(sender: Sender, accept: str = ACCEPT, **changes: Any) -> HttpResponse:
    """Sell the sample with changes through LeadConduit."""
    return push(sender, {**sample("leadconduit", "lead"), **changes}, FORM, Accept=accept)


def test_a_new_lead_is_a_success_with_its_id_and_evidence(conduit: Sender) -> None:
    reply = sell(conduit)
    assert reply["Content-Type"] == "application/json"
    (submission,) = conduit.submissions()
    assert reply.json() == {"outcome": "success", "reason": "", "lead": {"id": str(submission.id)}}
    (payload,) = payloads(conduit)
    assert payload["request"]["message"] == "Knee pain"
    assert payload["person"]["date_of_birth"] == "1961-05-04"
    assert answers(payload)["price"] == ["42.5"]
    (claim,) = payload["consent"]
    assert claim["evidence_ref"].startswith("https://cert.trustedform.com/")
    assert claim["ip"] == "203.0.113.24"
    assert permissions(conduit) == {"call": "granted"}


def test_a_lead_sold_twice_is_a_failure_and_a_retry_is_not(conduit: Sender) -> None:
    first = sell(conduit)
    again = sell(conduit, reference="VEND-99999")
    assert again.json() == {"outcome": "failure", "reason": "duplicate"}
    assert sell(conduit).content == first.content
    assert sell(conduit, reference="VEND-99999").content == again.content
    assert len(conduit.submissions()) == 2


def test_two_sellers_who_use_one_number_sell_two_leads(conduit: Sender) -> None:
    sell(conduit)
    other = sell(conduit, first_name="Omar", email="omar@example.com", phone_1="3055550177")
    assert other.json()["outcome"] == "success"
    assert len({each.lead_id for each in conduit.submissions()}) == 2


@pytest.mark.parametrize("accept", ["text/xml", "application/xml;q=0.9, application/json;q=0.2"])
def test_xml_where_xml_is_preferred(conduit: Sender, accept: str) -> None:
    reply = sell(conduit, accept)
    assert reply["Content-Type"] == "application/xml"
    (submission,) = conduit.submissions()
    inner = f"<outcome>success</outcome><reason></reason><lead><id>{submission.id}</id></lead>"
    assert reply.content.decode() == f"<result>{inner}</result>"


@pytest.mark.parametrize("accept", ["", "*/*", "application/xml;q=x, application/json;q=0.1", "text/html"])
def test_json_in_all_other_cases(conduit: Sender, accept: str) -> None:
    assert sell(conduit, accept)["Content-Type"] == "application/json"


def test_while_nobody_knows_the_outcome_is_an_error_to_be_sent_again(
    conduit: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.connectors.web.views.outcome_within", lambda *asked: None)
    raw = raw_of(sample("leadconduit", "lead"), FORM)
    reply = conduit.post(raw, headers={"X-Hook-Secret": "k-demo-3f9c1b-long-enough"}, content_type=FORM)
    assert reply.json() == {"outcome": "error", "reason": "no_verdict_yet"}
    monkeypatch.undo()
    assert sell(conduit).json()["outcome"] == "success"


@pytest.mark.parametrize("name", ["ssn", "SSN", "applicant.ssn"])
def test_a_social_security_number_is_refused_with_all_that_came(conduit: Sender, name: str) -> None:
    reply = sell(conduit, **{name: "078-05-1120"})
    assert (reply.status_code, reply.json()["code"]) == (400, "unreadable")
    assert conduit.hooks() == []


def test_a_lead_nobody_can_reach_is_a_failure_with_its_reason(conduit: Sender) -> None:
    reply = sell(conduit, email="", phone_1="", first_name="", last_name="", comments="").json()
    assert reply["outcome"] == "failure"
    assert reply["reason"]


def test_an_empty_sale_is_kept_and_refused(conduit: Sender) -> None:
    assert push(conduit, {"price": ""}, FORM).json() == {"outcome": "failure", "reason": "unmapped"}
    assert [each.state for each in conduit.hooks()] == [HookState.UNMAPPED]


@pytest.mark.parametrize("kind", ["application/json", FORM])
def test_lead_prosper_hears_words_that_hold_none_of_each_other(prosper: Sender, kind: str) -> None:
    body = sample("lead-prosper", "lead")
    assert push(prosper, body, kind).json() == {"status": "ACCEPTED", "reason": ""}
    assert push(prosper, {**body, "lp_subid1": "B2", "lead_id": "x"}, kind).json()["status"] == "DUPLICATED"
    payload = payloads(prosper)[0]
    assert "demo-key" not in str(payload)
    assert {each["channel"] for each in payload["consent"]} == {"call", "text"}
    assert {each["text"] for each in payload["consent"]} == {"By clicking I agree ..."}
    assert payload["attribution"]["campaign_id"] == "13424"
    assert answers(payload)["lp_subid1"] == ["A17"]


def test_a_test_of_lead_prosper_gets_a_verdict_and_opens_no_real_lead(prosper: Sender) -> None:
    body = {**sample("lead-prosper", "lead"), "lp_action": "test"}
    assert push(prosper, body).json()["status"] == "ACCEPTED"
    real = {**body, "lp_action": "", "first_name": "Omar", "email": "omar@example.com", "phone": "3055550177"}
    assert push(prosper, real).json()["status"] == "ACCEPTED"
    assert [each.is_test for each in prosper.submissions()] == [True, False]
