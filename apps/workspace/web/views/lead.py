"""One lead, whole. Opening it is a read that the ledger keeps; what lies behind it is fetched when it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.capture.documents import documents_of_lead
from apps.flows.criteria import look
from apps.flows.live import beside_live
from apps.flows.masking import reads_health
from apps.flows.packages import PAPERS, TOPIC, narrowed, withheld_from
from apps.flows.reaching import channels_of
from apps.flows.scripted import asking_of
from apps.flows.tracking import tracked
from apps.handoffs.terms import CLINICAL, SEALED
from apps.leads.actions import see_repeats
from apps.leads.models import Lead, TimelineEntry
from apps.leads.queries import linked_leads_of, open_tasks_of, other_leads_of, timeline_of
from apps.ownership.queries import lead_for, visible_leads
from apps.qualification.queries import latest_score
from apps.routing.queries import latest_decision
from apps.sla.actions import mark_seen
from apps.sla.queries import clocks_of, leading_clock
from apps.tenancy.actor import Actor
from apps.workspace import lead_page, verdict_page
from apps.workspace.allowed import Ability, abilities, ability, call_ability
from apps.workspace.asked_by_link import links_shown
from apps.workspace.cadence_page import cadences_shown
from apps.workspace.consent_tiles import tiles_of
from apps.workspace.criteria_page import beside_of, card_rows, card_shown, checklist_of
from apps.workspace.dossier import Dossier, dossier_of
from apps.workspace.explaining import veiled_verdict
from apps.workspace.lacking import lacks
from apps.workspace.next_step import next_action_of, steps_of
from apps.workspace.quality_card import quality_of
from apps.workspace.requests import requests_shown, shares_shown
from apps.workspace.restricted import glass_shown
from apps.workspace.rows import service_of
from apps.workspace.stage_path import path_of
from apps.workspace.story import events_of, shown_entries
from apps.workspace.taken_over import handoffs_shown, summary_of, withheld_of
from apps.workspace.thread import thread_of
from apps.workspace.touches import touches_shown
from apps.workspace.tries import tries_shown
from apps.workspace.visits_page import visits_shown
from apps.workspace.web.places import from_query, neighbours_of
from apps.workspace.web.wall import wall_of
from apps.workspace.why_page import score_of
from apps.workspace.words import Wall, shows_contact
from leadcrm.http.scoping import ActorRequest

EVENT_FILTERS = {"": "All", "contacts": "Contacts", "changes": "Changes", "messages": "Messages", "system": "System"}
FEW_EVENTS, ALL_EVENTS = 20, 1000


@require_safe
def lead(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show a lead to somebody who may see it; for everybody else it does not exist.

    Who opens it has seen the alerts that named them, and its owner that the person asked again.
    """
    dossier = dossier_of(request.actor, lead_id, request.now)
    if dossier.has_alerts and request.actor.membership_id is not None:
        mark_seen(dossier.lead, membership_id=request.actor.membership_id, now=request.now)
    if dossier.has_repeats:
        see_repeats(dossier.lead, request.now)
    vars(dossier.lead)["withheld"] = withheld = withheld_of(dossier, request.actor)
    reader = narrowed(request.actor, withheld)
    fields = ["name", "contact", "consent", "timeline"] if shows_contact(reader) else ["consent", "timeline"]
    ledger.record_read(actor=request.actor, what="lead", object_ids=[dossier.lead.id], fields=fields)
    return render(request, "workspace/lead.html", _page(request, dossier, reader, wall_of(request)))


@require_safe
def background(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show what lies behind a lead: why it is here, its score, how they came, their other leads. A part of its page."""
    found, wall = lead_for(request.actor, lead_id), wall_of(request)
    decision = latest_decision(found)
    withheld = withheld_from(request.actor, [found.id]).get(found.id, frozenset())
    reader = narrowed(request.actor, withheld)
    sees_papers = reads_health(reader) and not PAPERS & withheld
    context = {
        "lead": {"id": found.id, "ref": found.ref},
        "why_sentence": wall.told(
            lead_page.why_sentence(
                veiled_verdict(decision, reader) if decision else None,
                decision.version.number if decision and decision.version else None,
            )
        ),
        "score": score_of(latest_score(found), reader, wall),
        "tracked": tracked(found, request.now),
        "touches": touches_shown(found, reader, wall, opens=not withheld.intersection(SEALED)),
        "other_leads": _others(found, request.actor),
        "documents": _documents(found, wall) if sees_papers else [],
        "thread": [] if withheld.intersection(SEALED) else thread_of(found, reader, wall),
        "cadences": (cadences := cadences_shown(found, wall)),
        "cadence_url": _cadence_url(request, found, is_open=bool(cadences and cadences[0]["is_open"])),
    }
    return render(request, "workspace/lead/background.html", context)


def _cadence_url(request: ActorRequest, found: Lead, *, is_open: bool) -> str:
    name = "stop_cadence" if is_open else "start_cadence"
    may = ability(request.actor, found, name, request.now)
    return reverse(f"workspace:{name}", args=[found.id]) if may.allowed and found.closed_at is None else ""


def _documents(found: Lead, wall: Wall) -> list[dict[str, Any]]:
    return [{"row": each, "at_label": wall.at(each.added_at)} for each in documents_of_lead(found.id)]


def _page(request: ActorRequest, dossier: Dossier, actor: Actor, wall: Wall) -> dict[str, Any]:
    found = dossier.lead
    clocks = clocks_of([found], wall.now)[found.id]
    reaches = channels_of([found], wall.now, wall.zone, {found.person_id: dossier.attempts_today})[found.id]
    may = abilities(request.actor, found, wall.now, hidden=actor.hidden_fields)
    open_now = reaches if lacks(found, "live") else beside_live(reaches, found, actor, wall.now)
    may["call"] = call_ability(actor, found, open_now, request.now)
    tasks = open_tasks_of(found)
    path = path_of(dossier, reaches, wall)
    looked = look(found, beside_of(dossier, reaches), wall.now)
    facts = lead_page.facts_of(found, actor, reaches, may, wall, dossier.parties) + shares_shown(dossier.shares, wall)
    facts += links_shown(found, wall)
    entries, every = _entries(request, found)
    is_restricted = TOPIC in vars(found).get("withheld", ())
    return {
        "lead": lead_page.head_of(found, actor, wall) | {"verified_label": verdict_page.verified_label(dossier, wall)},
        "clocks": lead_page.clocks_shown(clocks, wall),
        "paused": lead_page.pause_shown(clocks, wall),
        "automation_paused": lead_page.automation_shown(found, wall),
        "may": may,
        "consent": tiles_of(found, open_now, actor, wall, asks=_asks(may)),
        "next_action": next_action_of(found, tasks, leading_clock(clocks), may, actor, wall),
        "steps": steps_of(found, tasks, may, actor, wall),
        "path": path,
        "criteria": checklist_of(looked, actor),
        "quality": quality_of(dossier, path["completeness"], reaches, wall)
        | {"card": card_rows(card_shown(looked, found, actor, may_be_double=dossier.may_be_double))},
        "help": lead_page.help_of(found, path["gates"]),
        "asking": asking_of(found, wall.now, reader=actor) if may["edit"] is not None and may["edit"].allowed else None,
        "tries": tries_shown(found, dossier.tries, actor, wall),
        "summary": summary_of(dossier, facts, entries, actor, wall),
        "visits": visits_shown(found, actor, wall),
        "handoffs": handoffs_shown(dossier, actor, wall),
        "facts": [
            *facts,
            *verdict_page.deciders_shown(dossier),
            *verdict_page.insurance_shown(found, actor, wall),
            *verdict_page.reviews_shown(found, actor, wall),
        ],
        "neighbours": neighbours_of(request, found),
        "from_query": from_query(request),
        "lease": lead_page.lease_of(found, actor, wall),
        "restricted_label": _("Restricted") if is_restricted else _("Test lead") if found.is_test else "",
        "is_restricted": is_restricted,
        "glass": glass_shown(found, request.actor, wall),
        "printed_label": _("Printed by %(name)s, %(at)s, for care coordination")
        % {"name": actor.label, "at": wall.day(wall.now)},
        "asked": requests_shown(dossier, actor, wall, may_answer=_answers(may), keeps_consent=_keeps(may)),
        **_story(request, found, actor, wall, entries, is_all=every),
    }


def _answers(may: Mapping[str, Ability | None]) -> bool:
    """Who may move the lead answers for it."""
    move = may["move_stage"]
    return move is not None and move.allowed


def _asks(may: Mapping[str, Ability | None]) -> bool:
    """Say whether the reader may ask for a permission instead of recording it."""
    ask = may["ask"]
    return ask is not None and ask.allowed and not _keeps(may)


def _keeps(may: Mapping[str, Ability | None]) -> bool:
    """Say whether the reader is of the team that maintains consent."""
    allow = may["allow"]
    return allow is not None and allow.allowed


def _entries(request: ActorRequest, found: Lead) -> tuple[list[TimelineEntry], bool]:
    """Return the newest lines of the story, one more than are shown; and whether all were asked for."""
    is_all = request.GET.get("all") == "1" or bool(request.GET.get("show"))
    entries = timeline_of(found, (ALL_EVENTS if is_all else FEW_EVENTS) + 1)
    if CLINICAL in vars(found).get("withheld", ()):
        for each in entries:
            each.note = each.note if each.kind == "handoff" else ""
    return entries, is_all


def _story(
    request: ActorRequest,
    found: Lead,
    actor: Actor,
    wall: Wall,
    entries: Sequence[TimelineEntry],
    *,
    is_all: bool,
) -> dict[str, Any]:
    show, limit = request.GET.get("show", ""), ALL_EVENTS if is_all else FEW_EVENTS
    more = len(entries) > limit
    address = reverse("workspace:lead", args=[found.id])
    return {
        "events": events_of(shown_entries(entries[:limit], show), actor, wall),
        "event_filters": [
            {"label": _(label), "url": f"{address}?show={key}" if key else address, "current": key == show}
            for key, label in EVENT_FILTERS.items()
        ],
        "events_more_url": f"{address}?all=1" if more else "",
    }


def _others(found: Lead, actor: Actor) -> list[dict[str, Any]]:
    """Name the person's other leads, and whose it is linked to; one that the actor may not open says its team only."""
    linked = linked_leads_of(found)
    others = [*linked, *other_leads_of(found)]
    if not others:
        return []
    visible = set(visible_leads(actor).filter(id__in=[each.id for each in others]).values_list("id", flat=True))
    return [
        {
            "id": each.id,
            "ref": each.ref,
            "service": service_of(actor, each) if each.service and each.id in visible else "",
            "stage": each.stage.label if each.id in visible else _("Not yours to open"),
            "owner": each.owner_team.name if each.owner_team else "",
            "sentence": _("Only one team contacts this person at a time.")
            if each.id == found.shares_stream_with_id
            else _("Linked: of another person.")
            if each in linked
            else "",
            "may_open": each.id in visible,
        }
        for each in others
    ]
