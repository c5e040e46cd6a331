"""The queue, by the clock, and the search, whose words never stand in an address."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.profiles import is_marketing_view
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.exporting import may_export
from apps.leads.models import Lead
from apps.tenancy.actor import Actor
from apps.workspace import queries, queue_page
from apps.workspace.chat_tasks import chat_rows
from apps.workspace.figures import QueueFigures, label, queue_figures
from apps.workspace.handoff_page import offered_by
from apps.workspace.ordering import order_of
from apps.workspace.pictures import spark_of
from apps.workspace.queries import Choices, LeadFilter
from apps.workspace.queue_about import about_queue
from apps.workspace.rows import rows_of
from apps.workspace.saved_views import default_view, open_views
from apps.workspace.search import understand
from apps.workspace.web.forms import QueueFilter
from apps.workspace.web.paging import Page, cut
from apps.workspace.web.places import VisibleList, queue_address, tokens_of
from apps.workspace.web.row_frames import drawn
from apps.workspace.web.view_form import VIEW_PURPOSES
from apps.workspace.web.wall import wall_of
from apps.workspace.words import shows_contact
from leadcrm.http.scoping import ActorRequest


@require_safe
def queue(request: ActorRequest) -> HttpResponse:
    """Show open leads that the person sees, the earliest deadline first; filters stand in the address.

    Without any word in the address, the team's default view is opened, where its lead has set one.
    """
    saved = open_views(request.actor)
    usual = default_view(saved) if not request.GET else None
    if usual is not None:
        return HttpResponseRedirect(queue_address(LeadFilter(**usual.words)))
    choices, after = queries.filter_choices(request.actor, request.now), request.GET.get("after", "")
    wanted = queue_page.understood(request.GET.dict(), choices)
    rows = queries.seen_leads(request.actor, wanted, request.now)
    page = cut(rows, after, order_of(wanted.sort), request.now)
    figures = queue_figures(request.actor, wanted, request.now)
    seen = _seen_mark(request, page.leads)
    tokens = tokens_of(request, VisibleList("queue", wanted, after), page.leads)
    context = _list_context(request, page.leads, is_known=request.GET.get("seen") == seen, tokens=tokens)
    context |= _head(request, wanted, choices, figures) | _filters(wanted, choices) | _bulk(request, wanted, figures)
    context |= {
        "tabs": [_linked(each) for each in queue_page.tabs_of(wanted, figures, saved)],
        "page": _page(wanted, after, page),
        "empty": _linked(queue_page.empty_of(wanted)),
        "refresh_url": _refresh_url(request, seen),
        "chats": chat_rows(request.actor, wall_of(request)),
    }
    return render(request, "workspace/queue.html", context)


@require_POST
def search(request: ActorRequest) -> HttpResponse:
    """Find leads by reference, name, number or address; exactly one by its reference opens it."""
    wanted = understand(request.POST.get("q", ""))
    rows = queries.found_leads(request.actor, wanted, by_contact=_knows(request.actor))
    leads = queries.with_names(queries.with_tries(rows, request.now)[: queries.PAGE_SIZE])
    if wanted.number is not None and len(leads) == 1:
        return HttpResponseRedirect(reverse("workspace:lead", args=[leads[0].id]), status=303)
    context = _list_context(request, leads) | {
        "queue_name": _("Search"),
        "total_label": _("1 lead") if len(leads) == 1 else _("%(n)s leads") % {"n": len(leads)},
        "empty": {
            "title": _("Nobody found"),
            "icon": "search",
            "url": reverse("workspace:queue"),
            "sentence": _("Search by reference, whole number, address or part of a name."),
            "button": _("Back to the queue"),
        },
    }
    return render(request, "workspace/queue.html", context)


def _knows(actor: Actor) -> bool:
    """Say whether somebody may look for people by name or number: what a list masks, a search must not confirm."""
    return shows_contact(actor) and not is_marketing_view(actor)


def _list_context(
    request: ActorRequest, leads: Sequence[Lead], *, is_known: bool = False, tokens: Mapping[UUID, str] | None = None
) -> dict[str, Any]:
    """Return the rows; that they were shown is one entry in the ledger, however many they are.

    A list that re-reads itself and finds the same leads shows nobody new and is not noted again.
    """
    ids = [] if is_known else [lead.id for lead in leads]
    ledger.record_read(actor=request.actor, what="lead", object_ids=ids, fields=["name", "consent"])
    rows = rows_of(leads, request.actor, wall_of(request))
    return {"rows": drawn(rows, tokens or {}, picks=tokens is not None and request.actor.may(Permission.LEAD_EDIT))}


def _head(request: ActorRequest, wanted: LeadFilter, choices: Choices, figures: QueueFigures) -> dict[str, Any]:
    return {
        "queue_name": dict(choices.queue).get(wanted.queue, ""),
        "about": about_queue(wanted.queue, wall_of(request)),
        "total_label": _("%(n)s open") % {"n": label(figures.shown)},
        "spark": spark_of(figures.hours, wall_of(request)),
        "more_views": [_linked(each) for each in queue_page.more_of(wanted)],
        "sorts": [_linked(each) for each in queue_page.sorts_of(wanted)],
        "files": _files(wanted) if may_export(request.actor) else [],
        "save_url": _named_address("workspace:view_new", wanted) if request.actor.membership_id else "",
        "views_url": reverse("workspace:views") if request.actor.membership_id else "",
    }


def _filters(wanted: LeadFilter, choices: Choices) -> dict[str, Any]:
    picklists = {name: getattr(choices, name) for name in queries.FILTERS}
    return {
        "filter_form": QueueFilter(wanted.words, choices=picklists),
        "filter_sentence": [_linked(each) for each in queue_page.sentence_of(wanted, choices)],
        "filter_count": len(wanted.chosen),
        "clear_url": queue_address(LeadFilter(view=wanted.view, sort=wanted.sort)) if wanted.chosen else "",
    }


def _bulk(request: ActorRequest, wanted: LeadFilter, figures: QueueFigures) -> dict[str, Any]:
    """Return what the bar of bulk acts needs, for who may change leads at all."""
    if not request.actor.may(Permission.LEAD_EDIT):
        return {}
    may_hand_off = request.actor.may(Permission.LEAD_TRANSFER) and bool(offered_by(request.actor, request.now))
    return {"bulk": {"words": wanted.words, "shown_label": label(figures.shown), "may_hand_off": may_hand_off}}


def _seen_mark(request: ActorRequest, leads: Sequence[Lead]) -> str:
    """Return what stands for this person having been shown exactly these leads; nobody else can make it."""
    shown = ",".join([str(request.actor.id), *(lead.id.hex for lead in leads)])
    return salted_hmac("leadcrm.queue.seen", shown).hexdigest()[:24]


def _refresh_url(request: ActorRequest, seen: str) -> str:
    query = request.GET.copy()
    query["seen"] = seen
    return f"{request.path}?{query.urlencode()}"


def _linked(part: dict[str, Any]) -> dict[str, Any]:
    """Give a part of the page the address of the list it leads to."""
    to = part.pop("to")
    return part | {"url": queue_address(to) if to is not None else ""}


def _files(wanted: LeadFilter) -> list[dict[str, Any]]:
    """Return the addresses of the list as a file, one for each purpose that a file is made for."""
    address = _named_address("workspace:leads_file", wanted)
    joint = "&" if "?" in address else "?"
    return [{"label": word, "url": f"{address}{joint}purpose={key}"} for key, word in VIEW_PURPOSES]


def _named_address(name: str, wanted: LeadFilter) -> str:
    return reverse(name) + queue_address(wanted).removeprefix(reverse("workspace:queue"))


def _page(wanted: LeadFilter, after: str, page: Page) -> dict[str, str] | None:
    if not page.next_cursor and not after:
        return None
    return {
        "previous_url": queue_address(wanted) if after else "",
        "next_url": queue_address(wanted, page.next_cursor) if page.next_cursor else "",
        "range_label": _("%(n)s leads on this page") % {"n": len(page.leads)},
    }
