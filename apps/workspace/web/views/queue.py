"""The queue, by the clock, and the search, whose words never stand in an address."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.audit import ledger
from apps.leads.models import Lead
from apps.workspace import queries
from apps.workspace.queries import Choices, LeadFilter
from apps.workspace.rows import rows_of
from apps.workspace.search import understand
from apps.workspace.web.forms import QueueFilter
from apps.workspace.web.paging import cut
from apps.workspace.web.places import VisibleList, tokens_of
from apps.workspace.web.wall import wall_of
from apps.workspace.words import shows_contact
from leadcrm.http.scoping import ActorRequest

FILTERS = ("queue", "stage", "service", "location")
VIEW_LABELS = {
    "": "All open",
    "team": "My teams",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "late": "Late",
    "held": "Held",
    "exceptions": "Exceptions",
    "no_next": "No next action",
}


@require_safe
def queue(request: ActorRequest) -> HttpResponse:
    """Show open leads that the person sees, the earliest deadline first; filters stand in the address."""
    choices = queries.filter_choices()
    wanted = _wanted(request, choices)
    page = cut(queries.open_leads(request.actor, wanted, request.now), request.GET.get("after", ""))
    counts = queries.view_counts(request.actor, request.now)
    seen = _seen_mark(request, page.leads)
    after = request.GET.get("after", "")
    tokens = tokens_of(request, VisibleList("queue", wanted, after), page.leads)
    context = _list_context(request, page.leads, is_known=request.GET.get("seen") == seen, tokens=tokens) | {
        "queue_name": dict(choices.queue).get(wanted.queue, ""),
        "total_label": _("%(n)s open") % {"n": counts[""]},
        "views": [
            {
                "label": _(label),
                "count": str(counts[key]),
                "url": _url(wanted, view=key),
                "current": key == wanted.view,
            }
            for key, label in VIEW_LABELS.items()
        ],
        "filter_form": QueueFilter({"view": wanted.view, **wanted.chosen}, choices=_picklists(choices)),
        "filter_sentence": _sentence(wanted, choices),
        "filter_count": len(wanted.chosen),
        "clear_url": _url(LeadFilter(view=wanted.view)) if wanted.chosen else "",
        "page": _page(request, wanted, page.next_cursor, len(page.leads)),
        "empty": _empty(wanted),
        "refresh_url": _refresh_url(request, seen),
    }
    return render(request, "workspace/queue.html", context)


@require_POST
def search(request: ActorRequest) -> HttpResponse:
    """Find leads by reference, name, number or address; exactly one by its reference opens it."""
    wanted = understand(request.POST.get("q", ""))
    rows = queries.found_leads(request.actor, wanted, by_contact=shows_contact(request.actor))
    leads = list(rows[: queries.PAGE_SIZE])
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


def _list_context(
    request: ActorRequest, leads: Sequence[Lead], *, is_known: bool = False, tokens: Mapping[UUID, str] | None = None
) -> dict[str, Any]:
    """Return the rows; that they were shown is one entry in the ledger, however many they are.

    A list that re-reads itself and finds the same leads shows nobody new and is not noted again.
    """
    ids = [] if is_known else [lead.id for lead in leads]
    ledger.record_read(actor=request.actor, what="lead", object_ids=ids, fields=["name", "consent"])
    rows = rows_of(leads, request.actor, wall_of(request))
    return {"rows": [row | {"place": (tokens or {}).get(row["id"], "")} for row in rows]}


def _seen_mark(request: ActorRequest, leads: Sequence[Lead]) -> str:
    """Return what stands for this person having been shown exactly these leads; nobody else can make it."""
    shown = ",".join([str(request.actor.id), *(lead.id.hex for lead in leads)])
    return salted_hmac("leadcrm.queue.seen", shown).hexdigest()[:24]


def _refresh_url(request: ActorRequest, seen: str) -> str:
    query = request.GET.copy()
    query["seen"] = seen
    return f"{request.path}?{query.urlencode()}"


def _wanted(request: ActorRequest, choices: Choices) -> LeadFilter:
    """Read the filters; a key that the tenant does not have is no filter."""
    view = request.GET.get("view", "")
    known = {name: dict(getattr(choices, name)) for name in FILTERS}
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    return LeadFilter(
        view=view if view in VIEW_LABELS else "",
        **{name: key for name, key in chosen.items() if key in known[name]},
    )


def _picklists(choices: Choices) -> dict[str, Any]:
    return {name: getattr(choices, name) for name in FILTERS}


def _url(wanted: LeadFilter, *, view: str | None = None, after: str = "") -> str:
    shown = wanted.view if view is None else view
    query = {"view": shown, **wanted.chosen, "after": after}
    text = urlencode({name: value for name, value in query.items() if value})
    return reverse("workspace:queue") + (f"?{text}" if text else "")


def _sentence(wanted: LeadFilter, choices: Choices) -> str:
    return ", ".join(dict(getattr(choices, name))[key] for name, key in wanted.chosen.items())


def _page(request: ActorRequest, wanted: LeadFilter, next_cursor: str, shown: int) -> dict[str, str] | None:
    is_later = bool(request.GET.get("after"))
    if not next_cursor and not is_later:
        return None
    return {
        "previous_url": _url(wanted) if is_later else "",
        "next_url": _url(wanted, after=next_cursor) if next_cursor else "",
        "range_label": _("%(n)s leads on this page") % {"n": shown},
    }


def _empty(wanted: LeadFilter) -> dict[str, str]:
    if wanted.chosen:
        return {
            "title": _("No lead fits these filters"),
            "icon": "filter",
            "sentence": "",
            "url": _url(LeadFilter(view=wanted.view)),
            "button": _("Clear the filters"),
        }
    return {
        "title": _("No open leads here"),
        "icon": "tick",
        "url": "",
        "button": "",
        "sentence": _("New leads appear by themselves, the most urgent first."),
    }
