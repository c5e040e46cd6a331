"""Groups of leads by a condition: who is in one, who is left out and why, and a cadence for the rest (row TN-09).

A group uses each field only for what it is recorded for, and leaves out whoever did not permit messages of its purpose.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.field_purposes import recorded_uses, require_use
from apps.consent.in_stage import stage_asked
from apps.consent.queries import Asked, reaches_of_many
from apps.consent.terms import Channel
from apps.flows.cadence_facts import facts_of_many
from apps.flows.cadences import RESTING
from apps.leads.actions import lock_lead
from apps.leads.models import Lead
from apps.outreach import cadences
from apps.outreach.cadence_document import compile_plans
from apps.outreach.cadence_terms import Cadence, Segment
from apps.outreach.models import CadenceRun, SegmentStart
from apps.outreach.template_terms import USE_OF
from apps.policies.compiling import compiled
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, NotFound, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

START = "segment.start"
AT_ONCE = 500
#: Channels by which a group is written to.
WRITTEN = (Channel.EMAIL, Channel.TEXT)
LEFT_OUT = {
    "no_permission": "without permission for this purpose",
    "in_cadence": "in a cadence already",
    "rests": "at rest, and the cadence is not for resting leads",
    "other": "not who the cadence is for",
}


@dataclass(slots=True)
class Members:
    """Who is in a group now: how many match, and why some are left out; ids of the others."""

    matched: int = 0
    chosen: list[UUID] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def segments_for(actor: Actor, now: datetime) -> list[Segment]:
    """Return the groups of the tenant. Refuses who does not keep its rules."""
    _require(actor)
    return list(cadences.plans_in_force(now)[0].segments)


def members_of(actor: Actor, key: str, now: datetime, *, cadence: str = "") -> Members:
    """Return who is in a group, and who would begin a cadence.

    Refuses who does not keep the rules, and a group by a field that is not recorded for its purpose (row AU-07); the
    ledger keeps that the group was looked at.
    """
    _require(actor)
    plans, version = cadences.plans_in_force(now)
    found, wanted = Members(), plans.cadence(cadence) if cadence else None
    segment = _segment(plans.segment(key))
    for leads in _chunks(now):
        _sort(leads, segment, wanted, found, now)
    ledger.record(
        actor=actor,
        action="segment.read",
        object_type="segment",
        object_id=version.id if version is not None else None,
        fields=sorted(segment.fields),
        detail={"segment": key, "matched": found.matched, "purpose": str(segment.purpose)},
    )
    return found


def start_segment(*, actor: Actor, key: str, cadence: str, now: datetime) -> SegmentStart:
    """Let everybody of a group begin a cadence, in the background. Refuses as `members_of` does."""
    _require(actor)
    plans, version = cadences.plans_in_force(now)
    segment, wanted = _segment(plans.segment(key)), plans.cadence(cadence)
    if wanted is None or version is None:
        raise Conflict("There is no such cadence any more.", code="unknown_cadence")
    if SegmentStart.rows().filter(segment=key, ended_at__isnull=True).exists():
        raise Conflict("This group is being started already.", code="running")
    row = SegmentStart(
        id=new_id(),
        version=version,
        segment=segment.id,
        cadence=wanted.id,
        started_by=actor.label,
        started_at=now,
    )
    insert(row)
    outbox.enqueue(START, row.id)
    ledger.record(
        actor=actor,
        action="segment.start",
        object_type="segment",
        object_id=row.id,
        fields=sorted(segment.fields),
        detail={"segment": segment.id, "cadence": wanted.id},
    )
    return row


@outbox.handler(START)
def go_on(start_id: UUID, now: datetime) -> None:
    """Start the cadence for the next leads of a group, and ask to be called again until all were looked at."""
    row = SegmentStart.rows().select_for_update(of=("self",)).select_related("version").get(id=start_id)
    plans = compiled(row.version, compile_plans)
    segment, cadence = plans.segment(row.segment), plans.cadence(row.cadence)
    if row.ended_at is not None or segment is None or cadence is None:
        return
    leads = next(_chunks(now, after=row.reached), [])
    found = Members(left_out=Counter(row.left_out), matched=row.matched)
    _sort(leads, segment, cadence, found, now)
    actor = system_actor(current_organization_id(), "cadence")
    for lead_id in found.chosen:
        lead = lock_lead(lead_id)
        if CadenceRun.rows().filter(lead=lead, ended_at__isnull=True).exists():
            found.left_out["in_cadence"] += 1
            continue
        cadences.begin_run(lead, cadence, row.version, actor=actor, now=now, segment=segment.id)
        row.begun += 1
    row.matched, row.left_out = found.matched, dict(found.left_out)
    row.reached = leads[-1].id if leads else row.reached
    row.ended_at = now if len(leads) < AT_ONCE else None
    row.save(update_fields=["matched", "left_out", "reached", "begun", "ended_at"])
    if row.ended_at is None:
        outbox.enqueue(START, row.id, due_at=now)


def starts_of(key: str) -> list[SegmentStart]:
    """Return when a group was started, newest first."""
    return list(SegmentStart.rows().filter(segment=key).select_related("version").order_by("-started_at")[:20])


def _require(actor: Actor) -> None:
    if not actor.may(Permission.RULES_WRITE):
        raise Refused("Only who keeps the rules works with groups. Ask marketing operations.", code="no_permission")


def _segment(segment: Segment | None) -> Segment:
    if segment is None:
        raise NotFound("There is no such group.")
    known = recorded_uses()
    named = [each for each in sorted(segment.fields) if each in known]
    require_use(named, USE_OF[segment.purpose], action="segment.read", object_type="segment")
    return segment


def _chunks(now: datetime, *, after: UUID | None = None) -> Iterator[list[Lead]]:
    """Return the open leads of the tenant, so many at once, in the order of their ids."""
    del now
    rows = Lead.rows().filter(closed_at__isnull=True, is_test=False, erased_at__isnull=True)
    rows = rows.select_related("person", "contact_person", "stage", "service", "location", "source", "pipeline")
    while True:
        page = rows.filter(id__gt=after) if after is not None else rows
        found = list(page.order_by("id")[:AT_ONCE])
        if found:
            yield found
        if len(found) < AT_ONCE:
            return
        after = found[-1].id


def _sort(leads: list[Lead], segment: Segment, cadence: Cadence | None, found: Members, now: datetime) -> None:
    facts = facts_of_many(leads, now)
    matching = [lead for lead in leads if segment.when(facts[lead.id]) is True]
    found.matched += len(matching)
    permitted = _permitted(matching, segment, now)
    people = {lead.person_id for lead in matching}
    taken = set(cadences.in_cadences(people).values_list("lead__person_id", flat=True)) if people else set()
    for lead in matching:
        if lead.id not in permitted:
            found.left_out["no_permission"] += 1
        elif lead.person_id in taken:
            found.left_out["in_cadence"] += 1
        elif cadence is not None and lead.stage.key in RESTING and lead.stage.key not in _homes(cadence):
            found.left_out["rests"] += 1
        elif cadence is not None and cadence.when is not None and cadence.when(facts[lead.id]) is not True:
            found.left_out["other"] += 1
        else:
            taken.add(lead.person_id)
            found.chosen.append(lead.id)


def _homes(cadence: Cadence) -> tuple[str, ...]:
    return (cadence.stage, *cadence.stays_in)


def _permitted(leads: list[Lead], segment: Segment, now: datetime) -> set[UUID]:
    """Return the leads whose person may be written to for the purpose of the group, now or when the hour suits."""
    document, zone = live_document("contact", now), current_organization().zone
    asked = [
        Asked(
            lead.contact_person or lead.person,
            lead.best_time,
            purpose=segment.purpose,
            lead_id=lead.id,
            stage=stage_asked(lead, document),
        )
        for lead in leads
    ]
    found = reaches_of_many(asked, now=now, document=document, default_zone=zone)
    return {
        lead_id
        for lead_id, reaches in found.items()
        if any(reaches[each].verdict.allowed or reaches[each].verdict.opens_at for each in WRITTEN)
    }
