"""Read capture: what became of a submission."""

from uuid import UUID

from apps.capture.models import Submission


def submission(submission_id: UUID) -> Submission | None:
    """Return a submission of the tenant in scope."""
    return Submission.rows().filter(id=submission_id).select_related("source").first()


def check_behind(lead_id: UUID, code: str) -> str:
    """Return the id of the check that found this on the lead's latest submission with it (row VQ-01)."""
    rows = Submission.rows().filter(lead_id=lead_id, state="processed").order_by("-processed_at", "-id")
    for reasons in rows.values_list("reasons", flat=True):
        for each in reasons:
            if each.get("code") == code:
                return str(each.get("check", ""))
    return ""
