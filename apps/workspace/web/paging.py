"""Pages of a list by the clock: the next one starts after the last row seen. The cursor is signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet

from apps.leads.models import Lead
from apps.tenancy.errors import Invalid, Problem
from apps.workspace.queries import PAGE_SIZE

_SALT = "leadcrm.queue"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of leads, and the cursor of the next; empty at the end."""

    leads: Sequence[Lead]
    next_cursor: str


def cut(rows: QuerySet[Lead], cursor: str) -> Page:
    """Return the page after a cursor; one row more is read, to know whether there is a next one."""
    if cursor:
        rows = rows.filter(_after(*_decode(cursor)))
    found = list(rows[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return Page(page, _encode(page[-1]) if len(found) > PAGE_SIZE else "")


def _encode(lead: Lead) -> str:
    due = lead.due_at.isoformat() if lead.due_at else ""
    return signing.dumps([due, lead.id.hex], salt=_SALT)


def _decode(text: str) -> tuple[datetime | None, UUID]:
    try:
        due, lead_id = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        problem = Problem("/after", "bad_cursor", "Start at the first page.")
        raise Invalid("This page is not one of the queue's. Start at the first.", (problem,)) from error
    return datetime.fromisoformat(due) if due else None, UUID(lead_id)


def _after(due: datetime | None, lead_id: UUID) -> Q:
    if due is None:
        return Q(due_at__isnull=True, id__gt=lead_id)
    return Q(due_at__gt=due) | Q(due_at=due, id__gt=lead_id) | Q(due_at__isnull=True)
