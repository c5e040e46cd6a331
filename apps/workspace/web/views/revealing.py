"""Reveal a masked detail: asked what for, then shown once, with the purpose in the ledger."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.flows.revealing import require_reveal, reveal
from apps.ownership.queries import lead_for
from apps.privacy.terms import PURPOSE_WORDS
from apps.tenancy.errors import Conflict, Invalid
from apps.workspace.lead_page import DETAIL_WORDS
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest

KIND = "insurance_member"


@require_http_methods(["GET", "HEAD", "POST"])
def insurance_number(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Ask what for; show the number, which no browser or proxy keeps."""
    require_reveal(request.actor, lead_id, KIND)
    found, problem, status, purpose = [], "", 200, request.POST.get("purpose", "")
    if request.method == "POST":
        try:
            found = reveal(actor=request.actor, lead_id=lead_id, kind=KIND, purpose=purpose)
        except Invalid as error:
            problem, status = error.detail, 422
        except Conflict as error:
            problem, status = error.detail, 409
    lead, wall = lead_for(request.actor, lead_id), wall_of(request)
    context: dict[str, Any] = {
        "lead": {"id": lead.id, "ref": lead.ref},
        "label": _(DETAIL_WORDS[KIND]),
        "found": [{"text": each.text, "at_label": wall.at(each.created_at)} for each in found],
        "purposes": [(key.value, _(word), key.value == purpose) for key, word in PURPOSE_WORDS.items()],
        "problem": problem,
    }
    answer = render(request, "workspace/reveal.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
