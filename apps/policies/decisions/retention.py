"""The check of a retention schedule (row AU-06). Pure."""

from collections.abc import Mapping

from apps.policies.decisions.documents import as_document, as_items, as_text, as_whole, duplicate_ids, unknown_keys
from apps.policies.terms import FieldSpec, Known, Problem
from apps.privacy.retention import LONGEST_DAYS, LONGEST_MONTHS, DataClass


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a schedule."""
    top = as_document(document)
    problems = unknown_keys(top, frozenset({"classes", "recording_days"}), "")
    days = as_whole(top.get("recording_days"))
    if "recording_days" in top and (days is None or not 1 <= days <= LONGEST_DAYS):
        problems.append(Problem("/recording_days", "bad_value", f"A whole number of days, 1 to {LONGEST_DAYS}."))
    ids = []
    for place, item in enumerate(as_items(top.get("classes"))):
        row, path = as_document(item), f"/classes/{place}"
        ids.append((f"{path}/id", as_text(row.get("id"))))
        problems += unknown_keys(row, frozenset({"id", "class", "purpose", "months", "is_active"}), path)
        problems += [
            Problem(f"{path}/{key}", f"{key}_missing", f"A rule needs its {key}.")
            for key in ("id", "purpose")
            if not as_text(row.get(key))
        ]
        if as_text(row.get("class")) not in list(DataClass):
            problems.append(Problem(f"{path}/class", "unknown_class", "One of: " + ", ".join(DataClass) + "."))
        months = as_whole(row.get("months"))
        if months is None or not 1 <= months <= LONGEST_MONTHS:
            problems.append(Problem(f"{path}/months", "bad_value", f"A whole number of months, 1 to {LONGEST_MONTHS}."))
    return problems + duplicate_ids(ids)
