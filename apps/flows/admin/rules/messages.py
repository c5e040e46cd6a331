"""Forms of the rules about messages: what a message of a goal has to say before it is approved (row TN-18)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.consent.terms import Channel
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Choices, Flag, Input, Text, Texts
from apps.flows.admin.rules.picks import worded
from apps.outreach.message_rules import KIND, blocks_of
from apps.outreach.template_terms import Goal
from apps.policies.terms import FieldSpec, Labels


def _block() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="What has to be said", longest=100, is_required=True, help="Such as: when we call."),
        Choice(name="goal", label="In messages with the goal", options=worded(Goal)),
        Choices(name="channels", label="Sent by (none: any)", options=worded([Channel.EMAIL, Channel.TEXT])),
        Texts(name="words", label="Said by one of these words or places"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [
        f"Messages that {each.goal.replace('_', ' ')} say {each.name}: "
        f"{' or '.join(f'“{word}”' for word in each.words)}; without it nobody approves them."
        for each in blocks_of({"blocks": [row]})
    ]


offer(
    Form(
        KIND,
        ("blocks", "#"),
        "block of a message",
        (Section("", 2, _block),),
        reads=_reads,
        start="B-",
        name_of=lambda row: f"{row.get('id', '')} {row.get('name', '')}".strip(),
    ),
)
