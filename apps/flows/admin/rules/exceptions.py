"""The form of one rule about exceptions: who decides what by when, and what becomes of a lead that lacks something."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.exceptions.decisions import ACTION_WORDS, sentences
from apps.exceptions.terms import MISSING_DATA_WORDS, TEAM_LEAD, TYPE_LABELS, MissingData
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Choices, Input, Span, Text, Texts
from apps.policies.decisions.documents import as_text, as_texts
from apps.policies.terms import FieldSpec, Labels


def _type() -> Sequence[Input]:
    actions = [(str(key), word) for key, word in ACTION_WORDS.items()]
    policies = [(str(each), MISSING_DATA_WORDS[each]) for each in MissingData]
    return (
        Choice(name="type", label="Type", options=[(str(key), word) for key, word in TYPE_LABELS.items()]),
        Texts(
            name="causes", label="Only for these causes", help="Such as: location_missing. Empty: for all of the type."
        ),
        Text(name="meaning", label="What it means for the business", longest=500, is_wide=True),
        Choice(
            name="missing_data", label="Where something is missing", options=policies, none="as usual", is_wide=True
        ),
        Choice(name="queue", label="Decided in the queue", options=picks.queues(), none="of whoever has the lead"),
        Span(name="within_seconds", label="Within"),
        Choice(
            name="then",
            label="Else who is told",
            options=[(TEAM_LEAD, "the team's lead"), *picks.teams()],
            none="as usual",
        ),
        Choices(name="actions", label="What may be decided (none: the usual)", options=actions, is_wide=True),
        Choice(name="approver", label="The lead of which team approves", options=picks.teams(), none="nobody has to"),
        Choices(name="approves", label="What has to be approved", options=actions, is_wide=True),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return sentences({"types": [row]}, fields, labels)


def _name(row: Mapping[str, Any]) -> str:
    causes = ", ".join(each.replace("_", " ") for each in as_texts(row.get("causes")))
    name = {str(key): word for key, word in TYPE_LABELS.items()}.get(as_text(row.get("type")), as_text(row.get("type")))
    return f"{name} ({causes})" if causes else name


offer(Form("exceptions", ("types", "#"), "type", (Section("", 2, _type),), reads=_reads, name_of=_name))
