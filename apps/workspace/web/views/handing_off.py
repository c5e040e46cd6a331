"""Handing a lead off in four steps, and the page of one handoff: looked at, accepted, returned, taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows import handing_off
from apps.flows.drafting import draft_of, drop_draft, keep_draft
from apps.flows.packages import held_by, may_see, reader_of
from apps.handoffs.decisions import label_of
from apps.handoffs.models import Handoff
from apps.handoffs.queries import open_offer_of
from apps.handoffs.terms import CONFIRMABLE, HandoffType
from apps.leads.models import Lead
from apps.ownership.queries import lead_for
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Refused
from apps.workspace import handoff_page, handoff_rows
from apps.workspace.allowed import BY_STATE, Ability, ability
from apps.workspace.picklists import services
from apps.workspace.web.handoff_forms import Checklist, Told, Who
from apps.workspace.web.wall import wall_of
from apps.workspace.words import Wall, contact_of, name_of
from leadcrm.http.scoping import ActorRequest

FORM, LAST = "hand_off", 4
Values = dict[str, list[str]]


@require_http_methods(["GET", "HEAD", "POST"])
def hand_off(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Walk through the steps of a handoff; what was said is kept as a draft until it is offered.

    Who may not hand the lead off gets 403 with whose it is; a closed one 409.
    """
    lead = lead_for(request.actor, lead_id)
    verdict = ability(request.actor, lead, FORM, request.now)
    if not verdict.allowed:
        raise _refusal(lead, verdict)
    waiting = open_offer_of(lead)
    if waiting is not None and waiting.from_team_id == lead.owner_team_id:
        return _see(reverse("workspace:handoff", args=[lead.id, waiting.id]))
    wizard = _Wizard(request, lead)
    ledger.record_read(actor=request.actor, what="lead", object_ids=[lead.id], fields=["name"])
    if request.method != "POST":
        step = _step_of(request.GET.get("step", ""))
        return wizard.shown(step or wizard.resumed, is_resumed=not step)
    deed, step = request.POST.get("do", "next"), _step_of(request.POST.get("step", "")) or 1
    if deed == "discard":
        drop_draft(actor=request.actor, lead_id=lead.id, form=FORM)
        return _see(reverse("workspace:hand_off", args=[lead.id]))
    if deed == "offer":
        return wizard.offered()
    return wizard.said(step, step - 1 if deed == "back" else step + 1)


@require_http_methods(["GET", "HEAD", "POST"])
def handoff(request: ActorRequest, lead_id: UUID, handoff_id: UUID) -> HttpResponse:
    """Show what passes with a handoff and how it was checked; let the receiver answer and the sender take it back."""
    if request.method != "POST":
        return _package(request, lead_id, handoff_id)
    found = _DEEDS.get(request.POST.get("do", ""))
    handoff_rows.opened(request.actor, lead_id, handoff_id)
    if found is None:
        return _package(request, lead_id, handoff_id, problem=_("Accept, return or take back."), status=422)
    act: dict[str, Any] = {"actor": request.actor, "lead_id": lead_id, "handoff_id": handoff_id, "now": request.now}
    if found.needs_reason:
        act["reason"] = request.POST.get("reason", "")
    try:
        with transaction.atomic():
            found.carry_out(**act)
    except Invalid as error:
        return _package(request, lead_id, handoff_id, problem=error.detail, status=422)
    except Conflict as error:
        messages.error(request, error.detail)
        return _see(reverse("workspace:handoffs"))
    messages.success(request, _(found.done))
    return _see(reverse("workspace:lead", args=[lead_id]) if found.to_lead else reverse("workspace:handoffs"))


@require_safe
def handoffs(request: ActorRequest) -> HttpResponse:
    """List what waits for one's teams, what they sent, and what hangs between teams (row HO-08)."""
    actor, wall = request.actor, wall_of(request)
    if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
        raise NotFound
    show = request.GET.get("show", "incoming")
    found = {each: handoff_rows.waiting(actor, each, request.now) for each in handoff_rows.SHOWS}
    if show not in found:
        show = "incoming"
    words = {"incoming": _("For us"), "sent": _("From us"), "stuck": _("Stuck between teams")}
    context = {
        "tabs": [{"key": key, "label": words[key], "count": len(rows)} for key, rows in found.items()],
        "show": show,
        "rows": [_row(each, actor, wall) for each in found[show]],
    }
    return render(request, "workspace/handoff/list.html", context)


def _row(row: Handoff, actor: Actor, wall: Wall) -> dict[str, Any]:
    return handoff_page.head_of(row, wall) | {
        "ref": row.lead.ref,
        "next_step": handoff_rows.note_shown(actor, row).next_step,
        "may_answer": row.to_team_id in actor.team_ids,
    }


@dataclass(frozen=True, slots=True)
class _Deed:
    carry_out: Callable[..., object]
    done: str
    needs_reason: bool = True
    to_lead: bool = True


_DEEDS: Mapping[str, _Deed] = {
    "accept": _Deed(handing_off.accept_handoff, "Accepted: the lead is yours.", needs_reason=False),
    "return": _Deed(handing_off.return_handoff, "Returned with your reason.", to_lead=False),
    "withdraw": _Deed(handing_off.withdraw_handoff, "Taken back."),
}


def _package(
    request: ActorRequest, lead_id: UUID, handoff_id: UUID, *, problem: str = "", status: int = 200
) -> HttpResponse:
    opened = handoff_rows.package(request.actor, lead_id, handoff_id, request.now)
    context = {
        "handoff": handoff_page.shown(opened, request.actor, wall_of(request)),
        "lead": {"id": opened.lead.id, "ref": opened.lead.ref},
        "problem": problem,
        "typed": request.POST.get("reason", ""),
    }
    return render(request, "workspace/handoff/package.html", context, status=status)


class _Wizard:
    """The steps of one handoff of one lead, for one request."""

    def __init__(self, request: ActorRequest, lead: Lead) -> None:
        self.request, self.lead, self.wall = request, lead, wall_of(request)
        kept = draft_of(request.actor, lead.id, FORM)
        self.values: Values = dict(kept.values) if kept else {}
        self.draft_label = self.wall.at(kept.saved_at) if kept else ""
        self.receivers = handoff_page.receivers(lead, request.now)

    @property
    def resumed(self) -> int:
        """The step at which the draft was left."""
        return _step_of("".join(self.values.get("step", ())[:1])) or 1

    @property
    def chosen(self) -> handoff_page.Receiver | None:
        """Who receives, as far as it was said; where there is one only, they do."""
        value = "".join(self.values.get("who", ())[:1])
        return next((each for each in self.receivers if each.value == value), None)

    def said(self, step: int, then: int) -> HttpResponse:
        """Keep what a step said and go on; without a receiver there is nothing to go on to."""
        form = self._form(step, self.request.POST)
        if form is not None:
            for name in form.fields:
                self.values[name] = [each for each in self.request.POST.getlist(name) if each.strip()]
        if step == 1 and form is not None and not form.is_valid() and then > step:
            return self.shown(1, form=form, status=422)
        then = min(max(then, 1), LAST)
        self._keep(then)
        return _see(f"{reverse('workspace:hand_off', args=[self.lead.id])}?step={then}")

    def offered(self) -> HttpResponse:
        """Offer the lead; what is missing is said, and nothing changes."""
        version = self.request.POST.get("version", "")
        try:
            with transaction.atomic():
                row = handing_off.offer_lead(
                    actor=self.request.actor,
                    lead_id=self.lead.id,
                    offer=handoff_page.offer_of(self.values),
                    now=self.request.now,
                    version=int(version) if version.isascii() and version.isdecimal() else None,
                )
        except Invalid:
            return self.shown(LAST if self.chosen else 1, status=422)
        except Conflict as error:
            messages.error(self.request, error.detail)
            self.lead = lead_for(self.request.actor, self.lead.id)
            return self.shown(LAST, status=409)
        drop_draft(actor=self.request.actor, lead_id=self.lead.id, form=FORM)
        words = {"team": row.to_team.name, "at": self.wall.at(row.accept_by)}
        messages.success(self.request, _("Offered to %(team)s. They accept by %(at)s; it is yours until then.") % words)
        return _see(reverse("workspace:lead", args=[self.lead.id]))

    def shown(
        self, step: int, *, form: forms.Form | None = None, status: int = 200, is_resumed: bool = False
    ) -> HttpResponse:
        """Show a step; the later ones need a receiver."""
        step = step if self.chosen is not None else 1
        lead, actor, chosen = self.lead, self.request.actor, self.chosen
        context: dict[str, Any] = {
            "lead": {
                "id": lead.id,
                "ref": lead.ref,
                "name": name_of(reader_of(actor, lead.id), contact_of(lead)),
                "version": lead.version,
            },
            "steps": _steps(step),
            "step": step,
            "form": form if form is not None else self._form(step, None),
            "chosen": chosen,
            "draft_label": self.draft_label if is_resumed else "",
            "idempotency_key": str(uuid4()),
            "has_receivers": bool(self.receivers),
            **(self._beside(step, chosen.kind) if chosen is not None else {}),
        }
        return render(self.request, "workspace/handoff/wizard.html", context, status=status)

    def _beside(self, step: int, kind: HandoffType) -> dict[str, Any]:
        chosen, offer = self.chosen, handoff_page.offer_of(self.values)
        assert chosen is not None
        gaps = handoff_page.gaps_shown(self.lead, offer, self.request.now)
        held = held_by(self.lead, self.request.now, offer.note)
        travel = handoff_page.travel_of(self.lead, kind, chosen.team, offer.note, self.request.actor, self.wall)
        return {
            "gaps": gaps if step == LAST else [],
            "fields": handoff_page.missing_fields(self.lead, kind, held) if step == 2 else [],
            "travel": travel if step > 2 else None,
        }

    def _form(self, step: int, data: Any) -> forms.Form | None:
        chosen = self.chosen
        initial: dict[str, Any] = {
            name: values if name == "confirmed" else "".join(values[:1]) for name, values in self.values.items()
        }
        if step == 1:
            return Who(data, initial=initial, receivers=self.receivers)
        if chosen is None:
            return None
        if step == 2:
            return Checklist(data, initial=initial, kind=chosen.kind)
        if step == 3:
            held, actor = held_by(self.lead, self.request.now), self.request.actor
            points = [
                (each, f"{_(label_of(each))}: {held[each]}")
                for each in CONFIRMABLE
                if each in held and may_see(actor, each)
            ]
            service = self.lead.service.key if self.lead.service else ""
            return Told(
                data,
                initial={"service": service, **initial},
                services=services(),
                points=points,
                must_pass=chosen.kind.must_pass,
            )
        return None

    def _keep(self, step: int) -> None:
        self.values["step"] = [str(step)]
        keep_draft(actor=self.request.actor, lead_id=self.lead.id, form=FORM, values=self.values, now=self.request.now)


def _steps(current: int) -> list[dict[str, Any]]:
    words = (_("To whom"), _("Checklist"), _("What travels"), _("Confirm"))
    return [{"number": n, "label": label, "current": n == current} for n, label in enumerate(words, 1)]


def _step_of(text: str) -> int:
    return int(text) if text in ("1", "2", "3", "4") else 0


def _refusal(lead: Lead, verdict: Ability) -> Exception:
    if verdict.code in BY_STATE:
        return Conflict(verdict.sentence, code=verdict.code)
    fields = (verdict.field,) if verdict.field else ()
    return Refused(
        verdict.sentence,
        code=verdict.code,
        action="lead.hand_off",
        object_type="lead",
        object_id=lead.id,
        fields=fields,
    )


def _see(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)
