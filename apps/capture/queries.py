"""Read capture: what became of a submission."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest

from apps.capture.models import Submission
from apps.capture.terms import CheckName
from apps.catalog.models import WaitingLead
from apps.policies.queries import versions_by_key

MAPPING = "mapping"


def submission(submission_id: UUID) -> Submission | None:
    """Return a submission of the tenant in scope."""
    return Submission.rows().filter(id=submission_id).select_related("source").first()


def mapping_number(source_key: str, at: datetime) -> int:
    """Return which version of a source's mapping rules at an instant; 0 where it has none."""
    version = versions_by_key(MAPPING, at).get(source_key)
    return version.number if version else 0


def mapping_documents(source_key: str, at: datetime) -> list[dict[str, Any]]:
    """Return the documents of a source's mapping in the order they are asked: its own, then the tenant's."""
    ruling = versions_by_key(MAPPING, at)
    return [ruling[key].document for key in (source_key, "default") if key in ruling]


def mapping_of_lead() -> Greatest:
    """Return, for a read of leads, the version of the mapping that read the latest inquiry or filled in a word since.

    0 where the source has no mapping.
    """
    came = Submission.rows().filter(lead_id=OuterRef("id"), state="processed").order_by("-processed_at", "-id")
    filled = WaitingLead.rows().filter(lead_id=OuterRef("id"), filled_at__isnull=False, word__version__isnull=False)
    return Greatest(
        Coalesce(Subquery(came.values("mapping_version")[:1]), 0),
        Coalesce(Subquery(filled.order_by("-filled_at").values("word__version")[:1]), 0),
    )


def excluded_by_source(since: datetime) -> dict[str, tuple[int, int]]:
    """Return by source how many inquiries received since were excluded, and how many of these were blank (row VQ-02).

    Tests and rehearsals count for nothing.
    """
    rows = Submission.rows().filter(verdict="rejected", received_at__gte=since, is_test=False, is_rehearsal=False)
    blank = Q(reasons__contains=[{"code": CheckName.BLANK.value}])
    counted = rows.order_by().values_list("source__key").annotate(n=Count("id"), blank=Count("id", filter=blank))
    return {key: (n, of_them) for key, n, of_them in counted}


def check_behind(lead_id: UUID, code: str) -> str:
    """Return the id of the check that found this on the lead's latest submission with it (row VQ-01)."""
    rows = Submission.rows().filter(lead_id=lead_id, state="processed").order_by("-processed_at", "-id")
    for reasons in rows.values_list("reasons", flat=True):
        for each in reasons:
            if each.get("code") == code:
                return str(each.get("check", ""))
    return ""


def processed_at(submission_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when submissions were taken in; those that wait are left out."""
    rows = Submission.rows().filter(id__in=list(submission_ids), processed_at__isnull=False)
    return {each: at for each, at in rows.values_list("id", "processed_at") if at is not None}
