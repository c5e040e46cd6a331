"""Forms of intake work: who counsels about paying where the insurance does not cover (row AP-11)."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Input, Span
from apps.leads.process import span
from apps.policies.terms import FieldSpec, Labels
from apps.qualification.intake_document import INTAKE, USUAL_COUNSELLING_SECONDS, sentences


def _counselling() -> Sequence[Input]:
    return (
        Choice(name="team", label="The team that counsels", options=picks.teams()),
        Span(name="within_seconds", label=f"Within (empty: {span(USUAL_COUNSELLING_SECONDS)})"),
    )


def _reads_counselling(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"counselling": row}, fields, labels) or ["The lead's owner counsels."]


offer(
    Form(
        INTAKE,
        ("counselling",),
        "counselling about paying",
        (Section("", 1, _counselling),),
        reads=_reads_counselling,
    ),
)
