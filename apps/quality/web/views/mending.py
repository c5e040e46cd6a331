"""An owner that is not the one of the policy: give the lead to the right team, or say why it is as it is."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.quality import actions
from apps.quality.terms import Check
from apps.tenancy.errors import Conflict, Invalid
from leadcrm.http.scoping import ActorRequest


@require_POST
def mend(request: ActorRequest, item_id: UUID) -> HttpResponse:
    """Carry out what the button says; what cannot be done is said on the list."""
    actor, now = request.actor, request.now
    try:
        if request.POST.get("do") == "give":
            spell = actions.give_by_policy(actor=actor, item_id=item_id, now=now)
            messages.success(request, _("Given to %(team)s.") % {"team": spell.team.name})
        else:
            actions.explain(actor=actor, item_id=item_id, because=request.POST.get("because", ""), now=now)
            messages.success(request, _("Explained: it no longer counts."))
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(reverse("quality:items", args=[Check.STAGE_OWNER.value]), status=303)
