"""Forms of what is heard in a text: which words mean what, and on which channels they are listened for."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.capture.inference import CHANNELS, FIELDS, sentences
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group
from apps.flows.admin.rules.inputs import Choice, Choices, Flag, Input, Text, Texts
from apps.flows.admin.script_form import values_of
from apps.policies.decisions.documents import as_text
from apps.policies.terms import FieldSpec, Labels


def _rule() -> Sequence[Input]:
    fields = [
        Choice(name=each, label=each.replace("_", " ").capitalize(), options=values_of(each), none="says nothing")
        for each in FIELDS
    ]
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Texts(name="words", label="Who says one of these", help="Words or phrases, with commas.", is_wide=True),
        Texts(name="unless", label="And none of these", is_wide=True),
        Group(name="infers", label="Means", inputs=fields),
        Flag(name="is_active", label="Active", usual=True),
    )


def _channels() -> Sequence[Input]:
    return (Choices(name="channels", label="Listened to on", options=picks.worded(CHANNELS)),)


def _reads_rule(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"rules": [row]}, fields, labels)[1:] or ["It is switched off."]


def _reads_channels(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({**row, "rules": []}, fields, labels)


offer(
    Form(
        "inference",
        ("rules", "#"),
        "rule",
        (Section("", 2, _rule),),
        reads=_reads_rule,
        start="KW-",
        name_of=lambda row: f"{as_text(row.get('id'))} {as_text(row.get('meaning'))}".strip(),
    ),
    Form(
        "inference",
        (),
        "the channels listened to",
        (Section("", 0, _channels),),
        reads=_reads_channels,
        name_of=lambda row: "",
        apart=("rules",),
    ),
)
