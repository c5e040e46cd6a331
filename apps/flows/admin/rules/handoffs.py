"""Forms of handoffs: one type with its lists and limits, and what holds for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.accounts.terms import TeamFunction
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import entries
from apps.flows.admin.rules.inputs import Choice, Choices, Flag, Input, Number, Span, Text, Texts
from apps.handoffs.decisions import label_of, read_type
from apps.handoffs.terms import (
    KIND,
    PASSABLE,
    USUAL_MANUAL_MINUTES,
    USUAL_PROPOSE_AFTER,
    USUAL_STUCK_SECONDS,
)
from apps.leads.process import span
from apps.policies.decisions.sentences import listed
from apps.policies.terms import FieldSpec, Labels


def _type() -> Sequence[Input]:
    teams, functions = picks.teams(), picks.worded(TeamFunction)
    fields = sorted(((key, each.label) for key, each in PASSABLE.items()), key=lambda pair: pair[1])
    item = (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="label", label="What is checked", is_required=True),
        Flag(name="mandatory", label="Mandatory", usual=True),
    )
    return (
        Text(name="id", label="Id", longest=30, is_required=True),
        Text(name="name", label="Name", is_required=True),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Choice(name="from_team", label="From the team", options=teams, none="a function"),
        Choice(name="from_function", label="Or from teams of this function", options=functions, none="one team"),
        Choice(name="to_team", label="To the team", options=teams, none="a function"),
        Choice(name="to_function", label="Or to teams of this function", options=functions, none="one team"),
        Choices(name="must_pass", label="Must pass, or it is blocked", options=fields, is_long=True),
        Choices(name="withheld", label="Must not pass", options=fields, is_long=True),
        entries(item, "item", name="checklist", label="Checklist"),
        Texts(
            name="excuses",
            label="For which reasons an item may stay open",
            help="Separated by commas. Without any, every mandatory item is needed.",
            is_wide=True,
        ),
        Span(name="accept_seconds", label="Is accepted within"),
        Span(name="outreach_seconds", label="First outreach of the new owner within"),
        Text(name="then", label="Followed by (id of the next handoff)", longest=30),
        Flag(name="keeps_view", label="The team before may still look"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _all() -> Sequence[Input]:
    return (
        Span(name="stuck_after_seconds", label=f"Stuck after (empty: {span(USUAL_STUCK_SECONDS)})"),
        Number(
            name="manual_minutes",
            label="Minutes that a handoff by hand takes",
            help=f"For the report of time saved; empty: {USUAL_MANUAL_MINUTES}.",
        ),
        Number(
            name="propose_after",
            label="Wrong categories of one kind in a month before a change is proposed",
            help=f"Empty: {USUAL_PROPOSE_AFTER}.",
        ),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    kind, teams = read_type(row), dict(picks.teams())
    giver = teams.get(kind.from_team, kind.from_team) or f"every team for {kind.from_function.replace('_', ' ')}"
    taker = teams.get(kind.to_team, kind.to_team) or f"a team for {kind.to_function.replace('_', ' ')}"
    found = [
        f"{giver} hands on to {taker}, who accept within {span(kind.accept_seconds)} of their opening hours and "
        f"reach out within {span(kind.outreach_seconds)}."
    ]
    if kind.must_pass:
        found.append(f"It is blocked without {listed([label_of(each) for each in kind.must_pass], 'and')}.")
    if kind.withheld:
        found.append(f"{listed([label_of(each) for each in kind.withheld], 'and')} must not pass.")
    items = [f"“{each.label}”{'' if each.is_mandatory else ' (if it applies)'}" for each in kind.items]
    found += [f"Somebody ticks by name: {listed(items, 'and')}."] if items else []
    found += [f"{kind.then} follows."] if kind.then else []
    return [*found, "The team before may still look." if kind.keeps_view else "The team before sees it no more."]


def _reads_all(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [
        f"A lead hangs between teams when it was not accepted within "
        f"{span(int(row.get('stuck_after_seconds') or USUAL_STUCK_SECONDS))}. "
        f"A handoff by hand counts {row.get('manual_minutes') or USUAL_MANUAL_MINUTES} minutes. "
        f"{row.get('propose_after') or USUAL_PROPOSE_AFTER} wrong categories of one kind in a month propose a change."
    ]


offer(
    Form(KIND, ("types", "#"), "handoff", (Section("", 2, _type),), reads=_reads, start="H-"),
    Form(
        KIND,
        (),
        "what holds for all handoffs",
        (Section("", 0, _all),),
        reads=_reads_all,
        name_of=lambda row: "",
        apart=("types",),
    ),
)
