"""What a mapping would make of the last inquiries of a source: before and after, without the person's own values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.audit import ledger
from apps.capture.mapping_document import target_label
from apps.capture.models import Submission
from apps.capture.sight import visible_submissions
from apps.capture.text import fold
from apps.flows.arrival import Case, open_case
from apps.flows.became import mapped_fields
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts
from apps.tenancy.actor import Actor

LAST = 5
HIDDEN = "•••"
#: What may be shown as it is: words of picklists and of campaigns. All else is a person's own.
_SHOWN = frozenset({"service", "location", "patient_type", "timeframe", "preferred_channel", "relation"})


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One thing that was sent: the sender's name and value, our field and value, and what is wrong in words."""

    name: str
    sent: str
    field: str
    became: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """One past inquiry under a mapping."""

    received_at: datetime
    version: int
    lines: tuple[PreviewLine, ...]
    problems: tuple[str, ...]


def previews(source_key: str, documents: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> list[Preview]:
    """Read the last five inquiries of a source ("" for all) by these documents; that they were read is noted."""
    rows = Submission.rows().filter(visible_submissions(actor)).select_related("source__campaign", "party")
    if source_key:
        rows = rows.filter(source__key=source_key)
    last = list(rows.order_by("-received_at", "-id")[:LAST])
    ledger.record_read(actor=actor, what="submission", object_ids=[row.id for row in last])
    return [_preview(row, documents, now) for row in last]


def _preview(row: Submission, documents: Sequence[Mapping[str, Any]], now: datetime) -> Preview:
    case = open_case(row, now, documents=documents)
    return Preview(row.received_at, row.mapping_version, tuple(_lines(case)), case.mapped.problems)


def _lines(case: Case) -> Iterator[PreviewLine]:
    for each in mapped_fields(case.mapped.body, case):
        part, _, key = each.path.partition(".")
        is_shown = part == "attribution" or key in _SHOWN
        name = case.mapped.names.get(key, each.path)
        problem = "Nobody has said what this means." if each.is_lost and key in _SHOWN else ""
        problem = "This cannot be read." if each.is_lost and not problem else problem
        sent, became = (each.sent, each.became) if is_shown else (masked(each.sent), masked(each.became))
        yield PreviewLine(name, sent, target_label(each.path), "" if each.is_lost else became, problem)
    unknown = {each.name for each in case.mapped.unknown}
    choices = {fold(each.field) for each in case.draft.unmapped}
    for item in as_items(case.mapped.body.get("answers")):
        answer = as_document(item)
        name = as_text(answer.get("key"))
        problem = "Nothing names it: it is kept as an answer." if name in unknown else ""
        problem = "Nobody has said what this means." if fold(name) in choices else problem
        yield PreviewLine(name, HIDDEN if as_texts(answer.get("values")) else "", "an answer", HIDDEN, problem)


def masked(text: str) -> str:
    """Return the first character of a person's value and nothing more."""
    return f"{text[:1]}{HIDDEN}" if text else ""
