"""CallTrackingMetrics: an activity trigger posts a call as JSON; it signs nothing.

Source: CTM help, "Webhooks API integration". No field list or signature rule is published: the names below were
seen, all may be missing, and the sender is proven by a secret that the tenant has the trigger send in a header or
as the password of basic authentication. When somebody answered is told by `ring_time`, else by `talk_time` before
the end.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
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
    is_true,
    whole_seconds,
)
from apps.connectors.decisions.proofs import secret_or_password
from apps.connectors.decisions.tracking import TRACKING
from apps.connectors.terms import Event, Group, HookRequest, Provider, Unmappable

MAPPING = {
    **CALL_MAPPING,
    **TRACKING,
    "keyword": "attribution.keyword",
    "location": "attribution.landing_page",
    "referrer": "attribution.referrer",
    **dict.fromkeys(("id", "sid", "account_id", "direction", "caller_number_formatted"), "-"),
}
_TAKEN = frozenset({"caller_number", "tracking_number", "name", "called_at", "duration", "ring_time", "audio"})


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    own_id = as_words(body.get("id")).strip()
    if not own_id:
        raise Unmappable("The body has no id.")
    caller, dialled = as_words(body.get("caller_number")), as_words(body.get("tracking_number"))
    if not caller and not dialled:
        raise Unmappable("The body is no call: it names no number.")
    started = _called_at(body.get("called_at"))
    call = Call(
        caller=caller,
        dialled=dialled,
        outcome=_outcome(body),
        started_at=started,
        duration_seconds=whole_seconds(body.get("duration")),
        ring_seconds=whole_seconds(body.get("ring_time")),
        talk_seconds=whole_seconds(body.get("talk_time")),
        recording=as_words(body.get("audio")),
        caller_name=as_words(body.get("name")),
    )
    rest = {name: value for name, value in body.items() if name not in _TAKEN}
    said = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
    return [
        Event(
            key=f"call:{own_id}:{said}",
            object_id=f"call:{own_id}",
            kind="call",
            values=gathered(flat(rest)) | call_values(call),
            questions=QUESTIONS,
            consent=implied_consent("call", caller, started, f"CallTrackingMetrics {own_id}"),
            submitted_at=began_at(call),
            ignored="We called them: that is no inquiry." if body.get("direction") == "outbound" else "",
        )
    ]


def _outcome(body: dict[str, Any]) -> CallOutcome:
    """Say how the call ended. Somebody talked when there was time to talk; the words of `status` are not listed."""
    if is_true(body.get("voicemail")):
        return CallOutcome.VOICEMAIL
    talked = whole_seconds(body.get("talk_time"))
    is_answered = talked > 0 if talked is not None else as_words(body.get("status")).strip().lower() == "answered"
    return CallOutcome.ANSWERED if is_answered else CallOutcome.MISSED


def _called_at(value: Any) -> datetime | None:
    """Read ISO 8601, or "2026-11-20 10:02 AM -05:00" as the product's own pages write it."""
    if (found := moment_of(value, is_utc=True)) is not None:
        return found
    for form in ("%Y-%m-%d %I:%M %p %z", "%Y-%m-%d %H:%M:%S %z"):
        try:
            return datetime.strptime(as_words(value).strip(), form).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


PROVIDER = Provider(
    key="calltrackingmetrics",
    name="CallTrackingMetrics",
    group=Group.CALLS,
    capture_method="call",
    proof_hint="A secret of your choice, which the trigger sends as the header X-Hook-Secret or as the password of"
    " basic authentication.",
    prove=secret_or_password,
    read=_read,
    mapping=MAPPING,
    sample="call",
)
