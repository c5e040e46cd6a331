"""Tokens that prove one request only: a signature that covers no body must not prove a second one."""

import hashlib
from datetime import datetime

from apps.connectors.models import Connection, SpentToken
from apps.connectors.terms import HookRequest, Proof
from apps.tenancy.ids import new_id


def spend(row: Connection, request: HookRequest, signed: str, now: datetime) -> Proof:
    """Let what was signed prove this body, once for ever; of two at the same instant the second waits.

    The same body again is the sender's own retry and stays good: its events are known by their ids.
    """
    token, body = (hashlib.sha256(each).hexdigest() for each in (signed.encode(), request.raw))
    spent = SpentToken(id=new_id(), connection=row, token_digest=token, raw_digest=body, spent_at=now)
    SpentToken.objects.bulk_create([spent], ignore_conflicts=True)
    kept = SpentToken.rows().get(connection=row, token_digest=token)
    return Proof.GOOD if kept.raw_digest == body else Proof.SPENT
