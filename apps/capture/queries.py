"""Read capture: what became of a submission, and the public forms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext

from apps.capture.models import Form, Submission
from apps.catalog.business_hours import Hours
from apps.catalog.models import Calendar, Location, Queue, Service, WaitingLead
from apps.catalog.queries import all_hours, spec_of
from apps.catalog.terms import ConsentStep
from apps.consent.models import ConsentWording
from apps.policies.queries import versions_by_key
from apps.tenancy.clock import database_now
from apps.tenancy.models import Address, Organization
from apps.tenancy.organizations import current_organization

FORM_ADDRESS, MAPPING = "form", "mapping"


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A published form with everything its page shows."""

    form: Form
    organization: Organization
    services: dict[str, str]
    locations: dict[str, str]
    wordings: dict[str, str]
    hours: Hours | None

    @property
    def must_consent(self) -> bool:
        """Whether the channel takes no inquiry that permits nothing."""
        return spec_of(self.form.source).consent_step is ConsentStep.REFUSE


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
    names = services_to_choose(form.services)
    return FormSheet(
        form,
        current_organization(),
        {key: names[key] for key in form.services if key in names},
        _locations(list(names)),
        wordings_of(form.consent_version, language),
        _hours(form),
    )


def services_to_choose(keys: list[str]) -> dict[str, str]:
    """Return the names of those services that count today; one that takes no new patients says so."""
    today = database_now().astimezone(ZoneInfo(current_organization().zone)).date()
    rows = Service.rows().filter(key__in=keys, is_active=True).exclude(effective_on__gt=today)
    closed = gettext("%(service)s (established patients only)")
    return {row.key: row.name if row.accepts_new_patients else closed % {"service": row.name} for row in rows}


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
    team_id = spec_of(form.source).owning_team_id
    if team_id is None:
        queues = Queue.rows().none()
    else:
        queues = Queue.rows().filter(team_id=team_id, is_active=True).order_by("key")
    calendar_id = queues.values_list("calendar_id", flat=True).first()
    calendar_id = calendar_id or Calendar.rows().order_by("key").values_list("id", flat=True).first()
    return all_hours()[calendar_id] if calendar_id else None
