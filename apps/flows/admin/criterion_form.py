"""The form of one criterion and of its set's head: plain HTML fields into parts of a criteria document, and back.

Reads and draws only; it stores nothing.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.http import QueryDict

from apps.flows.admin.rule_form import Options, posted_rows
from apps.leads.queries import pipelines_by_key
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.decisions.rule_rows import Rows, as_condition
from apps.policies.queries import labels
from apps.policies.terms import FieldSpec
from apps.qualification.criteria import SCOPE
from apps.qualification.terms import CriterionKind

_SAID = ("id", "kind", "sentence", "ask")
#: What holds of a criterion that does not say otherwise.
_USUAL = {"required": True, "marketing": False, "is_active": True}


def sets_of(document: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the sets as they stand, switched off ones included."""
    return [dict(as_document(each)) for each in as_items(document.get("sets"))]


def criteria_of(row: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the criteria of a set as they stand."""
    return [dict(as_document(each)) for each in as_items(row.get("criteria"))]


def read_set(post: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the head of the set that the form describes; what the form does not show stays as it was."""
    row = {**before, "id": post.get("set-id", "").strip()}
    for name in ("name", *SCOPE):
        said = post.get(f"set-{name}", "").strip()
        row.pop(name, None)
        if said:
            row[name] = said
    return row


def read_criterion(
    post: QueryDict, before: Mapping[str, Any], fields: Mapping[str, FieldSpec]
) -> tuple[dict[str, Any], Rows | None]:
    """Return the criterion that the form describes and its rows (None: the test stays as it is)."""
    row = dict(before)
    for name in _SAID:
        row[name] = post.get(name, "").strip()
    if not row["ask"]:
        del row["ask"]
    rows = posted_rows(post) if "joint" in post else None
    if rows is not None:
        row["when"] = as_condition(rows, fields)
    for name, usual in _USUAL.items():
        row.pop(name, None)
        if (name in post) is not usual:
            row[name] = not usual
    return row, rows


def put(
    document: Mapping[str, object], place: int, head: Mapping[str, Any], number: int, criterion: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the document with this head and criterion at their places; a place past the end adds one."""
    changed, sets = deepcopy(dict(document)), sets_of(document)
    criteria = criteria_of(sets[place]) if place < len(sets) else []
    criteria[number : number + 1] = [dict(criterion)]
    sets[place : place + 1] = [{**head, "criteria": criteria}]
    return {**changed, "sets": sets}


def scope_choices(head: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the selects of what a set is about; a key that nobody knows stays choosable."""
    words = labels()
    options: dict[str, Options] = {
        "pipeline": [(key, row.name) for key, row in pipelines_by_key().items()],
        "campaign": sorted(words.get("campaign", {}).items()),
        "service": sorted(words.get("service", {}).items()),
    }
    found = []
    for name in SCOPE:
        chosen = as_text(head.get(name))
        known = options[name] + (
            [(chosen, f"{chosen} (not known)")] if chosen not in ("", *dict(options[name])) else []
        )
        found.append({"name": name, "label": name.capitalize(), "choices": known, "chosen": chosen})
    return found


def kind_choices() -> Options:
    """Return the kinds of criteria with their words."""
    return [(str(each), str(each).replace("_", " ").capitalize()) for each in CriterionKind]
