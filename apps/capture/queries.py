"""Read capture: what became of a submission, and the public forms."""

from dataclasses import dataclass
from uuid import UUID

from apps.capture.models import Form, Submission
from apps.catalog.business_hours import Hours
from apps.catalog.models import Calendar, Location, Queue, Service
from apps.catalog.queries import all_hours
from apps.consent.models import ConsentWording
from apps.tenancy.models import Address, Organization
from apps.tenancy.organizations import current_organization

FORM_ADDRESS = "form"


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A published form with everything its page shows."""

    form: Form
    organization: Organization
    services: dict[str, str]
    locations: dict[str, str]
    wordings: dict[str, str]
    hours: Hours | None


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


def find_form(slug: str) -> Address | None:
    """Return the tenant and row of a public form by its slug, before any scope is open."""
    return Address.objects.filter(kind=FORM_ADDRESS, key=slug).first()


def form_sheet(form_id: UUID, language: str = "en") -> FormSheet | None:
    """Return a published form, its services in its own order, and its wording per channel."""
    form = Form.rows().filter(id=form_id, is_published=True).select_related("source__owning_team").first()
    if form is None:
        return None
    names = dict(Service.rows().filter(key__in=form.services, is_active=True).values_list("key", "name"))
    return FormSheet(
        form,
        current_organization(),
        {key: names[key] for key in form.services if key in names},
        _locations(list(names)),
        wordings_of(form.consent_version, language),
        _hours(form),
    )


def _locations(services: list[str]) -> dict[str, str]:
    """Return the offices that offer at least one of the services, by key."""
    rows = Location.rows().filter(is_available=True, offerings__service__key__in=services).distinct()
    return dict(rows.order_by("name").values_list("key", "name"))


def wordings_of(version: str, language: str = "en") -> dict[str, str]:
    """Return the wording of a version by channel, in the language or else in English."""
    rows = ConsentWording.rows().filter(version=version, purpose="care_inquiry", language__in=[language, "en"])
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda each: each.language == language):
        found[row.channel] = row.text
    return {channel: found[channel] for channel in ("call", "text", "email") if channel in found}


def _hours(form: Form) -> Hours | None:
    """Return when the team that gets the form's leads is open, else the tenant's first calendar."""
    queues = Queue.rows().filter(team=form.source.owning_team, is_active=True).order_by("key")
    calendar_id = queues.values_list("calendar_id", flat=True).first() if form.source.owning_team else None
    calendar_id = calendar_id or Calendar.rows().order_by("key").values_list("id", flat=True).first()
    return all_hours()[calendar_id] if calendar_id else None
