"""What each field of an inquiry became: as it was sent, and as it is understood.

It shows values. Used for an agency's test leads, and for the preview of a mapping, which masks what is a person's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.capture.terms import Draft, EmailReading, PhoneReading
from apps.flows.arrival import Case

Became = Callable[[Draft], str]


@dataclass(frozen=True, slots=True)
class MappedField:
    """A field as it was sent and as it is understood; `is_lost` where nothing could be made of it."""

    path: str
    sent: str
    became: str
    is_lost: bool = False


def mapped_fields(payload: Mapping[str, Any], case: Case) -> list[MappedField]:
    """Return the fields that were sent, each with what it became."""
    return list(_mapped(payload, case.draft, case.campaign.key if case.campaign else ""))


def _mapped(payload: Mapping[str, Any], draft: Draft, campaign: str) -> Iterator[MappedField]:
    for path, became in _FIELDS.items():
        sent = _at(payload, path)
        if sent:
            text = became(draft)
            yield MappedField(path, sent, text or _("not understood"), is_lost=not text)
    if message := _at(payload, "request.message"):
        sealed = _("sealed, %(n)d characters") % {"n": len(message)}
        yield MappedField("request.message", _("hidden"), sealed)
    if named := _at(payload, "attribution.utm_campaign"):
        yield MappedField("attribution.utm_campaign", named, campaign or _("no campaign of the clinic"), not campaign)


def _at(payload: Mapping[str, Any], path: str) -> str:
    value: Any = payload
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return str(value) if isinstance(value, str | int | float) else ""


def _reading(point: PhoneReading | EmailReading | None) -> str:
    if point is None:
        return ""
    return point.e164 if isinstance(point, PhoneReading) else point.address


_FIELDS: Mapping[str, Became] = {
    "person.first_name": lambda draft: draft.first_name,
    "person.last_name": lambda draft: draft.last_name,
    "person.organization_name": lambda draft: draft.organization_name,
    "person.phone": lambda draft: _reading(draft.phone),
    "person.email": lambda draft: _reading(draft.email),
    "person.city": lambda draft: draft.city if not draft.place.problem else "",
    "person.region": lambda draft: draft.region,
    "person.postal_code": lambda draft: draft.postal_code,
    "person.date_of_birth": lambda draft: draft.date_of_birth.isoformat() if draft.date_of_birth else "",
    "person.preferred_language": lambda draft: draft.language,
    "on_behalf_of.relation": lambda draft: draft.on_behalf_of.relation if draft.on_behalf_of else "",
    "request.service": lambda draft: draft.service_key,
    "request.location": lambda draft: draft.location_key,
    "request.patient_type": lambda draft: draft.patient_type,
    "request.timeframe": lambda draft: draft.timeframe,
    "request.preferred_channel": lambda draft: draft.preferred_channel,
    "request.appointment_type": lambda draft: draft.appointment_type,
    "request.part_of_day": lambda draft: draft.part_of_day,
    "request.best_time": lambda draft: draft.best_time,
    "insurance.payer": lambda draft: draft.payer,
}
