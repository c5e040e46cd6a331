"""Documents of forms that are not sent yet: held sealed for a day, so that a wrong field costs nobody a second choice.

A shelf is named by what names the form's visit: the ticket of a public form, the one-time key of a page of ours.
Without that name nothing on it is found.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from apps.capture.document_rules import Attached, name_of, sort_out
from apps.capture.documents import problems_of
from apps.capture.models import HeldDocument, SubmissionDocument
from apps.capture.quarantine import LOCK, sender_digest
from apps.tenancy.errors import Invalid, LeadcrmError
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

KEPT_FOR, COUNTED_FOR = timedelta(hours=24), timedelta(hours=1)
#: What one sender may have waiting and have sent in the last hour, and what a tenant's public forms may hold at once.
MOST_FROM_ONE_SENDER, MOST_HELD = 100 * 1024 * 1024, 1024 * 1024 * 1024
#: How the digest of a person of the tenant's begins; that of an address is hexadecimal.
_OF_MEMBER = "m"


class ShelfFull(LeadcrmError):
    """More documents come from an address, or are held, than people send."""

    code, status = "rate_limited", 429

    def __init__(self) -> None:
        super().__init__(_("Too many documents came at once. Try again later, or send this without documents."))


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

    `sender` is the keyed digest of a public form's network address, or `member_sender` on pages of ours. Raises
    ShelfFull beyond what people send, and Invalid for more than one inquiry takes, counting what the shelf has got
    since the form was judged; then nothing is held.
    """
    if files:
        with transaction.atomic():
            _hold(shelf, files, sender, now)


def member_sender(membership_id: UUID | None) -> str:
    """Return the sender of a page of ours: the person who works there, under a digest that no address has."""
    return f"{_OF_MEMBER}{sender_digest(f'member:{membership_id}')}"[:32]


def _hold(shelf: str, files: Sequence[Attached], sender: str, now: datetime) -> None:
    # Always the shelf before its sender, so that two who wait do not wait for each other.
    for name in (f"shelf:{_digest(shelf)}", f"shelf-sender:{sender}"):
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [f"{name}:{current_organization_id()}"])
    there = dict(HeldDocument.rows().filter(shelf=_digest(shelf)).values_list("digest", "size_bytes"))
    fresh = list({each.digest: each for each in files if each.digest not in there}.values())
    if problems := problems_of(sort_out(fresh, count=len(there), size=sum(there.values()))):
        raise Invalid(problems[0].detail, problems)
    if sender and _is_full(sender, sum(len(each.content) for each in fresh), now):
        raise ShelfFull
    rows = []
    for each in fresh:
        row_id, name = new_id(), name_of(each)
        sealed = seal(
            each.content, organization_id=current_organization_id(), row_id=row_id, column="capture_helddocument.sealed"
        )
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
        Attached(
            row.name,
            unseal(
                bytes(row.sealed), organization_id=organization_id, row_id=row.id, column="capture_helddocument.sealed"
            ),
        )
        for row in rows
    ]


def clear(shelf: str) -> None:
    """Empty a shelf: its form was sent."""
    HeldDocument.rows().filter(shelf=_digest(shelf)).delete()


def purge_held(now: datetime) -> int:
    """Forget what was held for longer than a day; return how many there were."""
    count, _by_table = HeldDocument.rows().filter(expires_at__lte=now).delete()
    return count


def _is_full(sender: str, more: int, now: datetime) -> bool:
    """Whether more is too much: what waits counts as long as it is kept, what was sent for an hour."""
    since = now - COUNTED_FOR
    held, stored = HeldDocument.rows().filter(expires_at__gt=now), SubmissionDocument.rows()
    waiting = held.filter(sender_digest=sender).aggregate(n=Sum("size_bytes"))["n"] or 0
    sent = stored.filter(submission__sender_digest=sender, submission__received_at__gt=since)
    sent_bytes = sent.aggregate(n=Sum("size_bytes"))["n"] or 0
    if waiting + sent_bytes + more > MOST_FROM_ONE_SENDER:
        return True
    if sender.startswith(_OF_MEMBER):
        return False
    public = held.exclude(sender_digest="").exclude(sender_digest__startswith=_OF_MEMBER)
    return (public.aggregate(n=Sum("size_bytes"))["n"] or 0) + more > MOST_HELD


def _digest(shelf: str) -> str:
    return hashlib.sha256(shelf.encode()).hexdigest()
