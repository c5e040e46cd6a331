"""Judging a past lead again under the rules that rule and under a draft, and adding up what differs. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.flows.impact.terms import HOURS, SIDES, Colleague, Past, Rules, Tally, Way
from apps.leads.decisions import missing_fields
from apps.leads.terms import StageKey
from apps.qualification.decisions import score
from apps.routing.decisions.choosing import choose
from apps.routing.decisions.turns import somebody_can
from apps.routing.terms import Method, QueueFact
from apps.sla.decisions import pick_policy
from apps.sla.terms import ClockKind, ClockMode, Policy

#: Facts that a score adds for the router; judged anew where the scorecard is the one that changes.
_SCORED = ("fit", "intent", "fit_band", "intent_band")
_GAP = "_missing"
#: What is taken of a verdict; a stored one has the same names.
_TAKEN = (
    *("queue_key", "day_queue_key", "priority", "office_key", "rule_id", "is_fallback"),
    *("method", "skills", "batch_at"),
)
Teams = Mapping[str, Sequence[Colleague]]


def compare(past: Past, old: Rules, new: Rules, kind: str, teams: Teams) -> tuple[Way, Way]:
    """Return the way of a lead under two sets of rules that differ in one kind; everything else is that day's.

    What a kind cannot change is taken from what was kept: only a scorecard scores anew, only gates ask anew. `teams`
    are the people who could take it, by the key of their team.
    """
    if kind == "scoring":
        before, after = _scored(past, old), _scored(past, new)
        way = _way(past, before, past.exception, old, teams)
        return way, way if before == after else _way(past, after, past.exception, new, teams)
    if kind == "gates":
        stops = _stopped(past, old), _stopped(past, new)
        before_way = _way(past, past.facts, stops[0], old, teams)
        return before_way, before_way if stops[0] == stops[1] else _way(past, past.facts, stops[1], new, teams)
    known = {name: past.known.get(name) for name in _TAKEN} if past.known else None
    was = known or _verdict(past, past.facts, past.exception, old)
    now = was if kind == "sla" else _verdict(past, past.facts, past.exception, new)
    before_way = _way_of(past, past.facts, past.exception, was, old, teams)
    if kind == "routing" and was == now:
        return before_way, before_way
    return before_way, _way_of(past, past.facts, past.exception, now, new, teams)


def add(tally: Tally, past: Past, ways: tuple[Way, Way], *, zone: ZoneInfo, idle: Collection[str]) -> bool:
    """Count a compared lead; return whether its way changes. `idle` are the queues where nobody works today."""
    before, after = ways
    tally.total += 1
    hour = past.at.astimezone(zone).hour
    for place, way in enumerate(ways):
        rows = tally.load.setdefault(way.queue, [[0] * HOURS, [0] * HOURS])
        rows[place][hour] += 1
        tally.late[place] += way.late_seconds > 0
        tally.lost[place] += way.is_lost
        tally.full[place] += way.is_full
    for side in SIDES:
        was, now = getattr(before, side), getattr(after, side)
        row = tally.matrices.setdefault(side, {}).setdefault(was, {})
        row[now] = row.get(now, 0) + 1
    changed = before.differs_by != after.differs_by
    tally.changed += changed
    tally.moved += before.queue != after.queue
    tally.later += after.late_seconds > max(0, before.late_seconds)
    tally.nobody += after.queue != before.queue and (not after.queue or after.queue in idle)
    return changed


def _scored(past: Past, rules: Rules) -> dict[str, Any]:
    bare = {key: value for key, value in past.facts.items() if key not in _SCORED}
    found = score(bare, rules.scorecard)
    bands = {"fit_band": found.fit.band or None, "intent_band": found.intent.band or None}
    return {**bare, "fit": found.fit.total, "intent": found.intent.total, **bands}


def _stopped(past: Past, rules: Rules) -> str:
    """Return what stops a lead before it is routed; only what the gate asks for is asked anew."""
    if past.exception and not past.exception.endswith(_GAP) or past.facts.get("validity") == "held":
        return past.exception
    missing = missing_fields(StageKey.ROUTED, past.facts, rules.gates)
    return f"{missing[0]}{_GAP}" if missing else ""


def _way(past: Past, facts: Mapping[str, Any], stopped: str, rules: Rules, teams: Teams) -> Way:
    return _way_of(past, facts, stopped, _verdict(past, facts, stopped, rules), rules, teams)


def _verdict(past: Past, facts: Mapping[str, Any], stopped: str, rules: Rules) -> Mapping[str, Any]:
    found = choose(facts, rules.fallback if stopped else rules.routing, past.network, tells=False)
    return {name: getattr(found, name) for name in _TAKEN} | {"skills": list(found.skills)}


def _way_of(
    past: Past, facts: Mapping[str, Any], stopped: str, verdict: Mapping[str, Any], rules: Rules, teams: Teams
) -> Way:
    place = facts.get("location") or verdict["office_key"]
    judged = {**facts, "priority": verdict["priority"], "location": place}
    policy = pick_policy(judged, rules.policies, usual=past.usual).policy
    queue = verdict["queue_key"]
    bands = [str(facts[each]) for each in ("fit_band", "intent_band") if facts.get(each)]
    return Way(
        queue=queue,
        day_queue=verdict["day_queue_key"] or "",
        priority=verdict["priority"],
        band=", ".join(dict.fromkeys(bands)),
        policy=policy.name if policy else "",
        rule_id=verdict["rule_id"],
        stopped=stopped,
        is_lost=bool(verdict["is_fallback"]) and not stopped and not facts.get("owning_queue"),
        late_seconds=_late(past, queue, policy),
        is_full=_is_full(past, verdict, teams),
    )


def _is_full(past: Past, verdict: Mapping[str, Any], teams: Teams) -> bool:
    """Say whether the queue would have given the lead to somebody, and nobody there had room at that time."""
    queue = _queue(past, verdict["queue_key"])
    waits_for_batch = verdict.get("batch_at") and not verdict["day_queue_key"]
    if queue is None or verdict.get("method") != Method.ROUND_ROBIN or waits_for_batch:
        return False
    people = teams.get(queue.team_key, ())
    return bool(people) and not somebody_can(
        lambda: (each.as_member(past.at) for each in people), verdict.get("skills") or ()
    )


def _late(past: Past, key: str, policy: Policy | None) -> int:
    """Return how many seconds after the first contact's deadline a queue opens; 0 where it can keep it.

    A clock of business hours stands still while the place is closed, so that only one that always runs can be missed.
    """
    queue = _queue(past, key)
    if policy is None or queue is None or queue.is_open or queue.opens_at is None:
        return 0
    limits = [
        clock.limit_seconds
        for clock in policy.clocks
        if clock.kind is ClockKind.FIRST_CONTACT and clock.mode is ClockMode.ALWAYS and clock.limit_open_days is None
    ]
    if not limits:
        return 0
    due_at = max(past.at, past.clock_at or past.at) + timedelta(seconds=min(limits))
    return max(0, int((queue.opens_at - due_at).total_seconds()))


def _queue(past: Past, key: str) -> QueueFact | None:
    return next((each for each in past.network.queues if each.key == key), None)
