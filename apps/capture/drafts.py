"""What a person has filled in so far on a form of several pages: kept sealed for a day, opened by a token.

The token stands in the address of the pages and nowhere here; without it a draft is found by nobody.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.capture.models import FormDraft
from apps.capture.quarantine import TooManySent
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

KEPT_FOR = timedelta(hours=24)
#: More than this many drafts touched in a minute at one tenant are a machine's.
MOST_KEPT_A_MINUTE = 600


@dataclass(frozen=True, slots=True)
class Filled:
    """The answers as typed, by field, with the visit they belong to (the ticket's parts)."""

    ticket: list[Any]
    language: str
    answers: dict[str, str] = field(default_factory=dict)
    submission_id: UUID | None = None


def begin_draft(*, form_id: UUID, filled: Filled, now: datetime) -> str:
    """Keep a first page; return the token of the next ones. Raises TooManySent where a machine fills the shelf."""
    lately = FormDraft.rows().filter(expires_at__gt=now + KEPT_FOR - timedelta(minutes=1))
    if lately.count() >= MOST_KEPT_A_MINUTE:
        raise TooManySent
    token, row = secrets.token_urlsafe(24), FormDraft(id=new_id(), form_id=form_id)
    row.token_digest = _digest(token)
    _write(row, filled, now)
    row.save(force_insert=True)
    return token


def read_draft(token: str, form_id: UUID, now: datetime) -> Filled | None:
    """Return what was kept; None for a token that is unknown, of another form or a day old."""
    row = FormDraft.rows().filter(token_digest=_digest(token), form_id=form_id, expires_at__gt=now).first()
    return _read(row) if row else None


def save_answers(*, token: str, form_id: UUID, answers: dict[str, str], language: str, now: datetime) -> Filled | None:
    """Add a page's answers and keep them for another day; None as in `read_draft`, or when it was sent."""
    rows = FormDraft.rows().select_for_update(of=("self",))
    row = rows.filter(token_digest=_digest(token), form_id=form_id, expires_at__gt=now).first()
    if row is None or row.submission_id is not None:
        return None
    before = _read(row)
    filled = Filled(before.ticket, language, {**before.answers, **answers})
    _write(row, filled, now)
    row.save(update_fields=["sealed", "saved_at", "expires_at"])
    return filled


def mark_sent(*, token: str, submission_id: UUID, now: datetime) -> None:
    """Forget the answers and remember what became of them, for a second press of the button."""
    row = FormDraft.rows().select_for_update(of=("self",)).get(token_digest=_digest(token))
    _write(row, Filled([], _read(row).language), now)
    row.submission_id = submission_id
    row.save(update_fields=["sealed", "saved_at", "expires_at", "submission_id"])


def purge_expired(now: datetime) -> int:
    """Delete what was kept for longer than a day; return how many there were."""
    count, _ = FormDraft.rows().filter(expires_at__lte=now).delete()
    return count


def _write(row: FormDraft, filled: Filled, now: datetime) -> None:
    parts = {"ticket": filled.ticket, "language": filled.language, "answers": filled.answers}
    plain = json.dumps(parts, ensure_ascii=False).encode()
    row.sealed = seal(
        plain, organization_id=current_organization_id(), row_id=row.id, column="capture_formdraft.sealed"
    )
    row.saved_at, row.expires_at = now, now + KEPT_FOR


def _read(row: FormDraft) -> Filled:
    plain = unseal(
        bytes(row.sealed), organization_id=current_organization_id(), row_id=row.id, column="capture_formdraft.sealed"
    )
    parts = json.loads(plain)
    return Filled(parts["ticket"], parts["language"], parts["answers"], row.submission_id)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
