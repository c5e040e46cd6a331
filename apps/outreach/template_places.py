"""What a message can name of a lead, and the words for it: the same fields that its template was judged by."""

from collections.abc import Callable, Collection, Mapping

from apps.audit import ledger
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.field_purposes import recorded_uses
from apps.catalog.queries import custom_fields
from apps.catalog.terms import FieldUse, PrivacyClass
from apps.leads.models import Lead, Person
from apps.leads.terms import WISHES
from apps.outreach.template_terms import BROUGHT, FILLED, PRIVATE, Place
from apps.privacy import details
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

_OF_LEAD: Mapping[str, Callable[[Lead], str]] = {
    "service": lambda lead: lead.service.name if lead.service else "",
    "location": lambda lead: lead.location.name if lead.location else "",
    **{
        name: lambda lead, name=name: str(getattr(lead, name) or "").replace("_", " ")  # type: ignore[misc]
        for name in WISHES
    },
}
_OF_PERSON: Mapping[str, Callable[[Person], str]] = {
    "full_name": lambda person: f"{person.first_name} {person.last_name}".strip(),
    "date_of_birth": lambda person: person.date_of_birth.isoformat() if person.date_of_birth else "",
    **{
        name: lambda person, name=name: str(getattr(person, name) or "")  # type: ignore[misc]
        for name in ("first_name", "last_name", "postal_code", "city")
    },
}


#: Returns what a lead's last inquiry says for fields of the tenant's own, by key.
Teller = Callable[[Lead, tuple[str, ...]], Mapping[str, str]]
_tellers: list[Teller] = []


def register_teller(teller: Teller) -> None:
    """Register who reads the answers of a lead's last inquiry by their keys."""
    _tellers.append(teller)


def known_places() -> dict[str, Place]:
    """Return what a message of the tenant can name today, by name: the tenant's own fields too."""
    uses = recorded_uses()
    known = ((name, STANDARD_FIELDS[name]) for name in FILLED)
    standard = {name: Place(each.label, each.privacy, _named(name, uses)) for name, each in known}
    own = {key: Place(row.label, PrivacyClass(row.privacy), uses[key]) for key, row in custom_fields().items()}
    return {**own, **standard, **BROUGHT}


def _named(name: str, uses: Mapping[str, frozenset[FieldUse]]) -> frozenset[FieldUse]:
    """Return what a field may be used for; a full name is both its parts."""
    parts = ("full_name", "first_name", "last_name") if name == "full_name" else (name,)
    return frozenset.intersection(*(uses[each] for each in parts))


def postal_address() -> str:
    """Return the organization's postal address; "" where its settings name none."""
    found = current_organization().settings.get("postal_address")
    return found.strip() if isinstance(found, str) else ""


def words_of(
    lead: Lead, named: Collection[str], brought: Mapping[str, str], *, reader: Actor | None = None
) -> dict[str, str]:
    """Return the words for the places of a message: what whoever writes brings along, else what the lead tells.

    Sealed answers are opened once, and that is noted; so are the health fields that the message names. `reader` is who
    looks at them before the message is written; without one they are put into it.
    """
    person, own = lead.contact_person or lead.person, custom_fields()
    names = [name for name in named if name not in brought]
    found = {"postal_address": postal_address()}
    found |= {name: _OF_LEAD[name](lead) for name in names if name in _OF_LEAD}
    found |= {name: _OF_PERSON[name](person) for name in names if name in _OF_PERSON}
    asked = {name: own[name].label for name in names if name in own and name not in found}
    if asked:
        found |= _last_told(lead, tuple(asked)) | _answers(lead, asked)
    places = known_places()
    private = sorted(name for name in named if name in places and places[name].privacy in PRIVATE)
    if private:
        by = reader or system_actor(current_organization_id(), "sender")
        detail = {"for": "message" if reader is None else "preview"}
        ledger.record(
            actor=by, action="message.phi", object_type="lead", object_id=lead.id, fields=private, detail=detail
        )
    return found | dict(brought)


def _last_told(lead: Lead, keys: tuple[str, ...]) -> dict[str, str]:
    return {name: told for teller in _tellers for name, told in teller(lead, keys).items() if told}


def _answers(lead: Lead, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the newest answers to the tenant's own fields: each stands in a line behind its key or its question."""
    sender = system_actor(current_organization_id(), "sender")
    found: dict[str, str] = {}
    for detail in details.read(actor=sender, subject_id=lead.id):
        if detail.kind != "answers":
            continue
        parted = (line.partition(": ") for line in detail.text.splitlines())
        lines = {question.casefold(): answer for question, _, answer in parted if answer}
        for name, label in asked.items():
            answer = lines.get(label.casefold()) or lines.get(name.casefold())
            if answer:
                found.setdefault(name, answer)
    return found
