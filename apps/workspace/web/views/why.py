"""Why is this lead here: the decision as it was stored, not as it would be made now."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.flows.packages import reader_of
from apps.ownership.queries import lead_for
from apps.qualification.queries import latest_score
from apps.routing.queries import latest_decision
from apps.workspace import why_page
from apps.workspace.allowed import ability
from apps.workspace.explaining import changes_of
from apps.workspace.owning_page import policy_shown
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def why(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show the path, the rule with its version, what was seen, and who owned the lead."""
    found, wall = lead_for(request.actor, lead_id), wall_of(request)
    ledger.record_read(actor=request.actor, what="lead", object_ids=[found.id], fields=["routing", "score"])
    decision, reader = latest_decision(found), reader_of(request.actor, found.id)
    context = {
        "lead": {"id": found.id, "ref": found.ref},
        "routing": why_page.routing_of(decision, reader, wall) if decision else None,
        "facts": why_page.facts_seen(decision, found, reader) if decision else [],
        "would_change": changes_of(decision, reader) if decision else [],
        "service_level": why_page.service_level_shown(decision) if decision else None,
        "may_report": ability(request.actor, found, "transfer", wall.now).allowed,
        "policy": policy_shown(found, wall),
        "spells": why_page.owners_of(found, reader, wall),
        "stages": why_page.stages_so_far(found, wall),
        "match": why_page.match_of(why_page.latest_match(found), wall),
        "scores": why_page.scores_so_far(found, wall),
        "score": why_page.score_of(latest_score(found), reader, wall),
    }
    return render(request, "workspace/why.html", context)
