"""Gravity Forms for WordPress (Webhooks add-on): an entry, as JSON or as a form, whichever the site's admin chose.

Source: the request data of the add-on's filter. With "all fields" the values stand under numbers ("1.3" is the
first name of a name field, "7.1" the first box of a checkbox field): what a plain number means the connection's
mapping says; an e-mail address or a phone shows by its form. With "select fields" the admin names the keys.
"""

import json
import re
from collections.abc import Sequence

from apps.connectors.decisions.answers import Sheet, moment_of, texts_of
from apps.connectors.decisions.contacts import looks_like_email, looks_like_phone
from apps.connectors.decisions.payloads import Fields, first_text, posted_fields
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.decisions.tracking import page_values
from apps.connectors.terms import Event, Group, HookRequest, Provider, Unmappable

_NUMBER = re.compile(r"\d{1,5}(\.\d{1,5})?", re.ASCII)
#: Places within a name field: prefix, first, middle, last, suffix. Addresses and boxes have others too.
_NAME_PLACES = frozenset({"2", "3", "4", "6", "8"})
_PARTS = {"3": "person.first_name", "6": "person.last_name"}
#: What the entry says about itself and not about the person.
_ENTRY = dict.fromkeys(
    [
        "id",
        "post_id",
        "date_created",
        "date_updated",
        "is_starred",
        "is_read",
        "ip",
        "currency",
        "payment_status",
        "payment_date",
        "payment_amount",
        "payment_method",
        "transaction_id",
        "is_fulfilled",
        "created_by",
        "transaction_type",
        "status",
        "user_agent",
    ],
    "-",
)


def _read(request: HookRequest) -> Sequence[Event]:
    fields = posted_fields(request)
    sheet = Sheet()
    for name, values in fields.items():
        texts = [text for value in values for text in _opened(value)]
        sheet.add(name, texts, target=_target(name, texts, fields))
    if not any(name not in _ENTRY for name in sheet.values):
        raise Unmappable("The entry holds no values.")
    entry, form = first_text(fields, "id"), first_text(fields, "form_id")
    object_id = f"{form}-{entry}" if entry else ""
    evidence = {"ip": first_text(fields, "ip"), "user_agent": first_text(fields, "user_agent")}
    evidence["page_url"] = first_text(fields, "source_url")
    return [
        Event(
            f"entry:{object_id}" if entry else "",
            object_id,
            values={**page_values(evidence["page_url"]), **sheet.values},
            hints=sheet.hints,
            evidence={name: text for name, text in evidence.items() if text},
            submitted_at=moment_of(first_text(fields, "date_created"), is_utc=True),
            ignored="" if first_text(fields, "status") in ("", "active") else "The entry is spam or was deleted.",
        )
    ]


def _opened(value: str) -> list[str]:
    """Return the values of a multiple choice, which comes as JSON text inside a text."""
    if not value.startswith('["'):
        return [value]
    try:
        return texts_of(json.loads(value))
    except (ValueError, RecursionError):
        return [value]


def _target(name: str, texts: Sequence[str], fields: Fields) -> str:
    """Return what a numbered field shows by itself; named fields are left to the usual names."""
    if not _NUMBER.fullmatch(name) or not texts:
        return ""
    field, dot, place = name.partition(".")
    if dot:
        places = {each.partition(".")[2] for each in fields if each.startswith(f"{field}.")}
        return _PARTS.get(place, "") if {"3", "6"} <= places <= _NAME_PLACES else ""
    if looks_like_email(texts[0]):
        return "person.email"
    return "person.phone" if looks_like_phone(texts[0]) else ""


PROVIDER = Provider(
    key="gravity-forms",
    name="Gravity Forms",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="Optional: a header X-Hook-Secret of the webhook feed. Without one the address is the only proof.",
    prove=secret_if_set,
    read=_read,
    mapping={**_ENTRY, "form_id": "attribution.form_id", "source_url": "-"},
    guesses=True,
)
