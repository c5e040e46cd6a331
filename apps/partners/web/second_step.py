"""How long ago the second step of the sign-in was taken: keys are only for who took it just now."""

import time
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from leadcrm.http.scoping import ActorRequest

RECENT_SECONDS = 900


def is_recent(request: ActorRequest) -> bool:
    """Say whether the six digits were given in this session within the last 15 minutes."""
    records = get_authentication_records(request, request.user)
    given = [float(each.get("at", 0)) for each in records if each.get("method") == "mfa"]
    return bool(given) and time.time() - max(given) < RECENT_SECONDS


def confirm_url(back: str) -> str:
    """Return where the six digits are asked for; from there one comes back."""
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}"


def to_confirm(back: str) -> HttpResponse:
    """Send the person to confirm; a key is not made on the way."""
    return HttpResponseRedirect(confirm_url(back))
