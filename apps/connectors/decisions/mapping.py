"""From the sender's names to the body of an inquiry.

A mapping gives each name a target such as `person.email`. Where several names share a target, the first of the
mapping with a value wins. Names without a target become answers, so that nothing the person said is lost, and so
do several values where a field holds one; `-` leaves a name in the raw copy only (national ids, secrets).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.capture.mapping import ANSWER, FULL_NAME, MESSAGE, RAW_ONLY, SUBMITTER_NAME, is_target, split_name
from apps.connectors.terms import Event

MOST_ANSWERS, LONGEST_NAME, LONGEST_TEXT = 100, 100, 2_000


def body_of(event: Event, mapping: Mapping[str, str], *, source: str, capture_method: str) -> dict[str, Any]:
    """Return the inquiry in the shape of the API's body (`apps.capture.schema.LeadPost`)."""
    body: dict[str, Any] = {"source": source, "capture_method": capture_method}
    for name, target in mapping.items():
        part, _, field = target.partition(".")
        values = [each.strip() for each in event.values.get(name, ()) if each.strip()]
        if values and field and not body.get(part, {}).get(field):
            body.setdefault(part, {})[field] = "\n".join(values) if field == "message" else values[0]
    for part in ("person", "on_behalf_of"):
        _split_name(body.get(part, {}))
    answers = _answers(event, mapping)
    if answers:
        body["answers"] = answers
    if event.object_id:
        body["external_id"] = event.object_id
    if event.submitted_at is not None:
        body["submitted_at"] = event.submitted_at.isoformat()
    if event.consent:
        body["consent"] = [dict(each) for each in event.consent]
    if event.is_test:
        body["is_test"] = True
    return body


def _split_name(part: dict[str, Any]) -> None:
    full = part.pop("full_name", "")
    if full and not part.get("first_name") and not part.get("last_name"):
        part["first_name"], part["last_name"] = split_name(full)


def _answers(event: Event, mapping: Mapping[str, str]) -> list[dict[str, Any]]:
    answers = []
    for name, values in event.values.items():
        target = mapping.get(name, ANSWER)
        texts = [each.strip()[:LONGEST_TEXT] for each in values if each.strip()]
        is_cut = len(texts) > 1 and target not in (RAW_ONLY, MESSAGE)
        if texts and (is_cut or target in (ANSWER, FULL_NAME, SUBMITTER_NAME)):
            question = event.questions.get(name, "")[:500]
            answers.append({"key": name[:LONGEST_NAME], "question": question, "values": texts[:MOST_ANSWERS]})
    return answers[:MOST_ANSWERS]


def problems_of(mapping: Mapping[str, str]) -> Sequence[str]:
    """Return a sentence for each line of a mapping that names no target."""
    return [f"“{name}”: there is no field “{target}”." for name, target in mapping.items() if not is_target(target)]
