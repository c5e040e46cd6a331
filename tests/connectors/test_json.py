"""Senders without a contract: names as they please, flat or nested, one or many; the reply is for people."""

from typing import Any

import pytest

from apps.connectors.terms import HookState
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, permissions, points
from tests.connectors.senders import SECRET, connect, sample
from tests.connectors.signing import push, sender_of

PHONE, EMAIL = "+13055550142", "renee.alvarez@example.com"
NAMED: list[dict[str, Any]] = [
    {"email": EMAIL, "phone": PHONE, "name": "Renée Alvarez"},
    {"e_mail": EMAIL, "tel": PHONE, "full_name": "Renée Alvarez"},
    {"your-email": EMAIL, "mobile": PHONE, "your-name": "Alvarez, Renée"},
    {"E-Mail Address": EMAIL, "Phone Number": PHONE, "First Name": "Renée", "Last Name": "Alvarez"},
    {"data": {"contact": {"emailAddress": EMAIL, "mobilePhone": PHONE, "firstName": "Renée", "lastName": "Alvarez"}}},
    {"contact__email": EMAIL, "contact__cell": PHONE, "fields[name]": "Renée Alvarez"},
    {"lead": {"name": {"first": "Renée", "last": "Alvarez"}, "email": EMAIL, "phone": PHONE}},
]


@pytest.mark.parametrize("body", NAMED)
def test_usual_names_find_their_field(harbor: Tenant, body: dict[str, Any]) -> None:
    sender = sender_of(harbor, "json")
    assert push(sender, body).status_code == 200
    lead = sender.lead()
    assert (lead.person.first_name, lead.person.last_name) == ("Renée", "Alvarez")
    assert points(sender) == {PHONE, EMAIL}


def test_the_sample_with_lists_campaign_and_permission(harbor: Tenant) -> None:
    sender = sender_of(harbor, "json", settings={"consent_fields": {"sms_ok": "text"}})
    reply = push(sender, sample("json", "lead")).json()
    (payload,) = payloads(sender)
    assert reply["leads"] == [{"id": str(sender.submissions()[0].id), "status": "accepted"}]
    assert payload["attribution"] == {"utm_source": "google", "gclid": "EXAMPLE_gclid"}
    assert answers(payload)["interests"] == ["Consultation", "Second opinion"]
    assert permissions(sender) == {"text": "granted"}
    assert push(sender, sample("json", "lead")).json()["leads"][0]["status"] == "repeat"


def test_two_numbers_of_a_person_lose_neither(harbor: Tenant) -> None:
    sender = sender_of(harbor, "json")
    push(sender, {"name": "Renée Alvarez", "mobile": "305-555-0143", "phone": "305-555-0142", "doctor.name": "Kim"})
    (payload,) = payloads(sender)
    assert payload["person"]["phone"] == "305-555-0142"
    assert answers(payload)["mobile"] == ["305-555-0143"]
    assert answers(payload)["doctor.name"] == ["Kim"]


def test_the_connections_mapping_stands_before_any_guess(harbor: Tenant) -> None:
    sender = sender_of(harbor, "json", mapping={"office_phone": "person.phone", "phone": "answer", "national": "-"})
    push(sender, {"name": "A B", "office_phone": "305-555-0142", "phone": "305-555-0143", "national": "123-45-6789"})
    (payload,) = payloads(sender)
    assert payload["person"]["phone"] == "305-555-0142"
    assert answers(payload)["phone"] == ["305-555-0143"]
    assert "123-45-6789" not in str(payload)


def test_a_list_is_a_lead_each_and_a_test_stays_apart(harbor: Tenant) -> None:
    sender = sender_of(harbor, "json")
    reply = push(sender, [{"id": "1", "email": "a@example.com"}, {"id": "2", "email": "b@example.com", "test": "true"}])
    assert [each["status"] for each in reply.json()["leads"]] == ["accepted", "accepted"]
    assert sorted(each.is_test for each in sender.submissions()) == [False, True]


@pytest.mark.parametrize(
    "headers", [{"X-Hook-Secret": SECRET}, {"X-Api-Key": SECRET}, {"Authorization": f"Bearer {SECRET}"}]
)
def test_the_secret_may_stand_in_any_usual_header(harbor: Tenant, headers: dict[str, str]) -> None:
    sender = connect(harbor, "json")
    wrong = {name: f"{text}x" for name, text in headers.items()}
    assert sender.post({"email": EMAIL}, headers=wrong).status_code == 401
    assert sender.post({"email": EMAIL}, headers=headers).status_code == 200


def test_without_a_secret_nothing_is_taken(harbor: Tenant) -> None:
    assert connect(harbor, "json", secret="").post({"email": EMAIL}, headers={"X-Hook-Secret": ""}).status_code == 401


def test_what_says_nothing_is_kept_and_explained(harbor: Tenant) -> None:
    sender = sender_of(harbor, "json")
    reply = push(sender, {"email": "", "name": None})
    assert (reply.status_code, reply.json()["status"]) == (202, "kept")
    assert [each.state for each in sender.hooks()] == [HookState.UNMAPPED]
    assert push(sender, [1]).json()["detail"] == "Send one JSON object, a list of objects, or a form."
    assert len(sender.hooks()) == 1
