"""Handoffs as pages and the API read them: what waits for whom, one with its package, a note as a role may read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.flows.masking import reads_service
from apps.flows.packages import Package, may_see, note_of, package_of, reader_of
from apps.handoffs.models import Handoff
from apps.handoffs.queries import handoff_of, sent_by, stuck, waiting_for
from apps.handoffs.terms import ELIGIBILITY, HandoffState, Note
from apps.leads.models import Lead
from apps.ownership.queries import lead_for, lead_to_change
from apps.privacy.health_words import tells_of_health
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem

SHOWS = ("incoming", "sent", "stuck")


@dataclass(frozen=True, slots=True)
class Opened:
    """A handoff with its lead and what passes."""

    row: Handoff
    lead: Lead
    package: Package


def waiting(actor: Actor, show: str, now: datetime) -> Sequence[Handoff]:
    """Return what waits for the actor's teams, what these sent, or what hangs between teams longer than it may."""
    if show not in SHOWS:
        sentence = f"Show one of: {', '.join(SHOWS)}."
        raise Invalid(sentence, (Problem("/show", "unknown_show", sentence),))
    if show == "incoming":
        return waiting_for(actor.team_ids)
    if show == "sent":
        return sent_by(actor.team_ids)
    return stuck(now, team_ids=None if sees_all(actor) else actor.team_ids)


def sees_all(actor: Actor) -> bool:
    """Say whether somebody watches over every team's handoffs."""
    return actor.may(Permission.LEAD_VIEW_ALL)


def opened(actor: Actor, lead_id: UUID, handoff_id: UUID) -> tuple[Handoff, Lead]:
    """Return a handoff for who may look at it: the receiving team while it is asked, and whoever sees the lead.

    Raises NotFound for strangers and for what does not exist, Refused for colleagues whom nobody asked.
    """
    lead = lead_to_change(actor, lead_id)
    row = handoff_of(lead, handoff_id)
    if row is None:
        raise NotFound
    is_asked = row.state == HandoffState.OFFERED and row.to_team_id in actor.team_ids
    return row, (lead if is_asked and not actor.is_agency else lead_for(actor, lead_id))


def package(actor: Actor, lead_id: UUID, handoff_id: UUID, now: datetime) -> Opened:
    """Return a handoff with what passes, for who may look at it."""
    row, lead = opened(actor, lead_id, handoff_id)
    return Opened(row, lead, package_of(reader_of(actor, lead_id), row, lead, now))


def note_shown(actor: Actor, row: Handoff) -> Note:
    """Return the note as a role may read it: its free words only with the right to read of health."""
    note = note_of(row)
    if not reads_service(actor):
        note = replace(note, service="", next_step="" if tells_of_health(note.next_step) else note.next_step)
    if not may_see(actor, ELIGIBILITY):
        return replace(note, eligibility="", text="")
    return replace(note, eligibility="") if ELIGIBILITY in row.withheld else note
