"""Inquiries that a person types in: what each must say, and how a chosen person on file is named in it.

A lead without a real inquiry behind it is none (row VQ-15): a typed one names a source that is known and the reason
for which it is typed. The rule holds for the page and for the API alike.
"""

from collections.abc import Mapping
from uuid import UUID

from apps.tenancy.errors import Problem

#: The answer in which the lead's page shows the reason.
REASON = "entered_because"
REASON_QUESTION = "Entered by hand because"
_ON_FILE = "on-file:"


def manual_gaps(*, source: str, is_known: bool, reason: str) -> tuple[Problem, ...]:
    """Return what a typed inquiry lacks: a known source, and why it is typed."""
    found = []
    if not source:
        found.append(Problem("/source", "missing", "Say where the inquiry came from."))
    elif not is_known:
        found.append(Problem("/source", "unknown_source", f"“{source}” is no source of a lead typed by hand."))
    if not reason.strip():
        found.append(
            Problem("/entry_reason", "reason_missing", "Say why you enter it: what was asked, and how it reached you.")
        )
    return tuple(found)


def reason_in(body: Mapping[str, object]) -> str:
    """Return why a typed inquiry was typed."""
    return str(body.get("entry_reason") or "").strip()


def on_file(person_id: UUID) -> str:
    """Return the id under which a typed inquiry names somebody on file."""
    return f"{_ON_FILE}{person_id}"


def person_named(external_id: str) -> UUID | None:
    """Return whom such an id names; None for every other id."""
    if not external_id.startswith(_ON_FILE):
        return None
    try:
        return UUID(external_id.removeprefix(_ON_FILE))
    except ValueError:
        return None
