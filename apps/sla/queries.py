"""Read clocks as people see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.leads.models import Lead, Task
from apps.sla.decisions import DEFAULT_AT_RISK_PERCENT, light
from apps.sla.models import Escalation, SlaPause, SlaTimer
from apps.sla.terms import OF_NO_PERSON, ClockKind, Light


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock with its light. `seconds_left` is negative after the deadline; `share` is 0 to 100 used."""

    timer: SlaTimer
    light: Light
    seconds_left: int
    share: int


def clocks_of(leads: Iterable[Lead], now: datetime) -> dict[UUID, list[Clock]]:
    """Return the clocks of leads, one query for all; running ones first, then by deadline."""
    ids = [lead.id for lead in leads]
    found: dict[UUID, list[Clock]] = {each: [] for each in ids}
    rows = SlaTimer.rows().filter(lead_id__in=ids, cancelled_at__isnull=True).select_related("pause")
    for timer in rows.order_by("due_at"):
        found[timer.lead_id].append(clock_of(timer, now))
    for clocks in found.values():
        clocks.sort(key=lambda clock: (not clock.timer.is_running, clock.timer.due_at))
    return found


def clock_of(timer: SlaTimer, now: datetime) -> Clock:
    """Return a timer with its light."""
    shown = light(
        started_at=timer.started_at,
        at_risk_at=timer.at_risk_at,
        due_at=timer.due_at,
        met_at=timer.met_at,
        paused_at=timer.paused_at,
        now=now,
    )
    until = timer.met_at or timer.paused_at or now
    whole = max((timer.due_at - timer.started_at).total_seconds(), 1)
    used = (until - timer.started_at).total_seconds() / whole
    return Clock(timer, shown, int((timer.due_at - until).total_seconds()), max(0, min(100, round(used * 100))))


def task_light(task: Task, now: datetime) -> Light:
    """Return how a task stands by its own dates (row SL-08); one that waits for another team is paused."""
    at_risk_at = task.created_at + (task.due_at - task.created_at) * DEFAULT_AT_RISK_PERCENT / 100
    waits = task.state == "suppressed"
    return light(
        started_at=task.created_at,
        at_risk_at=at_risk_at,
        due_at=task.due_at,
        met_at=task.closed_at,
        paused_at=task.created_at if waits else None,
        now=now,
    )


def leading_clock(clocks: list[Clock]) -> Clock | None:
    """Return the clock that a row of a list shows: the running human one that ends first."""
    human = [each for each in clocks if each.timer.kind not in OF_NO_PERSON]
    return next((each for each in human if each.timer.is_running), human[0] if human else None)


def overdue_attempt(clocks: Iterable[Clock]) -> Clock | None:
    """Return the attempt at a person that should have been made by now (row SL-06)."""
    late = (each for each in clocks if each.timer.kind == ClockKind.ATTEMPT and each.light is Light.BREACHED)
    return next(late, None)


def pause_of(lead: Lead) -> SlaPause | None:
    """Return the pause in which the lead's clocks stand still."""
    return SlaPause.rows().filter(lead=lead, ended_at__isnull=True).first()


def contact_clock_of(lead: Lead) -> SlaTimer | None:
    """Return the latest clock of first contact that a service level started; it says which level the lead has."""
    rows = SlaTimer.rows().filter(lead=lead, kind=ClockKind.FIRST_CONTACT, version__isnull=False)
    return rows.select_related("version").order_by("-started_at", "-id").first()


def alerts_of(membership_id: UUID) -> list[Escalation]:
    """Return the alerts a person has not seen, newest first."""
    rows = Escalation.rows().filter(member_id=membership_id, done_at__isnull=False, seen_at__isnull=True)
    return list(rows.select_related("timer__lead").order_by("-done_at")[:20])
