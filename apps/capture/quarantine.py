"""Take in what came through a form: judged first, stored in any case; and let a quarantined one go on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.actions import WAKEUP, Envelope, Receipt, receive
from apps.capture.models import IdempotencyRecord, Submission
from apps.capture.screening import STORED_FROM_ONE_ADDRESS, WINDOW_SECONDS, Proof, Sending, screen
from apps.capture.sight import require_submission_view, visible_submissions
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, LeadcrmError, NotFound, Refused
from apps.tenancy.scope import current_organization_id

SUSPECT = ("quarantined", "dismissed")
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class TooManySent(LeadcrmError):
    """One address sends so much that nothing more is stored for a while."""

    code, status = "rate_limited", 429

    def __init__(self) -> None:
        super().__init__("Too many requests came from your network. Wait a minute, then send it again.")


@dataclass(frozen=True, slots=True)
class Sent:
    """One sending of a form: the inquiry, the form and its version, where it came from, and its signs so far.

    `proof_id` names the solved challenge, which may be used for one sending only.
    """

    envelope: Envelope
    form_id: UUID
    version_id: UUID | None
    address: str
    sending: Sending
    proof_id: str = ""


def take_in(*, actor: Actor, sent: Sent, now: datetime) -> Receipt:
    """Judge a sending and store it: for the intake, or in quarantine where the signs say so.

    The same page sent twice is one submission; corrected and sent again it is another. Raises TooManySent when
    an address sends more than `STORED_FROM_ONE_ADDRESS` in a minute.
    """
    digest = sender_digest(sent.address)
    with connection.cursor() as cursor:
        # Twenty posts at once from one address are counted one after the other.
        cursor.execute(LOCK, [f"form-sender:{current_organization_id()}:{digest}"])
    since = now - timedelta(seconds=WINDOW_SECONDS)
    lately = Submission.rows().filter(sender_digest=digest, received_at__gt=since)
    states = list(lately.values_list("state", flat=True)[: STORED_FROM_ONE_ADDRESS + 1])
    if len(states) >= STORED_FROM_ONE_ADDRESS:
        raise TooManySent
    verdict = screen(
        replace(
            sent.sending,
            proof=_proof(sent, now),
            from_address=sum(state not in SUSPECT for state in states),
            on_form=_passed_on_form(sent.form_id, since) if sent.version_id else 0,
        )
    )
    envelope = replace(
        sent.envelope,
        form_version_id=sent.version_id,
        sender_digest=digest,
        screening=verdict.as_json(),
        is_quarantined=verdict.is_quarantined,
    )
    receipt = receive(actor=actor, envelope=envelope, now=now)
    if receipt.mismatch:
        receipt = receive(actor=actor, envelope=replace(envelope, idempotency_key=_corrected_key(envelope)), now=now)
    return receipt


def _corrected_key(envelope: Envelope) -> str:
    """Return the key of a page that was corrected and sent again: that of all it says, so that nothing new is lost."""
    digest = hashlib.sha256(json.dumps(envelope.payload, sort_keys=True, default=str).encode()).hexdigest()
    return f"{envelope.idempotency_key}:{digest[:32]}"


def quarantined(*, actor: Actor, most: int, state: str = "quarantined") -> list[Submission]:
    """Return what waits for a person, or was dismissed by one; newest first. Other teams' forms are left out.

    Refuses actors without `submission:read`.
    """
    if not actor.may(Permission.SUBMISSION_READ):
        raise Refused(
            "Your role does not see submissions. Ask your team's lead.",
            action="submission.read",
            object_type="submission",
        )
    rows = Submission.rows().filter(visible_submissions(actor), state=state)
    rows = rows.select_related("source", "form_version__form")
    return list(rows.order_by("-received_at", "-id")[:most])


def restore_quarantined(*, actor: Actor, submission_id: UUID) -> Submission:
    """Let a suspected submission go the way of every other one; after commit the intake takes it up.

    What was dismissed can come back too. Refuses actors without `submission:read` and `lead:edit`, and what is
    in quarantine no more.
    """
    row = next(iter(_locked(actor, [submission_id], "submission.restore")), None)
    if row is None:
        raise NotFound
    if row.state not in SUSPECT:
        raise Conflict("This submission is not in quarantine any more.", code="not_quarantined")
    row.state = "received"
    row.save(update_fields=["state"])
    outbox.enqueue_many(WAKEUP, [row.id])
    ledger.record(
        actor=actor, action="submission.restore", object_type="submission", object_id=row.id, fields=["state"]
    )
    return row


def dismiss_quarantined(*, actor: Actor, submission_ids: Sequence[UUID]) -> int:
    """Put aside what a person found to be spam; return how many. Nothing is deleted, each can be restored.

    What is in quarantine no more is left as it is. Refuses actors without `submission:read` and `lead:edit`.
    """
    rows = [row for row in _locked(actor, submission_ids, "submission.dismiss") if row.state == "quarantined"]
    for row in rows:
        row.state = "dismissed"
        row.save(update_fields=["state"])
        ledger.record(
            actor=actor, action="submission.dismiss", object_type="submission", object_id=row.id, fields=["state"]
        )
    return len(rows)


def _locked(actor: Actor, ids: Sequence[UUID], action: str) -> list[Submission]:
    if not (actor.may(Permission.SUBMISSION_READ) and actor.may(Permission.LEAD_EDIT)):
        raise Refused(
            "Only people who work leads and see submissions decide about spam. Ask your team's lead.",
            action=action,
            object_type="submission",
            object_id=ids[0] if len(ids) == 1 else None,
        )
    rows = Submission.rows().select_for_update(of=("self",)).select_related("form_version__form")
    found = list(rows.filter(id__in=ids).order_by("id"))
    for row in found:
        require_submission_view(actor, row)
    return found


def sender_digest(address: str) -> str:
    """Return a keyed digest of a network address, another one for each tenant: the address itself is not kept here."""
    return salted_hmac("leadcrm.form.sender", f"{current_organization_id()}/{address}", algorithm="sha256").hexdigest()[
        :32
    ]


def _passed_on_form(form_id: UUID, since: datetime) -> int:
    rows = Submission.rows().filter(form_version__isnull=False, form_version__form_id=form_id, received_at__gt=since)
    return rows.exclude(state__in=SUSPECT).count()


def _proof(sent: Sent, now: datetime) -> Proof:
    """Spend the solved challenge on this sending; one that was spent on another sending does not count."""
    if sent.sending.proof is not Proof.SOLVED:
        return sent.sending.proof
    owner_id, spent_on = current_organization_id(), hashlib.sha256(sent.envelope.idempotency_key.encode()).hexdigest()
    key = f"proof:{sent.proof_id}"[:255]
    row = IdempotencyRecord(owner_id=owner_id, key=key, body_digest=spent_on, created_at=now)
    IdempotencyRecord.objects.bulk_create([row], ignore_conflicts=True)
    held = IdempotencyRecord.rows().get(owner_id=owner_id, key=key)
    return Proof.SOLVED if held.body_digest == spent_on else Proof.REPLAYED
