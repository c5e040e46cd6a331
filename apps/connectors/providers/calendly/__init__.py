"""Calendly: an invitee of a booking page was created or cancelled; the time and the raw body are signed together.

Sources: Calendly's developer guides on webhook subscriptions and rescheduling. A move sends both a cancellation marked
`rescheduled` and a creation that names the old invitee, in either order: the creation moves the visit. Times are UTC.
A routing form tells of questions answered and, at times, of nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import list_of, moment_of, part_of, text_at
from apps.connectors.decisions.bodies import json_object
from apps.connectors.decisions.bookings import BOOKING_MAPPING, Told, booking_event, booking_setting_problems
from apps.connectors.decisions.proofs import fresh_and_signed, hex_digest
from apps.connectors.terms import BookingAct, Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable

_CREATED, _CANCELED = "invitee.created", "invitee.canceled"


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    parts = [each.strip().partition("=") for each in request.headers.get("calendly-webhook-signature", "").split(",")]
    given = {name: value for name, _, value in parts}
    stamp = given.get("t", "")
    return fresh_and_signed(
        given.get("v1", ""),
        stamp,
        secrets,
        lambda secret: hex_digest(secret, stamp.encode() + b"." + request.raw),
        now,
    )


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    kind, invitee = text_at(body, "event"), part_of(body, "payload")
    ref = text_at(invitee, "uri")
    if kind not in (_CREATED, _CANCELED):
        key = f"{kind}:{text_at(body, 'created_at')}"
        return [Event(key if kind else "", kind=kind[:40] or "unknown", ignored="Not a booking.")]
    if not ref:
        raise Unmappable("The invitee has no address (uri).")
    is_moved = kind == _CANCELED and invitee.get("rescheduled") is True
    act = BookingAct.BOOKED if kind == _CREATED else BookingAct.MOVED if is_moved else BookingAct.CANCELLED
    told = Told(ref, act, kind, at=moment_of(text_at(body, "created_at")), old_ref=text_at(invitee, "old_invitee"))
    _fill(told, invitee)
    if act is BookingAct.BOOKED and told.starts_at is None:
        raise Unmappable("The booking has no start.")
    return [booking_event(told, request)]


def _fill(told: Told, invitee: Mapping[str, Any]) -> None:
    visit, ended = part_of(invitee, "scheduled_event"), part_of(invitee, "cancellation")
    told.starts_at, told.ends_at = moment_of(text_at(visit, "start_time")), moment_of(text_at(visit, "end_time"))
    told.what, told.where = text_at(visit, "name"), text_at(visit, "location", "location")
    told.provider = next((text_at(each, "user_name") for each in list_of(visit.get("event_memberships"))), "")
    who = text_at(ended, "canceled_by") or text_at(ended, "canceler_type")
    told.because = ": ".join(each for each in (who, text_at(ended, "reason")) if each)
    told.reminder_number = text_at(invitee, "text_reminder_number")
    for name in ("name", "first_name", "last_name", "email", "timezone"):
        told.sheet.add(name, invitee.get(name))
    told.sheet.add("phone", told.reminder_number)
    for each in list_of(invitee.get("questions_and_answers")):
        question = text_at(each, "question")
        told.sheet.add(question[:100], part_of(each).get("answer"), question)
    tracking = part_of(invitee, "tracking")
    for name in ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"):
        told.sheet.add(name, tracking.get(name))


PROVIDER = Provider(
    key="calendly",
    name="Calendly",
    group=Group.BOOKING,
    capture_method="web_form",
    proof_hint="The signing key of the webhook subscription (invitee.created, invitee.canceled). The settings name what"
    ' is booked and where: {"services": {"New patient consult": "orthopedics"}, "offices": {"Oak Grove": "oak-park"}}.',
    prove=_prove,
    read=_read,
    mapping=BOOKING_MAPPING,
    setting_problems=booking_setting_problems,
)
