"""The forms of one lead: shown, carried out once, and shown again with what was typed when refused."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.flows.asking import Answer, answer_request
from apps.flows.calls import begin_call
from apps.flows.claiming import claim_lead
from apps.leads.models import Lead
from apps.leads.queries import timeline_of
from apps.ownership.queries import lead_for, lead_to_change, visible_leads
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.workspace.allowed import Ability, ability
from apps.workspace.lead_page import lease_of
from apps.workspace.once import LONGEST_KEY, KeyUse, spend_key
from apps.workspace.web import forms
from apps.workspace.web.deeds import DEEDS, Deed, Sent
from apps.workspace.web.places import from_query
from apps.workspace.web.views.leases import next_address
from apps.workspace.web.wall import wall_of
from apps.workspace.words import Wall, contact_of, name_of
from leadcrm.http.scoping import ActorRequest

CHANGES_SHOWN = 3
OPEN_TO_COLLEAGUES = ("opt_out",)


@require_POST
def claim(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Make the lead the person's own. Who was faster is named on the 409 page."""
    claim_lead(actor=request.actor, lead_id=lead_id, now=request.now)
    messages.success(request, _("The lead is yours."))
    return _see(reverse("workspace:lead", args=[lead_id]))


@require_POST
def call(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Ask at the moment of dialling whether the call is allowed; then show the number beside the log.

    Consent, quiet hours and the day's attempts are judged now, whatever the page said when it was opened.
    """
    begin_call(actor=request.actor, lead_id=lead_id, now=request.now)
    messages.success(request, _("You may call now. The number stands beside the form."))
    return _see(reverse("workspace:log_call", args=[lead_id]) + from_query(request))


@require_POST
def answer(request: ActorRequest, lead_id: UUID, task_id: UUID) -> HttpResponse:
    """Accept or decline what a colleague asks; the change itself is made by its own form."""
    said = request.POST.get("answer", "")
    answer_request(actor=request.actor, lead_id=lead_id, task_id=task_id, answer=said, now=request.now)
    done = _("Accepted. Now make the change.") if said == Answer.ACCEPT else _("Declined.")
    messages.success(request, done)
    return _see(reverse("workspace:lead", args=[lead_id]) + from_query(request))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: ActorRequest, lead_id: UUID, name: str) -> HttpResponse:
    """Show a form, or carry it out. Refused with 403, out of date with 409, not acceptable with 422."""
    deed, wall = DEEDS[name], wall_of(request)
    lead, verdict, sees = _reached(request, lead_id, name)
    page = _Page(request, deed, lead, wall, sees=sees)
    with timezone.override(wall.zone):
        if not verdict.allowed:
            return page.refused(name, verdict)
        if request.method == "POST":
            return page.sent()
        return page.answer(page.blank())


def _reached(request: ActorRequest, lead_id: UUID, name: str) -> tuple[Lead, Ability, bool]:
    """Return the lead, the verdict on this act, and whether the person sees the lead.

    Who does not see it learns whose it is, no more; an opt-out they may record all the same (row CN-14).
    """
    try:
        lead = lead_for(request.actor, lead_id)
    except Refused:
        lead = lead_to_change(request.actor, lead_id)
        verdict = ability(request.actor, lead, name, request.now)
        if name not in OPEN_TO_COLLEAGUES or not verdict.allowed:
            if verdict.allowed:
                raise
            raise _refusal(lead, name, verdict) from None
        return lead, verdict, False
    return lead, ability(request.actor, lead, name, request.now), True


def _refusal(lead: Lead, name: str, verdict: Ability) -> Refused:
    return Refused(
        verdict.sentence,
        code=verdict.code,
        action=f"lead.{name}",
        object_type="lead",
        object_id=lead.id,
        fields=(verdict.field,) if verdict.field else (),
    )


class _Page:
    """One form of one lead, for one request."""

    def __init__(self, request: ActorRequest, deed: Deed, lead: Lead, wall: Wall, *, sees: bool) -> None:
        self.request, self.deed, self.lead, self.wall, self.sees = request, deed, lead, wall, sees

    def blank(self) -> forms.Act:
        """Return the form as it is first shown."""
        asked = {name: self.request.GET[name] for name in self.deed.from_address if name in self.request.GET}
        return self.deed.form(
            initial={**self.deed.initial(self.lead, self.wall), **asked},
            choices=self.deed.choices(self.lead, self.wall.now),
        )

    def sent(self) -> HttpResponse:
        """Carry the form out, once. What is refused changes nothing and keeps what was typed."""
        form = self.deed.form(self.request.POST, choices=self.deed.choices(self.lead, self.wall.now))
        if not form.is_valid():
            return self.answer(form, status=422)
        try:
            with transaction.atomic():
                use = self._carry_out(form)
        except Invalid as error:
            self._show_problems(form, error)
            return self.answer(form, status=422)
        except Conflict as error:
            return self._clashed(form, error)
        if use is KeyUse.AGAIN:
            messages.info(self.request, _("This was saved already."))
        else:
            messages.success(self.request, _(self.deed.done))
        return _see(self._next_address())

    def refused(self, name: str, verdict: Ability) -> HttpResponse:
        """Show why the form is closed to this person; the attempt is noted in the ledger."""
        if verdict.code != "closed":
            self.request.refusal = _refusal(self.lead, name, verdict)
        lock = {"label": "", "value": "", "code": verdict.code, "sentence": verdict.sentence}
        status = 409 if verdict.code == "closed" else 403
        return self.answer(self.blank(), status=status, refusal=lock)

    def answer(self, form: forms.Act, *, status: int = 200, **more: Any) -> HttpResponse:
        """Render the page of the form."""
        lead, actor = self.lead, self.request.actor
        typed_key = self.request.POST.get("idempotency_key", "")[:LONGEST_KEY]
        context = {
            "lead": {
                "id": lead.id,
                "ref": lead.ref,
                "name": name_of(actor, contact_of(lead)) if self.sees else "",
                "version": lead.version,
                "stage": lead.stage.label,
                "owner": lead.owner.user.name if lead.owner else "",
                "team": lead.owner_team.name if lead.owner_team else "",
            },
            "form": form,
            "idempotency_key": typed_key or str(uuid4()),
            "effect": "",
            "refusal": None,
            "from_query": from_query(self.request),
            "lease": lease_of(lead, actor, self.wall) if self.sees else None,
            "clash": [],
            **(self.deed.beside(lead, actor, self.wall) if self.sees and not more.get("refusal") else {}),
            **more,
        }
        return render(self.request, f"workspace/forms/{self.deed.template}.html", context, status=status)

    def _carry_out(self, form: forms.Act) -> KeyUse:
        request, key = self.request, self.request.POST.get("idempotency_key", "")[: LONGEST_KEY + 1]
        act_name = f"{self.deed.path}:{self.lead.id}"
        use = spend_key(actor=request.actor, act=act_name, key=key, now=self.wall.now)
        if use is KeyUse.FIRST:
            self.deed.carry_out(
                Sent(request.actor, self.lead, form.cleaned_data, self.wall.now, _version(request), key)
            )
        return use

    def _show_problems(self, form: forms.Act, error: Invalid) -> None:
        for problem in error.problems:
            name = self.deed.pointers.get(problem.pointer, problem.pointer.strip("/"))
            form.add_error(name if name in form.fields else None, problem.detail)
        if not error.problems:
            form.add_error(None, error.detail)

    def _clashed(self, form: forms.Act, error: Conflict) -> HttpResponse:
        """Keep what was typed beside what others did meanwhile; saving again then counts from there."""
        clash = []
        if error.code == "version_conflict":
            self.lead = lead_for(self.request.actor, self.lead.id)
            clash = [
                {"at_label": self.wall.at(entry.at), "actor": entry.actor_label, "sentence": entry.sentence}
                for entry in timeline_of(self.lead, CHANGES_SHOWN)
            ]
        form.add_error(None, error.detail)
        return self.answer(form, status=409, clash=clash)

    def _next_address(self) -> str:
        """Go to the next best lead if asked; else return to the lead, or to the queue when the person lost sight."""
        if self.request.POST.get("then") == "next":
            return next_address(self.request)
        if visible_leads(self.request.actor).filter(id=self.lead.id).exists():
            return reverse("workspace:lead", args=[self.lead.id]) + from_query(self.request)
        return reverse("workspace:queue")


def _version(request: ActorRequest) -> int | None:
    """Return the version that the form was shown with; one that is no number fits no lead."""
    text = request.POST.get("version", "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def _see(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)
