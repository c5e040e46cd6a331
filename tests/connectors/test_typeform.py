"""Typeform: the signature, answers by reference and type, choices with all their labels, boxes."""

import copy
from typing import Any

import pytest

from apps.connectors.addresses import change_connection
from apps.connectors.terms import HookState
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, permissions, points
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push, sender_of


def response(**changes: Any) -> dict[str, Any]:
    """Return the sample with changes in the response."""
    body = copy.deepcopy(sample("typeform", "lead"))
    body["form_response"].update(changes)
    return body


def answer(ref: str, kind: str, value: Any) -> dict[str, Any]:
    """Return an answer to a field."""
    return {"type": kind, kind: value, "field": {"id": ref, "ref": ref, "type": kind}}


def test_a_wrong_or_missing_signature_leaves_nothing(harbor: Tenant) -> None:
    sender = connect(harbor, "typeform")
    assert sender.post(response(), headers={"Typeform-Signature": "sha256=AAAA"}).status_code == 401
    assert sender.post(response()).status_code == 401
    assert sender.hooks() == []


def test_without_a_secret_the_address_is_the_proof(harbor: Tenant) -> None:
    assert connect(harbor, "typeform", secret="").post(response()).status_code == 200


def test_a_response_becomes_person_campaign_and_permission(harbor: Tenant) -> None:
    sender = sender_of(harbor, "typeform", settings={"consent_fields": {"ok_text": "text"}}, consent_version="v4")
    push(sender, response())
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}
    (payload,) = payloads(sender)
    assert payload["attribution"] == {"utm_source": "google", "gclid": "EXAMPLE_gclid", "form_id": "lT4Z3jDM"}
    assert payload["submitted_at"] == "2026-11-20T15:00:00+00:00"
    assert permissions(sender) == {"text": "granted"}
    (claim,) = payload["consent"]
    assert (claim["text"], claim["text_version"]) == ("May we text you?", "v4")


def test_a_box_that_is_not_ticked_says_nothing(harbor: Tenant) -> None:
    settings = {"consent_fields": {"ok_text": ["text", "call"]}}
    sender = sender_of(
        harbor, "typeform", settings=settings, consent_version="v4", consent_channels=["call", "text", "email"]
    )
    body = response()
    body["form_response"]["answers"][3]["boolean"] = False
    push(sender, body)
    assert permissions(sender) == {"email": "granted"}


def test_references_nobody_chose_are_told_by_type_and_question(harbor: Tenant) -> None:
    fields = [
        {"id": "a", "ref": "9f0c-1", "type": "short_text", "title": "Your name?"},
        {"id": "b", "ref": "9f0c-2", "type": "email", "title": "Where do we write to?"},
        {"id": "c", "ref": "9f0c-3", "type": "multiple_choice", "title": "What hurts?"},
    ]
    given = [
        answer("9f0c-1", "text", "Renée Alvarez"),
        answer("9f0c-2", "email", "renee.alvarez@example.com"),
        answer("9f0c-3", "choices", {"labels": ["Knee", "Hip"], "other": "Elbow"}),
    ]
    sender = sender_of(harbor, "typeform")
    push(sender, response(definition={"fields": fields}, answers=given))
    assert sender.lead().person.last_name == "Alvarez"
    assert points(sender) == {"renee.alvarez@example.com"}
    (payload,) = payloads(sender)
    assert answers(payload)["9f0c-3"] == ["Knee", "Hip", "Elbow"]


def test_what_is_no_response_is_kept_and_opens_nothing(harbor: Tenant) -> None:
    sender = sender_of(harbor, "typeform")
    assert push(sender, {"event_id": "e-9", "event_type": "form_response_partial"}).status_code == 200
    assert push(sender, response(token="")).status_code == 200
    assert [each.state for each in sender.hooks()] == [HookState.IGNORED, HookState.UNMAPPED]
    assert sender.submissions() == []


@pytest.mark.parametrize("fields", [{"ok": "fax"}, {"ok": []}, {"ok": {"channel": "call"}}, ["ok"]])
def test_boxes_for_unknown_channels_are_not_saved(harbor: Tenant, fields: Any) -> None:
    sender = sender_of(harbor, "typeform")
    with harbor.scope(), pytest.raises(Invalid):
        change_connection(actor=harbor.system, row=sender.connection, values={"settings": {"consent_fields": fields}})
