"""Forms of cadences and groups: who begins one and when, its steps, and whom a group is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.consent.terms import Channel, Purpose
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group, entries
from apps.flows.admin.rules.inputs import Choice, Choices, Condition, Flag, Input, Number, Span, Text, Texts
from apps.flows.cadence_facts import cadence_fields
from apps.leads.queries import process_in_force
from apps.outreach.cadence_document import cadence_aloud, segment_aloud
from apps.outreach.cadence_terms import YIELDS_HOURS, Choosing, Goal
from apps.policies.decisions.documents import as_items, as_text
from apps.policies.queries import field_specs
from apps.policies.terms import FieldSpec, Labels
from apps.tenancy.clock import database_now

CHOOSING_WORDS = [
    (str(Choosing.ADAPT), "by what they answered and wished"),
    (str(Choosing.PLAN), "in the order of the step"),
    (str(Choosing.OTHER), "another channel than the last one, and words they have not had"),
]


def _cadence() -> Sequence[Input]:
    stages = picks.stages()
    return (
        Text(name="id", label="Id", longest=63, is_required=True),
        Text(name="name", label="Name"),
        Choice(name="goal", label="Goal", options=picks.worded(Goal), none="scheduling"),
        Group(
            name="starts",
            label="Starts by itself (neither: by hand and from a group)",
            inputs=(
                Choice(name="stage", label="When a lead enters", options=stages, none="no stage"),
                Choice(name="status", label="When a lead becomes", options=_statuses(), none="no status"),
            ),
        ),
        Choices(name="stays_in", label="Goes on in these stages too", options=stages, is_long=True),
        Condition(label="Only for leads where", may_lack=True),
        Choice(name="choosing", label="Chooses channel and words", options=CHOOSING_WORDS, none=CHOOSING_WORDS[0][1]),
        Number(name="yields_hours", label=f"Gives way to a contact due within hours (empty: {YIELDS_HOURS}; 0: never)"),
        Flag(name="ends_with_owner", label="Ends when another team owns the lead"),
        Flag(name="is_active", label="Active", usual=True),
        entries(_step(), "step", name="steps", label="Steps"),
    )


def _step() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=63, is_required=True),
        Texts(name="channels", label="Channels, in order", help=f"Of: {', '.join(Channel)}."),
        Span(name="after_seconds", label="After the step before"),
        Texts(name="templates", label="Templates, in order", help="Not for a call."),
        Text(name="title", label="Title of the call"),
    )


def _segment() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=63, is_required=True),
        Text(name="name", label="Name"),
        Choice(name="purpose", label="Written to for", options=picks.worded(Purpose), none="marketing"),
        Condition(label="Leads where"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _statuses() -> list[tuple[str, str]]:
    courses = process_in_force(database_now()).courses.values()
    return list({each.key: each.label for course in courses for each in course.statuses}.items())


def _fields() -> Mapping[str, FieldSpec]:
    return cadence_fields(field_specs())


def _reads_cadence(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [cadence_aloud(row, fields, labels)] if as_items(row.get("steps")) else []


def _reads_segment(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [segment_aloud(row, fields, labels)] if "when" in row else []


def _name(row: Mapping[str, Any]) -> str:
    return as_text(row.get("name")) or as_text(row.get("id"))


offer(
    Form(
        "cadences",
        ("cadences", "#"),
        "cadence",
        (Section("", 2, _cadence),),
        reads=_reads_cadence,
        fields=_fields,
        name_of=_name,
    ),
    Form(
        "cadences",
        ("segments", "#"),
        "group",
        (Section("", 2, _segment),),
        reads=_reads_segment,
        fields=_fields,
        name_of=_name,
    ),
)
