"""HubSpot: form data with its consent options (a form re-pointed at us), or the events of an app's webhook.

Sources: HubSpot's "Validating requests" (v3 signature) and its form data address. App events hold ids only: they
are kept and open nothing, since the contact itself has to be read at HubSpot.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import Sheet, list_of, part_of, text_at
from apps.connectors.decisions.bodies import json_value
from apps.connectors.decisions.proofs import base64_digest, fresh_and_signed
from apps.connectors.decisions.tracking import with_page
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable, Unreadable

#: HubSpot signs the address with these decoded, and no others.
_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.I)
_EVENT_KEY = ("portalId", "subscriptionId", "eventId", "objectId", "occurredAt")


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    """Judge the v3 signature. v1 and v2 sign no time, so that a replay would pass: they do not count."""
    if not secrets:
        return Proof.GOOD
    stamp = request.headers.get("x-hubspot-request-timestamp", "")
    address = _DECODED.sub(lambda found: chr(int(found[1], 16)), request.url)
    signed = f"{request.method}{address}".encode() + request.raw + stamp.encode()
    given = request.headers.get("x-hubspot-signature-v3", "")
    return fresh_and_signed(given, stamp, secrets, lambda secret: base64_digest(secret, signed), now, per_second=1_000)


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_value(request)
    if isinstance(body, list):
        return _app_events(body)
    if not isinstance(body, dict):
        raise Unreadable("The body is neither a list of events nor form data.")
    sheet = Sheet()
    for each in list_of(body.get("fields")):
        sheet.add(text_at(each, "name"), part_of(each).get("value"))
    if not sheet.values:
        raise Unmappable("The form data has no fields.")
    _add_boxes(sheet, body)
    page = text_at(body, "context", "pageUri")
    return [
        Event(
            "",
            values=with_page(sheet.values, page),
            questions=sheet.questions,
            evidence={"page_url": page} if page else {},
        )
    ]


def _app_events(body: list[Any]) -> list[Event]:
    events = []
    for each in body:
        kind, parts = text_at(each, "subscriptionType"), [text_at(each, name) for name in _EVENT_KEY]
        if not kind or not text_at(each, "objectId"):
            raise Unmappable("An event has no subscriptionType or no objectId.")
        reason = "The event holds an id only: let HubSpot's form send the data itself."
        events.append(Event("/".join(parts), f"contact-{text_at(each, 'objectId')}", kind, ignored=reason))
    if not events:
        raise Unmappable("The list holds no events.")
    return events


def _add_boxes(sheet: Sheet, body: Any) -> None:
    """Add each consent box as a field of its own; which channel a box is for the connection's settings say."""
    consent = part_of(body, "legalConsentOptions", "consent")
    sheet.add("consent_to_process", consent.get("consentToProcess"), text_at(consent, "text"))
    for box in list_of(consent.get("communications")):
        name = f"subscription_{text_at(box, 'subscriptionTypeId')}"
        sheet.add(name, part_of(box).get("value"), text_at(box, "text"))


PROVIDER = Provider(
    key="hubspot",
    name="HubSpot forms",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="The client secret of the app. Without one (forms sent by the browser) the address is the only proof.",
    prove=_prove,
    read=_read,
    mapping={"lifecyclestage": "-", "hs_context": "-"},
    guesses=True,
)
