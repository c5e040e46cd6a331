"""What an ownership policy does with a lead after its arrival: a stage, an event or a person's word hands it over.

Owner, grants and tasks change in the transaction of what happened, so that nobody sees one without the other.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.handing_over import close_contact_tasks, hand_over
from apps.flows.opportunities import open_by_event, refuse_unapproved
from apps.flows.owning import desk_of, ruling_of
from apps.flows.streams import settle
from apps.flows.transfer import FOLLOW_UP_SECONDS, due_in_opening_hours
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.ownership.mismatch import expected_of
from apps.ownership.models import Spell
from apps.ownership.policy import on_event, recorded_events
from apps.ownership.queries import lead_to_change, policy_of, require_change
from apps.ownership.terms import Handover, Policy
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id


@dataclass(frozen=True, slots=True)
class Occasion:
    """What hands a lead over: the word that the spell keeps, and what it is called."""

    trigger: str
    words: str


def hand_by_policy(
    lead: Lead,
    policy: Policy,
    handover: Handover,
    what: Occasion,
    *,
    actor: Actor,
    event_id: UUID,
    now: datetime,
) -> Spell | None:
    """Give a locked lead to the team that its policy names; None where it has it, or where that team is closed.

    A lead of a closed team stays with its owner, and its story says so.
    """
    if lead.owner_team is not None and lead.owner_team.key == handover.team_key:
        return None
    team = Team.rows().filter(key=handover.team_key, is_active=True).first()
    if team is None:
        kept = lead.owner_team.name if lead.owner_team else "nobody"
        sentence = f"{what.words} belongs to “{handover.team_key}”, which is closed: {kept} keeps the lead."
        tell(lead, kind="assigned", sentence=sentence, actor=actor, now=now, event_id=event_id)
        return None
    close_contact_tasks(lead, because="handed over", now=now)
    by = f" by the policy “{policy.name}”" if policy.id else ""
    spell = hand_over(
        lead,
        team=team,
        member=None,
        queue=desk_of(team.key),
        trigger=what.trigger[:40],
        actor=actor,
        now=now,
        reason=f"{what.words} belongs to {team.name}{by}",
        event_id=event_id,
        keeps_view=handover.keeps_view,
        ruling=ruling_of(policy, now),
    )
    sentence = f"{team.name} take over at {what.words}{by}."
    tell(lead, kind="assigned", sentence=sentence, actor=actor, now=now, event_id=event_id)
    return spell


def record_event(*, actor: Actor, lead_id: UUID, event: str, note: str, now: datetime) -> Lead:
    """Record an event that a policy acts on, such as a meeting that was agreed; hand the lead over as it says.

    The owner records it. Where the policy says so, it opens an opportunity with the lead's group. Refuses everybody
    else (audited), closed leads, an event that the lead's policy does not know, one without a note of what it rests on,
    and terms as approved while their opportunity waits for it. A new owner gets a task for the next step.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("stage",), now=now, action="lead.record_event")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you record an event.", code="closed")
    policy = policy_of(lead, now)
    known = recorded_events(policy)
    if event not in known:
        named = ", ".join(each.replace("_", " ") for each in known) or "none"
        sentence = f"This lead's ownership policy acts on no such event; those that it knows: {named}."
        raise Invalid(sentence, (Problem("/event", "unknown_event", sentence),), code="unknown_event")
    if not note.strip():
        sentence = "Say what it rests on: who agreed, and when."
        raise Invalid(sentence, (Problem("/note", "note_missing", sentence),))
    refuse_unapproved(lead, event)
    event_id, said = new_id(), f"{_worded(event)}: {note.strip()}"
    tell(lead, kind="event", sentence=f"{_worded(event)}.", actor=actor, now=now, event_id=event_id, note=note.strip())
    before = lead.owner_team
    follow_event(lead, policy, event, actor=actor, event_id=event_id, now=now)
    open_by_event(lead, policy, event, said, actor=actor, event_id=event_id, now=now)
    settle(lead, actor=actor, event_id=event_id, now=now)
    ledger.record(
        actor=actor,
        action="lead.record_event",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["owner_team"] if lead.owner_team != before else [],
        detail={"event": event, "policy": policy.id},
    )
    return lead


def follow_event(lead: Lead, policy: Policy, event: str, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Hand a locked lead over as its policy says of an event; the new owner gets a task for the next step."""
    handover, before = on_event(policy, event), lead.owner_team
    if handover is None:
        return
    what = Occasion(f"event:{event}", _worded(event))
    if hand_by_policy(lead, policy, handover, what, actor=actor, event_id=event_id, now=now) is not None:
        title = f"{what.words}: take over from {before.name if before else 'nobody'}"
        plan_next_step(lead, title, event_id, now)


def give_by_policy(*, actor: Actor, lead_id: UUID, now: datetime) -> Spell:
    """Give a lead that another team owns than its policy says to the team that it names (row OW-16).

    The team that has it may let it go, and the team that it belongs to may take it. Refuses everybody else (audited),
    roles that may not transfer, and leads whose owner is the right one.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    key = expected_of(lead, now)
    if lead.closed_at is not None or not key or (lead.owner_team is not None and lead.owner_team.key == key):
        raise Conflict(f"{lead.ref} has the owner that its policy names.", code="owner_agrees")
    require_part(actor, lead, key)
    policy, event_id = policy_of(lead, now), new_id()
    before = lead.owner_team.name if lead.owner_team else "nobody"
    what = Occasion("policy", lead.stage.label)
    spell = hand_by_policy(lead, policy, Handover(key, False), what, actor=actor, event_id=event_id, now=now)
    if spell is None:
        raise Conflict("The team that the policy names is closed. Change the policy first.", code="team_closed")
    plan_next_step(lead, f"Take over from {before}: {lead.stage.label}", event_id, now)
    settle(lead, actor=actor, event_id=event_id, now=now)
    ledger.record(
        actor=actor,
        action="lead.give_by_policy",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["owner_team", "queue"],
        detail={"team": key, "policy": policy.id},
    )
    return spell


def require_part(actor: Actor, lead: Lead, expected_key: str) -> None:
    """Raise Refused for who belongs neither to the team that has a lead nor to the one that it belongs to."""
    expected = Team.rows().filter(key=expected_key).first()
    theirs = {lead.owner_team_id, expected.id if expected else None} & set(actor.team_ids)
    if theirs and actor.may(Permission.LEAD_TRANSFER):
        return
    owner = lead.owner_team.name if lead.owner_team else "nobody"
    whom = f"{owner}, who have it, or {expected.name if expected else expected_key}, whose it is by the policy"
    raise Refused(
        f"{lead.ref} is settled by {whom}. Ask one of them.",
        code="locked_by_owner",
        action="lead.give_by_policy",
        object_type="lead",
        object_id=lead.id,
        fields=("owner_team",),
    )


def _worded(event: str) -> str:
    return event.replace("_", " ").capitalize()


def plan_next_step(lead: Lead, title: str, event_id: UUID, now: datetime) -> Task:
    """Give whoever has taken a lead over a dated task, within half an hour of their opening hours."""
    due_at = due_in_opening_hours(lead.queue, FOLLOW_UP_SECONDS, now)
    task = open_task(lead, kind="follow_up", title=title, due_at=due_at, now=now, event_id=event_id)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return task
