"""Whether a lead is PHI, said by a person with a reason (row PH-13), and found by a search over older leads.

A person's word rules until somebody says otherwise or a rule finds a new fact of health. Facts that stand (a service, a
number of insurance, a visit) are not talked away: who is to be contact data again has none of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.appointments.models import Appointment
from apps.audit import ledger
from apps.flows.masking import reads_health
from apps.flows.packages import reader_of
from apps.flows.phi import identifiers
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead, TimelineEntry
from apps.outreach.models import Activity
from apps.ownership.queries import lead_for
from apps.privacy import details
from apps.privacy.decisions import TRIGGERS
from apps.privacy.models import PhiMark
from apps.privacy.phi import classed, classify, look_at_phi, without_state
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id

LONGEST_REASON = 300
#: Leads of one batch of the search.
BATCH = 200
#: Details of a lead that are looked at by their name, and those that are looked at by their words.
_BY_NAME = frozenset(TRIGGERS)


def may_classify(actor: Actor) -> bool:
    """Say whether a profile classifies leads anew: with the right, and only who reads what it is about."""
    return actor.may(Permission.PHI_CLASSIFY) and reads_health(actor)


def reclassify(*, actor: Actor, lead_id: UUID, is_phi: bool, reason: str, now: datetime) -> PhiMark:
    """Say whether a lead is PHI, with a reason; it holds for everybody from the commit on.

    Refuses who lacks `phi:classify` or does not read health of this lead; a missing or too long reason (Invalid); a
    lead that is classified so already; and "not PHI" for one with a standing fact of health (Conflict `phi_by_facts`).
    The reason stands sealed with the word; the story and the ledger say who, when and from what to what.
    """
    lead_for(actor, lead_id)
    if not may_classify(reader_of(actor, lead_id)):
        raise Refused(
            "Your role does not classify leads. Ask who is responsible for compliance.",
            code="no_permission",
            action="phi.classify",
            object_type="lead",
            object_id=lead_id,
            fields=("phi",),
        )
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        sentence = f"Say why, in {LONGEST_REASON} characters."
        raise Invalid(sentence, (Problem("/reason", "reason_missing", sentence),))
    lead = lock_lead(lead_id)
    said = classed(lead_id)
    was = bool(said) and said[0].is_phi
    if was == is_phi:
        now_is = "PHI" if was else "contact data, not PHI,"
        raise Conflict(f"This lead is {now_is} already.", code="classified_so")
    standing = () if is_phi else standing_facts(lead)
    if standing:
        names = ", ".join(each.replace("_", " ") for each in standing)
        raise Conflict(f"It stays PHI while this is on record: {names}.", code="phi_by_facts")
    row = classify(lead_id, is_phi=is_phi, by=actor.label, reason=words, now=now)
    sentence = "Classified as PHI by hand." if is_phi else "Classified as contact data, not PHI, by hand."
    event_id = new_id()
    tell(lead, kind="edit", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="phi.classify",
        object_type="lead",
        object_id=lead_id,
        event_id=event_id,
        fields=["phi"],
        detail={"was": was, "is": is_phi, "was_by": said[0].rule if said else "", "mark": str(row.id)},
    )
    return row


def standing_facts(lead: Lead) -> tuple[str, ...]:
    """Return the names of what makes a lead PHI whatever anybody wrote: facts, not words."""
    found = ["service"] if lead.service_id is not None else []
    found += ["appointment_type"] if lead.appointment_type else []
    found += sorted(_BY_NAME.intersection(details.kinds_of(subject_id=lead.id)))
    if Appointment.rows().filter(lead=lead, service__isnull=False).exists():
        found.append("appointment")
    answers = details.told_of([lead.id]).get(lead.id, []) if identifiers() else []
    found += sorted({name for each in answers for name in _identified(each.text)})
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a part of the search came to: leads read, those found to be PHI, and the last id; None at the end."""

    read: int
    found: int
    last: UUID | None


def look_back(*, actor: Actor, after: UUID | None, now: datetime) -> Batch:
    """Classify the next leads, by id, that no rule has looked at; for leads older than a rule or a word.

    The moment is that of the first fact of health. Again it finds nothing new; what a person classified stays. The
    ledger names the leads that were read; their words are shown to nobody.
    """
    waiting = Lead.rows().filter(erased_at=None).select_related("service").order_by("id")
    rows = list((waiting.filter(id__gt=after) if after else waiting)[:BATCH])
    leads = {each.id: each for each in rows}
    wanted = without_state(leads)
    for lead_id, facts in _dated_facts([leads[each] for each in wanted]).items():
        for at, told in sorted(facts, key=lambda each: each[0]):
            look_at_phi(lead_id, told, now=at, triggers=identifiers().keys())
    found = len(wanted) - len(without_state(wanted))
    if wanted:
        detail = {"ids": [str(each) for each in wanted], "found": found, "at": now.isoformat()}
        ledger.record(actor=actor, action="phi.look_back", object_type="lead", object_id=None, detail=detail)
    return Batch(len(wanted), found, rows[-1].id if rows else None)


def _dated_facts(leads: Iterable[Lead]) -> dict[UUID, list[tuple[datetime, dict[str, str]]]]:
    """Return what each lead told and when, text by field; the number of queries does not grow with the leads."""
    ids = [each.id for each in leads]
    found: dict[UUID, list[tuple[datetime, dict[str, str]]]] = {each: [] for each in ids}
    for lead in leads:
        asked = {"service": lead.service.key if lead.service else "", "appointment_type": lead.appointment_type}
        found[lead.id].append((lead.captured_at, asked))
    for lead_id, kept in details.told_of(ids).items():
        for each in kept:
            told = {each.kind: each.text} | _identified(each.text if each.kind == "answers" else "")
            found[lead_id].append((each.created_at, told))
    for entry in TimelineEntry.rows().filter(lead_id__in=ids, note__isnull=False):
        found[entry.lead_id].append((entry.at, {"note": str(entry.note)}))
    for contact in Activity.rows().filter(lead_id__in=ids, note__isnull=False):
        found[contact.lead_id].append((contact.logged_at, {"note": str(contact.note)}))
    for visit in Appointment.rows().filter(lead_id__in=ids, service__isnull=False).select_related("service"):
        found[visit.lead_id].append((visit.created_at, {"appointment": visit.service.key if visit.service else ""}))
    return found


def _identified(answers: str) -> dict[str, str]:
    """Return those answers that identify a patient, by key; a line is "question: answer"."""
    named = {name.casefold(): key for key, label in identifiers().items() for name in (key, label)}
    found = {}
    for line in answers.splitlines():
        name, mark, value = line.partition(":")
        key = named.get(name.strip().casefold())
        if mark and key and value.strip():
            found[key] = value.strip()
    return found
