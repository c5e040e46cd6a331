"""The next best lead: taken for ten minutes, renewed by the open page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.flows.leasing import holds_lease, renew, start_next
from apps.ownership.queries import visible_leads
from leadcrm.http.scoping import ActorRequest


@require_POST
def start(request: ActorRequest) -> HttpResponse:
    """Lease the best lead and open it; with none to take now, My work says so."""
    return HttpResponseRedirect(next_address(request), status=303)


@require_POST
def heartbeat(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Hold the lead for ten more minutes; 409 when the lease has ended. A page that waits is no work of a person."""
    renew(actor=request.actor, lead_id=lead_id, now=request.now)
    return HttpResponse(status=204)


def next_address(request: ActorRequest) -> str:
    """Lease the next best lead and return its address, else that of My work; says which of the two it is."""
    held = visible_leads(request.actor).filter(leased_by=request.actor.membership_id, lease_until__gt=request.now)
    before = held.first() if request.actor.membership_id else None
    lead = start_next(actor=request.actor, now=request.now)
    if lead is None:
        messages.info(request, _("Nothing to take right now: nobody waits who may be contacted at this hour."))
        return reverse("workspace:my_work")
    if before is not None and before.id == lead.id and holds_lease(request.actor, lead, request.now):
        messages.info(request, _("This is still your next best lead. Log the contact, or skip it with a reason."))
    return reverse("workspace:lead", args=[lead.id])
