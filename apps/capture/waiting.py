"""Waiting for a submission's outcome, for senders that want to hear it in the same answer."""

import time
from uuid import UUID

from apps.capture.models import Submission
from apps.capture.queries import submission
from apps.tenancy.scope import tenant_scope

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 0.25


def outcome_within(organization_id: UUID, submission_id: UUID, seconds: int) -> Submission | None:
    """Look for a delivery's outcome until it is there or the time is over. Holds no transaction meanwhile."""
    ends_at, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
    while True:
        with tenant_scope(organization_id):
            row = submission(submission_id)
        if row is not None and row.state == "processed":
            return row
        left = ends_at - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
