"""Drafts: what is typed into a form of a lead is kept on the server until it is saved."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.flows.drafting import drop_draft, keep_draft
from apps.ownership.queries import lead_to_change
from apps.tenancy.errors import NotFound
from apps.workspace.web.deeds import DEEDS
from apps.workspace.web.places import from_query
from leadcrm.http.scoping import ActorRequest


@require_http_methods(["GET", "POST"])
def draft(request: ActorRequest, lead_id: UUID, form: str) -> HttpResponse:
    """Keep or discard what is typed. A GET says who is signed in and renews the form's token, and nothing else."""
    if form not in DEEDS:
        raise NotFound
    if request.method == "GET":
        lead_to_change(request.actor, lead_id)
        return JsonResponse({"member": str(request.actor.membership_id), "token": get_token(request)})
    if "discard" in request.POST:
        drop_draft(actor=request.actor, lead_id=lead_id, form=form)
        return HttpResponseRedirect(reverse(f"workspace:{form}", args=[lead_id]) + from_query(request), status=303)
    names = [name for name in DEEDS[form].form.base_fields if name in request.POST]
    values = {name: request.POST.getlist(name) for name in names}
    keep_draft(actor=request.actor, lead_id=lead_id, form=form, values=values, now=request.now)
    return HttpResponse(status=204)
