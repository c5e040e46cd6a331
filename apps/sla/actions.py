"""Write clocks: start, meet, pause, go on, cancel. What a rung of the ladder does is `flows`' part.

A timer has one wake-up in the outbox, at the next instant at which something happens to it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from apps.catalog.business_hours import Hours
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.sla.decisions import compile_policies, meets, pick_policy, resume
from apps.sla.models import Escalation, SlaPause, SlaTimer
from apps.sla.terms import HANDOFF, OF_NO_PERSON, ClockKind, Deadline, LadderStep, PauseReason, Policy
from apps.tenancy import outbox
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert

TICK, RESUME = "sla.tick", "sla.resume"
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
    met: Mapping[str, datetime] = MappingProxyType({}),
    pause: SlaPause | None = None,
) -> list[SlaTimer]:
    """Start clocks with their ladders. A clock of a kind that runs already is left alone.

    `picked` is what the choice of the policy saw; the first timer keeps it, so that the choice can be replayed. `met`
    says which kinds ended as they began, and when: they are kept for the record and wake nobody. Under a `pause` the
    clocks stand still from its start on, or from their own if that is later.
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
            number=deadline.number,
            total=deadline.total,
            picked=None if timers or picked is None else dict(picked),
        )
        timers.append(timer)
        if deadline.kind in met:
            _end_at_once(timer, met[deadline.kind])
            continue
        if pause is not None:
            timer.pause, timer.paused_at = pause, max(pause.paused_at, timer.started_at)
        steps += [
            Escalation(id=new_id(), timer=timer, step=step.number, at=step.at, do=step.do, who=step.who)
            for step in deadline.ladder
        ]
        if pause is None:
            ticks.append((timer.id, min(deadline.at_risk_at, deadline.due_at, *(step.at for step in deadline.ladder))))
    outbox.enqueue_at(TICK, ticks)
    insert(*timers, *steps)
    return timers


def _end_at_once(timer: SlaTimer, at: datetime) -> None:
    timer.met_at, timer.ended_by = max(at, timer.started_at), "as it began"
    timer.breached_at = timer.due_at if timer.met_at > timer.due_at else None


def running_timers(lead: Lead) -> QuerySet[SlaTimer]:
    """Return the lead's timers that are neither met nor cancelled."""
    return SlaTimer.rows().filter(lead=lead, met_at__isnull=True, cancelled_at__isnull=True)


def meet(lead: Lead, event: str, *, at: datetime, by: str, kinds: Collection[str] = ()) -> list[SlaTimer]:
    """End the clocks that this event meets, all or of some kinds; return them.

    An automatic reply never ends a human clock (row SL-05).
    """
    ended = [timer for timer in running_timers(lead) if meets(timer.kind, event) and (not kinds or timer.kind in kinds)]
    for timer in ended:
        timer.met_at, timer.ended_by = at, by[:60]
        if timer.breached_at is None and at > timer.due_at:
            timer.breached_at = timer.due_at
        timer.save(update_fields=["met_at", "ended_by", "breached_at"])
        outbox.cancel(TICK, timer.id)
    _end_idle_pause(lead, ended, now=at, because=by)
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
    rows = running_timers(lead)
    timers = list(rows.filter(kind__in=list(kinds)) if kinds else rows)
    for timer in timers:
        timer.cancelled_at, timer.ended_by = now, because[:60]
        timer.save(update_fields=["cancelled_at", "ended_by"])
        outbox.cancel(TICK, timer.id)
    _end_idle_pause(lead, timers, now=now, because=because)
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
        if timer.pause is not None and timer.pause.ended_at is not None:
            timer.pause.ended_at, timer.pause.ended_by = None, ""
            timer.pause.save(update_fields=["ended_at", "ended_by"])
            outbox.enqueue(RESUME, timer.pause.id, due_at=timer.pause.until)
        schedule(timer)
    refresh_due(lead)


def pause_all(lead: Lead, *, now: datetime, kinds: Collection[str] = (), pause: SlaPause | None = None) -> int:
    """Let the lead's clocks stand still, all or of some kinds; return how many do now."""
    timers = running_timers(lead).filter(paused_at__isnull=True)
    found = list(timers.filter(kind__in=list(kinds)) if kinds else timers)
    for timer in found:
        timer.paused_at, timer.pause = now, pause
        timer.save(update_fields=["paused_at", "pause"])
        outbox.cancel(TICK, timer.id)
    refresh_due(lead)
    return len(found)


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
        timer.at_risk_at, timer.due_at, timer.paused_at, timer.pause = after.at_risk_at, after.due_at, None, None
        timer.save(update_fields=["at_risk_at", "due_at", "paused_at", "pause"])
        for step, moved in zip(steps, after.ladder, strict=True):
            Escalation.rows().filter(id=step.id).update(at=moved.at)
        schedule(timer)
    refresh_due(lead)


def open_pause(
    lead: Lead, reason: PauseReason, *, until: datetime, note: str, by: str, now: datetime, kinds: Collection[str]
) -> SlaPause:
    """Keep a pause, let the clocks of these kinds stand still, and ask to be woken at its end."""
    pause = SlaPause(
        lead=lead,
        reason=reason.key,
        name=reason.name[:200],
        note=note[:200],
        actor_label=by[:200],
        paused_at=now,
        until=until,
    )
    insert(pause)
    pause_all(lead, now=now, kinds=kinds, pause=pause)
    outbox.enqueue_at(RESUME, [(pause.id, until)])
    return pause


def close_pause(pause: SlaPause, *, at: datetime, by: str) -> None:
    """Note when and by whom a pause ended; its clocks were set going before."""
    pause.ended_at, pause.ended_by = at, by[:60]
    pause.save(update_fields=["ended_at", "ended_by"])
    outbox.cancel(RESUME, pause.id)


def _end_idle_pause(lead: Lead, ended: Iterable[SlaTimer], *, now: datetime, because: str) -> None:
    """End the pause of a lead of which no clock stands still any more."""
    if all(timer.pause_id is None for timer in ended):
        return
    if running_timers(lead).filter(pause__isnull=False).exists():
        return
    for pause in SlaPause.rows().filter(lead=lead, ended_at__isnull=True):
        close_pause(pause, at=max(now, pause.paused_at), by=because)


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
    human = running_timers(lead).filter(paused_at__isnull=True).exclude(kind__in=OF_NO_PERSON)
    first = human.order_by("due_at").values_list("due_at", flat=True).first()
    lead.due_at = first or lead.next_action_at
    Lead.rows().filter(id=lead.id).update(due_at=first if first is not None else F("next_action_at"))


def pick_again(timer: SlaTimer) -> tuple[str, str]:
    """Choose the policy again from what a timer keeps of its choice; return the policy's id and the reason."""
    kept = timer.picked or {}
    pick = pick_policy(kept.get("facts", {}), compiled(timer.version, compile_policies), usual=kept.get("usual", ""))
    return pick.policy.id if pick.policy else NO_POLICY, pick.reason


def policy_of(timer: SlaTimer) -> Policy | None:
    """Return the service level by which a timer was started, as its version said it."""
    return compiled(timer.version, compile_policies).named(timer.policy_id)
