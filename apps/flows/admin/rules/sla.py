"""The form of one service level: for which leads, its clocks, and who hears of it when one is missed."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group, Listed, entries
from apps.flows.admin.rules.inputs import Choice, Condition, Flag, Input, Number, Span, Text
from apps.flows.admin.rules.inputs import Clock as Clocktime
from apps.leads.process import span
from apps.policies.decisions.sentences import listed, read_aloud
from apps.policies.terms import FieldSpec, Labels
from apps.sla.decisions import DEFAULT_AT_RISK_PERCENT, read_policy
from apps.sla.terms import PEOPLE, Clock, ClockKind, ClockMode, Policy, Rung, StartsAt, Step

KINDS = {
    ClockKind.ACKNOWLEDGEMENT: "acknowledgement",
    ClockKind.FIRST_CONTACT: "first contact by a person",
    ClockKind.ROUTING: "routing",
    ClockKind.ACCEPTANCE: "acceptance by a person",
    ClockKind.FOLLOW_UP: "follow-up",
    ClockKind.EXCEPTION: "exception",
    ClockKind.INTAKE: "intake by us",
    ClockKind.ATTEMPT: "the next attempt",
}
#: What the product starts by itself, or by a part of its own: no policy names it among its clocks.
NO_CLOCK_OF_A_POLICY = (ClockKind.ATTEMPT, ClockKind.EXCEPTION)
MODES = {ClockMode.ALWAYS: "always runs", ClockMode.BUSINESS: "stands still while the place is closed"}
STARTS = {StartsAt.CAPTURED: "the inquiry came in", StartsAt.OWNED: "a team has the lead"}
STEPS = {Step.ALERT: "alert", Step.REASSIGN: "reassign to"}


def _policy() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name"),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Condition(label="For leads of which"),
        entries(_clock(), "clock", name="clocks", label="Clocks"),
        Number(
            name="at_risk_percent",
            label="Warn when so much of the time is used, in percent",
            help=f"1 to 99; empty: {DEFAULT_AT_RISK_PERCENT}.",
        ),
        entries(_rung(), "step", name="ladder", label="When a deadline is missed"),
        Listed(
            name="outer_seconds",
            label="The team's lead hears, whatever happened, when no person was in touch",
            item=Span(label="After"),
            noun="limit",
        ),
        Group(
            name="attempts",
            label="How often somebody is tried who was not reached",
            inputs=(
                Number(name="times", label="Attempts", help="With the first contact; 2 to 20."),
                Number(
                    name="days", label="Within how many days", help="1 to 60; open days, where the clock is business."
                ),
                Choice(name="clock", label="The clock", options=_options(MODES), none="not asked for"),
            ),
        ),
        entries(_pause(), "reason", name="pauses", label="For what the clocks of contact may stand still"),
        Group(
            name="tracked_by",
            label="Who tracks the timing",
            inputs=(
                Choice(name="who", label="Who", options=picks.trackers(), none="nobody"),
                Clocktime(name="at", label="Gets the report of the day at"),
            ),
        ),
        Flag(name="is_active", label="Active", usual=True),
    )


def _pause() -> Sequence[Input]:
    return (
        Text(name="reason", label="Key", longest=40, help="Such as asked_for_day."),
        Text(name="name", label="In words"),
        Span(name="longest_seconds", label="At most for"),
    )


def _clock() -> Sequence[Input]:
    return (
        Choice(
            name="kind",
            label="What must have happened",
            options=_options({key: word for key, word in KINDS.items() if key not in NO_CLOCK_OF_A_POLICY}),
        ),
        Span(name="limit_seconds", label="Within"),
        Number(name="limit_open_days", label="Or by the end of which open day", help="0: of the same business day."),
        Choice(name="clock", label="The clock", options=_options(MODES)),
        Choice(name="starts", label="Starts when", options=_options(STARTS)),
    )


def _rung() -> Sequence[Input]:
    who = [*picks.worded(sorted(PEOPLE)), *picks.teams()]
    return (
        Span(name="after_seconds", label="So long after the deadline"),
        Choice(name="do", label="Do", options=_options(STEPS)),
        Choice(name="who", label="Whom", options=who),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    policy = read_policy(row)
    teams = dict(picks.teams())
    about = read_aloud(row["when"], fields, labels) if "when" in row else "nothing is said yet"
    clocks = listed([_clock_words(each) for each in policy.clocks], "and") or "no clock can be read yet"
    found = [f"{'For every lead' if about == 'Always' else f'When {about}'}: {clocks}."]
    steps = [_rung_words(each, teams) for each in policy.ladder]
    found += [f"When a deadline is missed: {'; '.join(steps)}."] if steps else []
    outer = listed([span(each) for each in policy.outer_seconds], "and")
    found += [f"The team's lead hears after {outer} whatever happened."] if outer else []
    found += _promised(policy)
    return [*found, f"It warns when {policy.at_risk_percent} % of the time is used."]


def _promised(policy: Policy) -> list[str]:
    """Return the parts beside the clocks in words."""
    found = []
    if policy.attempts is not None:
        days = "open days" if policy.attempts.mode is ClockMode.BUSINESS else "days"
        found.append(f"Who is not reached is tried {policy.attempts.times} times in {policy.attempts.days} {days}.")
    if policy.pauses:
        reasons = listed([f"“{each.name}” (at most {span(each.longest_seconds)})" for each in policy.pauses], "or")
        found.append(f"The clocks of contact may stand still for {reasons}.")
    if policy.tracker is not None:
        who = dict(picks.trackers()).get(policy.tracker.who.lower(), policy.tracker.who)
        found.append(f"Tracked by {who}, with a report each day at {policy.tracker.at:%H:%M}.")
    return found


def _clock_words(clock: Clock) -> str:
    limit = f"within {span(clock.limit_seconds)}"
    if clock.limit_open_days is not None:
        days = clock.limit_open_days
        limit = f"by the end of {f'open day {days}' if days else 'the same business day'}"
    return f"{KINDS[clock.kind]} {limit} since {STARTS[clock.starts]} (the clock {MODES[clock.mode]})"


def _rung_words(rung: Rung, teams: Mapping[str, str]) -> str:
    when = f"after {span(rung.after_seconds)}" if rung.after_seconds else "at once"
    return f"{when} {STEPS[Step(rung.do)]} {teams.get(rung.who, rung.who.replace('_', ' '))}"


def _options(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), word) for key, word in words.items()]


offer(
    Form("sla", ("policies", "#"), "service level", (Section("", 2, _policy),), reads=_reads, start="S-"),
)
