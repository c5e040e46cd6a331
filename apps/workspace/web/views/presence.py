"""Who else has a lead open: asked and told by the open page itself every few seconds."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.ownership.queries import lead_for
from apps.tenancy.errors import Invalid, Problem
from apps.workspace.presence import Doing, tell_presence
from leadcrm.http.scoping import ActorRequest


@require_POST
def present(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Keep that the reader views the lead, types or left; answer a sentence about the others, "" when there are none.

    No read of the person: it shows colleagues only, to who may see the lead.
    """
    lead = lead_for(request.actor, lead_id)
    doing = request.POST.get("doing", "")
    if doing not in list(Doing):
        wrong = _("Say one of: viewing, typing, left.")
        raise Invalid(wrong, (Problem("/doing", "choice", wrong),))
    if request.actor.membership_id is None:
        return JsonResponse({"words": ""})
    return JsonResponse({"words": _sentence(tell_presence(lead.id, request.actor.membership_id, Doing(doing)))})


def _sentence(others: Mapping[str, Doing]) -> str:
    typing = sorted(name for name, doing in others.items() if doing == Doing.TYPING)
    viewing = sorted(name for name, doing in others.items() if doing == Doing.VIEWING)
    told = []
    if typing:
        told.append(ngettext("%(who)s is typing.", "%(who)s are typing.", len(typing)) % {"who": ", ".join(typing)})
    if viewing:
        told.append(ngettext("%(who)s is viewing.", "%(who)s are viewing.", len(viewing)) % {"who": ", ".join(viewing)})
    return " ".join(told)
