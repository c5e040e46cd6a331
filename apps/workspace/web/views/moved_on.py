"""What the lines say that stand for a moment where a lead was: asked by a list whose rows have just left."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.tenancy.errors import Invalid, Problem
from apps.workspace.moved_on import moved_on
from leadcrm.http.scoping import ActorRequest


@require_safe
def moved(request: ActorRequest) -> HttpResponse:
    """Return {lead id: sentence} for those leads (`?lead=`, twenty at most) of which the reader may be told."""
    try:
        asked = [UUID(each) for each in request.GET.getlist("lead")]
    except ValueError as error:
        wrong = _("A lead is named by its id.")
        raise Invalid(wrong, (Problem("/lead", "format", wrong),)) from error
    told = moved_on(request.actor, asked, request.now)
    return JsonResponse({str(lead_id): sentence for lead_id, sentence in told.items()})
