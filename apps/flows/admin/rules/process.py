"""Forms of the process rules: a pipeline's course with its statuses by the clock, and whose word counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group, entries
from apps.flows.admin.rules.inputs import Choice, Choices, Input, Span, Text
from apps.leads.process import ENDS, REPORTED, SINCE_WORDS, STARTS, Since, sentences
from apps.leads.terms import LeadEvent, NextStep
from apps.policies.terms import FieldSpec, Labels

THIS = "This pipeline"


def _course() -> Sequence[Input]:
    stages = picks.stages()
    return (
        Group(name="start", label="Starts when", inputs=_bound([*STARTS.items(), *stages])),
        Group(name="end", label="Ends when", inputs=_bound([*stages, *ENDS.items()])),
        entries(
            _status(stages), "status", name="statuses", label="Statuses by the clock; of several the last is shown"
        ),
    )


def _bound(options: list[tuple[str, str]]) -> Sequence[Input]:
    return (
        Choice(name="at", label="What happens", options=options, none="as usual"),
        Text(name="label", label="What you call it"),
    )


def _status(stages: list[tuple[str, str]]) -> Sequence[Input]:
    return (
        Text(name="key", label="Key", longest=30, is_required=True),
        Text(name="label", label="What people read"),
        Span(name="after_seconds", label="So long"),
        Choice(
            name="since", label="Counted", options=[(str(each), SINCE_WORDS[each]) for each in Since], none="as usual"
        ),
        Choices(name="stages", label="At these stages (none: at every open one)", options=stages, is_wide=True),
        Text(name="meaning", label="What it means for the business", longest=500, is_wide=True),
        entries(_action(), "step", name="next_actions", label="What it starts"),
    )


def _action() -> Sequence[Input]:
    return (
        Choice(name="do", label="Do", options=picks.worded(NextStep), none="task"),
        Text(name="title", label="Title"),
        Span(name="after_seconds", label="Due after"),
        Text(name="template", label="Template of the message", help="For a message only."),
    )


def _truth() -> Sequence[Input]:
    who = picks.reporters()
    return [
        Choice(name=each, label=each.replace("_", " ").capitalize(), options=who, none="our own word")
        for each in REPORTED
    ]


def _words() -> Sequence[Input]:
    word = (
        Text(name="word", label="Their word"),
        Choice(name="stage", label="Means the stage", options=picks.stages()),
        Choice(name="event", label="And reports that", options=picks.worded(LeadEvent)),
    )
    return [entries(word, "word", name=key, label=name) for key, name in picks.reporters()]


def _reads_course(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"pipelines": {THIS: row}}, fields, labels)


def _reads_truth(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"truth": row}, fields, labels) or ["For every field our own word counts."]


def _reads_words(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"words": row}, fields, labels) or ["No word of anybody means anything yet."]


offer(
    Form(
        "process",
        ("pipelines", "*"),
        "pipeline",
        (Section("", 2, _course),),
        reads=_reads_course,
        known_keys=picks.pipelines,
        where=lambda document, place: picks.pipelines().get(str(place[1]), str(place[1])),
    ),
    Form("process", ("truth",), "whose word counts", (Section("", 1, _truth),), reads=_reads_truth),
    Form("process", ("words",), "the words of others", (Section("", 1, _words),), reads=_reads_words),
)
