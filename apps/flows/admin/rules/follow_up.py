"""The forms of follow-ups: what each outcome of a contact brings (row TK-05)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Choices, Clock, Flag, Input, Number, Span, Text
from apps.outreach.follow_up import CHANNELS, DAY_NAMES, KIND, WEEKDAYS, sentences
from apps.outreach.template_models import Template
from apps.outreach.terms import ActivityKind, Outcome
from apps.policies.terms import FieldSpec, Labels


def _outcome() -> Sequence[Input]:
    days = list(zip(WEEKDAYS, DAY_NAMES, strict=True))
    return (
        Text(name="id", label="Id", longest=30, is_required=True),
        Text(name="name", label="Name", is_required=True),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Choice(name="outcome", label="When a contact ended so", options=picks.worded(Outcome), is_required=True),
        Choices(name="kinds", label="And was made by (none: by whatever)", options=picks.worded(ActivityKind)),
        Choice(name="channel", label="The next step is", options=picks.worded(CHANNELS), none="the same way again"),
        Number(name="days", label="So many days later", help="Or on a weekday, or after a stretch of time."),
        Choice(name="weekday", label="Or on the next", options=days, none="no weekday"),
        Span(name="after_seconds", label="Or so long after"),
        Clock(
            name="at",
            label="At",
            help="Their wall time. Empty: their best time, else the half-day that was tried less.",
        ),
        Text(name="title", label="What the task says", help="Empty: the usual words."),
        Choice(name="text", label="Text that goes", options=_templates(), none="none"),
        Span(name="text_after_seconds", label="The text goes after"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _templates() -> list[tuple[str, str]]:
    keys = Template.rows().filter(channel="text").order_by("key").values_list("key", flat=True)
    return [(key, key) for key in dict.fromkeys(keys)]


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences(row)


offer(Form(KIND, ("outcomes", "#"), "follow-up", (Section("", 2, _outcome),), reads=_reads, start="F-"))
