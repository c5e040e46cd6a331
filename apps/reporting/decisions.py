"""The formulas of the reports, from numbers to numbers.

A funnel counts each lead at the furthest step it reached and at all steps before. Percentiles are
nearest ranks (the smallest value that at least p percent of the values do not exceed), so that a
shown time is one that really occurred. A mean of times is never shown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from apps.reporting.board_terms import BULK, SECONDS_PER_LEAD, Alarm, AlarmKind, QueueHealth, Share, Taker
from apps.reporting.staffing import staffing
from apps.reporting.terms import (
    ENOUGH,
    OF_VISITS,
    RATES,
    ArrivalTally,
    ClockTally,
    CurvePoint,
    Drop,
    DuplicateShare,
    Mismatch,
    Origin,
    Promise,
    Rate,
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


def mismatch(promise: Promise) -> Mismatch:
    """Compare what a campaign promises with what its leads ask for (row CP-23).

    Leads that name no service are in `leads` and not in the share; without a promised service there is no share.
    """
    named = [each for each in promise.wishes if each.service]
    others = tuple(
        sorted((each for each in named if each.service not in promise.services), key=lambda each: -each.count)
    )
    base, elsewhere = sum(each.count for each in named), sum(each.count for each in others)
    share = percent(elsewhere, base) if promise.services else None
    leads = sum(each.count for each in promise.wishes)
    return Mismatch(promise, leads, base, elsewhere, share, others if promise.services else ())


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


def duplicate_shares(tallies: Iterable[ArrivalTally], origin: Origin) -> list[DuplicateShare]:
    """Return the share of duplicates of every origin of a kind, the one with most arrivals first (row DU-15)."""
    counted: dict[str, Counter[str]] = {}
    for tally in tallies:
        counted.setdefault(tally.names[origin], Counter())[tally.verdict] += tally.count
    found = [
        DuplicateShare(
            name,
            counts.total(),
            counts["duplicate"],
            counts["update"],
            counts["resubmit"],
            percent(counts["duplicate"], counts.total()),
        )
        for name, counts in counted.items()
    ]
    return sorted(found, key=lambda each: (-each.n, each.name.lower()))


def rates(whole: SegmentFunnel) -> tuple[Rate, ...]:
    """Return the named rates of a funnel; a base of fewer than ENOUGH leads has a count and no percent.

    A rate of steps that the funnel does not have is none of its rates.
    """
    counts = {each.step: each.count for each in whole.steps}
    return tuple(
        Rate(
            name,
            part,
            base,
            counts[part],
            counts[base],
            percent(counts[part], counts[base]) if counts[base] >= ENOUGH else None,
        )
        for part, base, name in RATES
        if part in counts and base in counts
    )


def without_visits(whole: SegmentFunnel) -> SegmentFunnel:
    """Return the funnel of leads that come to no visits: it ends before the first step about one (row SC-13)."""
    return replace(whole, steps=tuple(each for each in whole.steps if each.step not in OF_VISITS))


def drops(tallies: Iterable[Tally]) -> list[Drop]:
    """Return why leads stopped, by the step they stand at in the funnel's order, the most frequent first.

    Whoever reached the last step stopped nowhere.
    """
    counted: Counter[tuple[Step, str]] = Counter()
    for tally in tallies:
        counted[tally.furthest, tally.drop] += tally.count
    order = list(Step)
    found = [Drop(step, reason, count) for (step, reason), count in counted.items() if step != order[-1] and count]
    return sorted(found, key=lambda each: (order.index(each.step), -each.count, each.reason))


def joined(parts: Iterable[SpeedFacts]) -> SpeedFacts:
    """Return the facts of several groups of leads as those of one."""
    every = list(parts)
    return SpeedFacts(
        sum(each.leads for each in every),
        tuple(value for each in every for value in each.human_seconds),
        tuple(value for each in every for value in each.acknowledgement_seconds),
        tuple(clock for each in every for clock in each.clocks),
    )


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
    counts: Counter[int] = Counter()
    for each in clocks:
        counts[each.limit_seconds] += each.count
    return min(counts, key=lambda limit: (-counts[limit], limit))


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


def alarms(queues: Iterable[QueueHealth], now: datetime, *, seconds_per_lead: int = SECONDS_PER_LEAD) -> list[Alarm]:
    """Return what a supervisor should decide about, per queue.

    Nobody is there, somebody waits over the limit, too few people for what comes, clocks are about to fail in bulk,
    leads are late.
    """
    found = []
    for queue in queues:
        waits = waits_seconds(queue, now) or 0
        if queue.unassigned and not queue.available:
            found.append(Alarm(AlarmKind.NOBODY_AVAILABLE, queue, queue.unassigned))
        if waits > queue.max_wait_seconds:
            found.append(Alarm(AlarmKind.WAITS_TOO_LONG, queue, waits))
        if queue.available and queue.target_seconds:
            found_staff = staffing(
                queue.arrivals,
                queue.available,
                target_seconds=queue.target_seconds,
                seconds_per_lead=seconds_per_lead,
            )
            if found_staff.is_short:
                found.append(Alarm(AlarmKind.UNDERSTAFFED, queue, found_staff.share))
        if queue.at_risk >= BULK:
            found.append(Alarm(AlarmKind.ABOUT_TO_FAIL, queue, queue.at_risk))
        if queue.late:
            found.append(Alarm(AlarmKind.LATE, queue, queue.late))
    return found


def by_need(queues: Iterable[QueueHealth], now: datetime) -> list[QueueHealth]:
    """Order queues by what presses most: late, at risk, longest wait, open."""
    return sorted(
        queues,
        key=lambda each: (-each.late, -each.at_risk, -(waits_seconds(each, now) or 0), -each.open, each.name.lower()),
    )


def heat_level(count: int) -> int:
    """Return the shade of a cell, 0 to 4: nothing, one, two to four, five to nineteen, more."""
    return sum(count >= least for least in (1, 2, 5, 20))


def spread(leads: int, takers: Sequence[Taker]) -> tuple[Share, ...]:
    """Say who would get how many leads: always the one next whose open leads are the smallest part of their limit.

    Only who is available takes, and nobody beyond their limit; what fits nowhere stays. Equal ones take by name.
    It says nothing of how well anybody works, only of how full their hands are.
    """
    able = sorted((each for each in takers if each.is_available), key=lambda each: each.name.lower())
    gets = {each.key: 0 for each in takers}
    for _ in range(leads):
        free = [each for each in able if each.open + gets[each.key] < each.cap]
        if not free:
            break
        taker = min(free, key=lambda each: (each.open + gets[each.key]) / each.cap)
        gets[taker.key] += 1
    return tuple(Share(each, gets[each.key]) for each in takers)
