"""A hand on the page: keeps a person signed in who reads or types without asking for another page."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from leadcrm.http.scoping import ActorRequest


@require_safe
def stay(request: ActorRequest) -> HttpResponse:
    """Say nothing; that it was asked is what keeps the session (`leadcrm.http.sessions`)."""
    return HttpResponse(status=204)
