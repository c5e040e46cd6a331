"""Typeform: one response a request, signed in Base64 over the raw body when the webhook has a secret.

Source: Typeform's developer pages on webhooks. Answers are told apart by the field's reference; its type tells
which of them is a phone or an e-mail address whatever the reference is. 404 and 410 would switch the webhook off.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import Sheet, list_of, moment_of, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.proofs import base64_digest, is_among
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable

_TARGETS = {"email": "person.email", "phone_number": "person.phone"}
_LABELS = ("label", "labels", "other")


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    if not secrets:
        return Proof.GOOD
    expected = (f"sha256={base64_digest(each, request.raw)}" for each in secrets)
    return is_among(request.headers.get("typeform-signature", ""), expected)


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    kind, response = text_at(body, "event_type"), part_of(body, "form_response")
    token = text_at(response, "token")
    if kind != "form_response":
        key = text_at(body, "event_id")
        return [Event(f"event:{key}" if key else "", kind=kind or "unknown", ignored="Not a form response.")]
    if not token:
        raise Unmappable("The response has no token.")
    titles = _titles(response)
    sheet = Sheet()
    for answer in list_of(response.get("answers")):
        field = part_of(answer, "field")
        name = text_at(field, "ref") or text_at(field, "id")
        title = titles.get(text_at(field, "ref")) or titles.get(text_at(field, "id"), "")
        sheet.add(name, _value(answer), title, _TARGETS.get(text_at(answer, "type"), ""))
    sheet.add_all(response.get("hidden"))
    sheet.add("form_id", response.get("form_id"))
    return [
        Event(
            f"response:{token}",
            token,
            values=sheet.values,
            questions=sheet.questions,
            hints=sheet.hints,
            submitted_at=moment_of(text_at(response, "submitted_at")),
        )
    ]


def _titles(response: Any) -> dict[str, str]:
    """Return the question of each field, by its reference and by its id."""
    fields = list_of(part_of(response, "definition").get("fields"))
    return {text_at(each, by): text_at(each, "title") for each in fields for by in ("id", "ref") if text_at(each, by)}


def _value(answer: Any) -> Any:
    """Return what stands under the key that the answer's type names; of choices their labels."""
    value = part_of(answer).get(text_at(answer, "type"))
    if isinstance(value, dict) and any(name in value for name in _LABELS):
        return [value.get(name) for name in _LABELS]
    return value


PROVIDER = Provider(
    key="typeform",
    name="Typeform",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="The secret of the webhook. Without one the address is the only proof.",
    prove=_prove,
    read=_read,
    mapping={"form_id": "attribution.form_id"},
    guesses=True,
)
