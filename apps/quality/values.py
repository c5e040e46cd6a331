"""Which values leads hold in a field that can be cleaned up, how often, and what they may become."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count

from apps.catalog.queries import campaigns_by_key, locations_by_key, services_by_key, services_today
from apps.flows.bulk import MOST_LEADS
from apps.flows.cleaning import KEYED
from apps.flows.notes import EDITABLE
from apps.flows.scripted import OWN_WORDS
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor

MOST_VALUES = 200
_ROWS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "location": locations_by_key,
    "service": services_by_key,
    "campaign": campaigns_by_key,
}


def present_values(actor: Actor, field: str) -> list[tuple[str, int]]:
    """Return the values that leads the actor sees hold, most frequent first; "" where a lead holds none."""
    path = f"{field}__key" if field in KEYED else field
    rows = (
        visible_leads(actor).filter(is_test=False).order_by().values_list(path).annotate(n=Count("id", distinct=True))
    )
    return [(value or "", n) for value, n in rows.order_by("-n", path)[:MOST_VALUES]]


def possible_values(field: str) -> list[tuple[str, str]] | None:
    """Return what a field may become, with its words; None where it is free text."""
    if field in _ROWS:
        rows = services_today() if field == "service" else _ROWS[field]()
        return [(key, row.name) for key, row in rows.items()]
    known = EDITABLE[field]
    return None if known is None else [(each, each.replace("_", " ")) for each in known if each]


def word_of(field: str, value: str) -> str:
    """Return a value as people call it."""
    row = _ROWS[field]().get(value) if field in _ROWS else None
    if row is not None:
        return str(row.name)
    return value if field in OWN_WORDS else value.replace("_", " ")


def leads_with(actor: Actor, field: str, value: str) -> tuple[list[UUID], int]:
    """Return the first 500 leads that hold a value, oldest first, and how many do."""
    rows = visible_leads(actor).filter(is_test=False)
    if field in KEYED:
        rows = rows.filter(**{f"{field}__key": value} if value else {f"{field}__isnull": True})
    else:
        rows = rows.filter(**{field: value})
    return list(rows.order_by("number").values_list("id", flat=True)[:MOST_LEADS]), rows.count()
