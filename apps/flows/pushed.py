"""What an outside system hears of a lead beside its stage: the fields set for it, and no other (row PH-06)."""

from collections.abc import Callable, Mapping

from apps.catalog.field_purposes import usable
from apps.catalog.models import OutsideSystem
from apps.catalog.terms import FieldUse
from apps.leads.models import ContactPoint, Lead, Person


def _who(lead: Lead) -> Person:
    found: Person = lead.contact_person or lead.person
    return found


def _point(kind: str) -> Callable[[Lead], str]:
    def read(lead: Lead) -> str:
        rows = ContactPoint.rows().filter(person=_who(lead), kind=kind).exclude(validity="invalid")
        return str(rows.order_by("-is_primary", "created_at").values_list("value", flat=True).first() or "")

    return read


def _born(lead: Lead) -> str:
    return lead.person.date_of_birth.isoformat() if lead.person.date_of_birth else ""


#: Every field that may be set for a system, by its name in the dictionary. Words of the person never go.
READERS: Mapping[str, Callable[[Lead], str]] = {
    "first_name": lambda lead: lead.person.first_name,
    "last_name": lambda lead: lead.person.last_name,
    "phone": _point("phone"),
    "email": _point("email"),
    "postal_code": lambda lead: lead.person.postal_code,
    "city": lambda lead: lead.person.city,
    "region": lambda lead: lead.person.region,
    "date_of_birth": _born,
    "preferred_language": lambda lead: lead.person.language,
    "service": lambda lead: lead.service.key if lead.service else "",
    "location": lambda lead: lead.location.key if lead.location else "",
    "patient_type": lambda lead: lead.patient_type,
    "timeframe": lambda lead: lead.timeframe,
    "preferred_channel": lambda lead: lead.preferred_channel,
    "appointment_type": lambda lead: lead.appointment_type,
    "part_of_day": lambda lead: lead.part_of_day,
    "best_time": lambda lead: lead.best_time,
    "payer": lambda lead: lead.payer,
    "source": lambda lead: lead.source.key if lead.source else "",
}


def values_for(lead: Lead, system: OutsideSystem) -> dict[str, str]:
    """Return the values that a system hears of a lead, by the field's name.

    A field that came to be recorded for other purposes than the system's is left out (row AU-07).
    """
    fields = usable(system.fields, FieldUse(system.purpose))
    found = {name: str(READERS[name](lead) or "") for name in fields if name in READERS}
    return {name: value for name, value in found.items() if value}
