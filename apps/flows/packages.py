"""What goes along with a lead that is handed on: each field's value, what is withheld, and what the reader may not see.

One reading serves the check of what must pass, the package that a receiver looks at before accepting, and the summary
with which the new owner's page opens (row HO-07). Sealed words are opened for roles that read them, and it is noted.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.profiles import is_marketing_view
from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.catalog.queries import services_by_key
from apps.consent.queries import states_of
from apps.flows.masking import PERSONAL, masked_leads, masked_people, reads_service
from apps.handoffs.decisions import hidden_groups, label_of
from apps.handoffs.models import Handoff
from apps.handoffs.terms import AD_COST, CLINICAL, CONSENT, ELIGIBILITY, NEXT_STEP, PASSABLE, SEALED, HandoffState, Note
from apps.leads.models import ContactPoint, Lead, TimelineEntry, Touch
from apps.privacy import details
from apps.privacy.terms import veiled
from apps.privacy.topics import restricted_to
from apps.tenancy.actor import Actor
from apps.tenancy.clock import scope_opened_at

MOST_NOTES = 5
#: Documents come with a referral and hold what practices wrote: withheld is either, and they stay with the sender.
PAPERS = frozenset({"referral", CLINICAL})
#: Stands among what is withheld where a lead is restricted, with all that would tell what it is about.
TOPIC = "sensitive_topic"
RESTRICTED = frozenset({TOPIC, "service", ELIGIBILITY, NEXT_STEP, CLINICAL, *SEALED, *PAPERS, "transcript"})
HEALTH = frozenset({FieldGroup.HEALTH})
_PRICE = "price_per_qualified_lead"


@dataclass(frozen=True, slots=True)
class Line:
    """One field that passes: its key, what people call it, and its value in words."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Package:
    """What a receiver sees of a lead before accepting it. `withheld` never passes, `masked` the role does not see."""

    lines: tuple[Line, ...]
    withheld: tuple[str, ...]
    masked: tuple[str, ...]


def held_by(lead: Lead, now: datetime, note: Note | None = None) -> dict[str, str]:
    """Return the fields of a lead that have a value, in words; sealed ones stand without their words."""
    person, said = lead.contact_person or lead.person, note or Note()
    points = ContactPoint.rows().filter(person=person).exclude(validity="invalid").order_by("-is_primary", "id")
    found = {row.kind: row.value for row in reversed(points)}
    states = states_of([person.id], now, lead_id=lead.id)[person.id]
    granted = [str(channel) for channel, state in states.items() if state.value == "granted"]
    every = {
        "name": str(person),
        "phone": found.get("phone", ""),
        "email": found.get("email", ""),
        "date_of_birth": str(lead.person.date_of_birth or ""),
        "language": person.language,
        "service": lead.service.name if lead.service else "",
        "location": lead.location.name if lead.location else "",
        "patient_type": lead.patient_type,
        "timeframe": lead.timeframe.replace("_", " "),
        "preferred_channel": lead.preferred_channel,
        "appointment_type": lead.appointment_type,
        "part_of_day": lead.part_of_day,
        "best_time": lead.best_time,
        "priority": lead.priority,
        CONSENT: ", ".join(granted),
        "payer": lead.payer,
        ELIGIBILITY: said.eligibility,
        NEXT_STEP: said.next_step,
        "attempts": f"{lead.attempts}, {lead.last_outcome.replace('_', ' ')}" if lead.attempts else "",
        "source": lead.source.name,
        "campaign": lead.campaign.name if lead.campaign else "",
        AD_COST: _cost(lead),
        **dict.fromkeys(details.kinds_of(subject_id=lead.id), "…"),
        CLINICAL: "…" if _notes(lead).exists() else "",
    }
    return {key: value for key, value in every.items() if key in PASSABLE and value}


def package_of(actor: Actor, row: Handoff, lead: Lead, now: datetime) -> Package:
    """Return what passes with a handoff, as this reader may see it; who read it is noted.

    Values are those of now: what became known since the offer passes too, and what is withheld never does.
    """
    note = note_of(row)
    held = held_by(lead, now, note)
    keys = [each for each in PASSABLE if each in held and each not in row.withheld]
    seen = [each for each in keys if may_see(actor, each)]
    words = _opened(actor, lead, seen)
    lines = tuple(Line(each, label_of(each), words.get(each, held[each])) for each in seen)
    ledger.record_read(actor=actor, what="handoff", object_ids=[lead.id], fields=seen)
    return Package(lines, tuple(label_of(each) for each in row.withheld), _labels(set(keys) - set(seen)))


def may_see(actor: Actor, key: str) -> bool:
    """Whether a role sees a field at all, whoever hands it on."""
    group = PASSABLE[key].group
    if key in ("service", "appointment_type"):
        return reads_service(actor)
    if group is not None and group in actor.hidden_fields:
        return False
    return actor.may(Permission.HEALTH_READ) if group is FieldGroup.HEALTH else True


def withheld_from(actor: Actor, lead_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return what the actor's teams got leads without, by lead, in one query; nothing where they gave it themselves.

    A marketing view reads leads that are PHI without whom they are of (`masking`); who is not trained for a sensitive
    topic reads its leads without what they are about (row PH-16).
    """
    asked = list(lead_ids)
    found: dict[UUID, frozenset[str]] = dict.fromkeys(masked_leads(actor, asked), PERSONAL)
    for lead_id in restricted_to(actor, asked, now=scope_opened_at()):
        found[lead_id] = found.get(lead_id, frozenset()) | RESTRICTED
    if actor.team_ids:
        rows = Handoff.rows().filter(lead_id__in=asked, state=HandoffState.ACCEPTED)
        rows = rows.filter(to_team_id__in=actor.team_ids).exclude(from_team_id__in=actor.team_ids)
        for lead_id, withheld in rows.values_list("lead_id", "withheld"):
            found[lead_id] = found.get(lead_id, frozenset()) | frozenset(withheld)
    return found


def narrowed(actor: Actor, withheld: Collection[str]) -> Actor:
    """Return the actor as they may read a lead that came to them without some fields (row HO-02)."""
    groups = _hidden(withheld)
    return replace(actor, hidden_fields=actor.hidden_fields | groups) if groups else actor


def _hidden(withheld: Collection[str]) -> frozenset[FieldGroup]:
    """Return the groups that what is withheld hides; of a restricted lead what it is about, whole."""
    return hidden_groups(withheld) | (HEALTH if TOPIC in withheld else frozenset())


def reader_of(actor: Actor, lead_id: UUID) -> Actor:
    """Return the actor as they may read one lead."""
    return narrowed(actor, withheld_from(actor, [lead_id]).get(lead_id, ()))


def reader_of_person(actor: Actor, lead_ids: Collection[UUID]) -> Actor:
    """Return the actor as they may read a person through these leads: hidden is what each of them came without."""
    withheld = withheld_from(actor, lead_ids)
    groups = [_hidden(withheld.get(each, ())) for each in lead_ids]
    hidden = frozenset.intersection(*groups) if groups else frozenset()
    if any(each >= PERSONAL for each in withheld.values()) and is_marketing_view(actor):
        hidden |= hidden_groups(PERSONAL)
    return replace(actor, hidden_fields=actor.hidden_fields | hidden) if hidden else actor


def reader_of_people(actor: Actor, person_ids: Collection[UUID]) -> Actor:
    """Return the actor as they may read people beside each other: a marketing view of none, where one is masked."""
    return narrowed(actor, PERSONAL) if masked_people(actor, person_ids) else actor


def note_of(row: Handoff) -> Note:
    """Return the note of a handoff."""
    kept: Mapping[str, object] = row.note
    confirmed = kept.get("confirmed")
    return Note(
        service=str(kept.get("service", "")),
        confirmed=tuple(map(str, confirmed)) if isinstance(confirmed, list) else (),
        next_step=str(kept.get("next_step", "")),
        eligibility=str(kept.get("eligibility", "")),
        text=str(kept.get("text", "")),
    )


def service_name(key: str) -> str:
    """Return what people call a service; its key where it is gone."""
    row = services_by_key().get(key)
    return row.name if row else key


def _opened(actor: Actor, lead: Lead, keys: Collection[str]) -> dict[str, str]:
    """Open what is sealed among the fields, newest first; and the notes of the story."""
    words: dict[str, str] = {}
    if any(each in SEALED for each in keys):
        for each in details.read(actor=actor, subject_id=lead.id):
            if each.kind in keys:
                text = veiled(each.kind, each.text)
                words[each.kind] = "\n".join(filter(None, (words.get(each.kind, ""), text)))
    if CLINICAL in keys:
        words[CLINICAL] = "\n".join(each.note for each in _notes(lead)[:MOST_NOTES])
    return words


def _notes(lead: Lead) -> "QuerySet[TimelineEntry]":
    return (
        TimelineEntry.rows().filter(lead=lead).filter(note__isnull=False).exclude(kind="handoff").order_by("-at", "-id")
    )


def _cost(lead: Lead) -> str:
    """Return what the lead costs by the agreement with whoever delivered it."""
    touch = Touch.rows().filter(lead=lead, party__isnull=False).select_related("party").order_by("at").first()
    price = touch.party.agreement.get(_PRICE) if touch is not None and touch.party is not None else None
    return f"{price}" if price else ""


def _labels(keys: Collection[str]) -> tuple[str, ...]:
    return tuple(label_of(each) for each in PASSABLE if each in keys)
