"""Groups of leads: who matches, who is left out and why, and starting a cadence for the rest (row TN-09)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from apps.flows.cadence_rules import segments_aloud
from apps.flows.segments import LEFT_OUT, Members, members_of, segments_for, start_segment, starts_of
from apps.outreach.cadences import plans_in_force
from apps.outreach.models import SegmentStart
from apps.tenancy.errors import Conflict
from apps.workspace.web.wall import wall_of
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest


@require_safe
def segments(request: ActorRequest) -> HttpResponse:
    """List the groups of the rules, each with what it is made of."""
    found, said = segments_for(request.actor, request.now), segments_aloud(request.now)
    rows = [{"segment": each, "sentence": said.get(each.id, ""), "last": starts_of(each.id)[:1]} for each in found]
    return render(request, "workspace/segments.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def segment(request: ActorRequest, key: str) -> HttpResponse:
    """Show who is in a group; a post starts a cadence for them in the background."""
    cadence = request.POST.get("cadence", "") or request.GET.get("cadence", "")
    if request.method == "POST":
        return _start(request, key, cadence)
    wall, plans = wall_of(request), plans_in_force(request.now)[0]
    chosen = plans.cadence(cadence) or (plans.cadences[0] if plans.cadences else None)
    found = members_of(request.actor, key, request.now, cadence=chosen.id if chosen else "")
    row = plans.segment(key)
    context = {
        "segment": row,
        "sentence": segments_aloud(request.now).get(key, ""),
        "cadences": plans.cadences,
        "chosen": chosen,
        "members": found,
        "matched_words": ngettext("%(n)d lead matches", "%(n)d leads match", found.matched) % {"n": found.matched},
        "left_out": _left_out(found),
        "starts": [_start_shown(each, wall) for each in starts_of(key)],
    }
    return render(request, "workspace/segment.html", context)


def _start(request: ActorRequest, key: str, cadence: str) -> HttpResponse:
    try:
        with transaction.atomic():
            start_segment(actor=request.actor, key=key, cadence=cadence, now=request.now)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("The cadence starts for them one after the other. This page says how far it is."))
    return HttpResponseRedirect(reverse("workspace:segment", args=[key]), status=303)


def _left_out(found: Members) -> list[str]:
    return [f"{count} {_(LEFT_OUT[why])}" for why, count in found.left_out.most_common()]


def _start_shown(row: SegmentStart, wall: Wall) -> dict[str, Any]:
    words = {"at": wall.at(row.started_at), "by": row.started_by}
    return {
        "cadence": row.cadence,
        "line": _("%(at)s, by %(by)s") % words,
        "begun": _("%(n)d started") % {"n": row.begun},
        "is_running": row.ended_at is None,
        "matched": row.matched,
        "left_out": ", ".join(f"{count} {_(LEFT_OUT.get(why, why))}" for why, count in row.left_out.items()),
    }
