"""CallRail: calls, texts and website forms of a company, signed with the company's key.

Sources: CallRail help, "Webhooks"; the v3 webhook reference; the vendor's published signature. The body names no
event: the last word of the address does (`pre-call`, `routing`, `post-call`, `modified`), and all of one call
belong together by the call's id. It tells the whole length of a call and neither its ringing nor its talk, so when
it was connected is not known. Nothing is sent twice, so whatever is signed and not too old is kept.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.connectors.decisions.answers import moment_of
from apps.connectors.decisions.bodies import as_words, flat, gathered, json_object
from apps.connectors.decisions.calls import (
    CALL_MAPPING,
    QUESTIONS,
    Call,
    CallOutcome,
    began_at,
    call_values,
    implied_consent,
    is_short_code,
    is_true,
    whole_seconds,
)
from apps.connectors.decisions.proofs import TOLERANCE, base64_digest, is_among
from apps.connectors.decisions.synonyms import usual_target
from apps.connectors.decisions.tracking import TRACKING
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable, Unreadable

#: A notice follows up to 20 minutes after the call has ended; `timestamp` is when the call began.
OLDEST = timedelta(minutes=30)
_TECHNICAL = (
    *("id", "resource_id", "timestamp", "created_at", "company_id", "company_resource_id", "company_time_zone"),
    *("tracker_id", "ga", "recording_player", "integration_data", "person_resource_id", "conversation_id"),
    *("direction", "call_type", "answered", "voicemail"),
)
MAPPING = {
    **CALL_MAPPING,
    **TRACKING,
    "keywords": "attribution.keyword",
    "landing_page_url": "attribution.landing_page",
    "landingpage": "attribution.landing_page",
    "form_url": "attribution.landing_page",
    "referring_url": "attribution.referrer",
    "referrer": "attribution.referrer",
    "referrer_domain": "attribution.referrer",
    "content": "request.message",
    **dict.fromkeys(_TECHNICAL, "-"),
}
#: Names of older accounts for the same things, after today's.
_CALLER, _CALLER_NAME = ("customer_phone_number", "callernum"), ("customer_name", "callername")
_DIALLED, _STARTED = ("tracking_phone_number", "trackingnum"), ("start_time", "datetime", "created_at")
_TAKEN = frozenset({*_CALLER, *_CALLER_NAME, *_DIALLED, *_STARTED, "duration", "recording"})


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    given = request.headers.get("signature", "")
    proof = is_among(given, (base64_digest(each, request.raw, "sha1") for each in secrets))
    if proof is not Proof.GOOD:
        return proof
    try:
        body = json_object(request)
    except Unreadable:
        return proof
    return proof if _is_recent(request, body, now) else Proof.STALE


def _is_recent(request: HookRequest, body: dict[str, Any], now: datetime) -> bool:
    """Say whether the notice can be of now. A later change of a call may come any day, and says nothing twice."""
    at = moment_of(body.get("timestamp"), is_utc=True)
    if at is None:
        return True
    length = timedelta(seconds=whole_seconds(body.get("duration")) or 0)
    is_old = now - at > OLDEST + length and not _is_change(request, body)
    return not is_old and at - now <= TOLERANCE


def _is_change(request: HookRequest, body: dict[str, Any]) -> bool:
    return request.part == "modified" or bool(body.get("changes"))


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    own_id = as_words(body.get("id")).strip() or as_words(body.get("resource_id")).strip()
    if not own_id:
        raise Unmappable("The body has no id.")
    if isinstance(body.get("form_data"), dict):
        return [_form(body, own_id)]
    if "content" in body or "source_number" in body:
        return [_text(body, own_id)]
    if not _first(body, _DIALLED) and not _first(body, _CALLER):
        raise Unmappable("The body is neither a call nor a text nor a form: it names no number.")
    return [_call(request, body, own_id)]


def _call(request: HookRequest, body: dict[str, Any], own_id: str) -> Event:
    outcome = _outcome(request, body)
    started = next((at for name in _STARTED if (at := moment_of(body.get(name), is_utc=True))), None)
    call = Call(
        caller=_first(body, _CALLER),
        dialled=_first(body, _DIALLED),
        outcome=outcome,
        started_at=started,
        duration_seconds=None if outcome is CallOutcome.RINGING else whole_seconds(body.get("duration")),
        recording=as_words(body.get("recording")),
        caller_name=_first(body, _CALLER_NAME),
    )
    rest = {name: value for name, value in body.items() if name not in _TAKEN}
    kind = request.part or ("modified" if _is_change(request, body) else "call")
    return Event(
        key=f"call:{own_id}:{_digest(body, kind)}",
        object_id=f"call:{own_id}",
        kind=kind,
        values=gathered(flat(rest)) | call_values(call),
        questions=QUESTIONS,
        consent=implied_consent("call", call.caller, started, f"CallRail {own_id}"),
        submitted_at=began_at(call),
        ignored=_no_inquiry(request, body),
    )


def _outcome(request: HookRequest, body: dict[str, Any]) -> CallOutcome:
    if request.part == "routing":
        return CallOutcome.RINGING
    if is_true(body.get("voicemail")):
        return CallOutcome.VOICEMAIL
    return CallOutcome.ANSWERED if is_true(body.get("answered")) else CallOutcome.MISSED


def _no_inquiry(request: HookRequest, body: dict[str, Any]) -> str:
    if "outbound" in (body.get("direction"), body.get("call_type")):
        return "We called them: that is no inquiry."
    return "The call is not connected yet." if request.part == "pre-call" else ""


def _text(body: dict[str, Any], own_id: str) -> Event:
    sender, at = as_words(body.get("source_number")), moment_of(body.get("timestamp"), is_utc=True)
    ignored = "We texted them: that is no inquiry." if body.get("agent") else ""
    if is_short_code(sender):
        ignored = "A short code is no person."
    rest = {name: value for name, value in body.items() if name not in ("source_number", "destination_number")}
    told = Call(sender, as_words(body.get("destination_number")), CallOutcome.ANSWERED)
    values = {name: text for name, text in call_values(told).items() if name != "call_outcome"}
    return Event(
        key=f"text:{own_id}",
        object_id=f"text:{own_id}",
        kind="text",
        values=gathered(flat(rest)) | values,
        questions=QUESTIONS,
        consent=implied_consent("text", sender, at, f"CallRail {own_id}"),
        submitted_at=at,
        ignored=ignored,
        capture_method="chat",
    )


def _form(body: dict[str, Any], own_id: str) -> Event:
    fields = gathered(flat(body["form_data"]))
    rest = gathered(flat({name: value for name, value in body.items() if name != "form_data"}))
    offers = sorted((usual_target(name), name) for name in fields)
    return Event(
        key=f"form:{own_id}",
        object_id=f"form:{own_id}",
        kind="form",
        values=rest | fields,
        hints={name: target for (_, target), name in offers if target},
        submitted_at=moment_of(body.get("submitted_at"), is_utc=True),
        capture_method="web_form",
    )


def _first(body: dict[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if (text := as_words(body.get(name)).strip())), "")


def _digest(body: dict[str, Any], kind: str) -> str:
    """Return what tells one word on a call from the next: everything said but the time of saying it."""
    said = {name: value for name, value in body.items() if name != "timestamp"}
    return hashlib.sha256(json.dumps([kind, said], sort_keys=True).encode()).hexdigest()[:32]


PROVIDER = Provider(
    key="callrail",
    name="CallRail",
    group=Group.CALLS,
    capture_method="call",
    proof_hint="The company's signing key, under Settings, Integrations, Webhooks. Give each event its own address:"
    " this one with pre-call, routing, post-call or modified at its end.",
    prove=_prove,
    read=_read,
    mapping=MAPPING,
    sample="post_call",
)
