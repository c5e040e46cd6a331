"""What looks like spam: looked at, let through where it is none, put aside where it is (row VQ-08)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.audit import ledger
from apps.capture.quarantine import dismiss_quarantined, restore_quarantined
from apps.tenancy.errors import Conflict, NotFound
from apps.workspace.quarantine_page import quarantine_shown
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def quarantine(request: ActorRequest) -> HttpResponse:
    """List what waits, or with `?dismissed=1` what was put aside, newest first."""
    shown = quarantine_shown(request.actor, wall_of(request), dismissed="dismissed" in request.GET)
    ids = [row["id"] for row in shown["rows"]]
    ledger.record_read(actor=request.actor, what="submission", object_ids=ids, fields=["name", "contact", "message"])
    return render(request, "workspace/quarantine.html", shown)


@require_POST
def restore(request: ActorRequest, submission_id: UUID) -> HttpResponse:
    """Let one through; a colleague may have been faster."""
    try:
        restore_quarantined(actor=request.actor, submission_id=submission_id)
    except Conflict as error:
        messages.warning(request, error.detail)
    else:
        messages.success(request, _("Let through. It goes the way of every inquiry."))
    return HttpResponseRedirect(reverse("workspace:quarantine"), status=303)


@require_POST
def dismiss(request: ActorRequest) -> HttpResponse:
    """Put one aside, or all that the page showed."""
    count = dismiss_quarantined(actor=request.actor, submission_ids=_ids(request.POST.getlist("id")))
    said = ngettext("%(count)d put aside as spam.", "%(count)d put aside as spam.", count) % {"count": count}
    messages.success(request, said)
    return HttpResponseRedirect(reverse("workspace:quarantine"), status=303)


def _ids(typed: list[str]) -> list[UUID]:
    try:
        return [UUID(each) for each in typed]
    except ValueError:
        raise NotFound from None
