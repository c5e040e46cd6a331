"""Write handoffs and mismatches: the rows alone. Owner, tasks and clocks are `flows.handing_off`'s part."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Team
from apps.catalog.models import Service
from apps.handoffs.models import Handoff, Mismatch
from apps.handoffs.terms import HandoffState, HandoffType, Item, Note, Ticks
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.tenancy.actor import Actor
from apps.tenancy.writing import insert


@dataclass(frozen=True, slots=True)
class Offering:
    """What is offered: the type as its version says it, who receives, what was said, what travels, and until when."""

    kind: HandoffType
    version: RuleSetVersion
    to_team: Team
    note: Note
    ticks: Ticks
    travels: tuple[str, ...]
    accept_by: datetime


def offer(lead: Lead, offering: Offering, *, from_team: Team, actor: Actor, event_id: UUID, now: datetime) -> Handoff:
    """Store an offer; that it may be made was decided before. A second open one of the lead breaks its constraint."""
    kind = offering.kind
    row = Handoff(
        lead=lead,
        type_id=kind.id,
        type_name=kind.name[:200],
        version=offering.version,
        previous=Handoff.rows().filter(lead=lead, state=HandoffState.ACCEPTED).order_by("-answered_at").first(),
        from_team=from_team,
        to_team=offering.to_team,
        offered_by_id=actor.membership_id,
        offered_label=actor.label,
        offered_at=now,
        accept_by=offering.accept_by,
        outreach_seconds=kind.outreach_seconds,
        keeps_view=kind.keeps_view,
        note=_note(offering.note),
        checklist=[_ticked(each, offering.ticks, actor, now) for each in kind.items],
        travels=list(offering.travels),
        withheld=list(kind.withheld),
        event_id=event_id,
    )
    insert(row)
    return row


def answer(
    row: Handoff,
    state: HandoffState,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    outreach_by: datetime | None = None,
) -> None:
    """Store what became of a locked offer."""
    row.state, row.reason, row.outreach_by = state.value, reason.strip(), outreach_by
    row.answered_by_id, row.answered_label, row.answered_at = actor.membership_id, actor.label, now
    row.save(update_fields=["state", "reason", "outreach_by", "answered_by", "answered_label", "answered_at"])


def end_open(lead: Lead, *, actor: Actor, now: datetime, because: str, besides: UUID | None = None) -> int:
    """Take back the lead's open offer, if there is one: the lead went another way. Return how many there were."""
    rows = list(Handoff.rows().filter(~Q(id=besides) if besides else Q(), lead=lead, state=HandoffState.OFFERED))
    for row in rows:
        answer(row, HandoffState.WITHDRAWN, actor=actor, now=now, reason=because[:300], outreach_by=row.outreach_by)
    return len(rows)


def note_mismatch(
    lead: Lead, *, chosen: Service | None, actual: Service, reason: str, found_by: str, actor: Actor, now: datetime
) -> Mismatch:
    """Store that a lead was taken for another service than it wants."""
    row = Mismatch(
        lead=lead,
        chosen=chosen,
        actual=actual,
        reason=reason.strip()[:300],
        found_by=found_by,
        reported_by_id=actor.membership_id,
        reported_label=actor.label,
        at=now,
    )
    insert(row)
    return row


def _note(note: Note) -> dict[str, Any]:
    return {
        "service": note.service,
        "confirmed": list(note.confirmed),
        "next_step": note.next_step,
        "eligibility": note.eligibility,
        "text": note.text,
    }


def _ticked(item: Item, ticks: Ticks, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return an item as it is kept: whether it is done, by whom and when, or why it stays open."""
    is_done, excuse = item.id in ticks.done, (ticks.excused or {}).get(item.id, "")
    said = is_done or bool(excuse)
    return {
        "id": item.id,
        "label": item.label,
        "mandatory": item.is_mandatory,
        "done": is_done,
        "excuse": "" if is_done else excuse,
        "by": actor.label if said else "",
        "by_id": str(actor.membership_id) if said and actor.membership_id else None,
        "at": now.isoformat() if said else None,
    }
