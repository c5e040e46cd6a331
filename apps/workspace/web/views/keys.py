"""How single keys work for a person: by letter, with Alt, or not at all, and which letter. Kept with the person."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.accounts.actions import choose_keys, choose_own_key
from apps.accounts.terms import KeyChoice
from leadcrm.http.scoping import ActorRequest


@require_POST
def keys(request: ActorRequest) -> HttpResponse:
    """Keep the choice and go back to the page."""
    chosen = request.POST.get("keys", "")
    if chosen in set(KeyChoice) and request.user.pk is not None:
        choose_keys(user_id=request.user.pk, choice=KeyChoice(chosen))
    return _back(request)


@require_POST
def own_key(request: ActorRequest) -> HttpResponse:
    """Give a command a key of the person's own and go back to the page."""
    if request.user.pk is not None:
        usual, chosen = (request.POST.get(each, "").strip().lower() for each in ("usual", "chosen"))
        choose_own_key(user_id=request.user.pk, usual=usual, chosen=chosen)
    return _back(request)


def _back(request: ActorRequest) -> HttpResponse:
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours else reverse("workspace:my_work"), status=303)
