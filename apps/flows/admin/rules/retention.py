"""Forms of the retention schedule: how long a class of data is kept, and what for (row AU-06)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Flag, Input, Number, Text
from apps.policies.decisions.documents import as_text
from apps.policies.terms import FieldSpec, Labels
from apps.privacy.retention import CLASS_WORDS, RECORDING_DAYS, DataClass, recording_days


def _keeping() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Choice(name="class", label="Which data", options=[(each.value, CLASS_WORDS[each]) for each in DataClass]),
        Text(name="purpose", label="What they are kept for", longest=40, is_required=True),
        Number(name="months", label="Months after a lead came to rest", help="1 to 1,200."),
        Flag(name="is_active", label="Active", usual=True),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    known = as_text(row.get("class"))
    words = CLASS_WORDS[DataClass(known)] if known in list(DataClass) else "What is not said yet"
    purpose = as_text(row.get("purpose")).replace("_", " ") or "no purpose"
    return [f"{words}: erased {row.get('months', 0)} months after an unconverted lead came to rest (for {purpose})."]


def _recordings() -> Sequence[Input]:
    return (Number(name="recording_days", label=f"Addresses of recordings go after days (empty: {RECORDING_DAYS})"),)


def _reads_recordings(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [f"The address of a recording or a transcript is erased after {recording_days(row)} days."]


offer(
    Form(
        "retention",
        (),
        "recordings",
        (Section("", 0, _recordings),),
        reads=_reads_recordings,
        name_of=lambda row: "",
        apart=("classes",),
    ),
    Form(
        "retention",
        ("classes", "#"),
        "data class",
        (Section("", 2, _keeping),),
        reads=_reads,
        start="RT-",
        name_of=lambda row: f"{as_text(row.get('id'))} {as_text(row.get('class'))}".strip(),
    ),
)
