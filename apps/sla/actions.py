"""Write clocks: start, meet, pause, go on, cancel. What a rung of the ladder does is `flows`' part.

A timer has one wake-up in the outbox, at the next instant at which something happens to it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from apps.catalog.business_hours import Hours
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.sla.decisions import compile_policies, meets, pick_policy, resume
from apps.sla.models import Escalation, SlaTimer
from apps.sla.terms import HANDOFF, ClockKind, Deadline, LadderStep
from apps.tenancy import outbox
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert

TICK = "sla.tick"
#: What stands for a policy where none matched: only the wait in the queue is measured.
NO_POLICY = "queue"


def start_timers(
    lead: Lead,
    deadlines: Iterable[Deadline],
    *,
    policy_id: str,
    policy_name: str,
    version: RuleSetVersion | None,
    picked: Mapping[str, Any] | None = None,
) -> list[SlaTimer]:
    """Start clocks with their ladders. A clock of a kind that runs already is left alone.

    `picked` is what the choice of the policy saw; the first timer keeps it, so that the choice can be replayed.
    """
    running = set() if lead._state.adding else set(running_timers(lead).values_list("kind", flat=True))
    timers: list[SlaTimer] = []
    steps, ticks = [], []
    for deadline in deadlines:
        if deadline.kind in running:
            continue
        timer = SlaTimer(
            id=new_id(),
            lead=lead,
            kind=deadline.kind,
            policy_id=policy_id,
            policy_name=policy_name,
            version=version,
            clock=deadline.clock,
            limit_seconds=deadline.limit_seconds,
            started_at=deadline.started_at,
            at_risk_at=deadline.at_risk_at,
            due_at=deadline.due_at,
            picked=None if timers or picked is None else dict(picked),
        )
        timers.append(timer)
        steps += [
            Escalation(id=new_id(), timer=timer, step=step.number, at=step.at, do=step.do, who=step.who)
            for step in deadline.ladder
        ]
        ticks.append((timer.id, min(deadline.at_risk_at, deadline.due_at, *(step.at for step in deadline.ladder))))
    outbox.enqueue_at(TICK, ticks)
    insert(*timers, *steps)
    return timers


def running_timers(lead: Lead) -> QuerySet[SlaTimer]:
    """Return the lead's timers that are neither met nor cancelled."""
    return SlaTimer.rows().filter(lead=lead, met_at__isnull=True, cancelled_at__isnull=True)


def meet(lead: Lead, event: str, *, at: datetime, by: str) -> list[SlaTimer]:
    """End the clocks that this event meets. An automatic reply never ends a human clock (row SL-05)."""
    ended = [timer for timer in running_timers(lead) if meets(timer.kind, event)]
    for timer in ended:
        timer.met_at, timer.ended_by = at, by[:60]
        if timer.breached_at is None and at > timer.due_at:
            timer.breached_at = timer.due_at
        timer.save(update_fields=["met_at", "ended_by", "breached_at"])
        outbox.cancel(TICK, timer.id)
    refresh_due(lead)
    return ended


def accept(lead: Lead, *, at: datetime, by: str, policy_id: str = "") -> None:
    """End the clock of the queue: somebody took the lead. That of a handoff ends by its own `policy_id` alone."""
    rows = running_timers(lead).filter(kind=ClockKind.ACCEPTANCE)
    for timer in rows.filter(policy_id=policy_id) if policy_id else rows.exclude(policy_id=HANDOFF):
        timer.met_at, timer.ended_by = at, by[:60]
        timer.save(update_fields=["met_at", "ended_by"])
        outbox.cancel(TICK, timer.id)
    refresh_due(lead)


def cancel_all(lead: Lead, *, now: datetime, because: str, kinds: Iterable[str] = ()) -> None:
    """End the lead's clocks without a verdict; nothing of their ladders happens any more."""
    timers = running_timers(lead)
    if kinds:
        timers = timers.filter(kind__in=list(kinds))
    for timer in timers:
        timer.cancelled_at, timer.ended_by = now, because[:60]
        timer.save(update_fields=["cancelled_at", "ended_by"])
        outbox.cancel(TICK, timer.id)
    refresh_due(lead)


def restore_timers(lead: Lead, timer_ids: Iterable[UUID], *, now: datetime) -> None:
    """Let exactly these clocks of the lead run again; those that were started since end without a verdict."""
    ids = list(timer_ids)
    for timer in running_timers(lead).exclude(id__in=ids):
        timer.cancelled_at, timer.ended_by = now, "taken back"
        timer.save(update_fields=["cancelled_at", "ended_by"])
        outbox.cancel(TICK, timer.id)
    for timer in SlaTimer.rows().filter(lead=lead, id__in=ids, cancelled_at__isnull=False):
        timer.cancelled_at, timer.ended_by = None, ""
        timer.save(update_fields=["cancelled_at", "ended_by"])
        schedule(timer)
    refresh_due(lead)


def pause_all(lead: Lead, *, now: datetime) -> None:
    """Let the lead's clocks stand still."""
    for timer in running_timers(lead).filter(paused_at__isnull=True):
        timer.paused_at = now
        timer.save(update_fields=["paused_at"])
        outbox.cancel(TICK, timer.id)
    refresh_due(lead)


def resume_all(lead: Lead, *, now: datetime, hours: Hours) -> None:
    """Let the lead's clocks go on with what was left, counted on their own clock."""
    for timer in running_timers(lead):
        if timer.paused_at is None:
            continue
        steps = list(Escalation.rows().filter(timer=timer, done_at__isnull=True))
        before = Deadline(
            timer.kind,
            timer.clock,
            timer.started_at,
            timer.at_risk_at,
            timer.due_at,
            timer.limit_seconds,
            tuple(LadderStep(step.at, step.do, step.who, step.step) for step in steps),
        )
        after = resume(before, timer.paused_at, now, hours)
        timer.at_risk_at, timer.due_at, timer.paused_at = after.at_risk_at, after.due_at, None
        timer.save(update_fields=["at_risk_at", "due_at", "paused_at"])
        for step, moved in zip(steps, after.ladder, strict=True):
            Escalation.rows().filter(id=step.id).update(at=moved.at)
        schedule(timer)
    refresh_due(lead)


def schedule(timer: SlaTimer) -> None:
    """Ask to be woken at the next instant at which something happens to this timer."""
    instants = [step.at for step in Escalation.rows().filter(timer=timer, done_at__isnull=True)]
    if timer.at_risk_noted_at is None:
        instants.append(timer.at_risk_at)
    if timer.breached_at is None:
        instants.append(timer.due_at)
    if instants and timer.is_running and timer.paused_at is None:
        outbox.enqueue(TICK, timer.id, due_at=min(instants))


def mark_seen(lead: Lead, *, membership_id: UUID, now: datetime) -> int:
    """Note that a person has seen their alerts on a lead; return how many were new to them."""
    alerts = Escalation.rows().filter(timer__lead=lead, member_id=membership_id, done_at__isnull=False)
    return alerts.filter(seen_at__isnull=True).update(seen_at=now)


def refresh_due(lead: Lead) -> None:
    """Set the lead's due time, by which queues are ordered: its earliest human clock, else its next action."""
    human = running_timers(lead).filter(paused_at__isnull=True).exclude(kind=ClockKind.ACKNOWLEDGEMENT)
    first = human.order_by("due_at").values_list("due_at", flat=True).first()
    lead.due_at = first or lead.next_action_at
    Lead.rows().filter(id=lead.id).update(due_at=first if first is not None else F("next_action_at"))


def pick_again(timer: SlaTimer) -> tuple[str, str]:
    """Choose the policy again from what a timer keeps of its choice; return the policy's id and the reason."""
    kept = timer.picked or {}
    pick = pick_policy(kept.get("facts", {}), compiled(timer.version, compile_policies), usual=kept.get("usual", ""))
    return pick.policy.id if pick.policy else NO_POLICY, pick.reason
