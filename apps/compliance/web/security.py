"""The security-measures sheet on a page that prints (row AU-11)."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.compliance.sheet import sheet
from apps.compliance.web.frame import Section
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest


@require_safe
def security(request: ActorRequest) -> HttpResponse:
    """Show the sheet as it stands now."""
    organization = current_organization()
    now = request.now.astimezone(ZoneInfo(organization.zone))
    areas = sheet(now.date())
    ledger.record(actor=request.actor, action="security_sheet.view", object_type="ledger", object_id=None)
    context = {
        "areas": areas,
        "tenant": organization.name,
        "at": f"{now:%-d %b %Y, %H:%M}",
        "wrong": sum(line.is_wrong for area in areas for line in area.lines),
    }
    return render(request, "compliance/security.html", context)


SECURITY = Section(
    key="security",
    title=gettext_noop("Security measures"),
    sentence=gettext_noop(
        "Encryption, roles, audit, retention, agreements and certificates as they stand now; to print."
    ),
    icon="lock",
    view=security,
)
