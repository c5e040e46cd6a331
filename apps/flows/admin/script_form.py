"""The form of one script: its questions in order, what each fills, and which answer means which value.

Reads what was posted into a script of the document and draws a script as fields; it stores nothing.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from apps.capture.mapping_document import OWN_PICKLISTS
from apps.capture.scripts import CHANNELS, FIELDS, LISTED, SPOKEN
from apps.catalog.queries import locations_by_key, services_by_key
from apps.flows.admin.ordering import reordered
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts

Options = list[tuple[str, str]]
SPOKEN_LABELS = {
    "says": "What one says first, a line each; {caller}, {organization} and {first_name} are filled in",
    "voicemail": "If a voicemail answers; no line may name a service",
    "someone_else": "If somebody else answers; no line may name a service",
}
#: How many answers of a question are open to be added at once, and how many of each a form may hold.
SPARE, MOST_QUESTIONS, MOST_ANSWERS = 2, 40, 40


def scripts_of(document: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the scripts as they stand, switched off ones included."""
    return [dict(as_document(item)) for item in as_items(document.get("scripts"))]


def put_script(document: Mapping[str, object], number: int, script: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with this script at its place; a number past the end adds it."""
    scripts = scripts_of(document)
    return {**document, "scripts": [*scripts[:number], dict(script), *scripts[number + 1 :]]}


def free_id(document: Mapping[str, object], start: str) -> str:
    """Return an id that no script and no question has yet: S-6 after S-5."""
    scripts = scripts_of(document)
    ids = {as_text(each.get("id")) for each in scripts}
    ids |= {as_text(as_document(each).get("id")) for script in scripts for each in as_items(script.get("questions"))}
    numbers = [int(each[len(start) :]) for each in ids if each.startswith(start) and each[len(start) :].isdecimal()]
    return f"{start}{max(numbers, default=0) + 1}"


def values_of(field: str) -> Options:
    """Return the values that a field may have: of the catalog by its names of now, else the product's own."""
    if field == "service":
        return [(key, row.name) for key, row in services_by_key().items() if row.is_active]
    if field == "location":
        return [(key, row.name) for key, row in locations_by_key().items() if row.is_available]
    return [(key, key.replace("_", " ")) for key in OWN_PICKLISTS.get(field, ())]


def read_posted(post: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the script that the form describes; parts that the form does not show stay as they were."""
    script = {**before, **{name: post.get(name, "").strip() for name in ("id", "name", "meaning")}}
    script["channels"] = [each for each in CHANNELS if each in post.getlist("channels")]
    script["services"] = [each for each in post.getlist("services") if each]
    for part in SPOKEN:
        lines = [line.strip() for line in post.get(part, "").splitlines() if line.strip()]
        script.pop(part, None)
        script |= {part: lines} if lines else {}
    count = post.get("questions", "0")
    asked = range(min(int(count), MOST_QUESTIONS) if count.isdecimal() else 0)
    script["questions"] = [_posted_question(post, number) for number in asked]
    script.pop("is_active", None)
    return script if "is_active" in post else {**script, "is_active": False}


def moved(script: Mapping[str, Any], deed: str, new_id: str) -> dict[str, Any] | None:
    """Return the script after "add", "drop-2", "up-2" or "down-2"; None where the deed is another."""
    questions = list(script.get("questions", []))
    if deed == "add":
        return {**script, "questions": [*questions, {"id": new_id, "ask": "", "fills": FIELDS[0]}]}
    moved_ones = reordered(questions, deed)
    return None if moved_ones is None else {**script, "questions": moved_ones}


def drawn(script: Mapping[str, Any]) -> dict[str, Any]:
    """Return the script as admin/flows/script.html draws it."""
    services, chosen = values_of("service"), as_texts(script.get("services"))
    channels = as_texts(script.get("channels")) or CHANNELS
    return {
        "id": as_text(script.get("id")),
        "name": as_text(script.get("name")),
        "meaning": as_text(script.get("meaning")),
        "is_active": script.get("is_active") is not False,
        "spoken": [(part, SPOKEN_LABELS[part], "\n".join(as_texts(script.get(part)))) for part in SPOKEN],
        "channels": [(each, each in channels) for each in CHANNELS],
        "services": [(key, name, key in chosen) for key, name in services],
        "questions": [
            _drawn_question(number, as_document(each)) for number, each in enumerate(as_items(script.get("questions")))
        ],
    }


def _posted_question(post: QueryDict, number: int) -> dict[str, Any]:
    name = f"q{number}"
    question: dict[str, Any] = {part: post.get(f"{name}-{part}", "").strip() for part in ("id", "ask", "fills")}
    pairs = zip(post.getlist(f"{name}-word")[:MOST_ANSWERS], post.getlist(f"{name}-value")[:MOST_ANSWERS], strict=False)
    answers = {word.strip(): value.strip() for word, value in pairs if word.strip()}
    return {**question, "answers": answers} if answers else question


def _drawn_question(number: int, question: Mapping[str, object]) -> dict[str, Any]:
    field, answers = as_text(question.get("fills")), as_document(question.get("answers"))
    values = values_of(field)
    known = {key for key, _ in values}
    rows = [(word, as_text(value)) for word, value in answers.items()] + [("", "")] * SPARE
    return {
        "number": number,
        "id": as_text(question.get("id")),
        "ask": as_text(question.get("ask")),
        "fields": [(each, each.replace("_", " "), each == field) for each in FIELDS],
        "is_listed": field in LISTED and not answers,
        "is_picked": bool(values),
        "answers": [
            {
                "word": word,
                "value": value,
                "choices": [*values, *([(value, f"{value} (not known)")] if value and value not in known else [])],
            }
            for word, value in rows
        ],
    }
