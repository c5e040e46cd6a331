"""The form of what the chat says: safety texts, greeting, words, waits, and answers to listed questions.

Reads what was posted into a rule document and draws a document as fields; it stores nothing.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from apps.chat.decisions import (
    CLINICAL,
    ESCALATE_SECONDS,
    GIVE_UP_SECONDS,
    HUMAN,
    LONGEST_WAIT_SECONDS,
    SHORTEST_WAIT_SECONDS,
    URGENT_ESCALATE_SECONDS,
    WAITS,
)
from apps.chat.terms import Fixed, Handover, Language
from apps.chat.texts import EMERGENCY, NUMBERS, fixed, safety_text
from apps.flows.admin.ordering import reordered
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts

#: How many answers the form holds; those after them are kept as they are.
MOST_ANSWERS = 100
WORDS = ("emergency", "clinical", "human")
_TEXTS = ("say", "then")
_USUAL_WORDS: Mapping[str, tuple[str, ...]] = {
    "emergency": tuple(each for tongue in Language for each in EMERGENCY[tongue]),
    "clinical": CLINICAL,
    "human": HUMAN,
}
_USUAL_WAITS = {
    "give_up_seconds": GIVE_UP_SECONDS,
    "escalate_seconds": ESCALATE_SECONDS,
    "urgent_escalate_seconds": URGENT_ESCALATE_SECONDS,
}
_DIGITS = 6


def read_posted(post: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that the form describes; what was left empty is not in it, so the product's own holds."""
    document: dict[str, Any] = {key: value for key, value in before.items() if key not in {"greeting", "safety"}}
    for name in WORDS:
        _put(document, name, _lines(post, name))
    for name in WAITS:
        _put(document, name, _number(post.get(name, "").strip()))
    _put(document, "greeting", _worded(post, "greeting", before.get("greeting")))
    safety = {str(danger): _by_language(post, f"safety-{danger}") for danger in NUMBERS}
    _put(document, "safety", {danger: texts for danger, texts in safety.items() if texts})
    old, count = as_items(before.get("answers")), post.get("answers", "0")
    shown = range(min(int(count), MOST_ANSWERS) if count.isdecimal() and len(count) <= _DIGITS else 0)
    by_id = {as_text(as_document(each).get("id")): as_document(each) for each in old}
    answers = [_posted_answer(post, number, by_id) for number in shown]
    return {**document, "answers": [*answers, *old[MOST_ANSWERS:]]}


def moved(document: Mapping[str, Any], deed: str) -> dict[str, Any] | None:
    """Return the document after "add", "drop-2", "up-2" or "down-2" of its answers; None where the deed is another."""
    answers = list(document.get("answers", []))
    if deed != "add":
        changed = reordered(answers, deed)
        return None if changed is None else {**document, "answers": changed}
    ids = {as_text(as_document(each).get("id")) for each in answers}
    free = next(f"Q-{number}" for number in range(1, len(ids) + 2) if f"Q-{number}" not in ids)
    return {**document, "answers": [*answers, {"id": free, "meaning": "", "ask": [], "say": ""}]}


def drawn(document: Mapping[str, object]) -> dict[str, Any]:
    """Return the document as admin/chat/answers.html draws it."""
    answers, safety = as_items(document.get("answers")), as_document(document.get("safety"))
    greeting = document.get("greeting")
    return {
        "safety": [
            {
                "name": f"safety-{danger}",
                "title": title,
                "number": NUMBERS[danger],
                "texts": [
                    {**each, "usual": safety_text(danger, each["key"])}
                    for each in _drawn_texts(f"safety-{danger}", safety.get(danger))
                ],
            }
            for danger, title in ((Handover.EMERGENCY, "Emergency"), (Handover.CRISIS, "Crisis"))
        ],
        "greeting": [
            {**each, "usual": fixed(Fixed.GREETING, each["key"])} for each in _drawn_texts("greeting", greeting)
        ],
        "words": [
            {
                "name": name,
                "label": label,
                "text": "\n".join(as_texts(document.get(name))),
                "usual": ", ".join(_USUAL_WORDS[name]),
            }
            for name, label in zip(
                WORDS, ("Words of an emergency", "Words of a question about health", "Words for a person"), strict=True
            )
        ],
        "waits": [
            {"name": name, "label": label, "value": _shown(document.get(name)), "usual": _USUAL_WAITS[name]}
            for name, label in (
                ("escalate_seconds", "The supervisor is told after"),
                ("urgent_escalate_seconds", "In an emergency the supervisor is told after"),
                ("give_up_seconds", "The chat gives up and becomes an inquiry after"),
            )
        ],
        "shortest": SHORTEST_WAIT_SECONDS,
        "longest": LONGEST_WAIT_SECONDS,
        "answers": [_drawn_answer(number, as_document(each)) for number, each in enumerate(answers[:MOST_ANSWERS])],
        "is_full": len(answers) >= MOST_ANSWERS,
        "hidden": max(0, len(answers) - MOST_ANSWERS),
    }


def _put(document: dict[str, Any], name: str, value: Any) -> None:
    document.pop(name, None)
    if value not in ("", None, [], {}):
        document[name] = value


def _text(post: QueryDict, name: str) -> str:
    return post.get(name, "").replace("\r\n", "\n").strip()


def _lines(post: QueryDict, name: str) -> list[str]:
    return [line.strip() for line in _text(post, name).splitlines() if line.strip()]


def _number(typed: str) -> int | str:
    """Return the whole number; what is none stays as typed, for the check to refuse."""
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS else typed


def _by_language(post: QueryDict, name: str) -> dict[str, str]:
    return {str(tongue): text for tongue in Language if (text := _text(post, f"{name}-{tongue}"))}


def _worded(post: QueryDict, name: str, before: object) -> dict[str, str] | str:
    """Return a text by language; English alone stays one text, unless it was kept by language before."""
    texts = _by_language(post, name)
    if set(texts) == {Language.ENGLISH.value} and not isinstance(before, Mapping):
        return texts[Language.ENGLISH.value]
    return texts


def _posted_answer(post: QueryDict, number: int, by_id: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    name = f"a{number}"
    before = by_id.get(post.get(f"{name}-was", ""), {})
    answer: dict[str, Any] = {**before, "id": _text(post, f"{name}-id"), "meaning": _text(post, f"{name}-meaning")}
    answer["ask"] = _lines(post, f"{name}-ask")
    for part in _TEXTS:
        _put(answer, part, _worded(post, f"{name}-{part}", before.get(part)))
    _put(answer, "is_active", None if f"{name}-is_active" in post else False)
    return answer


def _drawn_answer(number: int, answer: Mapping[str, object]) -> dict[str, Any]:
    name = f"a{number}"
    return {
        "number": number,
        "name": name,
        "id": as_text(answer.get("id")),
        "meaning": as_text(answer.get("meaning")),
        "ask": "\n".join(as_texts(answer.get("ask"))),
        "say": _drawn_texts(f"{name}-say", answer.get("say")),
        "then": _drawn_texts(f"{name}-then", answer.get("then")),
        "is_active": answer.get("is_active") is not False,
    }


def _drawn_texts(name: str, value: object) -> list[dict[str, str]]:
    """Return a text area for each language; a text without a language stands as the English one."""
    by_language = value if isinstance(value, Mapping) else {Language.ENGLISH.value: value}
    return [
        {
            "key": str(tongue),
            "name": f"{name}-{tongue}",
            "language": tongue.name.capitalize(),
            "text": as_text(by_language.get(tongue)),
        }
        for tongue in Language
    ]


def _shown(value: object) -> str:
    return "" if value is None else str(value)
