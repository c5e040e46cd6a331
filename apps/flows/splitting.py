"""Split an arrival off the lead it was joined to: it becomes a lead of its own, and stays one (row DU-11).

The rules joined it; a person found that it is another request, or another person. What the arrival alone told goes
with it, its permissions count where they were given, refusals hold on both sides, and the two are remembered as two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.audit import ledger
from apps.capture.decisions import judge
from apps.capture.models import Submission
from apps.capture.terms import ValidityState, ValidityVerdict
from apps.catalog.unmapped import wait_elsewhere
from apps.consent.handing_on import hand_on, share_bar, share_refusals
from apps.consent.models import ConsentEvent
from apps.consent.queries import lines_of_submission, lines_since, states_of
from apps.consent.terms import ConsentValue
from apps.flows import first_steps, parting
from apps.flows.arrival import Case, facts_of, open_case, patient_of, submitter_of
from apps.flows.merging import reason_of, require_decider, require_sight
from apps.flows.opt_out import heed_values
from apps.flows.rehearsal import rehearse
from apps.identity import actions as identity
from apps.identity import splitting as identity_splitting
from apps.identity.queries import joinings_of
from apps.identity.seeking import lock_values
from apps.identity.splitting import Heard, Parted
from apps.identity.terms import LeadAction, LeadVerdict, PersonMatch, Verdict
from apps.leads.actions import give_touch, lock_lead, tell
from apps.leads.models import ContactPoint, Lead, Person, TimelineEntry, Touch
from apps.leads.queries import story_since, touch_of
from apps.leads.terms import REPEATS, ContactValue
from apps.outreach.actions import cancel_messages_astray
from apps.outreach.queries import messages_of
from apps.ownership.queries import lead_for
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, NotFound
from apps.tenancy.ids import new_id

REFUSALS = (ConsentValue.DENIED, ConsentValue.WITHDRAWN)
#: What colleagues wrote into the story since the arrival and may belong to the lead that becomes of it.
TOLD_KINDS = ("contact", "note")


class SplitKind(StrEnum):
    """What was wrong with the join: it is another request of the same person, or another person's."""

    REQUEST = "request"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class SplitOutcome:
    """What splitting does, or did: who and what goes, what stays, and who has the new lead until when."""

    kind: SplitKind
    lead: Lead
    person: Person
    is_new_person: bool
    gone: tuple[ContactPoint, ...] = ()
    shared: tuple[ContactPoint, ...] = ()
    handed: tuple[ConsentEvent, ...] = ()
    refused_for_both: tuple[ConsentEvent, ...] = ()
    person_back: Mapping[str, str] | None = None
    lead_back: Mapping[str, str] | None = None
    told: tuple[TimelineEntry, ...] = ()
    is_acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """One splitting under way: the lead and the arrival, locked, and who does it why."""

    actor: Actor
    kind: SplitKind
    reason: str
    case: Case
    touch: Touch
    lead: Lead
    event_id: UUID


def splittable_of(lead: Lead, touches: Iterable[Touch]) -> frozenset[UUID]:
    """Return the touches that the intake rules joined to this lead and that can be split off."""
    repeats = [each for each in touches if each.verdict in REPEATS]
    joined = joinings_of(lead.id) if repeats else {}
    return frozenset(each.id for each in repeats if each.submission_id in joined)


def told_since(actor: Actor, lead_id: UUID, touch_id: UUID) -> list[TimelineEntry]:
    """Return the contacts and notes since an arrival: people choose which of them the new lead's story tells too."""
    lead = _for_decider(actor, lead_id)
    touch = touch_of(lead.id, touch_id)
    if touch is None or touch.id not in splittable_of(lead, [touch]):
        raise NotFound
    return story_since(lead, touch.at, TOLD_KINDS)


def preview_split(
    *, actor: Actor, lead_id: UUID, touch_id: UUID, kind: SplitKind, told: Iterable[UUID], now: datetime
) -> SplitOutcome:
    """Say what splitting off would do, by doing all of it and taking it back. Refuses what `split_off` refuses."""
    _for_decider(actor, lead_id)
    return rehearse(lambda: _split(actor, lead_id, touch_id, kind, "…", frozenset(told), now))


def split_off(
    *, actor: Actor, lead_id: UUID, touch_id: UUID, kind: SplitKind, reason: str, told: Iterable[UUID], now: datetime
) -> SplitOutcome:
    """Make an arrival that was joined to a lead a lead of its own: scored, routed, owned, with its clocks.

    Its clocks start when it came in, so that it may be late already. As another person's it takes along the numbers,
    values and permissions that it alone told; refusals since it came hold for both. `told` names contacts and notes
    of the old lead that the new one's story tells too; they stay where they were made.
    Refuses who may not merge people or does not see all leads of those concerned; raises Invalid without a reason,
    NotFound for a touch that was not joined, Conflict when a colleague was faster or it would be excluded today.
    """
    _for_decider(actor, lead_id)
    return _split(actor, lead_id, touch_id, kind, reason_of(reason), frozenset(told), now)


def _for_decider(actor: Actor, lead_id: UUID) -> Lead:
    lead = lead_for(actor, lead_id)
    require_decider(actor, action="lead.split", object_type="lead", object_id=lead.id)
    require_sight(actor, (lead.person_id,), action="lead.split")
    return lead


def _split(
    actor: Actor, lead_id: UUID, touch_id: UUID, kind: SplitKind, reason: str, told: frozenset[UUID], now: datetime
) -> SplitOutcome:
    work = _locked(actor, lead_id, touch_id, kind, reason, now)
    old, case = work.lead, work.case
    was_named = str(old.contact_person or old.person)
    patient, contact, parted, is_new = _people_of(work)
    handed, refused = _permissions(work, contact)
    lead = _open(work, patient, contact)
    give_touch(work.touch, lead, verdict=Verdict.NEW)
    _note_outcome(work, lead, patient)
    back = parting.without(old, case.submission, case.draft, was_named=was_named, by=actor.label, now=now)
    entries = _tell_both(work, lead, patient, told)
    return SplitOutcome(
        kind,
        lead,
        patient,
        is_new,
        parted.gone,
        parted.shared,
        tuple(handed),
        tuple(refused),
        parted.back,
        back,
        entries,
        any(each.purpose == "acknowledgement" for each in messages_of(lead)),
    )


def _locked(actor: Actor, lead_id: UUID, touch_id: UUID, kind: SplitKind, reason: str, now: datetime) -> _Work:
    """Lock the arrival, the values of both people and the lead, in the order of the intake."""
    touch = touch_of(lead_id, touch_id)
    if touch is None:
        raise NotFound
    rows = Submission.rows().select_for_update(of=("self",)).select_related("source__campaign", "party")
    submission = rows.get(id=touch.submission_id)
    if submission.lead_id != lead_id:
        raise Conflict("A colleague split this inquiry off meanwhile.", code="split_already")
    if touch.verdict not in REPEATS or submission.id not in joinings_of(lead_id):
        raise NotFound
    case = replace(open_case(submission, now), touch=touch)
    asker = submitter_of(case)
    person_id = Lead.rows().values_list("person_id", flat=True).get(id=lead_id)
    mine = ContactPoint.rows().filter(person_id=person_id).values_list("kind", "value")
    values = [ContactValue(kind=point, value=value) for point, value in mine]
    lock_values([*values, *patient_of(case).points, *(asker.points if asker else ())])
    Person.rows().select_for_update(no_key=True).get(id=person_id)
    return _Work(actor, kind, reason, case, touch, lock_lead(lead_id), new_id())


def _people_of(work: _Work) -> tuple[Person, Person, Parted, bool]:
    """Return patient, contact and what left the old person's record; the same person keeps theirs as it is."""
    case, old = work.case, work.lead
    if work.kind is SplitKind.REQUEST:
        return old.person, old.contact_person or old.person, Parted({}, (), ()), False
    said_at = min(case.submission.event_at, case.submission.processed_at or case.now)
    sketch = replace(patient_of(case), is_test=old.person.is_test)
    found = identity.find_or_make_person(sketch, known_ids={}, said_at=said_at, now=case.now, besides=old.person_id)
    require_sight(work.actor, (found.person.id,), action="lead.split")
    heard = Heard(sketch, said_at, case.submission.processed_at or case.now)
    others = parting.other_sketches(old.person, case.submission, case.now)
    parted = identity_splitting.part(old.person, found.person, heard, others, now=case.now)
    cancel_messages_astray([found.person.id], now=case.now)
    identity_splitting.keep_apart(
        old.person,
        found.person,
        sketch,
        version=case.versions.get("duplicates"),
        by=work.actor.label,
        reason=work.reason,
        now=case.now,
    )
    asker = submitter_of(case)
    if asker is None:
        return found.person, found.person, parted, found.verdict.match is PersonMatch.NEW
    asking = replace(asker, is_test=old.person.is_test)
    contact = identity.find_or_make_person(asking, known_ids={}, said_at=said_at, now=case.now).person
    return found.person, contact, parted, found.verdict.match is PersonMatch.NEW


def _permissions(work: _Work, contact: Person) -> tuple[list[ConsentEvent], list[ConsentEvent]]:
    """Let what the arrival permitted count for its own person, and what was refused with it or since for both."""
    case, old = work.case, work.lead
    before = old.contact_person or old.person
    if work.kind is SplitKind.REQUEST or before.id == contact.id:
        return [], []
    came, why = case.submission.processed_at or case.now, f"split off {old.ref}: {work.reason}"
    mine = [
        line
        for line in lines_of_submission(case.submission.id)
        if contact.id not in (line.person_id, line.person.merged_into_id)
    ]
    # The arrival's own "stop calling me" and what its numbers had said were written as it was taken in, at `came`.
    since = [
        line
        for line in lines_since(before.id, came, with_then=True)
        if line.submission_id is None and line.value in REFUSALS and not _is_answered(line, mine)
    ]
    handed = hand_on(mine, to=contact, actor=work.actor, reason=why, now=case.now)
    refused = share_refusals(since, to=contact, actor=work.actor, reason=why, now=case.now)
    share_bar(before, contact, actor=work.actor, reason=why, since=came, now=case.now)
    values = [each.value for each in (submitter_of(case) or patient_of(case)).points]
    heard = heed_values(contact, values, granted=(), now=case.now)
    return handed, [*refused, *heard]


def _is_answered(refusal: ConsentEvent, lines: Iterable[ConsentEvent]) -> bool:
    """Whether the arrival itself permits in words, later, what its number or address had said no to before."""
    told = (refusal.channel, refusal.contact_value)
    return any(
        each.value == ConsentValue.GRANTED
        and (each.channel, each.contact_value) == told
        and each.captured_at > refusal.captured_at
        and each.recorded_at == refusal.recorded_at
        for each in lines
    )


def _open(work: _Work, patient: Person, contact: Person) -> Lead:
    """Open the lead as the intake does, linked to the one it was part of."""
    case, states = work.case, states_of([contact.id], work.case.now)[contact.id]
    validity: ValidityVerdict = judge(
        case.draft,
        case.document("validity"),
        required=case.spec.required_fields,
        source=case.source.key,
        consent_states={str(channel): str(state.value) for channel, state in states.items()},
    )
    if validity.state is ValidityState.EXCLUDED:
        raise Conflict("By the validity checks of today this inquiry would be no lead.", code="excluded")
    is_repeat = work.kind is SplitKind.REQUEST
    facts = facts_of(case, states=states, validity=str(validity.state), is_repeat=is_repeat)
    arrival = LeadVerdict(LeadAction.LINK, Verdict.NEW, work.lead.id, "", work.reason)
    return first_steps.open_lead(case, patient, contact, arrival, validity, facts)


def _note_outcome(work: _Work, lead: Lead, patient: Person) -> None:
    """Write the arrival's new outcome and a colleague's word for it beside the first judgement."""
    case, old = work.case, work.lead
    row = case.submission
    if row.verdict in REPEATS:
        row.verdict = "held" if lead.validity == "held" else str(Verdict.NEW)
    row.lead_id, row.person_id = lead.id, patient.id
    row.counted_as_delivered = row.verdict == Verdict.NEW
    row.reasons = [*row.reasons, {"code": "split_off", "detail": f"Split off {old.ref}: {work.reason}"}]
    row.save(update_fields=["lead_id", "person_id", "verdict", "counted_as_delivered", "reasons"])
    wait_elsewhere(row.id, lead.id)
    identity_splitting.note_split(
        submission_id=row.id,
        person=patient,
        lead=lead,
        reason=f"{work.actor.label} split it off {old.ref}: {work.reason}",
        facts={"from_lead": str(old.id), "from_person": str(old.person_id), "kind": str(work.kind)},
        now=case.now,
    )


def _tell_both(work: _Work, lead: Lead, patient: Person, told: frozenset[UUID]) -> tuple[TimelineEntry, ...]:
    """Write both stories and the ledger; contacts and notes that concern the new lead are told there too."""
    old, case = work.lead, work.case
    what = "another person's" if work.kind is SplitKind.PERSON else "another request"
    sentence = f"The inquiry through {case.source.name} is {what}: it is {lead.ref} now. {work.reason}"
    tell(old, kind="linked", sentence=sentence, actor=work.actor, now=case.now, event_id=work.event_id)
    sentence = f"Split off {old.ref}: it is {what}. {work.reason}"
    tell(lead, kind="linked", sentence=sentence, actor=work.actor, now=case.now, event_id=work.event_id)
    entries = [each for each in story_since(old, work.touch.at, TOLD_KINDS) if each.id in told]
    for each in entries:
        sentence = f"On {old.ref}, by {each.actor_label}: {each.sentence}"
        tell(lead, kind=each.kind, sentence=sentence, actor=work.actor, now=each.at, note=each.note)
    detail = {"lead": str(lead.id), "from": str(old.id), "submission": str(case.submission.id), "kind": str(work.kind)}
    people = {old.person_id, patient.id} if work.kind is SplitKind.PERSON else set()
    for kind, own_id in (("lead", old.id), ("lead", lead.id), *(("person", each) for each in people)):
        ledger.record(
            actor=work.actor,
            action=f"{kind}.split",
            object_type=kind,
            object_id=own_id,
            fields=["touches"],
            detail=detail,
            event_id=work.event_id,
        )
    return tuple(entries)
