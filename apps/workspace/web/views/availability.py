"""The availability switch of the top bar."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.accounts.actions import set_availability
from leadcrm.http.scoping import ActorRequest


@require_POST
def availability(request: ActorRequest) -> HttpResponse:
    """Keep what the person chose and go back to the page."""
    set_availability(actor=request.actor, availability=request.POST.get("availability", ""))
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours else reverse("workspace:my_work"), status=303)
