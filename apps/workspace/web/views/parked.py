"""Leads that wait for a service: who is up for review now that it opened, and letting one go on (row QL-15)."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.parking import take_up
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.workspace.parked_page import parked_rows, wishes
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def parked(request: ActorRequest) -> HttpResponse:
    """List parked leads that the reader sees, of one service or of all."""
    if request.actor.is_agency or not request.actor.may(Permission.LEAD_VIEW):
        raise NotFound
    wall, wanted = wall_of(request), request.GET.get("service", "")
    rows = parked_rows(request.actor, wanted=wanted)
    if rows:
        ledger.record_read(
            actor=request.actor, what="lead", object_ids=[each.lead_id for each in rows], fields=["name", "service"]
        )
    shown = [{"row": each, "parked": wall.at(each.parked_at), "up": wall.at(each.resurfaced_at)} for each in rows]
    return render(request, "workspace/parked.html", {"rows": shown, "wishes": wishes(request.actor), "wanted": wanted})


@require_POST
def taken_up(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Let a parked lead go on whose service opened; what keeps it is said, and nothing changes."""
    try:
        with transaction.atomic():
            lead = take_up(actor=request.actor, lead_id=lead_id, now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("workspace:lead", args=[lead_id]), status=303)
    messages.success(request, _("%(ref)s goes on.") % {"ref": lead.ref})
    return HttpResponseRedirect(reverse("workspace:parked"), status=303)
