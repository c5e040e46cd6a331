"""Pages of a list: the next one starts after the last row seen, in the list's own order. The cursor is signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet

from apps.leads.models import Lead
from apps.tenancy.errors import Invalid, Problem
from apps.workspace.ordering import Order
from apps.workspace.queries import PAGE_SIZE, first_rows

_SALT = "leadcrm.queue"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of leads, and the cursor of the next; empty at the end."""

    leads: Sequence[Lead]
    next_cursor: str


def cut(rows: QuerySet[Lead], cursor: str, order: Order, now: datetime) -> Page:
    """Return the page after a cursor; one row more is read, to know whether there is a next one."""
    if cursor:
        rows = rows.filter(order.after(*_decode(cursor)))
    found = first_rows(rows, order, PAGE_SIZE + 1, now)
    page = found[:PAGE_SIZE]
    return Page(page, _encode(page[-1], order) if len(found) > PAGE_SIZE else "")


def _encode(lead: Lead, order: Order) -> str:
    value = order.value_of(lead)
    return signing.dumps([value.isoformat() if value else "", lead.id.hex], salt=_SALT)


def _decode(text: str) -> tuple[datetime | None, UUID]:
    try:
        due, lead_id = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        problem = Problem("/after", "bad_cursor", "Start at the first page.")
        raise Invalid("This page is not one of the queue's. Start at the first.", (problem,)) from error
    return datetime.fromisoformat(due) if due else None, UUID(lead_id)
