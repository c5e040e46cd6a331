"""Webflow forms: one submission a request, signed with its time; fields stand under their labels.

Source: Webflow's webhook guide. Webhooks made by hand in the site's settings carry no signature: such a connection
has no secret, and its address is the proof.
"""

from collections.abc import Sequence
from datetime import datetime

from apps.connectors.decisions.answers import Sheet, moment_of, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.proofs import fresh_and_signed, hex_digest
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    if not secrets:
        return Proof.GOOD
    stamp, given = request.headers.get("x-webflow-timestamp", ""), request.headers.get("x-webflow-signature", "")
    signed = stamp.encode() + b":" + request.raw
    return fresh_and_signed(given, stamp, secrets, lambda secret: hex_digest(secret, signed), now, per_second=1_000)


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    kind, payload = text_at(body, "triggerType"), part_of(body, "payload")
    submission = text_at(payload, "id")
    if kind != "form_submission":
        return [
            Event(f"{kind}:{submission}" if submission else "", kind=kind or "unknown", ignored="Not a submission.")
        ]
    if not submission:
        raise Unmappable("The submission has no id.")
    sheet = Sheet()
    sheet.add_all(payload.get("data"))
    if not sheet.values:
        raise Unmappable("The submission holds no data.")
    sheet.add("formId", payload.get("formId"))
    moment = moment_of(text_at(payload, "submittedAt"))
    return [Event(f"submission:{submission}", submission, values=sheet.values, submitted_at=moment)]


PROVIDER = Provider(
    key="webflow",
    name="Webflow forms",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="The secret of the webhook. Without one the address is the only proof.",
    prove=_prove,
    read=_read,
    mapping={"formId": "attribution.form_id"},
    guesses=True,
)
