"""Cal.com: bookings made, moved, cancelled, and who did not come; signed over the raw body when there is a secret.

Source: the sender of the open repository (`packages/features/webhooks`). The signature has no time in it. Without a
secret the header holds a fixed text, which proves nothing. A moved booking gets a new key and names the old one. A
request that waits for the host's word is an inquiry with a wish, and no booking (row AP-03).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import list_of, moment_of, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.bookings import BOOKING_MAPPING, Told, booking_event, booking_setting_problems
from apps.connectors.decisions.proofs import signed_body
from apps.connectors.terms import BookingAct, Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable

UNSIGNED = "no-secret-provided"
_ACTS = {
    "BOOKING_CREATED": BookingAct.BOOKED,
    "BOOKING_RESCHEDULED": BookingAct.BOOKED,
    "BOOKING_CANCELLED": BookingAct.CANCELLED,
    "BOOKING_REJECTED": BookingAct.CANCELLED,
    "BOOKING_NO_SHOW_UPDATED": BookingAct.NO_SHOW,
}
_WISH = "BOOKING_REQUESTED"
#: Answers that stand in fields of their own.
_KNOWN = frozenset({"name", "email", "attendeePhoneNumber", "location"})


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    given = request.headers.get("x-cal-signature-256", "")
    if given == UNSIGNED:
        return Proof.MISSING
    return signed_body(given, secrets, request.raw, algorithm="sha256")


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    kind, payload = text_at(body, "triggerEvent"), part_of(body, "payload")
    act, ref = _ACTS.get(kind), text_at(payload, "uid") or text_at(payload, "bookingUid")
    if act is None and kind != _WISH:
        key = f"{kind}:{ref}:{text_at(body, 'createdAt')}"
        return [Event(key if kind else "", kind=kind[:40] or "unknown", ignored="Not a booking.")]
    if not ref:
        raise Unmappable("The booking has no key (uid).")
    if act is BookingAct.NO_SHOW and not any(part_of(each).get("noShow") for each in list_of(payload.get("attendees"))):
        return [Event(f"{kind}:{ref}:{text_at(body, 'createdAt')}", ref, kind, ignored="Nobody stayed away.")]
    told = Told(ref, act or BookingAct.BOOKED, kind, at=moment_of(text_at(body, "createdAt")))
    _fill(told, payload)
    if told.act is BookingAct.BOOKED and told.starts_at is None:
        raise Unmappable("The booking has no start.")
    event = booking_event(told, request)
    return [event if act else replace(event, notice=None)]


def _fill(told: Told, payload: Mapping[str, Any]) -> None:
    responses, attendee = part_of(payload, "responses"), part_of(next(iter(list_of(payload.get("attendees"))), {}))
    told.starts_at, told.ends_at = moment_of(text_at(payload, "startTime")), moment_of(text_at(payload, "endTime"))
    told.what = text_at(payload, "type") or text_at(payload, "eventTitle") or text_at(payload, "title")
    told.where, told.provider = text_at(payload, "location"), text_at(payload, "organizer", "name")
    told.old_ref = text_at(payload, "rescheduleUid")
    who, why = text_at(payload, "cancelledBy"), text_at(payload, "cancellationReason")
    why = why or text_at(payload, "rejectionReason")
    told.because = ": ".join(each for each in (who, why) if each)
    told.reminder_number = text_at(payload, "smsReminderNumber")
    told.sheet.add("name", text_at(attendee, "name") or text_at(responses, "name", "value"))
    told.sheet.add("email", text_at(attendee, "email") or text_at(responses, "email", "value"))
    phone = text_at(responses, "attendeePhoneNumber", "value")
    told.sheet.add("phone", phone or told.reminder_number)
    told.sheet.add("timezone", attendee.get("timeZone"))
    told.sheet.add("wished_start", payload.get("startTime") if told.kind == _WISH else None, "Wished for")
    for name in responses:
        if name not in _KNOWN:
            told.sheet.add(name[:100], part_of(responses, name).get("value"), text_at(responses, name, "label"))


PROVIDER = Provider(
    key="calcom",
    name="Cal.com",
    group=Group.BOOKING,
    capture_method="web_form",
    proof_hint="The secret of the webhook; without one nothing is taken. The settings name what is booked and where:"
    ' {"services": {"new-patient": "orthopedics"}, "offices": {"Oak Grove": "oak-park"}}.',
    prove=_prove,
    read=_read,
    mapping=BOOKING_MAPPING,
    setting_problems=booking_setting_problems,
)
