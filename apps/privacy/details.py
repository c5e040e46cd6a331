"""Keep and read health details. Every read is an entry in the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.privacy.models import HealthDetail
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Detail:
    """One opened detail."""

    kind: str
    text: str
    created_at: datetime


def keep(*, subject_id: UUID, kind: str, text: str, now: datetime) -> None:
    """Seal and store a detail; empty text is nothing to keep."""
    if not text:
        return
    organization_id, row_id = current_organization_id(), new_id()
    sealed = seal(text.encode(), organization_id=organization_id, row_id=row_id)
    HealthDetail(id=row_id, subject_id=subject_id, kind=kind, sealed=sealed, created_at=now).save(force_insert=True)


def drop(*, subject_id: UUID, kept_at: datetime, texts: Iterable[str]) -> int:
    """Remove of a lead what one inquiry told: these texts, kept at this instant, each once; return how many.

    What was sent in stays sealed with its submission; the caller keeps it for the lead to which it belongs.
    """
    wanted, gone = [each for each in texts if each], []
    for row in HealthDetail.rows().filter(subject_id=subject_id, created_at=kept_at).order_by("-id"):
        text = unseal(bytes(row.sealed), organization_id=current_organization_id(), row_id=row.id).decode()
        if text in wanted:
            wanted.remove(text)
            gone.append(row.id)
    HealthDetail.rows().filter(id__in=gone).delete()
    return len(gone)


def read(*, actor: Actor, subject_id: UUID) -> list[Detail]:
    """Open a lead's details, newest first, and note the read.

    Refuses actors without `health:read`.
    """
    if not actor.may("health:read"):
        raise Refused(
            "What this person said about their health is hidden from your role.",
            code="masked",
            action="health.read",
            object_type="lead",
            object_id=subject_id,
        )
    rows = list(HealthDetail.rows().filter(subject_id=subject_id).order_by("-created_at", "-id"))
    if rows:
        ledger.record(
            actor=actor,
            action="health.read",
            object_type="lead",
            object_id=subject_id,
            fields=sorted({row.kind for row in rows}),
        )
    return [
        Detail(
            row.kind,
            unseal(bytes(row.sealed), organization_id=current_organization_id(), row_id=row.id).decode(),
            row.created_at,
        )
        for row in rows
    ]
