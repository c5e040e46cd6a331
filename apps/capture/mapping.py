"""A source's mapping: the sender's names to our fields with a transform, and the sender's words to picklist values.

A document is `{"fields": [{"from": "svc_interest", "to": "request.service", "transform": "lower"}],
"values": {"service": {"ortho": "orthopedics"}}}`. A source has one of its own and the tenant one for all sources;
the source's stands first. Names and words are compared folded, so that "Svc-Interest" is `svc_interest`.

Answers of an inquiry are what a mapping works on: every door keeps there what has no field of its own. Nothing is
lost: what a mapping does not name, and what a transform cannot read, stays an answer.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from apps.capture.schema import (
    AttributionPart,
    InsurancePart,
    PersonPart,
    ReferralPart,
    RequestPart,
    SubmitterPart,
)
from apps.capture.terms import Unmapped
from apps.capture.text import fold, one_line
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts

ANSWER, RAW_ONLY, FULL_NAME, SUBMITTER_NAME = "answer", "-", "person.full_name", "on_behalf_of.full_name"
MESSAGE, CUSTOM = "request.message", "custom"
#: The parts of an inquiry and the fields of each that a mapping may fill: those of the API's body, and whole names.
TARGETS: Mapping[str, frozenset[str]] = {
    "person": frozenset(PersonPart.model_fields) - {"is_organization"} | {"full_name"},
    "on_behalf_of": frozenset(SubmitterPart.model_fields) | {"full_name"},
    "request": frozenset(RequestPart.model_fields),
    "insurance": frozenset(InsurancePart.model_fields),
    "referral": frozenset(ReferralPart.model_fields),
    "attribution": frozenset(AttributionPart.model_fields),
}
#: The picklist fields of an inquiry, by the part of the body they stand in.
PICKLISTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("service", "location", "patient_type", "timeframe", "part_of_day", "preferred_channel"), "request"
    ),
    "relation": "on_behalf_of",
}
_PARTICLES = frozenset({"de", "del", "della", "der", "di", "da", "dos", "du", "la", "las", "los", "van", "von", "y"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


class Transform(StrEnum):
    """What may be done to a value on its way. Every value is trimmed."""

    NONE = ""
    LOWER = "lower"
    DATE_MDY = "date_mdy"
    DATE_DMY = "date_dmy"
    SPLIT_NAME = "split_name"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One line of a mapping: the sender's name, our field, and what is done to the value."""

    name: str
    target: str
    transform: Transform = Transform.NONE


@dataclass(frozen=True, slots=True)
class Mapped:
    """An inquiry after its mapping. `names` tells by our field which of the sender's names filled it.

    `unknown` holds answers that nothing names, `problems` what a transform could not read, in sentences.
    """

    body: Mapping[str, object]
    names: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[Unmapped, ...] = ()
    problems: tuple[str, ...] = ()


def is_target(target: str, custom: Iterable[str] = ()) -> bool:
    """Say whether a mapping may name this target; `custom` are the keys of the tenant's own fields."""
    part, _, name = target.partition(".")
    if part == CUSTOM:
        return name in set(custom)
    return target in (ANSWER, RAW_ONLY) or name in TARGETS.get(part, frozenset())


def field_rules(document: object) -> list[FieldRule]:
    """Return the lines of a document that can be read, in order."""
    rules = []
    for item in as_items(as_document(document).get("fields")):
        line = as_document(item)
        name, target, change = (as_text(line.get(key)) for key in ("from", "to", "transform"))
        if name and target and change in set(Transform):
            rules.append(FieldRule(name, target, Transform(change)))
    return rules


def names_in(documents: Sequence[object]) -> dict[str, FieldRule]:
    """Return the lines of several documents by folded name; the first document that names one has it."""
    found: dict[str, FieldRule] = {}
    for document in documents:
        for rule in field_rules(document):
            found.setdefault(fold(rule.name), rule)
    return found


def synonyms_in(documents: Sequence[object]) -> dict[str, dict[str, str]]:
    """Return by picklist field what folded words mean; the first document that says it has it."""
    found: dict[str, dict[str, str]] = {}
    for document in documents:
        for name, words in as_document(as_document(document).get("values")).items():
            for word, key in as_document(words).items():
                if as_text(key):
                    found.setdefault(name, {}).setdefault(fold(word), as_text(key))
    return found


def apply_mapping(
    payload: Mapping[str, object], documents: Sequence[object], *, custom: Mapping[str, str] | None = None
) -> Mapped:
    """Move an inquiry's answers to the fields that the mapping names. A field that says something already keeps it.

    `custom` gives the labels of the tenant's own fields by key. Total: any JSON object is read, none raises.
    """
    rules, labels = names_in(documents), dict(custom or {})
    body: dict[str, object] = dict(as_document(payload))
    kept: list[object] = []
    names: dict[str, str] = {}
    unknown: list[Unmapped] = []
    problems: list[str] = []
    for item in as_items(body.get("answers")):
        answer = as_document(item)
        name = as_text(answer.get("key")) or as_text(answer.get("question"))
        rule, values = rules.get(fold(name)), as_texts(answer.get("values"))
        if rule is None:
            kept.append(item)
            if name and values and fold(name) not in {fold(key) for key in labels}:
                unknown.append(Unmapped("", one_line(", ".join(values), 80), name=name))
        elif rule.target == ANSWER or not values:
            kept.append(item)
        elif rule.target.startswith(f"{CUSTOM}."):
            key = rule.target.partition(".")[2]
            names[key] = rule.name
            kept.append({**answer, "key": key, "question": labels.get(key) or as_text(answer.get("question"))})
        elif rule.target != RAW_ONLY:
            kept += _fill(body, rule, values, item, names, problems)
    if "answers" in body:
        body["answers"] = kept
    return Mapped(body, names, tuple(unknown), tuple(problems))


def changed(text: str, transform: Transform) -> str | None:
    """Return a value after its transform; None where it cannot be read so."""
    return _CHANGES[transform](text.strip())


def split_name(full: str) -> tuple[str, str]:
    """Return first and family name of a name in one piece; the piece itself stays among the answers.

    "Last, First" is turned round. Of four words or more the last two are the family name, as in Spanish; small
    words such as "de la" belong to what follows them.
    """
    before, comma, after = full.partition(",")
    if comma and after.strip():
        return after.strip(), before.strip()
    words = full.split()
    if len(words) < 2:
        return full.strip(), ""
    start = len(words) - (2 if len(words) >= 4 else 1)
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def _fill(
    body: dict[str, object],
    rule: FieldRule,
    values: Sequence[str],
    item: object,
    names: dict[str, str],
    problems: list[str],
) -> list[object]:
    """Put a value into its field; return what stays an answer: several values, a name in one piece, what is unread."""
    part, _, key = rule.target.partition(".")
    text = changed("\n".join(values) if rule.target == MESSAGE else values[0], rule.transform)
    if text is None:
        problems.append(f"“{rule.name}” could not be read as {WORDS_OF_TRANSFORMS[rule.transform]}.")
        return [item]
    filled = dict(as_document(body.get(part)))
    if key == "full_name" or rule.transform is Transform.SPLIT_NAME:
        first, last = split_name(text)
        if not filled.get("first_name") and not filled.get("last_name"):
            body[part] = {**filled, "first_name": first, "last_name": last}
        return [item]
    if filled.get(key):
        return [item]
    body[part] = {**filled, key: text}
    names[key] = rule.name
    return [item] if len(values) > 1 and rule.target != MESSAGE else []


def _date(form: str) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        for sign in ("/", "-", "."):
            try:
                moment = datetime.strptime(text, form.replace("/", sign)).replace(tzinfo=UTC)
            except ValueError:
                continue
            return moment.date().isoformat()
        return None

    return read


def _number(text: str) -> str | None:
    found = _NUMBER.search(text.replace(",", ""))
    return found[0] if found else None


_CHANGES: Mapping[Transform, Callable[[str], str | None]] = {
    Transform.NONE: lambda text: text,
    Transform.LOWER: str.lower,
    Transform.DATE_MDY: _date("%m/%d/%Y"),
    Transform.DATE_DMY: _date("%d/%m/%Y"),
    Transform.SPLIT_NAME: lambda text: text,
    Transform.NUMBER: _number,
}
WORDS_OF_TRANSFORMS: Mapping[Transform, str] = {
    Transform.NONE: "as it is",
    Transform.LOWER: "lower case",
    Transform.DATE_MDY: "a date, month first (12/31/2026)",
    Transform.DATE_DMY: "a date, day first (31/12/2026)",
    Transform.SPLIT_NAME: "a name in one piece, cut in two",
    Transform.NUMBER: "a number",
}
