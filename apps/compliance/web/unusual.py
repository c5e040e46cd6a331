"""What stands out about how colleagues read, and what compliance found when it looked (row AU-09)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from apps.compliance.models import UnusualAccess
from apps.compliance.unusual import put_aside, sentence_of
from apps.compliance.web.frame import Section
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

SHOWN = 100


@require_safe
def findings(request: ActorRequest) -> HttpResponse:
    """List what stood out, what waits first, then the last hundred that were looked at."""
    zone = ZoneInfo(current_organization().zone)
    rows = UnusualAccess.rows()
    waiting, looked = list(rows.filter(looked_at=None)[:SHOWN]), list(rows.exclude(looked_at=None)[:SHOWN])
    context = {
        "waiting": [{"row": each, "sentence": sentence_of(each, zone)} for each in waiting],
        "looked": [{"row": each, "sentence": sentence_of(each, zone)} for each in looked],
    }
    return render(request, "compliance/unusual.html", context)


@require_POST
def looked_at(request: ActorRequest, unusual_id: UUID) -> HttpResponse:
    """Note what it was."""
    try:
        put_aside(actor=request.actor, row_id=unusual_id, note=request.POST.get("note", ""), now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(reverse("compliance:unusual"), status=303)


UNUSUAL = Section(
    key="unusual",
    title=gettext_noop("Unusual access"),
    sentence=gettext_noop(
        "Many leads in ten minutes, at night, with one's own family name, large files: look, and note."
    ),
    icon="eye",
    view=findings,
    more=(("<uuid:unusual_id>/looked-at/", "unusual_looked", looked_at),),
)
