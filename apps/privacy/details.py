"""Keep and read health details. Every read is an entry in the ledger."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.audit import ledger
from apps.privacy.models import HealthDetail
from apps.privacy.topics import restricted_to, unrestricted
from apps.tenancy.actor import Actor
from apps.tenancy.clock import scope_opened_at
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
    id: UUID


def keep(
    *, subject_id: UUID, kind: str, text: str, now: datetime, taken_from: tuple[UUID, datetime] | None = None
) -> UUID | None:
    """Seal and store a detail and return its id; empty text is nothing to keep.

    `taken_from` names the lead that the same words were filed for before, and since when: the detail remembers which
    one it was, so that what heard it there can still be judged again.
    """
    if not text:
        return None
    organization_id, row_id = current_organization_id(), new_id()
    sealed = seal(text.encode(), organization_id=organization_id, row_id=row_id, column="privacy_healthdetail.sealed")
    was = _filed_before(kind, text, *taken_from) if taken_from else None
    row = HealthDetail(id=row_id, subject_id=subject_id, kind=kind, sealed=sealed, created_at=now, was=was)
    row.save(force_insert=True)
    return row_id


def _filed_before(kind: str, text: str, subject_id: UUID, kept_at: datetime) -> UUID | None:
    for row in HealthDetail.rows().filter(subject_id=subject_id, kind=kind, created_at=kept_at).order_by("-id"):
        if _opened(row) == text:
            return row.id
    return None


def _opened(row: HealthDetail) -> str:
    return unseal(
        bytes(row.sealed),
        organization_id=current_organization_id(),
        row_id=row.id,
        column="privacy_healthdetail.sealed",
    ).decode()


def read_again(*, actor: Actor, ids: Collection[UUID], subjects: Collection[UUID]) -> dict[UUID, str]:
    """Open details by their ids, wherever they are filed now, in one read that is noted for all its leads.

    What was erased since is missing. Refuses actors without `health:read`.
    """
    if not actor.may("health:read"):
        raise _masked(None)
    barred = restricted_to(actor, list(subjects), now=scope_opened_at())
    rows = list(HealthDetail.rows().filter(Q(id__in=ids) | Q(was__in=ids))) if ids else []
    rows = [row for row in rows if row.subject_id not in barred]
    if rows:
        about = sorted(subjects)
        ledger.record(
            actor=actor,
            action="health.read",
            object_type="lead",
            object_id=about[0] if len(about) == 1 else None,
            fields=sorted({row.kind for row in rows}),
            detail={} if len(about) == 1 else {"ids": [str(each) for each in about]},
        )
    found = {row.was: _opened(row) for row in rows if row.was is not None}
    return {each: text for each, text in (found | {row.id: _opened(row) for row in rows}).items() if each in ids}


def drop(*, subject_id: UUID, kept_at: datetime, texts: Iterable[str]) -> int:
    """Remove of a lead what one inquiry told: these texts, kept at this instant, each once; return how many.

    What was sent in stays sealed with its submission; the caller keeps it for the lead to which it belongs.
    """
    wanted, gone = [each for each in texts if each], []
    for row in HealthDetail.rows().filter(subject_id=subject_id, created_at=kept_at).order_by("-id"):
        text = _opened(row)
        if text in wanted:
            wanted.remove(text)
            gone.append(row.id)
    HealthDetail.rows().filter(id__in=gone).delete()
    return len(gone)


def told_of(subject_ids: Collection[UUID]) -> dict[UUID, list[Detail]]:
    """Open the details of leads for the rules that say which are PHI (row PH-13), by lead.

    For rules alone: they keep the name of a field, and nobody is shown a word. Who asks notes that it looked.
    """
    found: dict[UUID, list[Detail]] = {}
    for row in HealthDetail.rows().filter(subject_id__in=list(subject_ids)).order_by("created_at", "id"):
        found.setdefault(row.subject_id, []).append(Detail(row.kind, _opened(row), row.created_at, row.id))
    return found


def ids_of(*, subject_id: UUID, kind: str) -> list[UUID]:
    """Return the ids of a lead's details of a kind; nothing is opened, so nothing is noted."""
    return list(HealthDetail.rows().filter(subject_id=subject_id, kind=kind).values_list("id", flat=True))


def kinds_of(*, subject_id: UUID) -> list[str]:
    """Return which kinds of details a lead has; nothing is opened, so nothing is noted."""
    return list(
        HealthDetail.rows().filter(subject_id=subject_id).order_by("kind").values_list("kind", flat=True).distinct()
    )


def read(*, actor: Actor, subject_id: UUID) -> list[Detail]:
    """Open a lead's details, newest first, and note the read.

    Refuses actors without `health:read`; of a lead that is restricted for the actor nothing is opened (row PH-16).
    """
    if not actor.may("health:read"):
        raise _masked(subject_id)
    found = HealthDetail.rows().filter(subject_id=subject_id).order_by("-created_at", "-id")
    rows = list(unrestricted(found, actor, now=scope_opened_at()))
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
            _opened(row),
            row.created_at,
            row.id,
        )
        for row in rows
    ]


def reveal(*, actor: Actor, subject_id: UUID, kind: str, purpose: str, action: str) -> list[Detail]:
    """Open a lead's details of one kind, newest first, and note what for. Refuses actors without `health:read`."""
    if not actor.may("health:read"):
        raise _masked(subject_id)
    rows = list(HealthDetail.rows().filter(subject_id=subject_id, kind=kind).order_by("-created_at", "-id"))
    if rows:
        ledger.record(
            actor=actor,
            action=action,
            object_type="lead",
            object_id=subject_id,
            fields=[kind],
            detail={"purpose": purpose},
        )
    return [Detail(row.kind, _opened(row), row.created_at, row.id) for row in rows]


def _masked(subject_id: UUID | None) -> Refused:
    return Refused(
        "What this person said about their health is hidden from your role.",
        code="masked",
        action="health.read",
        object_type="lead",
        object_id=subject_id,
    )
