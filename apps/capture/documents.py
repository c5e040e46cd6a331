"""Documents that come with an inquiry: what is taken, kept sealed, and opened for people who read health details.

A file is what its first bytes say, whatever it is called: its name decides nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.models import Submission, SubmissionDocument
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

MOST_FILES, MOST_BYTES, MOST_BYTES_TOGETHER = 5, 5 * 1024 * 1024, 10 * 1024 * 1024
#: How each kind of file begins.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"II*\x00", "image/tiff", ".tif"),
    (b"MM\x00*", "image/tiff", ".tif"),
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as it came."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as its reader gets it."""

    name: str
    media_type: str
    content: bytes


def check_attached(files: Sequence[Attached]) -> tuple[Problem, ...]:
    """Return what keeps files from being taken: too many, too large, empty, or of another kind."""
    found = []
    if len(files) > MOST_FILES:
        found.append(f"At most {MOST_FILES} documents.")
    if sum(len(each.content) for each in files) > MOST_BYTES_TOGETHER:
        found.append("The documents are larger than 10 MB together.")
    for each in files:
        if not each.content:
            found.append(f"“{_named(each.name)}” is empty.")
        elif len(each.content) > MOST_BYTES:
            found.append(f"“{_named(each.name)}” is larger than 5 MB.")
        elif not _kind_of(each.content):
            found.append(f"“{_named(each.name)}” is no PDF, JPEG, PNG or TIFF.")
    return tuple(Problem("/documents", "document_refused", detail) for detail in found)


def keep_documents(*, actor: Actor, submission_id: UUID, files: Sequence[Attached], now: datetime) -> None:
    """Seal and store what came with a submission. Raises Invalid for what is not taken; nothing is stored then."""
    if problems := check_attached(files):
        raise Invalid(problems[0].detail, problems)
    for each in files:
        media_type, ending = _kind_of(each.content) or ("", "")
        row_id, organization_id = new_id(), current_organization_id()
        name = _named(each.name)
        SubmissionDocument(
            id=row_id,
            submission_id=submission_id,
            name=name if name.lower().endswith((ending, ".jpeg", ".tiff")) else f"{name[:190]}{ending}",
            media_type=media_type,
            size_bytes=len(each.content),
            digest=hashlib.sha256(each.content).hexdigest(),
            sealed=seal(each.content, organization_id=organization_id, row_id=row_id),
            added_by=actor.label[:200],
            added_at=now,
        ).save(force_insert=True)
        ledger.record(actor=actor, action="document.add", object_type="submission", object_id=submission_id)


def documents_of_lead(lead_id: UUID) -> list[SubmissionDocument]:
    """Return the documents of every inquiry that led to a lead, without their content."""
    ids = Submission.rows().filter(lead_id=lead_id).values("id")
    return list(SubmissionDocument.rows().filter(submission__in=ids).defer("sealed"))


def open_document(*, actor: Actor, lead_id: UUID, document_id: UUID) -> Opened:
    """Open one document of a lead that the actor sees, and note the read.

    Refuses actors without `health:read`; NotFound for documents of other leads.
    """
    if not actor.may(Permission.HEALTH_READ):
        detail = "Documents hold health details: only people who care for this person read them."
        raise Refused(detail, action="document.read", object_type="lead", object_id=lead_id)
    ids = Submission.rows().filter(lead_id=lead_id).values("id")
    row = SubmissionDocument.rows().filter(id=document_id, submission__in=ids).first()
    if row is None:
        raise NotFound
    ledger.record_read(actor=actor, what="document", object_ids=[row.id], fields=["content"])
    content = unseal(bytes(row.sealed), organization_id=current_organization_id(), row_id=row.id)
    return Opened(row.name, row.media_type, content)


def _kind_of(content: bytes) -> tuple[str, str] | None:
    for beginning, media_type, ending in _BEGINNINGS:
        if content.startswith(beginning):
            return media_type, ending
    return None


def _named(name: str) -> str:
    """Return a file's own name without folders and odd marks."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(mark for mark in last if mark.isprintable() and mark not in '"<>|:*?')[:200].strip() or "document"
