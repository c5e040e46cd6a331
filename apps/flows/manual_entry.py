"""An inquiry that somebody tells a colleague, taken in as every other: stored, judged, routed, owned (row VQ-15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.actions import Envelope, Receipt, receive
from apps.capture.document_rules import Attached
from apps.capture.documents import keep_documents, require_taken
from apps.capture.manual import REASON, REASON_QUESTION, manual_gaps, on_file
from apps.capture.models import IdempotencyRecord, Submission
from apps.capture.schema import LeadPost
from apps.catalog.combinations import why_not_together
from apps.catalog.models import Source
from apps.catalog.queries import sources_by_key
from apps.consent.spoken import scripts
from apps.consent.terms import SPOKEN, Channel
from apps.leads.models import Person
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused


@dataclass(frozen=True, slots=True)
class Entry:
    """What a colleague typed: the parts of a delivery, where it came from, why it is typed, and what was agreed to.

    `spoken` says for a channel whether the person agreed to it aloud. `person_id` is somebody on file whose inquiry
    it is. `key` names the form, so that one sent twice is one inquiry. `asked_at` is when they asked; None for now.
    `documents` came with a referral.
    """

    source: str
    reason: str
    parts: Mapping[str, Any]
    key: str
    spoken: Mapping[Channel, bool] = field(default_factory=dict)
    person_id: UUID | None = None
    asked_at: datetime | None = None
    documents: Sequence[Attached] = ()


def require_entry(actor: Actor) -> None:
    """Raise Refused for who may not type inquiries in: whoever may not work leads."""
    if actor.is_agency or not actor.may(Permission.LEAD_EDIT):
        detail = f"This needs the right “{Permission.LEAD_EDIT}”. Ask your team's lead."
        raise Refused(detail, action="lead.enter", object_type="submission")


def sources_to_name() -> list[Source]:
    """Return the sources that a typed inquiry may name: the tenant's own ones. What a party sends, it sends itself."""
    return [row for row in sources_by_key().values() if row.is_active and row.party_id is None and row.key != "unknown"]


def enter_inquiry(*, actor: Actor, entry: Entry, now: datetime) -> Receipt:
    """Store what was typed and wake the intake after commit; it goes the way of every inquiry from there.

    The same form sent twice is one inquiry. Refuses who may not work leads, an entry without a source that is the
    tenant's own or without a reason, an instant in the future, people who are not on file, and other words under
    a key that was used, a service that the named office does not have, documents that are not taken, and any with what
    is no referral.
    """
    require_entry(actor)
    source = {row.key: row for row in sources_to_name()}.get(entry.source)
    problems = manual_gaps(source=entry.source, is_known=source is not None, reason=entry.reason)
    if entry.asked_at is not None and entry.asked_at > now:
        problems += (Problem("/submitted_at", "in_the_future", "An inquiry cannot have come in the future."),)
    asked = entry.parts.get("request") or {}
    together = why_not_together(str(asked.get("service") or ""), str(asked.get("location") or ""), "/request/location")
    problems += (together,) if together else ()
    if problems or source is None:
        raise Invalid("The inquiry cannot be taken in yet.", problems)
    require_taken(entry.documents)
    body = _body(actor, entry)
    if entry.documents and body.get("lead_class") != "referral":
        detail = "Documents come with a referral. Choose that kind, or take them off."
        raise Invalid(detail, (Problem("/documents", "no_referral", detail),))
    LeadPost.model_validate(body)
    envelope = Envelope(
        source=source,
        source_typed=source.key,
        payload=body,
        capture_method="manual",
        event_at=entry.asked_at or now,
        received_at=now,
        idempotency_key=f"entry:{entry.key}",
    )
    receipt = receive(actor=actor, envelope=envelope, now=now)
    if receipt.mismatch:
        raise Conflict("This form was sent before with other words. Open a new one for another inquiry.", code="sent")
    keep_documents(actor=actor, submission_id=receipt.submission_id, files=entry.documents, now=now)
    if not receipt.is_replay:
        ledger.record(actor=actor, action="lead.enter", object_type="submission", object_id=receipt.submission_id)
    return receipt


def entry_of(actor: Actor, submission_id: UUID) -> Submission:
    """Return a typed inquiry to whoever typed it or sees submissions; NotFound for all others."""
    row = Submission.rows().filter(id=submission_id, capture_method="manual").defer("raw").first()
    if row is None or not (actor.may(Permission.SUBMISSION_READ) or _is_own(actor, submission_id)):
        raise NotFound
    return row


def _is_own(actor: Actor, submission_id: UUID) -> bool:
    """Say whether the actor typed it: the key of the form is theirs."""
    if actor.id is None:
        return False
    return IdempotencyRecord.rows().filter(owner_id=actor.id, submission_id=submission_id).exists()


def _body(actor: Actor, entry: Entry) -> dict[str, Any]:
    """Return the delivery. Of somebody on file it holds their own name, so that the match is sure."""
    body: dict[str, Any] = {"person": {}, **entry.parts, "source": entry.source, "capture_method": "manual"}
    answers = [*body.get("answers", []), {"key": REASON, "question": REASON_QUESTION, "values": [entry.reason.strip()]}]
    body["answers"], body["entry_reason"] = answers, entry.reason.strip()
    if entry.asked_at is not None:
        body["submitted_at"] = entry.asked_at.isoformat()
    if spoken := _spoken(actor, entry.spoken, str(body["person"].get("preferred_language") or "en")):
        body["consent"] = spoken
    if entry.person_id is not None:
        body |= _of_somebody(entry.person_id, body)
    return body


def _spoken(actor: Actor, said: Mapping[Channel, bool], language: str) -> list[dict[str, str]]:
    """Return the permissions as they were asked for aloud, with the script and who heard the answer."""
    if not said:
        return []
    read = scripts(language)
    return [
        {
            "channel": str(channel),
            "state": "granted" if agreed else "denied",
            "text": read[channel].text,
            "text_version": read[channel].version,
            "evidence_kind": SPOKEN,
            "evidence_ref": f"Heard by {actor.label}",
        }
        for channel, agreed in said.items()
    ]


def _of_somebody(person_id: UUID, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts with the name of somebody on file: as who asks for another person, or as the person."""
    person = Person.rows().filter(id=person_id, merged_into__isnull=True).first()
    if person is None:
        detail = "This person is not on file (any more). Search again."
        raise Invalid(detail, (Problem("/whose", "not_on_file", detail),))
    names = {"first_name": person.first_name, "last_name": person.last_name}
    if "on_behalf_of" in body:
        return {"on_behalf_of": body["on_behalf_of"] | {key: value for key, value in names.items() if value}}
    if person.is_organization:
        names = {"organization_name": str(person), "is_organization": True}  # type: ignore[dict-item]
    known = {key: value for key, value in names.items() if value}
    return {"external_id": on_file(person.id), "person": body["person"] | known}
