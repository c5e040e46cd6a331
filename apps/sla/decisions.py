"""Which service level applies to a lead, when its clocks are due, and how they stand.

Sums are made on the clock that the policy names: one that always runs, or one that stands still while the
place is closed. Where the hours never open, a business clock runs always, and says so: a lead without a date
would be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from apps.catalog.business_hours import (
    Hours,
    NeverOpens,
    add_open_seconds,
    close_of_day,
    next_opening,
    open_seconds_between,
)
from apps.policies.decisions.compiled import CompiledRules, compile_rules
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.lint import Wins, lint, read_rules
from apps.policies.decisions.rules import check_rule
from apps.policies.terms import FieldSpec, Known, Problem, Severity
from apps.sla.promises import check_promises, read_attempts, read_pauses, read_tracker
from apps.sla.terms import (
    ALERTS_ONLY,
    MET_BY,
    PEOPLE,
    Clock,
    ClockKind,
    ClockMode,
    Deadline,
    LadderStep,
    Light,
    Policy,
    PolicyPick,
    Rung,
    StartsAt,
    Step,
)

DEFAULT_AT_RISK_PERCENT = 80
USUAL, USUAL_SECONDS = "usual", 1800
_USUAL_CLOCKS = (
    Clock(ClockKind.ACKNOWLEDGEMENT, ClockMode.ALWAYS, StartsAt.CAPTURED, 60),
    Clock(ClockKind.FIRST_CONTACT, ClockMode.BUSINESS, StartsAt.OWNED, USUAL_SECONDS),
)
_POLICY_PARTS = frozenset(
    {
        *("id", "name", "meaning", "when", "clocks", "at_risk_percent", "outer_seconds", "ladder", "is_active"),
        *("attempts", "pauses", "tracked_by"),
    }
)
_STEPS = frozenset(map(str, Step))
_CLOCK_PARTS = frozenset({"kind", "clock", "starts", "limit_seconds", "limit_open_days"})


@dataclass(frozen=True, slots=True)
class Policies:
    """The service levels of a document compiled once: the conditions and, in the same places, what they give."""

    rules: CompiledRules
    policies: tuple[Policy, ...]

    def named(self, policy_id: str) -> Policy | None:
        """Return the service level of an id."""
        return next((each for each in self.policies if each.id == policy_id), None)


def compile_policies(document: Mapping[str, object]) -> Policies:
    """Compile the active policies that have clocks. Never raises: a condition that cannot be read matches nobody.

    What broke after its approval leaves no lead without a deadline: a policy whose clocks cannot be read has the
    usual ones, and where a condition cannot be read the usual level stands last, for whom nothing else holds.
    """
    rows = [(row, read_policy(row)) for row in map(as_document, as_items(as_document(document).get("policies")))]
    usable = [(row, policy) for row, policy in rows if policy.clocks and row.get("is_active") is not False]
    rules = compile_rules([row for row, _ in usable])
    if any(each.node is None for each in rules.rules):
        usual = _starter(USUAL, "Usual level", "A service level broke.", {"always": True}, USUAL_SECONDS)
        usable.append((usual, read_policy(usual)))
        rules = compile_rules([row for row, _ in usable])
    return Policies(rules, tuple(policy for _, policy in usable))


def pick_policy(
    facts: Mapping[str, object], document: Policies | Mapping[str, object], *, usual: str = ""
) -> PolicyPick:
    """Return the matching policy whose condition makes the most tests; of equals the first in order.

    `usual` is the policy that the lead's channel names: it takes the place of one that matches everybody.
    """
    known = document if isinstance(document, Policies) else compile_policies(document)
    usually = next((each for each in reversed(known.policies) if each.id == usual), None)
    found = [(each.tests, known.policies[each.place]) for each in known.rules.holding(facts)]
    if usually is not None and all(tests == 0 for tests, _ in found):
        return PolicyPick(usually, f"{usually.id} {usually.name}: what the channel promises; nothing narrower matched.")
    if not found:
        return PolicyPick(None, "No service level matches this lead.")
    tests, policy = max(found, key=lambda pair: pair[0])
    others = f"; {len(found) - 1} more matched" if len(found) > 1 else ""
    return PolicyPick(policy, f"{policy.id} {policy.name}: the narrowest match ({tests} tests{others}).")


def deadlines(
    policy: Policy, hours: Hours, *, captured_at: datetime, owned_at: datetime | None
) -> tuple[Deadline, ...]:
    """Return the clocks of a lead, each with its warning, its deadline and its dated escalations.

    The ladder counts from the deadline, the outer limits from the start, on the same clock. A missed
    acknowledgement, intake or routing alerts, but never takes a lead away and has no outer limits: no person was
    slow. A clock that starts at ownership is left out while nobody owns the lead.
    """
    starts = {StartsAt.CAPTURED: captured_at, StartsAt.OWNED: owned_at}
    found = []
    for clock in policy.clocks:
        started_at = starts[clock.starts]
        if started_at is not None:
            found.append(_deadline(policy, clock, hours, started_at))
    return tuple(found)


def light(
    *,
    started_at: datetime,
    at_risk_at: datetime,
    due_at: datetime,
    met_at: datetime | None = None,
    paused_at: datetime | None = None,
    now: datetime,
) -> Light:
    """Return how a timer stands. Met at the deadline is in time; unmet at the deadline is breached.

    A pause that began after the deadline hides no breach.
    """
    if met_at is not None:
        return Light.MET if met_at <= due_at else Light.MET_LATE
    if paused_at is not None and paused_at < due_at:
        return Light.PAUSED
    if now >= due_at:
        return Light.BREACHED
    return Light.AT_RISK if now >= max(at_risk_at, started_at) else Light.ON_TRACK


def meets(kind: str, event: str) -> bool:
    """Whether an event on record stops a clock of this kind. An auto-reply never stops a contact clock."""
    return any(kind == clock and event in events for clock, events in MET_BY.items())


def resume(deadline: Deadline, paused_at: datetime, now: datetime, hours: Hours) -> Deadline:
    """Return the deadline after a pause: what was left when it began is left again.

    Counted in whole seconds of the deadline's own clock. Instants already passed stay where they are.
    """
    run = _hours_of(deadline.clock, hours)

    def shifted(at: datetime) -> datetime:
        if at <= paused_at or now <= paused_at:
            return at
        return _add(run, now, open_seconds_between(run, paused_at, at))

    steps = tuple(replace(step, at=shifted(step.at)) for step in deadline.ladder)
    return replace(deadline, at_risk_at=shifted(deadline.at_risk_at), due_at=shifted(deadline.due_at), ladder=steps)


def read_policy(row: Document) -> Policy:
    """Read a policy; rungs that cannot be read are left out, for clocks that cannot be read the usual ones stand in."""
    percent = as_whole(row.get("at_risk_percent"))
    clocks = [_read_clock(as_document(item)) for item in as_items(row.get("clocks"))]
    if None in clocks:
        kinds = {clock.kind for clock in clocks if clock is not None}
        clocks += [clock for clock in _USUAL_CLOCKS if clock.kind not in kinds]
    rungs = (_read_rung(as_document(item)) for item in as_items(row.get("ladder")))
    outer = (as_whole(item) for item in as_items(row.get("outer_seconds")))
    return Policy(
        as_text(row.get("id")),
        as_text(row.get("name")),
        as_text(row.get("meaning")),
        tuple(clock for clock in clocks if clock is not None),
        percent if percent is not None and 0 < percent < 100 else DEFAULT_AT_RISK_PERCENT,
        tuple(seconds for seconds in outer if seconds is not None and seconds > 0),
        tuple(rung for rung in rungs if rung is not None),
        read_attempts(row),
        read_pauses(row),
        read_tracker(row),
    )


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a document of service levels.

    A policy without a concrete action, limit, clock and start event is refused: "fast" is a wish. One that
    alerts a team that is closed cannot be approved; policies that are never picked are warned of.
    """
    rules = as_document(document)
    problems = unknown_keys(rules, frozenset({"policies"}), "")
    rows = [as_document(item) for item in as_items(rules.get("policies"))]
    for place, row in enumerate(rows):
        path = f"/policies/{place}"
        problems += unknown_keys(row, _POLICY_PARTS, path) + check_rule(row, fields, path)
        problems += _check_clocks(row, path) + _check_escalation(row, path, known) + check_promises(row, path, known)
    problems += lint(read_rules(rows, "/policies", fields, does="clocks"), fields, Wins.NARROWEST, "/policies")
    problems += duplicate_ids([(f"/policies/{n}/id", as_text(row.get("id"))) for n, row in enumerate(rows)])
    if not any(as_document(row.get("when")).get("always") is True for row in rows):
        sentence = "No policy holds for every lead: some leads will have no deadline."
        problems.append(Problem("/policies", "no_policy_for_all", sentence, Severity.WARNING))
    return problems


def starter_document() -> dict[str, object]:
    """Return the service levels that a new tenant gets: a person in 5 minutes (hot) or 30, then 4 h, 24 h."""
    hot = {"field": "priority", "op": "is", "value": "P1"}
    meaning = "Speed of the first human contact decides whether they book."
    return {
        "policies": [
            _starter("S-1", "Hot lead", f"They ask for care now. {meaning}", hot, 300),
            _starter("S-2", "Every lead", meaning, {"always": True}, 1800),
        ]
    }


def _starter(key: str, name: str, meaning: str, when: object, seconds: int) -> dict[str, object]:
    return {
        "id": key,
        "name": name,
        "meaning": meaning,
        "when": when,
        "clocks": [
            {"kind": "acknowledgement", "limit_seconds": 60, "clock": "always", "starts": "captured"},
            {"kind": "first_contact", "limit_seconds": seconds, "clock": "business", "starts": "owned"},
        ],
        "at_risk_percent": DEFAULT_AT_RISK_PERCENT,
        "outer_seconds": [14_400, 86_400],
        "ladder": [
            {"after_seconds": 0, "do": "alert", "who": "owner"},
            {"after_seconds": 300, "do": "alert", "who": "team_lead"},
            {"after_seconds": 600, "do": "reassign", "who": "available_member"},
        ],
    }


def _deadline(policy: Policy, clock: Clock, hours: Hours, started_at: datetime) -> Deadline:
    run = _hours_of(_mode_at(clock.mode, hours, started_at), hours)
    ends = close_of_day(run, started_at, clock.limit_open_days) if clock.limit_open_days is not None else None
    return _dated(policy, clock.kind, clock.mode, hours, started_at, ends, clock.limit_seconds)


def attempt_deadline(policy: Policy, number: int, hours: Hours, started_at: datetime) -> Deadline | None:
    """Return by when the attempt of this number is due, counted from the start of the first contact.

    The attempts are spread evenly over the days: of 3 in 5 open days the second is due as the fourth closes, the third
    as the fifth does. None where the policy asks for no such attempt.
    """
    wanted = policy.attempts
    if wanted is None or not 1 <= number <= wanted.times:
        return None
    mode = _mode_at(wanted.mode, hours, started_at)
    ends = None
    if mode is ClockMode.BUSINESS:
        ends = close_of_day(hours, started_at, -(-wanted.days * number // wanted.times) - 1)
    seconds = wanted.days * 86_400 * number // wanted.times
    found = _dated(policy, ClockKind.ATTEMPT, mode, hours, started_at, ends, seconds)
    return replace(found, number=number, total=wanted.times)


def _mode_at(mode: ClockMode, hours: Hours, started_at: datetime) -> ClockMode:
    return mode if next_opening(hours, started_at) is not None else ClockMode.ALWAYS


def _dated(
    policy: Policy,
    kind: ClockKind,
    wanted: ClockMode,
    hours: Hours,
    started_at: datetime,
    ends: datetime | None,
    seconds: int,
) -> Deadline:
    """Return a clock that ends at an instant, or else after so many seconds of it, with its warning and ladder."""
    mode = _mode_at(wanted, hours, started_at)
    run = _hours_of(mode, hours)
    limit = seconds if ends is None else open_seconds_between(run, started_at, ends)
    due_at = ends or _add(run, started_at, limit)
    rungs = [(_add(run, due_at, rung.after_seconds), rung.do, rung.who) for rung in policy.ladder]
    if kind in ALERTS_ONLY:
        rungs = [rung for rung in rungs if rung[1] == Step.ALERT]
    else:
        rungs += [(_add(run, started_at, s), str(Step.ALERT), "team_lead") for s in policy.outer_seconds]
    steps = tuple(
        LadderStep(at, do, who, number)
        for number, (at, do, who) in enumerate(sorted(rungs, key=lambda rung: rung[0]), 1)
    )
    at_risk_at = _add(run, started_at, limit * policy.at_risk_percent // 100)
    return Deadline(kind, mode, started_at, min(at_risk_at, due_at), due_at, limit, steps)


def _hours_of(mode: str, hours: Hours) -> Hours:
    return hours if mode == ClockMode.BUSINESS else Hours(hours.zone, always_open=True)


def _add(hours: Hours, at: datetime, seconds: int) -> datetime:
    try:
        return add_open_seconds(hours, at, seconds)
    except NeverOpens:
        return add_open_seconds(Hours(hours.zone, always_open=True), at, seconds)


def _read_clock(row: Document) -> Clock | None:
    seconds, days = as_whole(row.get("limit_seconds")), as_whole(row.get("limit_open_days"))
    try:
        kind = ClockKind(as_text(row.get("kind")))
        mode = ClockMode(as_text(row.get("clock")))
        starts = StartsAt(as_text(row.get("starts")))
    except ValueError:
        return None
    if seconds is not None and seconds > 0:
        return Clock(kind, mode, starts, seconds)
    return Clock(kind, mode, starts, 86_400, days) if days is not None and 0 <= days <= 30 else None


def _read_rung(row: Document) -> Rung | None:
    after, do, who = as_whole(row.get("after_seconds")), as_text(row.get("do")), as_text(row.get("who"))
    return Rung(after, do, who) if after is not None and after >= 0 and do in _STEPS and who else None


def _check_clocks(row: Document, path: str) -> list[Problem]:
    clocks = [as_document(item) for item in as_items(row.get("clocks"))]
    if not clocks:
        sentence = "Name at least one clock: an action, a limit, a clock and a start event."
        return [Problem(f"{path}/clocks", "clock_missing", sentence)]
    problems = []
    for place, clock in enumerate(clocks):
        where = f"{path}/clocks/{place}"
        problems += unknown_keys(clock, _CLOCK_PARTS, where)
        for part, words in (("kind", ClockKind), ("clock", ClockMode), ("starts", StartsAt)):
            if as_text(clock.get(part)) not in frozenset(map(str, words)):
                sentence = f"Say one of: {', '.join(map(str, words))}."
                problems.append(Problem(f"{where}/{part}", f"vague_{part}", sentence))
        limits = [name for name in ("limit_seconds", "limit_open_days") if name in clock]
        low = 1 if limits == ["limit_seconds"] else 0
        limit = as_whole(clock[limits[0]]) if len(limits) == 1 else None
        if limit is None or limit < low or (low == 0 and limit > 30):
            sentence = "Give the limit in whole seconds, or in open days (0 is the same business day)."
            problems.append(Problem(f"{where}/limit_seconds", "vague_limit", sentence))
    return problems


def _check_escalation(row: Document, path: str, known: Known) -> list[Problem]:
    problems = []
    percent = as_whole(row.get("at_risk_percent", DEFAULT_AT_RISK_PERCENT))
    if percent is None or not 0 < percent < 100:
        problems.append(Problem(f"{path}/at_risk_percent", "bad_value", "Give a whole number from 1 to 99."))
    for place, item in enumerate(as_items(row.get("outer_seconds"))):
        if (as_whole(item) or 0) < 1:
            problems.append(Problem(f"{path}/outer_seconds/{place}", "bad_value", "Give whole seconds."))
    for place, item in enumerate(as_items(row.get("ladder"))):
        rung, where = as_document(item), f"{path}/ladder/{place}"
        problems += unknown_keys(rung, frozenset({"after_seconds", "do", "who"}), where)
        if _read_rung(rung) is None:
            sentence = "A rung needs after_seconds, do (alert or reassign) and who."
            problems.append(Problem(where, "bad_rung", sentence))
        elif as_text(rung.get("who")) not in PEOPLE | known.teams:
            sentence = f"There is no team “{as_text(rung.get('who'))}”, or it is closed."
            problems.append(Problem(f"{where}/who", "unknown_team", sentence, Severity.BLOCKS))
    return problems
