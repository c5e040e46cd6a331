"""Whether a lead is PHI: since when, by which rule or whom, and another word on it with a reason (row PH-13)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.audit import ledger
from apps.flows.classifying import LONGEST_REASON, may_classify, reclassify, standing_facts
from apps.flows.masking import reads_health
from apps.flows.packages import reader_of
from apps.ownership.queries import lead_for
from apps.privacy.phi import classed
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.workspace.lead_page import said_of
from apps.workspace.web.wall import wall_of
from apps.workspace.words import plain
from leadcrm.http.scoping import ActorRequest


@require_http_methods(["GET", "HEAD", "POST"])
def classify(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show every word on it, to who reads health; take another one from who may give it."""
    if request.method != "POST":
        return _page(request, lead_id)
    is_phi, reason = request.POST.get("is_phi") == "yes", request.POST.get("reason", "")
    try:
        reclassify(actor=request.actor, lead_id=lead_id, is_phi=is_phi, reason=reason, now=request.now)
    except Invalid as error:
        return _page(request, lead_id, problem=error.detail, status=422)
    except Conflict as error:
        return _page(request, lead_id, problem=error.detail, status=409)
    messages.success(request, _("Classified as PHI.") if is_phi else _("Classified as contact data."))
    return HttpResponseRedirect(reverse("workspace:lead", args=[lead_id]), status=303)


def _page(request: ActorRequest, lead_id: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    lead, wall = lead_for(request.actor, lead_id), wall_of(request)
    reader = reader_of(request.actor, lead_id)
    if not reads_health(reader):
        raise Refused(
            "Whether this lead is PHI is hidden from your role.",
            code="masked",
            action="phi.read",
            object_type="lead",
            object_id=lead_id,
        )
    ledger.record_read(actor=request.actor, what="lead", object_ids=[lead_id], fields=["phi"])
    said = classed(lead_id)
    is_phi = bool(said) and said[0].is_phi
    context = {
        "lead": {"id": lead.id, "ref": lead.ref},
        "is_phi": is_phi,
        "may": may_classify(reader),
        "standing": [plain(each) for each in standing_facts(lead)] if is_phi else [],
        "said": [{"line": said_of(each, wall), "reason": each.reason} for each in said],
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "longest": LONGEST_REASON,
    }
    return render(request, "workspace/phi.html", context, status=status)
