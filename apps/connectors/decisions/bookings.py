"""What a booking page tells of a visit, the same for each such page: an inquiry, and word of the booking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.connectors.decisions.answers import Sheet
from apps.connectors.terms import Booking, BookingAct, Event, HookRequest, Notice, NoticeKind

#: Settings of a connection: the page's own words for what is booked and where, with our keys of service and office.
SERVICES, OFFICES = "services", "offices"
#: Where the values of a booking go; what the tenant's settings do not name stays an answer, as all that was asked.
BOOKING_MAPPING = {
    "name": "person.full_name",
    "first_name": "person.first_name",
    "last_name": "person.last_name",
    "email": "person.email",
    "phone": "person.phone",
    "service": "request.service",
    "office": "request.location",
    **{f"utm_{each}": f"attribution.utm_{each}" for each in ("source", "medium", "campaign", "content", "term")},
}
USUAL_MINUTES = 30


@dataclass(slots=True)
class Told:
    """One message of a booking page as it is being read."""

    ref: str
    act: BookingAct
    kind: str
    at: datetime | None = None
    sheet: Sheet = field(default_factory=Sheet)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    what: str = ""
    where: str = ""
    provider: str = ""
    old_ref: str = ""
    because: str = ""
    reminder_number: str = ""


def booking_event(told: Told, request: HookRequest) -> Event:
    """Return the event: what was booked, as the settings of the connection name service and office."""
    service, office = _named(request, SERVICES, told.what), _named(request, OFFICES, told.where)
    told.sheet.add("service", service)
    told.sheet.add("office", office)
    told.sheet.add("booked_what", told.what, "What was booked")
    told.sheet.add("booked_where", told.where, "Where")
    minutes = USUAL_MINUTES
    if told.starts_at is not None and told.ends_at is not None and told.ends_at > told.starts_at:
        minutes = round((told.ends_at - told.starts_at).total_seconds() / 60)
    booking = Booking(
        told.ref,
        told.act,
        told.starts_at,
        minutes,
        service=service,
        office=office,
        provider=told.provider[:200],
        old_ref=told.old_ref,
        because=told.because[:250],
    )
    return Event(
        f"{told.kind}:{told.ref}",
        told.ref,
        kind=told.kind,
        values=told.sheet.values,
        questions=told.sheet.questions,
        consent=_reminders(told),
        submitted_at=told.at,
        notice=Notice(NoticeKind.BOOKING, "", "", booking=booking),
    )


def booking_setting_problems(settings: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each setting that names no services or offices."""
    return [
        f'“{name}” gives the page\'s own words our keys, such as {{"New patient consult": "orthopedics"}}.'
        for name in (SERVICES, OFFICES)
        if name in settings and not _is_names(settings[name])
    ]


def _is_names(found: object) -> bool:
    return isinstance(found, Mapping) and all(isinstance(each, str) and each for each in found.values())


def _named(request: HookRequest, setting: str, word: str) -> str:
    """Return our key of the page's word, whatever its case; "" where the settings do not name it."""
    known = request.settings.get(setting)
    if not isinstance(known, Mapping):
        return ""
    folded = {str(name).strip().casefold(): str(key) for name, key in known.items()}
    return folded.get(word.strip().casefold(), "")


def _reminders(told: Told) -> list[dict[str, Any]]:
    """A number given for reminders permits those of this visit: no marketing, and no answer to the inquiry."""
    if not told.reminder_number:
        return []
    text = "Number given on the booking page for reminders by text."
    limits = {"purpose": "reminders", "limited_to": "this_inquiry", "evidence_kind": "connector_form"}
    return [{"channel": "text", "state": "granted", "text": text, **limits}]
