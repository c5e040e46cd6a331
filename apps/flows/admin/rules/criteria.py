"""The forms of one criterion, with the head of the set that it is in, and of one review before the first contact."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import entries
from apps.flows.admin.rules.inputs import Choice, Condition, Flag, Input, Text
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.decisions.places import Place
from apps.policies.decisions.sentences import read_aloud
from apps.policies.queries import field_specs, labels
from apps.policies.terms import FieldSpec, Labels
from apps.qualification.criteria import SCOPE
from apps.qualification.criteria_document import criteria_fields
from apps.qualification.precontact import LONGEST_SENTENCE, reviews_aloud
from apps.qualification.terms import CriterionKind


def _set() -> Sequence[Input]:
    words = labels()
    options = {
        "pipeline": list(picks.pipelines().items()),
        "campaign": sorted(words.get("campaign", {}).items()),
        "service": sorted(words.get("service", {}).items()),
    }
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name"),
        *(Choice(name=each, label=each.capitalize(), options=options[each], none="every one") for each in SCOPE),
    )


def _criterion() -> Sequence[Input]:
    kinds = [(str(each), str(each).replace("_", " ").capitalize()) for each in CriterionKind]
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Choice(name="kind", label="Kind", options=kinds),
        Text(name="sentence", label="In a plain sentence", is_required=True, is_wide=True),
        Text(name="ask", label="What to ask where it is unclear", is_wide=True),
        Condition(label="Is met when"),
        Flag(name="required", label="Required before a lead is qualified", usual=True),
        Flag(name="marketing", label="Part of marketing's target"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _review() -> Sequence[Input]:
    item = (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="sentence", label="In a plain sentence", longest=LONGEST_SENTENCE, is_required=True, is_wide=True),
    )
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name"),
        Condition(label="Is reviewed where"),
        entries(item, "criterion", name="criteria", label="Decided by these criteria: who meets all of them goes on"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _fields() -> Mapping[str, FieldSpec]:
    return criteria_fields(field_specs())


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], words: Labels) -> Sequence[str]:
    if "when" not in row:
        return []
    return [f"{as_text(row.get('sentence'))}: {read_aloud(row['when'], fields, words)}"]


def _reads_review(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], words: Labels) -> Sequence[str]:
    return reviews_aloud({"reviews": [row]}, fields, words) if "when" in row else []


def _set_name(document: Mapping[str, Any], place: Place) -> str:
    row = as_document(dict(enumerate(as_items(document.get("sets")))).get(int(place[1])))
    return as_text(row.get("name")) or as_text(row.get("id")) or "New set"


offer(
    Form(
        "criteria",
        ("sets", "#", "criteria", "#"),
        "criterion",
        (Section("The set, and whose leads it is for", 2, _set, "set-"), Section("The criterion", 4, _criterion)),
        reads=_reads,
        fields=_fields,
        name_of=lambda row: as_text(row.get("sentence")) or as_text(row.get("id")),
        where=_set_name,
        new_head="New set of criteria",
    ),
    Form(
        "criteria",
        ("reviews", "#"),
        "review before the first contact",
        (Section("", 2, _review),),
        reads=_reads_review,
        fields=_fields,
        name_of=lambda row: as_text(row.get("name")) or as_text(row.get("id")),
    ),
)
