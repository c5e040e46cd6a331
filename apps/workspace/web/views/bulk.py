"""Acts on many leads by page: choose, see what would come, confirm, see what came, take it back within 30 seconds.

The chosen leads travel in the body of each step; nothing is changed before the last one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import ChoiceField
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.flows import bulk as flow
from apps.flows.bulk_handoffs import HandOff
from apps.flows.models import BulkRun
from apps.handoffs.terms import Note, Ticks
from apps.ownership.queries import visible_leads
from apps.tenancy.errors import Invalid, Problem
from apps.workspace import handoff_page, picklists, queries, queue_page
from apps.workspace.once import LONGEST_KEY
from apps.workspace.ordering import order_of
from apps.workspace.queries import LeadFilter
from apps.workspace.web import forms
from apps.workspace.web.handoff_forms import BulkHandOff
from apps.workspace.web.places import queue_address
from apps.workspace.web.wall import wall_of
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest

FORMS: dict[str, type[forms.Act]] = {"assign": forms.BulkAssign, "snooze": forms.BulkSnooze, "hand_off": BulkHandOff}
LONGEST_LIST = flow.MOST_LEADS * 40


@require_POST
def bulk(request: ActorRequest) -> HttpResponse:
    """Go one step on: the form, the preview, or the act itself. An act is carried out once under its key."""
    wanted = queue_page.understood(request.POST.dict(), queries.filter_choices(request.actor, request.now))
    ids, name = _chosen(request, wanted), request.POST.get("act", "")
    if name not in FORMS:
        raise Invalid(_("Choose what is to be done."), (Problem("/act", "unknown_act", "Assign, snooze or hand off."),))
    wall, step = wall_of(request), request.POST.get("step", "")
    with timezone.override(wall.zone):
        form = FORMS[name](request.POST if step else None, choices=_choices(request, name), initial=_initial(wall))
        page = {"form": form, "act": name, "leads": " ".join(map(str, ids)), "words": wanted.words}
        page |= {"count": len(ids), "back_url": queue_address(wanted)}
        if not step:
            flow.require_bulk(request.actor, ids)
            return render(request, "workspace/bulk/form.html", page)
        if not form.is_valid():
            return render(request, "workspace/bulk/form.html", page, status=422)
        act = _act(name, form.cleaned_data)
    if step == "do":
        key = request.POST.get("idempotency_key", "")[:LONGEST_KEY] or str(uuid4())
        run = flow.carry_out(actor=request.actor, lead_ids=ids, act=act, key=f"page:{key}", now=request.now)
        return HttpResponseRedirect(reverse("workspace:bulk_run", args=[run.id]), status=303)
    lines = flow.preview(actor=request.actor, lead_ids=ids, act=act, now=request.now)
    page |= _counted(lines) | {"key": str(uuid4()), "summary": _summary(form), "typed": form.cleaned_data}
    return render(request, "workspace/bulk/preview.html", page)


@require_safe
def bulk_run(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Show what came of each lead, and for 30 seconds the way back."""
    run = flow.run_for(request.actor, run_id)
    items = flow.items_of(run)
    left = run.made_at + flow.UNDO_WITHIN - request.now
    return render(
        request,
        "workspace/bulk/result.html",
        {
            "run": run,
            "is_snooze": run.act == "snooze",
            "is_handoff": run.act == "hand_off",
            "waiting": sum(item.code == flow.WAITING for item in items),
            "done": [item for item in items if item.done],
            "refused": [item for item in items if not item.done and item.code != flow.WAITING],
            "may_undo": flow.may_undo(run, request.now),
            "seconds_left": max(0, int(left / timedelta(seconds=1))),
        },
    )


@require_POST
def bulk_undo(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Take a run back; what changed since stays, and is named."""
    run = flow.undo(actor=request.actor, run_id=run_id, now=request.now)
    if "one" in request.POST:
        return _back_at_the_lead(request, run)
    messages.success(request, _("Taken back."))
    return HttpResponseRedirect(reverse("workspace:bulk_run", args=[run_id]), status=303)


def _back_at_the_lead(request: ActorRequest, run: BulkRun) -> HttpResponse:
    """Say what came of taking back an act on one lead, on its page, or on the list where it is seen no more."""
    (item,) = flow.items_of(run)
    messages.success(request, item.undone)
    is_seen = visible_leads(request.actor).filter(id=item.lead_id).exists()
    address = reverse("workspace:lead", args=[item.lead_id]) if is_seen else reverse("workspace:queue")
    return HttpResponseRedirect(address, status=303)


def _chosen(request: ActorRequest, wanted: LeadFilter) -> list[UUID]:
    """Return the ids: those ticked, those carried on, or the first 500 of the whole view."""
    if request.POST.get("all"):
        rows = order_of(wanted.sort).of(queries.seen_leads(request.actor, wanted, request.now))
        return list(rows.values_list("id", flat=True)[: flow.MOST_LEADS])
    ticked, carried = request.POST.getlist("lead"), request.POST.get("leads", "")[:LONGEST_LIST].split()
    try:
        numbers = [int(each) for each in ticked[: flow.MOST_LEADS + 1]]
        found = queries.ids_by_number(request.actor, numbers) if numbers else {}
        return [*(found.get(each, UUID(int=each)) for each in numbers), *map(UUID, carried)]
    except ValueError as error:
        raise Invalid(_("Choose leads of the list."), (Problem("/leads", "bad_id", "That is no lead."),)) from error


def _choices(request: ActorRequest, name: str) -> dict[str, forms.Choices]:
    if name == "hand_off":
        offered = handoff_page.offered_by(request.actor, request.now)
        if not offered:
            sentence = _("No handoff starts with your teams. Assign the leads, or transfer them one by one.")
            raise Invalid(sentence, (Problem("/act", "no_handoff", sentence),))
        kinds = dict.fromkeys(kind for kind, _team in offered)
        items = [(f"{kind.id}:{item.id}", f"{kind.name}: {item.label}") for kind in kinds for item in kind.items]
        who = [(f"{kind.id}:{team.key}", f"{team.name}: {kind.name}") for kind, team in offered]
        return {"who": who, "items": items}
    return {"to": picklists.takers(request.actor)} if name == "assign" else {}


def _initial(wall: Wall) -> dict[str, Any]:
    return {"until": wall.now + timedelta(days=1)}


def _act(name: str, values: dict[str, Any]) -> flow.Act:
    if name == "snooze":
        return flow.Snooze(values["until"], values["title"])
    if name == "hand_off":
        kind, _colon, team = values["who"].partition(":")
        done = frozenset(each.removeprefix(f"{kind}:") for each in values["items"] if each.startswith(f"{kind}:"))
        note = Note("", tuple(values["confirmed"]), values["next_step"].strip(), values["eligibility"].strip())
        return HandOff(kind, team, Ticks(done), note)
    team_key, _, member = values["to"].partition(" ")
    return flow.Assign(team_key, UUID(member) if member else None, values["reason"])


def _summary(form: forms.Act) -> str:
    values = form.cleaned_data
    for name in ("to", "who"):
        field = form.fields.get(name)
        if isinstance(field, ChoiceField):
            return _("To %(name)s") % {"name": dict(_flat(field.choices)).get(values[name], "")}
    return _("Until %(at)s: %(title)s") % {
        "at": timezone.localtime(values["until"]).strftime("%Y-%m-%d %H:%M"),
        "title": values["title"],
    }


def _flat(choices: Any) -> Iterator[tuple[str, str]]:
    """Yield a picklist without its groups."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(key), str(label)


def _counted(lines: Sequence[flow.Line]) -> dict[str, Any]:
    """Return the preview's sentence, such as "8 cannot: 5 owned by Scheduling, 3 closed", and its lines."""
    refused = [line for line in lines if not line.done]
    groups = Counter(line.group for line in refused)
    return {
        "will": len(lines) - len(refused),
        "cannot": len(refused),
        "groups": ", ".join(f"{n} {group}" for group, n in groups.most_common()),
        "refused": refused,
        "confirm_label": ngettext("Do it for %(n)d lead", "Do it for %(n)d leads", len(lines) - len(refused))
        % {"n": len(lines) - len(refused)},
    }
