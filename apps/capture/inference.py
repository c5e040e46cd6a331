"""What the words of a call or a chat tell that its sender did not: service, office, urgency, new or known patient.

A document is `{"channels": ["call", "chat"], "rules": [{"id": "KW-12", "meaning": "…", "words": ["knee pain"],
"unless": ["knee pads"], "infers": {"service": "orthopedics"}}]}`. The rules are asked in their order, and each field
is told by the first one that names it. Only fields that the sender left open are inferred, and never one that came in
words nobody knows: that one waits for its meaning. Nothing of the text is kept but which rule it met.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from apps.capture.mapping_document import OWN_PICKLISTS
from apps.capture.terms import Draft, Inferred
from apps.capture.text import fold
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.rules import LONGEST_ID
from apps.policies.terms import FieldSpec, Known, Labels, Problem

#: The channels on which people speak freely, and the only ones that may be listened to so.
CHANNELS = ("call", "chat")
#: What a rule may infer, with the column of the draft; "urgency" in the words of the rules is the timeframe.
FIELDS: Mapping[str, str] = {
    "service": "service_key",
    "location": "location_key",
    "timeframe": "timeframe",
    "patient_type": "patient_type",
}
#: Where calls keep what was said, beside the message; and who in it is not the person who called.
_TRANSCRIPTS = frozenset({"transcript", "transcription", "call transcript"})
_OURS = frozenset({"agent", "representative", "bot", "assistant", "staff", "operator"})
_PARTS = frozenset({"channels", "rules"})
_RULE_PARTS = frozenset({"id", "meaning", "words", "unless", "infers", "is_active"})


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    words: tuple[str, ...]
    unless: tuple[str, ...]
    infers: Mapping[str, str]


def infer(draft: Draft, document: object) -> tuple[Inferred, ...]:
    """Return what the person's own words tell of the fields that the inquiry leaves open."""
    top = as_document(document)
    if draft.capture_method not in channels_of(top):
        return ()
    open_fields = [
        name for name, column in FIELDS.items() if not getattr(draft, column) and not _was_typed(draft, name)
    ]
    text = f" {fold(spoken_by_person(draft))} " if open_fields else ""
    found: dict[str, Inferred] = {}
    for rule in _rules(top):
        if not _has_any(text, rule.words) or _has_any(text, rule.unless):
            continue
        for name, value in rule.infers.items():
            if name in open_fields:
                found.setdefault(name, Inferred(name, value, rule.id))
    return tuple(found.values())


def with_inferred(draft: Draft, found: tuple[Inferred, ...]) -> Draft:
    """Return the draft with what was inferred in its open fields."""
    columns: dict[str, str] = {FIELDS[each.field]: each.value for each in found}
    return replace(draft, inferred=found, **columns) if found else draft  # type: ignore[arg-type]


def channels_of(document: Document) -> tuple[str, ...]:
    """Return the channels that are listened to; both where the document names none."""
    return as_texts(document.get("channels")) if "channels" in document else CHANNELS


def spoken_by_person(draft: Draft) -> str:
    """Return what the person wrote or said: the message, and of a call's transcript the lines that are not ours."""
    told = [draft.message]
    if draft.capture_method == "call":
        told += [text for each in draft.answers if fold(each.key) in _TRANSCRIPTS for text in each.values]
    lines = (line for text in told for line in text.splitlines())
    return "\n".join(line for line in lines if not _is_ours(line))


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with inference rules: missing ids, meanings and words, fields and values that are none."""
    top = as_document(document)
    problems = unknown_keys(top, _PARTS, "")
    for place, name in enumerate(as_texts(top.get("channels"))):
        if name not in CHANNELS:
            sentence = f"“{name}” is none of: {', '.join(CHANNELS)}."
            problems.append(Problem(f"/channels/{place}", "unknown_channel", sentence))
    ids = []
    for place, item in enumerate(as_items(top.get("rules"))):
        path, rule = f"/rules/{place}", as_document(item)
        ids.append((f"{path}/id", as_text(rule.get("id"))))
        problems += unknown_keys(rule, _RULE_PARTS, path)
        problems += _rule_problems(rule, path, known)
    return problems + duplicate_ids(ids)


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return the rules in sentences."""
    top = as_document(document)
    where = " and ".join(f"{each}s" for each in channels_of(top))
    told = [f"Listens to {where}, for what the sender left open." if where else "Listens to nothing."]
    for rule in _rules(top):
        said = " or ".join(f"“{each}”" for each in rule.words)
        but = f", unless {' or '.join(f'“{each}”' for each in rule.unless)} is there" if rule.unless else ""
        means = " and ".join(
            f"{name.replace('_', ' ')} {labels.get(name, {}).get(value, value.replace('_', ' '))}"
            for name, value in rule.infers.items()
        )
        told.append(f"{rule.id}: {said}{but} means {means}.")
    return told


def _rules(top: Document) -> Iterator[_Rule]:
    for item in as_items(top.get("rules")):
        rule = as_document(item)
        if rule.get("is_active") is False or not as_text(rule.get("id")):
            continue
        infers = {name: as_text(value) for name, value in as_document(rule.get("infers")).items() if name in FIELDS}
        yield _Rule(
            as_text(rule.get("id")),
            as_texts(rule.get("words")),
            as_texts(rule.get("unless")),
            {name: value for name, value in infers.items() if value},
        )


def _has_any(text: str, phrases: tuple[str, ...]) -> bool:
    """Say whether one of the phrases stands in the folded text as whole words, side by side."""
    return any(fold(phrase) and f" {fold(phrase)} " in text for phrase in phrases)


def _was_typed(draft: Draft, name: str) -> bool:
    return bool(draft.typed.get(name, "").strip())


def _is_ours(line: str) -> bool:
    speaker, colon, _words = line.partition(":")
    return bool(colon) and fold(speaker) in _OURS


def _rule_problems(rule: Document, path: str, known: Known) -> Iterator[Problem]:
    name = as_text(rule.get("id"))
    if not name or len(name) > LONGEST_ID:
        yield Problem(f"{path}/id", "id_missing", f"A rule needs an id of at most {LONGEST_ID} characters, as KW-12.")
    if not as_text(rule.get("meaning")):
        yield Problem(f"{path}/meaning", "meaning_missing", "Say in plain words what this rule means for the business.")
    if not as_texts(rule.get("words")):
        yield Problem(f"{path}/words", "words_missing", f"{name}: name the words that are listened for.")
    for part in ("words", "unless"):
        for place, phrase in enumerate(as_texts(rule.get(part))):
            if not fold(phrase):
                yield Problem(f"{path}/{part}/{place}", "no_word", f"“{phrase}” has no word in it.")
    infers = as_document(rule.get("infers"))
    if not infers:
        yield Problem(f"{path}/infers", "infers_missing", f"{name}: say what the words mean.")
    values = {"service": known.services, "location": known.locations}
    for field, value in infers.items():
        if field not in FIELDS:
            sentence = f"“{field}” is none of: {', '.join(FIELDS)}."
            yield Problem(f"{path}/infers/{field}", "unknown_field", sentence)
        elif as_text(value) not in (values.get(field) or frozenset(OWN_PICKLISTS.get(field, ()))):
            yield Problem(f"{path}/infers/{field}", "unknown_value", f"“{as_text(value)}” is no value of {field}.")
