"""Climb the ladder of a clock: warn, note the breach, alert, give the lead to somebody who is there."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, Team, TeamMembership
from apps.exceptions.actions import note_escalated
from apps.flows.exceptional import go_to_next
from apps.handoffs.queries import open_offer_of
from apps.leads.actions import lock_lead, move_tasks, tell
from apps.leads.models import Lead
from apps.ownership.actions import assign
from apps.privacy.topics import trained_leads
from apps.routing.actions import take_turn
from apps.routing.queries import latest_decision
from apps.sla import actions as sla
from apps.sla.models import Escalation, SlaTimer
from apps.sla.terms import HANDOFF, ClockKind
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

WARNING_STEP, WARNED = 0, "warned before the deadline"
#: What a rung names that is no team of its own.
NAMED_ROLES = ("owner", "team_lead")


@outbox.handler("sla.tick")
def tick(timer_id: UUID, now: datetime) -> None:
    """Do what is due on one clock: each step once, in order, however late or often it is called.

    After it, the clock asks to be woken at its next instant. A clock that was met, cancelled or
    paused meanwhile does nothing.
    """
    lead = lock_lead(SlaTimer.rows().values_list("lead_id", flat=True).get(id=timer_id))
    timer = SlaTimer.rows().select_for_update().get(id=timer_id)
    if not timer.is_running or timer.paused_at is not None or lead.closed_at is not None:
        return
    if timer.policy_id == HANDOFF and timer.kind == ClockKind.ACCEPTANCE and open_offer_of(lead) is None:
        sla.cancel_all(lead, now=now, because="nothing is offered", kinds=[ClockKind.ACCEPTANCE])
        return
    actor = system_actor(current_organization_id())
    if timer.at_risk_noted_at is None and now >= timer.at_risk_at:
        _warn(timer, lead, now)
    if timer.breached_at is None and now >= timer.due_at:
        timer.breached_at = timer.due_at
        timer.save(update_fields=["breached_at"])
        if timer.kind == ClockKind.EXCEPTION:
            note_escalated(lead, now)
        tell(
            lead,
            kind="breach",
            sentence=breach_sentence(timer),
            actor=actor,
            now=now,
        )
    for step in Escalation.rows().filter(timer=timer, done_at__isnull=True, at__lte=now).exclude(step=WARNING_STEP):
        _climb(step, timer, lead, actor, now)
    sla.schedule(timer)
    if timer.kind == ClockKind.EXCEPTION and timer.breached_at is not None:
        go_to_next(lead, now)


def breach_sentence(timer: SlaTimer) -> str:
    """Return what the lead's story says of a clock that was missed."""
    return f"{timer.get_kind_display().capitalize()} was due and is late ({timer.policy_name})."


def told_result(who: str, person: Membership | None) -> str:
    """Return what came of a rung that alerts."""
    return f"alerted {person.user.name}" if person else f"nobody to alert as {who}"


def escalation_sentence(step: int, result: str) -> str:
    """Return what the lead's story says of a rung."""
    return f"Escalation {step}: {result}."


def _warn(timer: SlaTimer, lead: Lead, now: datetime) -> None:
    timer.at_risk_noted_at = now
    timer.save(update_fields=["at_risk_noted_at"])
    Escalation.objects.bulk_create(
        [
            Escalation(
                timer=timer,
                step=WARNING_STEP,
                at=timer.at_risk_at,
                do="alert",
                who="owner",
                done_at=now,
                member=_whom("owner", lead),
                result=WARNED,
            )
        ],
        ignore_conflicts=True,
    )


def _climb(step: Escalation, timer: SlaTimer, lead: Lead, actor: Actor, now: datetime) -> None:
    if step.do == "reassign":
        step.result = _reassign(lead, timer, actor, now)
        step.member_id = lead.owner_id
    else:
        person = _whom(step.who, lead)
        step.member = person
        step.result = told_result(step.who, person)
        tell(lead, kind="escalation", sentence=escalation_sentence(step.step, step.result), actor=actor, now=now)
    step.done_at = now
    step.save(update_fields=["done_at", "result", "member"])


def _whom(who: str, lead: Lead) -> Membership | None:
    """Return whom a rung names: the owner, the team's lead, or the lead of another team by its key.

    Of a lead about a sensitive topic the one who leads the trained team stands in the place of the team's lead (PH-16).
    Where that team is gone or closed, or nobody works there, the lead of the owning team hears instead.
    """
    owner: Membership | None = lead.owner
    if who == "owner" and owner is not None:
        return owner
    if who == "team_lead" and (trained := trained_leads([lead.id]).get(lead.id)):
        return Membership.rows().select_related("user").filter(id=trained).first()
    named = None if who in NAMED_ROLES else Team.rows().filter(key=who, is_active=True).first()
    return (first_of_team(named) if named is not None else None) or first_of_team(lead.owner_team)


def first_of_team(team: Team | None) -> Membership | None:
    """Return whom an alert for a team reaches: its lead, else whoever of it is first."""
    members = TeamMembership.rows().filter(team=team, membership__is_active=True)
    first = members.select_related("membership__user").order_by("-is_lead", "id").first()
    found: Membership | None = first.membership if first else None
    return found


def _reassign(lead: Lead, timer: SlaTimer, actor: Actor, now: datetime) -> str:
    """Give the lead to another available person of its queue, unless outreach has begun."""
    if lead.outreach_started_at is not None:
        return "outreach has begun: the lead stays where it is"
    if lead.queue is None or lead.owner_team is None:
        return "no queue to take somebody from"
    decision = latest_decision(lead)
    skills = decision.verdict.get("skills", ()) if decision else ()
    turn = take_turn(lead.queue, now=now, skills=skills, besides=lead.owner_id)
    if turn.member is None:
        return f"nobody else is there: {turn.verdict.reason.lower()}"
    member, event_id = turn.member, new_id()
    assign(
        lead,
        team=lead.owner_team,
        member=member,
        queue=lead.queue,
        trigger="escalation",
        actor=actor,
        now=now,
        reason=f"{timer.policy_name}: no contact in time",
        event_id=event_id,
    )
    move_tasks(lead)
    sla.accept(lead, at=now, by=f"given to {member.user.name}")
    tell(
        lead,
        kind="assigned",
        sentence=f"Given to {member.user.name}, because nobody made contact in time.",
        actor=actor,
        now=now,
        event_id=event_id,
    )
    return f"given to {member.user.name}"
