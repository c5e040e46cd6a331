"""Pause what goes to a person by itself, and let it go on: messages wait, nothing of a cadence begins (row TN-16).

People go on as they see fit. The sender asks at the last moment (`outreach.sending`); who starts something by itself
asks `is_paused` before. A pause ends by a person, with a reason.
"""

from datetime import datetime
from uuid import UUID

from apps.accounts.queries import teams_by_id
from apps.audit import ledger
from apps.flows.team_tasks import end_team_tasks
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead, Person
from apps.leads.terms import ALARM_TASKS
from apps.outreach.actions import SEND
from apps.outreach.models import AutomationPause
from apps.outreach.pauses import is_paused as is_paused
from apps.outreach.pauses import open_pause, pause_of, people_of, waiting_messages
from apps.outreach.terms import PauseReason
from apps.ownership.queries import change_verdict, lead_to_change, require_change
from apps.policies.queries import live_document
from apps.qualification.alarm_words import alarms_of
from apps.qualification.intake_document import INTAKE
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id

LONGEST_REASON = 300
_TOLD = {
    PauseReason.ALARM: "A message may tell of danger: what goes to them by itself is paused.",
    PauseReason.BY_HAND: "What goes to them by itself is paused.",
}


def pause_automation(
    lead: Lead, *, person: Person, reason: PauseReason, actor: Actor, now: datetime, note: str = ""
) -> AutomationPause:
    """Pause what goes to a person by itself, from a locked lead; a pause that is open stays as it is.

    Messages that have not gone wait, whichever lead of the person they belong to. The line in the story and the entry
    in the ledger say why in a code, without anybody's words.
    """
    known = open_pause([person.id])
    if known is not None:
        return known
    row = AutomationPause(
        id=new_id(),
        person=person,
        lead=lead,
        reason=reason,
        note=note.strip()[:LONGEST_REASON],
        paused_by=actor.label,
        paused_at=now,
        event_id=new_id(),
    )
    AutomationPause.objects.bulk_create([row], ignore_conflicts=True)
    tell(lead, kind="automation", sentence=_TOLD[reason], actor=actor, now=now, event_id=row.event_id, note=row.note)
    _record(lead, "lead.automation_paused", row, actor)
    return open_pause([person.id]) or row


def pause_by_hand(*, actor: Actor, lead_id: UUID, reason: str, now: datetime) -> AutomationPause:
    """Pause what goes to a lead's person by itself, for a reason that a colleague gives.

    Refuses people whose team does not own the lead, a reason that is missing, and a person whose pause is open.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action="lead.automation_paused")
    _refuse_no_reason(reason)
    if pause_of(lead) is not None:
        raise Conflict("It is paused already.", code="paused")
    person = lead.contact_person or lead.person
    return pause_automation(lead, person=person, reason=PauseReason.BY_HAND, actor=actor, now=now, note=reason)


def resume_automation(*, actor: Actor, lead_id: UUID, reason: str, now: datetime) -> AutomationPause:
    """Let what goes to a lead's person by itself go on; messages that wait are looked at again at once.

    The alarm that paused it is settled with it. Refuses people of other teams than the owner's and the one that the
    rules name for alarms, a reason that is missing, and a lead that is not paused.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    if not may_resume(actor, lead, now):
        require_change(actor, lead, ("status",), now=now, action="lead.automation_resumed")
    _refuse_no_reason(reason)
    row = pause_of(lead)
    if row is None:
        raise Conflict("Nothing is paused: what goes to them by itself goes on.", code="not_paused")
    row.ended_at, row.ended_by, row.ended_because = now, actor.label, reason.strip()
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])
    held = lead if row.lead_id == lead.id else lock_lead(row.lead_id)
    for kind in ALARM_TASKS:
        end_team_tasks(held, kind=kind, because="a person let it go on", now=now)
    people = {row.person_id, *people_of(lead)}
    for message_id in waiting_messages(people):
        outbox.enqueue(SEND, message_id)
    sentence = "What goes to them by itself goes on."
    tell(
        lead, kind="automation", sentence=sentence, actor=actor, now=now, event_id=row.event_id, note=row.ended_because
    )
    _record(lead, "lead.automation_resumed", row, actor)
    return row


def may_resume(actor: Actor, lead: Lead, now: datetime) -> bool:
    """Say whether somebody may let it go on: of the team that owns the lead, or that the rules name for alarms."""
    named = alarms_of(live_document(INTAKE, now)).team
    team = next((each for each in teams_by_id().values() if named and each.key == named), None)
    if team is not None and team.id in actor.team_ids:
        return True
    return change_verdict(actor, lead, "status", now=now).allowed


def _refuse_no_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        sentence = f"Say why, in {LONGEST_REASON} characters."
        raise Invalid(sentence, (Problem("/reason", "reason_missing", sentence),))


def _record(lead: Lead, action: str, row: AutomationPause, actor: Actor) -> None:
    ledger.record(
        actor=actor,
        action=action,
        object_type="lead",
        object_id=lead.id,
        event_id=row.event_id,
        fields=["automation"],
        detail={"pause": str(row.id), "reason": str(row.reason)},
    )
