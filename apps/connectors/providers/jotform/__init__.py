"""Jotform: a submission as a form in parts, its answers as JSON text in the part `rawRequest`. Nothing is signed.

Source: Jotform's webhook as profiled in public. Names are `q<number>_<name>`; a value is a text, a list or an
object (`{"first", "last"}`, `{"full"}`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.connectors.decisions.answers import Sheet, part_of
from apps.connectors.decisions.bodies import flat, json_object
from apps.connectors.decisions.payloads import first_text, posted_fields
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider, Unmappable, Unreadable

_NUMBERED = re.compile(r"q\d{1,6}_(.+)", re.ASCII | re.S)
#: Beside the questions: what Jotform's own page adds.
_OWN = frozenset({"event_id", "submitSource", "buildDate", "timeToSubmit", "uploadServerUrl", "slug", "path"})


def _read(request: HookRequest) -> Sequence[Event]:
    fields = posted_fields(request)
    submission, raw = first_text(fields, "submissionID"), first_text(fields, "rawRequest")
    if not submission:
        raise Unmappable("The request has no submissionID.")
    if not raw:
        raise Unmappable("The request has no rawRequest.")
    try:
        answers = json_object(replace(request, raw=raw.encode()))
    except Unreadable as problem:
        raise Unmappable("rawRequest is not a JSON object.") from problem
    sheet = Sheet()
    for name, value in answers.items():
        if name not in _OWN:
            _add(sheet, name, value)
    sheet.add("form_id", first_text(fields, "formID"))
    return [Event(f"submission:{submission}", submission, values=sheet.values)]


def _add(sheet: Sheet, name: str, value: Any) -> None:
    """Add an answer under its name without the number; a name in parts gives each part its own."""
    numbered = _NUMBERED.fullmatch(name)
    plain = numbered[1] if numbered else name
    for path, text in flat(part_of(value) or value):
        sheet.add(f"{plain}.{path}" if path else plain, text)


PROVIDER = Provider(
    key="jotform",
    name="Jotform",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="",
    prove=secret_if_set,
    read=_read,
    mapping={"form_id": "attribution.form_id"},
    body_type="application/x-www-form-urlencoded",
    guesses=True,
)
