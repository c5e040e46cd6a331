"""How single keys work for a person: by letter, with Alt, or not at all. Kept with their session."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from leadcrm.http.scoping import ActorRequest

MODES = ("letters", "alt", "off")


@require_POST
def keys(request: ActorRequest) -> HttpResponse:
    """Keep the choice and go back to the page."""
    chosen = request.POST.get("keys", "")
    if chosen in MODES:
        request.session["keys"] = chosen
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours else reverse("workspace:my_work"), status=303)
