"""One lead, whole. Opening it is a read that the ledger keeps."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.flows.reaching import channels_of
from apps.leads.models import Lead, Task
from apps.leads.queries import open_tasks_of, other_leads_of, stage_spells_of, stages_of, timeline_of
from apps.ownership.queries import lead_for, visible_leads
from apps.routing.queries import latest_decision
from apps.sla.actions import mark_seen
from apps.sla.queries import clocks_of, leading_clock
from apps.tenancy.actor import Actor
from apps.workspace import lead_page
from apps.workspace.allowed import abilities, call_ability
from apps.workspace.consent_tiles import tiles_of
from apps.workspace.story import events_of, shown_entries
from apps.workspace.touches import touches_shown
from apps.workspace.web.places import from_query, neighbours_of
from apps.workspace.web.wall import wall_of
from apps.workspace.why_page import latest_score, score_of
from apps.workspace.words import Wall, shows_contact
from leadcrm.http.scoping import ActorRequest

EVENT_FILTERS = {"": "All", "contacts": "Contacts", "changes": "Changes", "system": "System"}
FEW_EVENTS, ALL_EVENTS = 60, 1000


@require_safe
def lead(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show a lead to somebody who may see it; for everybody else it does not exist.

    Who opens it has seen the alerts that named them.
    """
    found = lead_for(request.actor, lead_id)
    if request.actor.membership_id is not None:
        mark_seen(found, membership_id=request.actor.membership_id, now=request.now)
    fields = ["name", "contact", "consent", "timeline"] if shows_contact(request.actor) else ["consent", "timeline"]
    ledger.record_read(actor=request.actor, what="lead", object_ids=[found.id], fields=fields)
    context = _page(request, found, request.actor, wall_of(request))
    return render(request, "workspace/lead.html", context)


def _page(request: ActorRequest, found: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    clocks = clocks_of([found], wall.now)[found.id]
    reaches = channels_of([found], wall.now, wall.zone)[found.id]
    may = abilities(actor, found, wall.now)
    decision, tasks = latest_decision(found), open_tasks_of(found)
    return {
        "lead": lead_page.head_of(found, actor, wall),
        "clocks": lead_page.clocks_shown(clocks, wall),
        "may": may | {"call": call_ability(actor, found, reaches)},
        "consent": tiles_of(found, reaches, actor, wall),
        "next_action": lead_page.next_action_of(found, tasks, leading_clock(clocks), may, actor, wall),
        "path": lead_page.path_of(found, stages_of(found), stage_spells_of(found), wall),
        "score": score_of(latest_score(found), wall),
        "facts": lead_page.facts_of(found, actor, reaches, may, wall),
        "why_sentence": lead_page.why_sentence(
            decision.verdict if decision else None,
            decision.version.number if decision and decision.version else None,
        ),
        "touches": touches_shown(found, actor, wall),
        "other_leads": _others(found, actor),
        "neighbours": neighbours_of(request, found),
        "from_query": from_query(request),
        "lease": lead_page.lease_of(found, actor, wall),
        "restricted_label": _("Test lead") if found.is_test else "",
        "printed_label": _("Printed by %(name)s, %(at)s") % {"name": actor.label, "at": wall.day(wall.now)},
        "may_answer": may["move_stage"] is not None and may["move_stage"].allowed,
        **_story(request, found, actor, wall, tasks),
    }


def _story(request: ActorRequest, found: Lead, actor: Actor, wall: Wall, tasks: list[Task]) -> dict[str, Any]:
    show, every = request.GET.get("show", ""), request.GET.get("all") == "1"
    limit = ALL_EVENTS if every else FEW_EVENTS
    entries = timeline_of(found, limit + 1)
    more = len(entries) > limit
    address = reverse("workspace:lead", args=[found.id])
    return {
        "asked": lead_page.asked_of(tasks, entries, actor, wall),
        "events": events_of(shown_entries(entries[:limit], show), actor, wall),
        "event_filters": [
            {"label": _(label), "url": f"{address}?show={key}" if key else address, "current": key == show}
            for key, label in EVENT_FILTERS.items()
        ],
        "events_more_url": f"{address}?all=1" + (f"&show={show}" if show in EVENT_FILTERS and show else "")
        if more
        else "",
    }


def _others(found: Lead, actor: Actor) -> list[dict[str, Any]]:
    """Name the person's other leads; one that the actor may not open says whose it is and nothing more."""
    others = other_leads_of(found)
    if not others:
        return []
    visible = set(visible_leads(actor).filter(id__in=[each.id for each in others]).values_list("id", flat=True))
    return [
        {
            "id": each.id,
            "ref": each.ref,
            "service": each.service.name if each.service and each.id in visible else "",
            "stage": each.stage.label if each.id in visible else _("Not yours to open"),
            "owner": each.owner_team.name if each.owner_team else "",
            "sentence": _("Only one team contacts this person at a time.")
            if each.id == found.shares_stream_with_id
            else "",
            "may_open": each.id in visible,
        }
        for each in others
    ]
