"""What the page after a form promises: by when somebody gets in touch, from the opening hours and the service level."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.capture.actions import payload_of
from apps.capture.form_queries import FormSheet
from apps.capture.models import Submission
from apps.catalog.business_hours import Hours, is_open, next_opening
from apps.catalog.queries import spec_of
from apps.policies.queries import live_document
from apps.sla.decisions import deadlines, pick_policy
from apps.sla.models import SlaTimer
from apps.sla.promised import next_contact
from apps.sla.terms import ClockKind


def promised(sheet: FormSheet, submission_id: UUID, now: datetime) -> str:
    """Return the sentence in the language of the page; "" where no hour can be promised.

    Once the inquiry is read, the hour is that of its lead's own clock. Before that it is the service level of whoever
    comes through this form and says what for, counted from when it was sent. Nothing is promised to who permitted no
    contact, and none after that hour has passed.
    """
    row = Submission.rows().filter(id=submission_id).first()
    if row is None or sheet.hours is None:
        return ""
    due_at = _of_lead(row.lead_id) if row.lead_id is not None else _of_form(sheet, sheet.hours, row, now)
    opens_at = row.received_at if is_open(sheet.hours, row.received_at) else next_opening(sheet.hours, row.received_at)
    if due_at is None or opens_at is None or due_at < now:
        return ""
    when = next_contact(opens_at, due_at, row.received_at, sheet.organization.zone, sheet.language)
    return _("You will hear from us %(when)s.") % {"when": when}


def _of_lead(lead_id: UUID) -> datetime | None:
    running = SlaTimer.rows().filter(lead_id=lead_id, kind=ClockKind.FIRST_CONTACT, met_at=None, cancelled_at=None)
    return running.filter(paused_at=None).order_by("-started_at", "-id").values_list("due_at", flat=True).first()


def _of_form(sheet: FormSheet, hours: Hours, row: Submission, now: datetime) -> datetime | None:
    told, source = payload_of(row), sheet.form.source
    request, claims = told.get("request"), told.get("consent") or ()
    service = request.get("service") if isinstance(request, dict) else None
    if not service or not any(isinstance(each, dict) and each.get("state") == "granted" for each in claims):
        return None
    facts = {"source": source.key, "channel": sheet.content.capture_method, "service": service}
    policy = pick_policy(facts, live_document("sla", now), usual=spec_of(source).sla_policy).policy
    found = deadlines(policy, hours, captured_at=row.received_at, owned_at=row.received_at) if policy else ()
    return next((each.due_at for each in found if each.kind == ClockKind.FIRST_CONTACT), None)
