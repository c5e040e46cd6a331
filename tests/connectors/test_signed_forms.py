"""Webflow and HubSpot: signatures with a time, labels and properties, consent boxes, events that hold ids only."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from apps.connectors.terms import HookState
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, permissions, points
from tests.connectors.senders import SECRET, Sender, connect, raw_of, sample
from tests.connectors.signing import SIGNING, push, sender_of

SIGNED = ["webflow", "hubspot", "chatwoot"]


def post_signed_at(sender: Sender, late: timedelta, secret: str = SECRET) -> int:
    """Push the sample signed some time ago; return the status."""
    key = sender.connection.provider
    raw = raw_of(sample(key, "lead"), "application/json")
    headers = SIGNING[key](raw, secret, database_now() - late, f"http://testserver{sender.path}")
    return sender.post(raw, headers=headers).status_code


@pytest.mark.parametrize("key", SIGNED)
def test_a_true_signature_that_is_old_or_of_tomorrow_is_refused(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    for late in (timedelta(minutes=6), timedelta(days=400), -timedelta(minutes=6)):
        assert post_signed_at(sender, late) == 401
    assert post_signed_at(sender, timedelta(minutes=4), "another-secret") == 401
    assert sender.hooks() == []
    assert post_signed_at(sender, timedelta(minutes=4)) == 200


@pytest.mark.parametrize("key", SIGNED)
def test_without_a_secret_the_address_is_the_proof(harbor: Tenant, key: str) -> None:
    assert connect(harbor, key, secret="").post(sample(key, "lead")).status_code == 200


def test_webflow_labels_find_their_fields(harbor: Tenant) -> None:
    body = copy.deepcopy(sample("webflow", "lead"))
    body["payload"]["data"] |= {"What hurts?": ["Knee", "Hip"], "I agree to calls": "true", "utm_campaign": "nov"}
    sender = sender_of(harbor, "webflow", settings={"consent_fields": {"I agree to calls": "call"}})
    push(sender, body)
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}
    (payload,) = payloads(sender)
    assert answers(payload)["What hurts?"] == ["Knee", "Hip"]
    assert payload["attribution"] == {"utm_campaign": "nov", "form_id": "6a00de00f0rm00000000d302"}
    assert payload["submitted_at"] == "2026-11-20T15:00:00+00:00"
    assert permissions(sender) == {"call": "granted"}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"triggerType": "site_publish"}, HookState.IGNORED),
        ({"payload": {"id": "1", "data": {}}}, HookState.UNMAPPED),
        ({"payload": {"data": {"Email": "a@example.com"}}}, HookState.UNMAPPED),
    ],
)
def test_webflow_events_without_a_submission_are_kept(
    harbor: Tenant, changes: dict[str, Any], state: HookState
) -> None:
    sender = sender_of(harbor, "webflow")
    assert push(sender, {**sample("webflow", "lead"), **changes}).status_code == 200
    assert [each.state for each in sender.hooks()] == [state]
    assert sender.submissions() == []


def test_hubspot_form_data_with_page_and_ticked_boxes(harbor: Tenant) -> None:
    settings = {"consent_fields": {"subscription_999": "call", "subscription_7": "text"}}
    body = sample("hubspot", "lead")
    boxes = body["legalConsentOptions"]["consent"]["communications"]
    boxes.append({"value": False, "subscriptionTypeId": 7, "text": "You may text me."})
    sender = sender_of(harbor, "hubspot", settings=settings, consent_version="v4", consent_channels=["text"])
    push(sender, body)
    assert permissions(sender) == {"call": "granted"}
    (payload,) = payloads(sender)
    assert payload["attribution"]["gclid"] == "EXAMPLE_gclid"
    assert payload["request"]["service"] == "Knee"
    (claim,) = payload["consent"]
    assert claim["text"] == "You may call me about my inquiry."


def test_hubspot_signs_the_address_with_its_marks_decoded(harbor: Tenant) -> None:
    sender = sender_of(harbor, "hubspot")
    raw, now = raw_of(sample("hubspot", "events"), "application/json"), database_now()
    headers = SIGNING["hubspot"](raw, SECRET, now, f"http://testserver{sender.path}?from=a:b@c")
    odd = Sender(sender.tenant, sender.connection, f"{sender.path}?from=a%3Ab%40c")
    assert odd.post(raw, headers=headers).status_code == 200


def test_hubspot_events_hold_ids_only_and_open_nothing(harbor: Tenant) -> None:
    sender = sender_of(harbor, "hubspot")
    event = sample("hubspot", "events")[0]
    assert push(sender, [event, {**event, "eventId": 2}]).status_code == 200
    assert push(sender, [{**event, "attemptNumber": 1}]).status_code == 200
    (hook,) = sender.hooks()
    assert (hook.state, hook.repeats) == (HookState.IGNORED, 1)
    assert sender.submissions() == []
    assert push(sender, [{"eventId": 1}]).status_code == 200
    assert [each.state for each in sender.hooks()] == [HookState.IGNORED, HookState.UNMAPPED]
