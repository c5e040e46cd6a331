"""A row as an inquiry: the guess at columns, the body, what is wrong with it, and what makes two rows one person."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.capture.mapping import ANSWER, RAW_ONLY, FieldRule, is_target
from apps.capture.text import fold
from apps.connectors.decisions.mapping import body_of
from apps.connectors.decisions.synonyms import folded, usual_target
from apps.connectors.terms import Event
from apps.imports.terms import CHECKED_IN, ImportKind, Plan, Sheet

_YES = frozenset({"yes", "y", "true", "1", "x", "ok", "agreed", "granted", "si", "sí", "consent", "opt-in", "opted in"})
#: What only a list of referrals says.
_REFERRAL: Mapping[str, str] = {
    name: f"referral.{field}"
    for field, names in {
        "organization": ("referring organization", "practice", "referring practice", "referrer"),
        "provider": ("referring provider", "provider", "doctor", "physician"),
        "reason": ("referral reason", "reason"),
        "contact_name": ("contact name",),
        "contact_phone": ("contact phone", "office phone"),
    }.items()
    for name in names
}
#: What only a list of an event says; a column of bare times or dates is not guessed at, since an instant needs both.
_CHECKED_IN = frozenset(
    {
        *("checked in", "checked in at", "check in", "check in at", "check in time", "checkin", "checkin time"),
        *("scanned", "scanned at", "scan time", "scan timestamp", "timestamp", "date time", "captured at"),
    }
)
_CONSENT_NAMES = frozenset({"consent", "opt in", "opted in", "permission", "agreed", "consent basis", "consented"})


def guessed(header: Sequence[str], kind: ImportKind, named: Mapping[str, FieldRule] | None = None) -> Plan:
    """Return the plan that the column names suggest; what they do not tell is kept as an answer.

    `named` are the lines of the source's mapping by folded name: they stand before any guess. What needs a
    transform stays an answer here, since the mapping itself works on answers.
    """
    columns, taken, basis_column = {}, set(), ""
    for name in header:
        target = _known_only_to(kind, name) or usual_target(name)[1] or ANSWER
        if folded(name) in _CONSENT_NAMES and not basis_column:
            basis_column, target = name, RAW_ONLY
        if rule := (named or {}).get(fold(name)):
            target = rule.target if not rule.transform and is_target(rule.target) else ANSWER
        if target in taken:
            target = ANSWER
        columns[name] = target
        taken |= {target} - {ANSWER, RAW_ONLY}
    return Plan(columns, basis_column=basis_column)


def _known_only_to(kind: ImportKind, name: str) -> str:
    """Return the target that a column's name has in lists of this kind alone."""
    if kind is ImportKind.EVENT_SCAN:
        return CHECKED_IN if folded(name) in _CHECKED_IN else ""
    return _REFERRAL.get(folded(name), "") if kind is ImportKind.REFERRALS else ""


def plan_problems(plan: Plan, header: Sequence[str], kind: ImportKind, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what keeps a plan from being checked: field and sentence.

    A list of an event without a column of check-ins states when the event was: how long ago somebody came decides
    whether they still get a receipt (row CP-19).
    """
    used: dict[str, str] = {}
    for name in header:
        target = plan.columns.get(name, ANSWER)
        if not (is_target(target) or (target == CHECKED_IN and kind is ImportKind.EVENT_SCAN)):
            yield "columns", f"“{name}”: there is no field “{target}”."
        elif target not in (ANSWER, RAW_ONLY) and target in used:
            yield "columns", f"“{name}” and “{used[target]}” cannot both be {target}."
        used.setdefault(target, name)
    phones = {"person.phone", "person.email", *(() if kind is ImportKind.OPT_OUTS else ("referral.contact_phone",))}
    if not phones & set(plan.columns.values()):
        yield "columns", "Say which column holds the phone or the e-mail."
    if plan.basis_column and plan.basis_column not in header:
        yield "basis_column", "This column is not in the file."
    if not plan.basis_column and plan.basis != "file" and kind is ImportKind.CALLING_LIST:
        yield "basis", "A calling list needs a consent basis: a column that says it, or one statement for all rows."
    if (plan.basis_column or plan.basis == "file") and not (plan.channels and plan.text_version and plan.evidence):
        yield "evidence", "Say for which channels people agreed, in which wording, and where the proof is kept."
    if kind is ImportKind.EVENT_SCAN and not plan.event.strip():
        yield "event", "Name the event."
    if kind is ImportKind.EVENT_SCAN and CHECKED_IN not in plan.columns.values():
        if plan.happened_at is None:
            yield "event_at", "No column says when people checked in: say when the event was."
        elif plan.happened_at > now:
            yield "event_at", "The event lies in the future."


def body(
    sheet: Sheet,
    place: int,
    plan: Plan,
    *,
    kind: ImportKind,
    source: str,
    own_id: str,
    checked_in_at: datetime | None = None,
) -> dict[str, Any]:
    """Return a row as an inquiry in the shape of the API's body.

    `checked_in_at` is when the person came to the stand: then they asked, and then they agreed to be contacted.
    """
    values = {name: [cell] for name, cell in zip(sheet.header, sheet.rows[place], strict=True) if cell}
    mapping = {**dict.fromkeys(sheet.header, ANSWER), **plan.columns}
    asked = {name: name for name in sheet.header}
    event = Event(own_id, own_id, values=values, questions=asked, submitted_at=checked_in_at)
    found = body_of(event, mapping, source=source, capture_method=kind.value)
    if plan.event.strip():
        found.setdefault("answers", []).append({"key": "event", "question": "Event", "values": [plan.event.strip()]})
    if has_basis(sheet, place, plan):
        at = {"captured_at": checked_in_at.isoformat()} if checked_in_at else {}
        found["consent"] = [
            {
                "channel": channel,
                "state": "granted",
                "text_version": plan.text_version,
                "evidence_kind": "import",
                "evidence_ref": plan.evidence[:500],
                **({"limited_to": "this_inquiry"} if plan.inquiry_only else {}),
                **at,
            }
            for channel in plan.channels
        ]
    return found


def checked_in_cell(sheet: Sheet, place: int, plan: Plan) -> str | None:
    """Return what a row says of when the person came; None where no column is for that."""
    name = next((each for each in sheet.header if plan.columns.get(each) == CHECKED_IN), None)
    return None if name is None else sheet.rows[place][sheet.header.index(name)]


def has_basis(sheet: Sheet, place: int, plan: Plan) -> bool:
    """Say whether the row's person agreed to be contacted."""
    if not plan.basis_column:
        return plan.basis == "file"
    return sheet.rows[place][sheet.header.index(plan.basis_column)].casefold() in _YES


def points(sheet: Sheet, place: int, plan: Plan) -> tuple[str, ...]:
    """Return what makes another row of the file the same person: the phone's digits and the e-mail address.

    It looks at two cells only: a file is compared with itself row by row, so this has to cost next to nothing.
    """
    cells = dict(zip(sheet.header, sheet.rows[place], strict=True))
    said = {plan.columns.get(name, ANSWER): cell for name, cell in cells.items() if cell}
    digits = re.sub(r"\D", "", said.get("person.phone", ""))[-10:]
    return tuple(each for each in (digits, said.get("person.email", "").casefold()) if each)
