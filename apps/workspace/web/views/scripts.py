"""The answers of a call's script: saved into the lead's fields, from its page or from the call's form."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.flows.scripted import answer_script
from apps.tenancy.errors import Invalid
from apps.workspace.web.places import from_query
from leadcrm.http.scoping import ActorRequest

ANSWER = "answer-"


@require_POST
def script(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Save the answers and go back to where they were given; what is no answer is said and changes nothing."""
    answers = {name.removeprefix(ANSWER): str(text) for name, text in request.POST.items() if name.startswith(ANSWER)}
    try:
        answer_script(actor=request.actor, lead_id=lead_id, answers=answers, now=request.now)
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Saved."))
    back = "log_call" if request.POST.get("back") == "call" else "lead"
    return HttpResponseRedirect(reverse(f"workspace:{back}", args=[lead_id]) + from_query(request), status=303)
