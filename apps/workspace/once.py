"""A form is carried out once, however often it is sent: the key it carries is a unique row.

Two posts at once meet at the row's index; the second waits for the first and then finds it spent. A
refused form leaves no row, because nothing of a failed request stays.
"""

import hashlib
from datetime import datetime
from enum import StrEnum

from apps.capture.models import IdempotencyRecord
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

LONGEST_KEY = 80


class KeyUse(StrEnum):
    """Whether a form's key is used for the first time."""

    FIRST = "first"
    AGAIN = "again"


def spend_key(*, actor: Actor, act: str, key: str, now: datetime) -> KeyUse:
    """Take a form's key. A form without a key, or with one of another shape, counts as sent once."""
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        return KeyUse.FIRST
    row = IdempotencyRecord(
        id=new_id(),
        owner_id=actor.id or current_organization_id(),
        key=f"page:{act}:{key}",
        body_digest=hashlib.sha256(key.encode()).hexdigest(),
        created_at=now,
    )
    IdempotencyRecord.objects.bulk_create([row], ignore_conflicts=True)
    kept = IdempotencyRecord.rows().filter(owner_id=row.owner_id, key=row.key).values_list("id", flat=True).get()
    return KeyUse.FIRST if kept == row.id else KeyUse.AGAIN
