"""Forms of a scorecard: one rule that gives points for fit or for intent, and the bands of either."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import entries
from apps.flows.admin.rules.inputs import Condition, Flag, Input, Number, Text
from apps.policies.decisions.documents import as_document, as_items, as_text, as_whole
from apps.policies.decisions.sentences import read_aloud
from apps.policies.terms import FieldSpec, Labels
from apps.qualification.terms import LEAST, MOST, Part

STARTS = {Part.FIT: "F-", Part.INTENT: "I-"}


def _rule() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name"),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Condition(),
        Number(name="points", label="Points", help="A whole number; less than 0 takes points away."),
        Flag(name="is_active", label="Active", usual=True),
    )


def _card() -> Sequence[Input]:
    band = (
        Number(name="at_least", label="From this score on"),
        Text(name="key", label="Key", longest=40),
        Text(name="name", label="Name"),
    )
    return (
        Number(name="base", label="Starting points", help="Empty: 0."),
        Number(name="min", label="Lowest score", help=f"Empty: {LEAST}."),
        Number(name="max", label="Highest score", help=f"Empty: {MOST}."),
        entries(band, "band", name="bands", label="Bands"),
    )


def _reads_rule(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    if "when" not in row:
        return []
    return [f"When {read_aloud(row['when'], fields, labels)} → {as_whole(row.get('points')) or 0:+d} points"]


def _reads_card(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    bands = [
        f"{as_text(band.get('name')) or as_text(band.get('key'))} from {band.get('at_least')}"
        for band in map(as_document, as_items(row.get("bands")))
    ]
    low, high = row.get("min", LEAST), row.get("max", MOST)
    return [f"From {row.get('base', 0)} points, kept between {low} and {high}: {', '.join(bands) or 'no bands yet'}."]


for _part, _start in STARTS.items():
    offer(
        Form(
            "scoring",
            (str(_part), "rules", "#"),
            "rule",
            (Section("", 3, _rule),),
            reads=_reads_rule,
            start=_start,
            name_of=lambda row: f"{as_text(row.get('id'))} {as_text(row.get('name')) or as_text(row.get('meaning'))}",
            where=lambda document, place: str(place[0]).capitalize(),
        ),
        Form(
            "scoring",
            (str(_part),),
            f"the bands of {_part}",
            (Section("", 1, _card),),
            reads=_reads_card,
            apart=("rules",),
        ),
    )
