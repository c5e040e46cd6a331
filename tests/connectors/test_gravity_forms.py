"""Gravity Forms: numbered values, names by their places, boxes, JSON or form bodies, spam."""

from typing import Any

import pytest

from apps.connectors.terms import HookState
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, permissions, points
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push, sender_of

FORM = "application/x-www-form-urlencoded"


def entry(**changes: Any) -> dict[str, Any]:
    """Return the sample with changes."""
    return {**sample("gravity-forms", "lead"), **changes}


def test_numbers_become_name_contact_and_what_the_mapping_says(harbor: Tenant) -> None:
    settings = {"consent_fields": {"7.1": "text"}}
    sender = sender_of(harbor, "gravity-forms", mapping={"5": "request.message"}, settings=settings)
    push(sender, entry())
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}
    assert sender.lead().person.first_name == "Renée"
    (payload,) = payloads(sender)
    assert payload["request"]["message"] == "Knee pain"
    assert payload["submitted_at"] == "2026-11-20T15:00:00+00:00"
    assert payload["attribution"] == {"form_id": "4", "landing_page": "https://www.example.com/contact/"}
    assert answers(payload) == {"7.1": ["I agree to be texted"], "7.2": ["sms-v3"]}
    assert permissions(sender) == {"text": "granted"}
    (claim,) = payload["consent"]
    assert (claim["text"], claim["ip"], claim["page_url"]) == (
        "I agree to be texted",
        "203.0.113.24",
        "https://www.example.com/contact/",
    )


def test_an_address_in_places_is_no_name(harbor: Tenant) -> None:
    sender = sender_of(harbor, "gravity-forms")
    push(sender, entry(**{"1.3": "", "1.6": "", "9.1": "1 Bay St", "9.3": "Miami", "9.6": "United States"}))
    assert sender.lead().person.first_name == ""
    (payload,) = payloads(sender)
    assert answers(payload)["9.3"] == ["Miami"]


def test_a_form_body_with_chosen_names_and_a_choice_as_json_text(harbor: Tenant) -> None:
    body = {"id": "9", "form_id": "4", "name": "Renée Alvarez", "your-email": "renee.alvarez@example.com"}
    sender = sender_of(harbor, "gravity-forms")
    push(sender, {**body, "12": '["Knee","Hip"]', "utm_source": "google"}, FORM)
    (payload,) = payloads(sender)
    assert (payload["person"]["last_name"], payload["person"]["email"]) == ("Alvarez", "renee.alvarez@example.com")
    assert answers(payload)["12"] == ["Knee", "Hip"]
    assert payload["attribution"]["utm_source"] == "google"


@pytest.mark.parametrize(
    ("changes", "state"),
    [({"status": "spam"}, HookState.IGNORED), ({"status": "trash"}, HookState.IGNORED)],
)
def test_spam_is_kept_and_opens_nothing(harbor: Tenant, changes: dict[str, str], state: HookState) -> None:
    sender = sender_of(harbor, "gravity-forms")
    assert push(sender, entry(**changes)).status_code == 200
    assert [each.state for each in sender.hooks()] == [state]
    assert sender.submissions() == []


def test_the_secret_counts_once_it_is_set(harbor: Tenant) -> None:
    sender = connect(harbor, "gravity-forms")
    assert sender.post(entry()).status_code == 401
    assert sender.post(entry(), headers={"X-Hook-Secret": "another"}).status_code == 401
    assert sender.hooks() == []


def test_an_entry_that_was_changed_is_the_same_entry(harbor: Tenant) -> None:
    sender = sender_of(harbor, "gravity-forms")
    push(sender, entry())
    push(sender, entry(date_updated="2026-11-21 15:00:00"))
    assert len(sender.submissions()) == 1
