"""How single keys work for a person: by letter, with Alt, or not at all. Kept with the person."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.accounts.actions import choose_keys
from apps.accounts.terms import KeyChoice
from leadcrm.http.scoping import ActorRequest


@require_POST
def keys(request: ActorRequest) -> HttpResponse:
    """Keep the choice and go back to the page."""
    chosen = request.POST.get("keys", "")
    if chosen in set(KeyChoice) and request.user.pk is not None:
        choose_keys(user_id=request.user.pk, choice=KeyChoice(chosen))
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours else reverse("workspace:my_work"), status=303)
