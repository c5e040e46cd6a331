"""How cadences documents are checked and read: they may test what is known of a lead at any time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.flows.cadence_facts import cadence_fields
from apps.outreach.cadence_document import cadence_aloud, check_document, segment_aloud, sentences
from apps.outreach.cadences import KIND
from apps.outreach.templates import template_names
from apps.policies import registry
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.queries import field_specs, labels, live_document
from apps.policies.terms import FieldSpec, Known, Labels, Problem


def check(document: Any, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a cadences document."""
    return check_document(document, cadence_fields(fields), known)


def read(document: Any, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Read a cadences document aloud."""
    return sentences(document, cadence_fields(fields), labels)


def plans_aloud(now: datetime) -> list[str]:
    """Return what each cadence in force does, a sentence for each."""
    document, fields, words = live_document(KIND, now), cadence_fields(field_specs()), labels()
    return [cadence_aloud(as_document(row), fields, words) for row in as_items(document.get("cadences"))]


def segments_aloud(now: datetime) -> dict[str, str]:
    """Return what each group in force is made of, by its id."""
    document, fields, words = live_document(KIND, now), cadence_fields(field_specs()), labels()
    rows = map(as_document, as_items(document.get("segments")))
    return {as_text(row.get("id")): segment_aloud(row, fields, words) for row in rows}


def register() -> None:
    """Let policies know the kind and its templates."""
    registry.register_check(KIND, check)
    registry.register_reader(KIND, read)
    registry.register_words("templates", template_names)
