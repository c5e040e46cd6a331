"""Forms of data quality: one check of what contradicts itself, and when contact data is old."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Flag, Input, Number, Text
from apps.policies.decisions.documents import as_text
from apps.policies.terms import FieldSpec, Labels
from apps.qualification.consistency import Consistency, stale_after_days


def _check() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Choice(name="check", label="What may contradict itself", options=picks.worded(Consistency)),
        Number(name="lowers", label="Takes from the quality", help="0 to 100, of 100."),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Flag(name="is_active", label="Active", usual=True),
    )


def _age() -> Sequence[Input]:
    return (Number(name="stale_after_days", label="Contact data is looked at again after so many days"),)


def _reads_check(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    check = as_text(row.get("check")).replace("_", " and ") or "what is not said yet"
    return [f"Where {check} contradict each other, the lead's quality is {row.get('lowers', 0)} lower."]


def _reads_age(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [f"Contact data that nobody verified for {stale_after_days(row)} days is looked at again."]


offer(
    Form(
        "quality",
        ("checks", "#"),
        "check",
        (Section("", 2, _check),),
        reads=_reads_check,
        start="Q-",
        name_of=lambda row: f"{as_text(row.get('id'))} {as_text(row.get('check')).replace('_', ' ')}".strip(),
    ),
    Form(
        "quality",
        (),
        "the age of contact data",
        (Section("", 0, _age),),
        reads=_reads_age,
        name_of=lambda row: "",
        apart=("checks",),
    ),
)
