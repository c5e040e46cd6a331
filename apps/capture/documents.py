"""Documents that come with an inquiry: kept sealed, and opened for people who read health details.

What is taken at all is said in `document_rules`; every door goes through `keep_documents`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.document_rules import MOST_FILES, Attached, Reason, Sorted, media_type_of, name_of, sort_out
from apps.capture.models import Submission, SubmissionDocument
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as its reader gets it."""

    name: str
    media_type: str
    content: bytes


def refusal(name: str, reason: str) -> str:
    """Say why a file is not taken, in the reader's language."""
    sentences = {
        Reason.EMPTY: _("“%(name)s” is empty."),
        Reason.TOO_LARGE: _("“%(name)s” is larger than 5 MB."),
        Reason.OTHER_KIND: _("“%(name)s” is no PDF, JPEG, PNG or TIFF."),
        Reason.TOO_MANY: _("“%(name)s” is one too many: at most %(most)s documents."),
        Reason.TOO_MUCH: _("With “%(name)s” the documents are larger than 10 MB together."),
    }
    return sentences[Reason(reason)] % {"name": name, "most": MOST_FILES}


def problems_of(found: Sorted) -> tuple[Problem, ...]:
    """Return what keeps files from being taken, a sentence for each."""
    return tuple(Problem("/documents", "document_refused", refusal(*each)) for each in found.refused)


def require_taken(files: Sequence[Attached]) -> None:
    """Raise Invalid, naming every file that is not taken; for doors that store nothing where one is wrong."""
    if problems := problems_of(sort_out(files)):
        raise Invalid(problems[0].detail, problems)


def keep_documents(*, actor: Actor, submission_id: UUID, files: Sequence[Attached], now: datetime) -> None:
    """Seal and store what came with a submission; a file that it has already is not stored twice.

    Raises Invalid for what is not taken, counting what the submission has; nothing is stored then.
    """
    if not files:
        return
    kept = dict(SubmissionDocument.rows().filter(submission_id=submission_id).values_list("digest", "size_bytes"))
    fresh = list({each.digest: each for each in files if each.digest not in kept}.values())
    found = sort_out(fresh, count=len(kept), size=sum(kept.values()))
    if problems := problems_of(found):
        raise Invalid(problems[0].detail, problems)
    for each in found.taken:
        row_id = new_id()
        SubmissionDocument(
            id=row_id,
            submission_id=submission_id,
            name=name_of(each),
            media_type=media_type_of(each.content),
            size_bytes=len(each.content),
            digest=each.digest,
            sealed=seal(
                each.content,
                organization_id=current_organization_id(),
                row_id=row_id,
                column="capture_submissiondocument.sealed",
            ),
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
    content = unseal(
        bytes(row.sealed),
        organization_id=current_organization_id(),
        row_id=row.id,
        column="capture_submissiondocument.sealed",
    )
    return Opened(row.name, row.media_type, content)
