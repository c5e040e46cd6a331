"""Jotform, WPForms and Elementor: forms of sites, unsigned; names in their own manner, each value kept."""

from typing import Any

import pytest

from apps.connectors.actions import read_again
from apps.connectors.models import Hook
from apps.connectors.terms import HookState
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, permissions, points
from tests.connectors.senders import sample
from tests.connectors.signing import push, sender_of

FORM = "application/x-www-form-urlencoded"


def in_parts(fields: dict[str, str]) -> bytes:
    """Write fields as a multipart form, as Jotform sends them, with a file among them."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    file = '--edge\r\nContent-Disposition: form-data; name="scan"; filename="a.txt"\r\n\r\nsecret scan\r\n'
    return ("".join(parts) + file + "--edge--\r\n").encode()


@pytest.mark.parametrize("is_in_parts", [True, False])
def test_jotform_answers_stand_under_their_names(harbor: Tenant, is_in_parts: bool) -> None:
    sender = sender_of(harbor, "jotform")
    fields = sample("jotform", "lead")
    kind = "multipart/form-data; boundary=edge" if is_in_parts else FORM
    assert push(sender, in_parts(fields) if is_in_parts else fields, kind).status_code == 200
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}
    (payload,) = payloads(sender)
    assert payload["request"]["service"] == "Knee"
    assert payload["attribution"] == {"form_id": "263110000000042"}
    assert answers(payload)["service"] == ["Knee", "Hip"]
    assert "secret scan" not in str(payload)


def test_jotform_in_parts_can_be_read_again(harbor: Tenant) -> None:
    sender = sender_of(harbor, "jotform")
    fields = {**sample("jotform", "lead"), "rawRequest": "no json"}
    push(sender, in_parts(fields), "multipart/form-data; boundary=edge")
    (hook,) = sender.hooks()
    assert (hook.state, hook.problem) == (HookState.UNMAPPED, "rawRequest is not a JSON object.")
    with harbor.scope():
        again = read_again(actor=harbor.system, hook=Hook.rows().get(id=hook.id), now=database_now())
    assert again.problem == hook.problem


@pytest.mark.parametrize("kind", [FORM, "application/json"])
def test_wpforms_takes_names_as_the_admin_chose_them(harbor: Tenant, kind: str) -> None:
    sender = sender_of(harbor, "wpforms", settings={"consent_fields": {"agree_call": "call"}})
    push(sender, sample("wpforms", "lead"), kind)
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}
    (payload,) = payloads(sender)
    assert answers(payload)["interests"] == ["Consultation", "Second opinion"]
    assert (payload["attribution"]["utm_source"], payload["attribution"]["form_id"]) == ("google", "88")
    assert permissions(sender) == {"call": "granted"}


def test_elementor_hears_exactly_200_and_its_page_tells_the_campaign(harbor: Tenant) -> None:
    sender = sender_of(harbor, "elementor")
    assert push(sender, sample("elementor", "lead"), FORM).status_code == 200
    (payload,) = payloads(sender)
    assert payload["request"]["message"] == "Knee pain"
    assert payload["attribution"]["utm_source"] == "google"
    assert payload["attribution"]["form_id"] == "7d3a1f2"
    assert "answers" not in payload or set(answers(payload)) <= {"Name"}


def test_elementor_in_its_long_form(harbor: Tenant) -> None:
    body: dict[str, Any] = {"form[id]": "7d3a1f2", "form[name]": "Contact"}
    fields = [
        ("a1", "text", "Your name", "Renée Alvarez"),
        ("a2", "email", "Where to write", "renee.alvarez@example.com"),
        ("a3", "tel", "How to ring", "305-555-0142"),
        ("a4", "checkbox", "What hurts?", ["Knee", "Hip"]),
    ]
    for own_id, kind, title, value in fields:
        body |= {f"fields[{own_id}][type]": kind, f"fields[{own_id}][title]": title, f"fields[{own_id}][value]": value}
    body |= {"meta[page_url][title]": "Page URL", "meta[page_url][value]": "https://www.example.com/?gclid=EXAMPLE"}
    sender = sender_of(harbor, "elementor")
    assert push(sender, body, FORM).status_code == 200
    assert sender.lead().person.last_name == "Alvarez"
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}
    (payload,) = payloads(sender)
    assert payload["attribution"]["gclid"] == "EXAMPLE"
    assert answers(payload)["a4"] == ["Knee", "Hip"]


def test_the_same_elementor_form_at_another_time_is_another_submission(harbor: Tenant) -> None:
    sender = sender_of(harbor, "elementor")
    for moment in ("3:00 pm", "3:00 pm", "4:10 pm"):
        push(sender, {**sample("elementor", "lead"), "Time": moment}, FORM)
    assert len(sender.submissions()) == 2


@pytest.mark.parametrize("key", ["elementor", "wpforms"])
def test_a_form_without_values_is_kept_and_shown(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    assert push(sender, {"Name": "", "Email": " "}, FORM).status_code == 200
    assert [each.state for each in sender.hooks()] == [HookState.UNMAPPED]
