"""Documents of forms that are not sent yet: held sealed for a day, so that a wrong field costs nobody a second choice.

A shelf is named by what names the form's visit: the ticket of a public form, the one-time key of a page of ours.
Without that name nothing on it is found.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from apps.capture.document_rules import Attached, name_of
from apps.capture.models import HeldDocument, SubmissionDocument
from apps.tenancy.errors import LeadcrmError
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

KEPT_FOR, COUNTED_FOR = timedelta(hours=24), timedelta(hours=1)
#: What one network address may send in an hour, and what all public forms of a tenant may hold at once.
MOST_FROM_ONE_SENDER, MOST_HELD = 100 * 1024 * 1024, 1024 * 1024 * 1024


class ShelfFull(LeadcrmError):
    """More documents come from an address, or are held, than people send."""

    code, status = "rate_limited", 429

    def __init__(self) -> None:
        super().__init__(_("Too many documents came at once. Try again in an hour, or send this without documents."))


@dataclass(frozen=True, slots=True)
class Held:
    """A document on a shelf, as a page names it."""

    id: UUID
    name: str
    size_bytes: int


def held_on(shelf: str) -> list[Held]:
    """Return what a shelf holds, in the order in which it came."""
    rows = HeldDocument.rows().filter(shelf=_digest(shelf)).values_list("id", "name", "size_bytes")
    return [Held(*each) for each in rows]


def hold(*, shelf: str, files: Sequence[Attached], now: datetime, sender: str = "") -> None:
    """Put files on a shelf, each once. What may be taken has been decided before (`document_rules.sort_out`).

    `sender` is the keyed digest of a public form's network address. Raises ShelfFull beyond what people send; then
    nothing is held.
    """
    if not files:
        return
    if sender and _is_full(sender, sum(len(each.content) for each in files), now):
        raise ShelfFull
    rows = []
    for each in files:
        row_id, name = new_id(), name_of(each)
        sealed = seal(each.content, organization_id=current_organization_id(), row_id=row_id)
        row = HeldDocument(id=row_id, shelf=_digest(shelf), name=name, digest=each.digest, sealed=sealed)
        row.size_bytes, row.sender_digest = len(each.content), sender
        row.held_at, row.expires_at = now, now + KEPT_FOR
        rows.append(row)
    HeldDocument.objects.bulk_create(rows, ignore_conflicts=True)


def let_go(*, shelf: str, ids: Iterable[UUID]) -> None:
    """Forget documents that their sender took off the form again."""
    HeldDocument.rows().filter(shelf=_digest(shelf), id__in=list(ids)).delete()


def files_on(shelf: str) -> list[Attached]:
    """Open everything on a shelf."""
    rows = HeldDocument.rows().filter(shelf=_digest(shelf))
    organization_id = current_organization_id()
    return [
        Attached(row.name, unseal(bytes(row.sealed), organization_id=organization_id, row_id=row.id)) for row in rows
    ]


def clear(shelf: str) -> None:
    """Empty a shelf: its form was sent."""
    HeldDocument.rows().filter(shelf=_digest(shelf)).delete()


def purge_held(now: datetime) -> int:
    """Forget what was held for longer than a day; return how many there were."""
    count, _by_table = HeldDocument.rows().filter(expires_at__lte=now).delete()
    return count


def _is_full(sender: str, more: int, now: datetime) -> bool:
    since = now - COUNTED_FOR
    held, stored = HeldDocument.rows(), SubmissionDocument.rows()
    waiting = held.filter(sender_digest=sender, held_at__gt=since).aggregate(n=Sum("size_bytes"))["n"] or 0
    sent = stored.filter(submission__sender_digest=sender, submission__received_at__gt=since)
    sent_bytes = sent.aggregate(n=Sum("size_bytes"))["n"] or 0
    if waiting + sent_bytes + more > MOST_FROM_ONE_SENDER:
        return True
    return (held.exclude(sender_digest="").aggregate(n=Sum("size_bytes"))["n"] or 0) + more > MOST_HELD


def _digest(shelf: str) -> str:
    return hashlib.sha256(shelf.encode()).hexdigest()
