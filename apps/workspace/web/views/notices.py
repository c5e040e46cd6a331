"""What the reader was told that hangs on no lead: put aside when it was read."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.notices import put_aside
from leadcrm.http.scoping import ActorRequest


@require_POST
def heard(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """Put one's own notice aside, and go back to one's work."""
    put_aside(actor=request.actor, notice_id=notice_id, now=request.now)
    return HttpResponseRedirect(reverse("workspace:my_work"), status=303)
