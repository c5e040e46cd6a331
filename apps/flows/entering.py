"""What the entry of a stage brings, whichever way a lead came there: the steps that the tenant configured (row ST-09).

Every way into a stage ends here: arrival, release, moves, contacts, bookings, closing, reopening. Who decided about the
move and who owns the lead then is settled before.
"""

from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import TeamMembership
from apps.flows.cadences import heed_stage, start_of_stage
from apps.flows.outward import announce
from apps.flows.resting import follow_rest
from apps.flows.stage_trials import steps_for
from apps.flows.streams import CONTACT_KINDS, plan_contact
from apps.leads.actions import open_task, refresh_next_action
from apps.leads.decisions import next_actions
from apps.leads.models import ContactPoint, Lead, Task
from apps.leads.terms import KNOWABLE, NextAction, NextStep
from apps.outreach.actions import STAGE_MESSAGE, intend_message
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization


def stage_entered(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Run what the stage that a locked lead is in now brings. Runs once for each entry, in its transaction.

    A lead that comes to rest (nurture) is worked on no more until its day; one that leaves rest drops what was planned
    for it there (row QL-18).
    """
    follow_rest(lead, now=now)
    heed_stage(lead, now=now)
    run_stage(lead, actor=actor, event_id=event_id, now=now)


def run_stage(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Run the steps of the stage that a lead is in and start its cadence; all that a lead's first stage brings."""
    announce(lead, event_id=event_id, now=now)
    run_actions(lead, next_actions(steps_for(lead, now)), actor=actor, event_id=event_id, now=now)
    start_of_stage(lead, now=now)


def run_actions(lead: Lead, actions: tuple[NextAction, ...], *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Run configured steps. What is open under the same name already is not opened twice.

    A step that is for leads of which more, or less, is known is left out. Nobody reaches out to the person of a lead
    that is closed, held or an exception: such steps are left out too.
    """
    waits = bool(lead.closed_at or lead.hold_reason or lead.exception)
    for action in actions:
        if not _fits(action, lead):
            continue
        if action.do is NextStep.MESSAGE:
            if not (lead.hold_reason or lead.exception):
                _intend(lead, action, event_id, now)
        elif action.kind not in CONTACT_KINDS or action.do is NextStep.ALERT:
            _open(lead, action, event_id, now)
        elif not waits and not _is_open(lead, action.kind, action.title):
            due_at = now + timedelta(seconds=action.after_seconds)
            plan_contact(
                lead, channel=action.kind, title=action.title, due_at=due_at, now=now, event_id=event_id, actor=actor
            )
    if actions and lead.closed_at is None:
        refresh_next_action(lead)


def _fits(action: NextAction, lead: Lead) -> bool:
    """Say whether a step is for a lead of which this much is known."""
    known = {name for name in KNOWABLE if getattr(lead, name)}
    return known.issuperset(action.knows) and known.isdisjoint(action.lacks)


def _open(lead: Lead, action: NextAction, event_id: UUID, now: datetime) -> None:
    is_alert = action.do is NextStep.ALERT
    kind = "escalation" if is_alert else action.kind
    if _is_open(lead, kind, action.title):
        return
    due_at = now + timedelta(seconds=action.after_seconds)
    task = open_task(
        lead, kind=kind, title=action.title, now=now, due_at=due_at, channel=action.channel, event_id=event_id
    )
    if is_alert:
        place = TeamMembership.rows().filter(team=lead.owner_team, is_lead=True, membership__is_active=True).first()
        task.assignee = place.membership if place else task.assignee
        task.save(update_fields=["assignee"])


def _is_open(lead: Lead, kind: str, title: str) -> bool:
    rows = Task.rows().filter(lead=lead, kind=kind, state__in=["open", "suppressed"])
    return any(task.title == title for task in rows)


def _intend(lead: Lead, action: NextAction, event_id: UUID, now: datetime) -> None:
    """Intend a message by e-mail; the sender asks consent when it goes."""
    person = lead.contact_person or lead.person
    point = ContactPoint.rows().filter(person=person, kind="email").order_by("-is_primary", "id").first()
    if point is None:
        return
    words = {"first_name": person.first_name, "organization": current_organization().name, "reference": lead.ref}
    intend_message(
        lead,
        purpose=STAGE_MESSAGE,
        template_key=action.template,
        contact_point=point,
        words=words,
        language=person.language or "en",
        dedup_key=f"{event_id}:{action.after_seconds}:{action.template}"[:80],
        now=now,
        due_at=now + timedelta(seconds=action.after_seconds),
        chosen_by=(*action.knows, *action.lacks),
    )
