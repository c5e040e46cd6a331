"""A document that came with a lead, given to whoever may read health details; opening it is a noted read."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from apps.capture.documents import open_document
from apps.flows.packages import PAPERS, TOPIC, withheld_from
from apps.ownership.queries import lead_for
from apps.tenancy.errors import Refused
from leadcrm.http.scoping import ActorRequest


@require_safe
def document(request: ActorRequest, lead_id: UUID, document_id: UUID) -> HttpResponse:
    """Give the file to be saved; a browser never opens it as a page of ours."""
    lead = lead_for(request.actor, lead_id)
    withheld = withheld_from(request.actor, [lead.id]).get(lead.id, frozenset())
    if TOPIC in withheld:
        sentence = "This lead is restricted: the team that is trained for it reads its documents."
        raise Refused(sentence, code="restricted", action="document.read", object_type="lead", object_id=lead.id)
    if PAPERS & withheld:
        sentence = "These documents were withheld when the lead was handed on. Ask the team that gave it."
        raise Refused(sentence, code="withheld", action="document.read", object_type="lead", object_id=lead.id)
    opened = open_document(actor=request.actor, lead_id=lead.id, document_id=document_id)
    answer = HttpResponse(opened.content, content_type=opened.media_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=opened.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer
