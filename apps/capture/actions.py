"""Transaction 1: take inquiries in. Tiny, sure, and never dependent on the broker.

What is answered with 2xx here is stored with its raw body and a wake-up for the intake. The promise
of one answer per key rests on a unique row: two posts at once meet at its index, the second waits
for the first and then reads its answer.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from apps.capture.manual import manual_gaps, reason_in
from apps.capture.models import IdempotencyRecord, Submission
from apps.capture.queries import mapping_number
from apps.catalog.models import Source
from apps.catalog.queries import UNKNOWN_SOURCE
from apps.tenancy import outbox, wake
from apps.tenancy.actor import Actor
from apps.tenancy.clock import time_shown
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal
from apps.tenancy.writing import selection_of

WAIT_FOR_TWIN = "2s"
MANUAL = "manual"
WAKEUP = "intake.process"
LIMIT_WAIT = "SELECT set_config('lock_timeout', %s, true)"
STORE_AT_ONCE = """
    WITH claimed AS (
        INSERT INTO capture_idempotencyrecord
            (id, organization_id, owner_id, key, body_digest, submission_id, created_at)
        SELECT asked.id, %s::uuid, asked.owner_id, asked.key, asked.digest, asked.submission_id, asked.at
        FROM (SELECT unnest(%s::uuid[]) AS id, unnest(%s::text[]) AS key, %s::uuid AS owner_id, %s::text AS digest,
            %s::uuid AS submission_id, %s::timestamptz AS at) AS asked
        ORDER BY asked.key
        ON CONFLICT DO NOTHING RETURNING id
    ), stored AS (
        INSERT INTO capture_submission ({columns})
        SELECT {marks} WHERE (SELECT count(*) FROM claimed) = %s::bigint
        RETURNING organization_id, id
    )
    INSERT INTO tenancy_wakeup (organization_id, kind, row_id, due_at, attempts, last_error, created_at)
    SELECT stored.organization_id, %s::text, stored.id, clock.now, 0, '', clock.now
    FROM stored, (SELECT coalesce(%s::timestamptz, clock_timestamp() + %s::interval) AS now) AS clock
    RETURNING row_id
"""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One inquiry at the door: its body as received and what identifies it.

    A quarantined one is stored and waits for a person; the intake is not woken for it.
    """

    source: Source
    source_typed: str
    payload: dict[str, Any]
    capture_method: str
    event_at: datetime
    received_at: datetime
    external_id: str = ""
    idempotency_key: str = ""
    party_id: UUID | None = None
    is_test: bool = False
    is_rehearsal: bool = False
    form_version_id: UUID | None = None
    sender_digest: str = ""
    screening: dict[str, object] = field(default_factory=dict)
    is_quarantined: bool = False

    @property
    def raw(self) -> bytes:
        """The body in canonical form: the same inquiry has the same bytes."""
        return json.dumps(self.payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is promised. `mismatch` names the key that was used with another body before."""

    submission_id: UUID
    is_replay: bool = False
    mismatch: str = ""


def receive(*, actor: Actor, envelope: Envelope, now: datetime) -> Receipt:
    """Store one inquiry; see `receive_many`."""
    return receive_many(actor=actor, envelopes=[envelope], now=now)[0]


def receive_many(*, actor: Actor, envelopes: Sequence[Envelope], now: datetime) -> list[Receipt]:
    """Store inquiries and wake the intake after commit.

    Under a key seen before, the same body gets the first receipt again and another body is a
    mismatch; nothing is stored for either. Raises Conflict (`still_running`) when a twin's
    transaction holds its key for longer than two seconds, Invalid for what a colleague enters by hand
    without a source that is known or without a reason (row VQ-15).
    """
    for envelope in envelopes:
        _require_ground(envelope)
    if len(envelopes) == 1 and not envelopes[0].is_quarantined:
        stored = _store_at_once(actor, envelopes[0], now)
        if stored is not None:
            return [stored]
    ids = [new_id() for _ in envelopes]
    digests = [hashlib.sha256(each.raw).hexdigest() for each in envelopes]
    claims: dict[str, int] = {}
    for place, envelope in enumerate(envelopes):
        for key in _keys(envelope):
            claims.setdefault(key, place)
    owners = _claim_keys(actor, claims, ids, digests, now)
    receipts = [_receipt(envelope, ids[place], digests[place], owners) for place, envelope in enumerate(envelopes)]
    fresh = [
        _submission(actor, envelope, ids[place], digests[place], now)
        for place, envelope in enumerate(envelopes)
        if receipts[place].submission_id == ids[place] and not receipts[place].mismatch
    ]
    _free_unused_keys({row.id for row in fresh}, ids)
    Submission.objects.bulk_create(fresh)
    outbox.enqueue_many(WAKEUP, [row.id for row in fresh if row.state == "received"])
    return receipts


def _require_ground(envelope: Envelope) -> None:
    """Refuse a manual entry that does not say where the inquiry came from and why it is entered by hand."""
    if MANUAL not in (envelope.capture_method, envelope.payload.get("capture_method")):
        return
    source = envelope.source.key
    problems = manual_gaps(source=source, is_known=source != UNKNOWN_SOURCE, reason=reason_in(envelope.payload))
    if problems:
        raise Invalid(problems[0].detail, problems)


def _store_at_once(actor: Actor, envelope: Envelope, now: datetime) -> Receipt | None:
    """Store one inquiry whose keys are all new: keys, body and wake-up travel in one statement.

    None when a key was seen before; then nothing was stored.
    """
    own_id, keys = new_id(), sorted(set(_keys(envelope)))
    row = _submission(actor, envelope, own_id, hashlib.sha256(envelope.raw).hexdigest(), now)
    columns, marks, values = selection_of(row)
    clock: list[Any] = [*time_shown()]
    claims = [new_id() for _ in keys], keys, _owner_of(actor), row.raw_digest, own_id, now
    with _patience(), connection.cursor() as cursor, connection.connection.pipeline():
        cursor.execute(LIMIT_WAIT, [WAIT_FOR_TWIN])
        cursor.execute(
            STORE_AT_ONCE.format(columns=columns, marks=marks),
            [row.organization_id, *claims, *values, len(keys), WAKEUP, *clock],
        )
        is_stored = cursor.fetchone() is not None
    if not is_stored:
        _free_unused_keys(set(), [own_id])
        return None
    transaction.on_commit(wake.hint)
    return Receipt(own_id)


def _owner_of(actor: Actor) -> UUID:
    """Return within whose inquiries a key has to be new."""
    return actor.party_id or actor.id or current_organization_id()


@contextmanager
def _patience() -> Iterator[None]:
    """Turn a twin that holds its key for too long into a Conflict."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Conflict(
                "The same inquiry is being stored right now. Try again in a second.", code="still_running"
            ) from error
        raise


def payload_of(submission: Submission) -> dict[str, Any]:
    """Open the raw body of a submission."""
    raw = unseal(
        bytes(submission.raw),
        organization_id=current_organization_id(),
        row_id=submission.id,
        column="capture_submission.raw",
    )
    payload: dict[str, Any] = json.loads(raw)
    return payload


def _keys(envelope: Envelope) -> list[str]:
    keys = []
    if envelope.idempotency_key:
        keys.append(f"key:{envelope.idempotency_key}")
    if envelope.external_id:
        keys.append(f"ext:{envelope.source.key}:{envelope.external_id}"[:255])
    return keys


def _claim_keys(
    actor: Actor, claims: dict[str, int], ids: list[UUID], digests: list[str], now: datetime
) -> dict[str, IdempotencyRecord]:
    """Insert the keys in one order for everybody, then read who holds each."""
    if not claims:
        return {}
    owner_id = _owner_of(actor)
    rows = [
        IdempotencyRecord(
            owner_id=owner_id, key=key, body_digest=digests[place], submission_id=ids[place], created_at=now
        )
        for key, place in sorted(claims.items())
    ]
    with _patience():
        with connection.cursor() as cursor:
            cursor.execute(LIMIT_WAIT, [WAIT_FOR_TWIN])
        IdempotencyRecord.objects.bulk_create(rows, ignore_conflicts=True)
    held = IdempotencyRecord.rows().filter(owner_id=owner_id, key__in=list(claims))
    return {row.key: row for row in held}


def _receipt(envelope: Envelope, own_id: UUID, digest: str, owners: dict[str, IdempotencyRecord]) -> Receipt:
    for key in _keys(envelope):
        record = owners[key]
        if record.submission_id == own_id:
            continue
        if record.body_digest != digest:
            return Receipt(own_id, mismatch=key.partition(":")[2])
        return Receipt(_stored(record), is_replay=True)
    return Receipt(own_id)


def _stored(record: IdempotencyRecord) -> UUID:
    if record.submission_id is None:
        raise Conflict("The same inquiry is being stored right now. Try again in a second.", code="still_running")
    return record.submission_id


def _free_unused_keys(stored: set[UUID], ids: list[UUID]) -> None:
    """A refused inquiry must not hold the other key that it brought."""
    unused = [each for each in ids if each not in stored]
    if unused:
        IdempotencyRecord.rows().filter(submission_id__in=unused).delete()


def _submission(actor: Actor, envelope: Envelope, own_id: UUID, digest: str, now: datetime) -> Submission:
    organization_id = current_organization_id()
    return Submission(
        id=own_id,
        source=envelope.source,
        source_typed=envelope.source_typed[:100],
        external_id=envelope.external_id or None,
        party_id=envelope.party_id,
        api_key_id=actor.id if actor.kind == "api_key" else None,
        door=actor.door,
        capture_method=envelope.capture_method,
        raw=seal(envelope.raw, organization_id=organization_id, row_id=own_id, column="capture_submission.raw"),
        raw_digest=digest,
        event_at=min(envelope.event_at, envelope.received_at),
        received_at=envelope.received_at,
        stored_at=now,
        clock_skew_seconds=int((envelope.event_at - envelope.received_at).total_seconds())
        if envelope.event_at > envelope.received_at
        else 0,
        mapping_version=mapping_number(envelope.source.key, now),
        is_test=envelope.is_test or envelope.is_rehearsal,
        is_rehearsal=envelope.is_rehearsal,
        request_id=actor.request_id[:64],
        form_version_id=envelope.form_version_id,
        sender_digest=envelope.sender_digest,
        screening=envelope.screening,
        state="quarantined" if envelope.is_quarantined else "received",
    )
