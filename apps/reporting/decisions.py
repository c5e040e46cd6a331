"""The formulas of the reports, from numbers to numbers.

A funnel counts each lead at the furthest step it reached and at all steps before. Percentiles are
nearest ranks (the smallest value that at least p percent of the values do not exceed), so that a
shown time is one that really occurred. A mean of times is never shown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.reporting.terms import (
    ENOUGH,
    Alarm,
    AlarmKind,
    ClockTally,
    CurvePoint,
    QueueHealth,
    SegmentFunnel,
    Speed,
    SpeedFacts,
    Step,
    StepCount,
    Tally,
)

MINUTE, HOUR, DAY = 60, 3600, 86_400
#: The times at which the curve's table is read.
THRESHOLDS = (MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY)


def percent(part: int, whole: int) -> int | None:
    """Return a share in whole percent, halves up; None where there is nothing to have a share of."""
    return (200 * part + whole) // (2 * whole) if whole > 0 else None


def funnel(segment: str, tallies: Iterable[Tally]) -> SegmentFunnel:
    """Return the funnel of all given leads, whatever segment they are tallied under."""
    ended: Counter[Step] = Counter()
    for tally in tallies:
        ended[tally.furthest] += tally.count
    order = list(Step)
    counts = [sum(ended[later] for later in order[at:]) for at in range(len(order))]
    steps = tuple(
        StepCount(step, count, percent(count, counts[0]), _of_previous(counts, at))
        for at, (step, count) in enumerate(zip(order, counts, strict=True))
    )
    return SegmentFunnel(segment, counts[0], steps)


def _of_previous(counts: Sequence[int], at: int) -> int | None:
    return percent(counts[at], counts[at - 1]) if at and counts[at - 1] >= ENOUGH else None


def funnels(tallies: Iterable[Tally]) -> list[SegmentFunnel]:
    """Return one funnel per segment, the largest first, equal ones by name."""
    by_segment: dict[str, list[Tally]] = {}
    for tally in tallies:
        by_segment.setdefault(tally.segment, []).append(tally)
    found = [funnel(segment, own) for segment, own in by_segment.items()]
    return sorted(found, key=lambda each: (-each.n, each.segment.lower()))


def nearest_rank(ordered: Sequence[float], rank_percent: int) -> float | None:
    """Return the percentile of ascending values by nearest rank; None of nothing."""
    if not ordered:
        return None
    rank = max(1, -(-rank_percent * len(ordered) // 100))
    return ordered[rank - 1]


def curve(ordered: Sequence[float]) -> tuple[CurvePoint, ...]:
    """Return how many of the ascending times lie within each threshold."""
    points, at = [], 0
    for threshold in THRESHOLDS:
        while at < len(ordered) and ordered[at] <= threshold:
            at += 1
        points.append(CurvePoint(threshold, at, percent(at, len(ordered)) or 0))
    return tuple(points)


def target(clocks: Sequence[ClockTally]) -> int | None:
    """Return the limit that most clocks carry, the shorter of two equals: the line in the picture."""
    if not clocks:
        return None
    return min(clocks, key=lambda each: (-each.count, each.limit_seconds)).limit_seconds


def speed(facts: SpeedFacts) -> Speed:
    """Return the speed to first human contact. Each clock is judged by its own limit, not by the line drawn."""
    human, machine = sorted(facts.human_seconds), sorted(facts.acknowledgement_seconds)
    within = sum(each.within for each in facts.clocks)
    judged = within + sum(each.missed for each in facts.clocks)
    return Speed(
        leads=facts.leads,
        reached=len(human),
        p50=nearest_rank(human, 50),
        p90=nearest_rank(human, 90),
        ack_count=len(machine),
        ack_p50=nearest_rank(machine, 50),
        ack_p90=nearest_rank(machine, 90),
        target_seconds=target(facts.clocks),
        judged=judged,
        within_percent=percent(within, judged),
        points=curve(human),
    )


def waits_seconds(queue: QueueHealth, now: datetime) -> int | None:
    """Return how long the queue's oldest unassigned lead waits; None when nobody does."""
    if queue.oldest_since is None:
        return None
    return max(0, int((now - queue.oldest_since).total_seconds()))


def alarms(queues: Iterable[QueueHealth], now: datetime) -> list[Alarm]:
    """Return what a supervisor should decide about, per queue: nobody there, waiting over its limit, late leads."""
    found = []
    for queue in queues:
        waits = waits_seconds(queue, now) or 0
        if queue.unassigned and not queue.available:
            found.append(Alarm(AlarmKind.NOBODY_AVAILABLE, queue, queue.unassigned))
        if waits > queue.max_wait_seconds:
            found.append(Alarm(AlarmKind.WAITS_TOO_LONG, queue, waits))
        if queue.late:
            found.append(Alarm(AlarmKind.LATE, queue, queue.late))
    return found


def by_need(queues: Iterable[QueueHealth], now: datetime) -> list[QueueHealth]:
    """Order queues by what presses most: late, at risk, longest wait, open."""
    return sorted(
        queues,
        key=lambda each: (-each.late, -each.at_risk, -(waits_seconds(each, now) or 0), -each.open, each.name.lower()),
    )
