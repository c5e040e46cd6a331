"""Elementor Pro forms: form-encoded, simple (label and value) or advanced (each field with id, type and title).

Source: the public code of the form action. The visitor sees an error unless the answer is exactly 200. Nothing is
signed and nothing is sent twice; a submission has no number.
"""

import re
from collections.abc import Sequence

from apps.connectors.decisions.answers import Sheet
from apps.connectors.decisions.payloads import Fields, first_text, posted_fields
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.decisions.synonyms import folded
from apps.connectors.decisions.tracking import page_values
from apps.connectors.terms import Event, Group, HookRequest, Provider, Unmappable

_PATH = re.compile(r"(form|fields|meta)\[([^\]]*)\](?:\[([^\]]*)\])?")
_TYPES = {"email": "person.email", "tel": "person.phone"}
_META = {
    **dict.fromkeys(("Date", "Time", "User Agent", "Remote IP", "Powered by", "form_name"), "-"),
    "Page URL": "-",
    "form_id": "attribution.form_id",
}
_EVIDENCE = {"ip": "remote ip", "user_agent": "user agent", "page_url": "page url"}


def _read(request: HookRequest) -> Sequence[Event]:
    posted = posted_fields(request)
    is_advanced = any(_PATH.fullmatch(name) for name in posted)
    sheet = _advanced(posted) if is_advanced else _simple(posted)
    if not any(name not in _META for name in sheet.values):
        raise Unmappable("The form holds no values.")
    said = {folded(name): texts[0].strip() for name, texts in sheet.values.items()}
    evidence = {name: said[word] for name, word in _EVIDENCE.items() if said.get(word)}
    values = {**page_values(evidence.get("page_url", "")), **sheet.values}
    return [Event("", values=values, questions=sheet.questions, hints=sheet.hints, evidence=evidence)]


def _simple(posted: Fields) -> Sheet:
    sheet = Sheet()
    for name, values in posted.items():
        sheet.add(name, list(values))
    return sheet


def _advanced(posted: Fields) -> Sheet:
    """Bring the parts of each field together; `value` may be a list, and meta stands under its title."""
    sheet = Sheet()
    for name in posted:
        part, own_id, key = found.groups() if (found := _PATH.fullmatch(name)) else ("", "", "")
        if part == "fields" and key == "value":
            kind = first_text(posted, f"fields[{own_id}][type]")
            title = first_text(posted, f"fields[{own_id}][title]")
            sheet.add(own_id, list(posted[name]), title, _TYPES.get(kind, ""))
        elif part == "meta" and key == "value":
            sheet.add(first_text(posted, f"meta[{own_id}][title]") or own_id, list(posted[name]))
        elif part == "form" and not key:
            sheet.add(f"form_{own_id}", list(posted[name]))
        elif not part:
            sheet.add(name, list(posted[name]))
    return sheet


PROVIDER = Provider(
    key="elementor",
    name="Elementor Pro forms",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="",
    prove=secret_if_set,
    read=_read,
    mapping=_META,
    body_type="application/x-www-form-urlencoded",
    guesses=True,
)
