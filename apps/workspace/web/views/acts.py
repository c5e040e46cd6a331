"""The forms of one lead: shown, carried out once, and shown again with what was typed when refused."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.forms import MultipleChoiceField
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.audit import ledger
from apps.flows.asking import ASKABLE, Answer, answer_request
from apps.flows.calls import begin_call
from apps.flows.clashes import value_of
from apps.flows.drafting import draft_of, drop_draft
from apps.flows.masking import reads_service
from apps.flows.models import BulkRun
from apps.flows.notes import SEALED, not_collected
from apps.flows.packages import reader_of
from apps.flows.planning import complete_task
from apps.flows.undoing import claim_and_keep
from apps.leads.models import Lead
from apps.leads.queries import timeline_of
from apps.ownership.queries import change_verdict, lead_for, lead_to_change, visible_leads
from apps.ownership.terms import is_of
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.workspace.allowed import BY_STATE, Ability, ability
from apps.workspace.clash_page import clashes_shown, taken
from apps.workspace.lead_page import ASK_CODES, lease_of
from apps.workspace.once import LONGEST_KEY, KeyUse, spend_key
from apps.workspace.telephone import is_dialling
from apps.workspace.web import forms
from apps.workspace.web.deeds import DEEDS, Sent
from apps.workspace.web.places import from_query
from apps.workspace.web.views.leases import next_address
from apps.workspace.web.wall import wall_of
from apps.workspace.words import Wall, contact_of, name_of
from leadcrm.http.scoping import ActorRequest

CHANGES_SHOWN = 3
OPEN_TO_COLLEAGUES = ("opt_out",)
#: Fields of forms that hold a person's own sentences.
_TEXTS = ("note", "text", "reason", "words")


@require_POST
def claim(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Make the lead the person's own. Who was faster is named on the 409 page."""
    run = claim_and_keep(actor=request.actor, lead_id=lead_id, now=request.now)
    messages.success(request, _("The lead is yours."), extra_tags=_way_back(run))
    return _see(reverse("workspace:lead", args=[lead_id]))


@require_POST
def call(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Ask at the moment of dialling whether the call is allowed; then show the number beside the log.

    Consent, quiet hours and the day's attempts are judged now, whatever the page said when it was opened.
    """
    if not begin_call(actor=request.actor, lead_id=lead_id, now=request.now):
        messages.error(request, _("The number fails the check of today. Nothing is left to call."))
        return _see(reverse("workspace:lead", args=[lead_id]))
    if is_dialling(lead_id, request.now):
        messages.success(request, _("Your telephone rings; pick it up and you are connected."))
    else:
        messages.success(request, _("You may call now. The number stands beside the form."))
    return _see(reverse("workspace:log_call", args=[lead_id]) + from_query(request))


@require_POST
def answer(request: ActorRequest, lead_id: UUID, task_id: UUID) -> HttpResponse:
    """Accept or decline what a colleague asks; accepting makes the change, or says what it still lacks."""
    names = ("answer", "because", "evidence_kind", "evidence_ref")
    typed = {name: request.POST.get(name, "") for name in names}
    try:
        with transaction.atomic():
            answer_request(actor=request.actor, lead_id=lead_id, task_id=task_id, now=request.now, **typed)
    except Conflict as error:
        if error.code != "cannot_apply":
            raise
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Accepted, and changed.") if typed["answer"] == Answer.ACCEPT else _("Declined."))
    if visible_leads(request.actor).filter(id=lead_id).exists():
        return _see(reverse("workspace:lead", args=[lead_id]) + from_query(request))
    return _see(reverse("workspace:queue"))


@require_POST
def step_done(request: ActorRequest, lead_id: UUID, task_id: UUID) -> HttpResponse:
    """End a planned step as done; what cannot end so is said, and nothing changes."""
    try:
        with transaction.atomic():
            task = complete_task(actor=request.actor, lead_id=lead_id, task_id=task_id, now=request.now)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Done: %(title)s") % {"title": task.title})
    return _see(reverse("workspace:lead", args=[lead_id]) + from_query(request))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: ActorRequest, lead_id: UUID, name: str) -> HttpResponse:
    """Show a form, or carry it out. Refused with 403, out of date with 409, not acceptable with 422."""
    wall = wall_of(request)
    lead, verdict, sees = _reached(request, lead_id, name)
    page = _Page(request, name, lead, wall, sees=sees)
    if sees and request.method != "POST":
        _note_read(request, lead)
    with timezone.override(wall.zone):
        if not verdict.allowed:
            return page.refused(name, verdict)
        if request.method == "POST":
            return page.handed_over() if "carried" in request.POST else page.sent()
        return page.opened()


def _note_read(request: ActorRequest, lead: Lead) -> None:
    """A form names the person and shows what is on file: who opened it is kept, apart from who opened the lead."""
    ledger.record(actor=request.actor, action="lead_form.read", object_type="lead", object_id=lead.id, fields=["name"])


def _reached(request: ActorRequest, lead_id: UUID, name: str) -> tuple[Lead, Ability, bool]:
    """Return the lead, the verdict on this act, and whether the person sees the lead.

    Who does not see it learns whose it is, no more; an opt-out they may record all the same (row CN-14). What they
    had typed before the lead went elsewhere stays theirs.
    """
    try:
        lead = lead_for(request.actor, lead_id)
    except Refused as error:
        lead = lead_to_change(request.actor, lead_id)
        verdict = ability(request.actor, lead, name, request.now)
        if verdict.allowed and name in OPEN_TO_COLLEAGUES:
            return lead, verdict, False
        if verdict.allowed:
            verdict = Ability(False, error.code, error.detail)
        if not _words(request, lead_id, name):
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


#: Proposed words of a form that name the service the lead asks for.
TELLS_SERVICE = frozenset({"wanted", "reason"})


class _Page:
    """One form of one lead, for one request."""

    def __init__(self, request: ActorRequest, name: str, lead: Lead, wall: Wall, *, sees: bool) -> None:
        self.request, self.lead, self.wall, self.sees = request, lead, wall, sees
        self.name, self.deed = name, DEEDS[name]

    def blank(self, kept: Mapping[str, Any] | None = None) -> forms.Act:
        """Return the form as it is first shown, with what its draft kept."""
        asked = {name: self.request.GET[name] for name in self.deed.from_address if name in self.request.GET}
        known = {
            name: value
            for name, value in self.deed.initial(self.lead, self.wall).items()
            if name not in self.apart and (name not in TELLS_SERVICE or reads_service(self.reader))
        }
        return self._form(initial={**known, **(kept or {}), **asked})

    @cached_property
    def reader(self) -> Actor:
        """The person as they may read this lead: without what a handoff withheld."""
        return reader_of(self.request.actor, self.lead.id)

    @cached_property
    def apart(self) -> Mapping[str, str]:
        """The fields of the form that stand for what the person does not see or edit, with the lead's own."""
        fills = self.deed.fills(self.lead, self.wall.now)
        groups = self.reader.fixed_fields if fills else frozenset()
        later = not_collected(self.lead, self.wall.now) if fills else frozenset()
        later |= set() if reads_service(self.reader) else {"service"}
        return {name: field for name, field in fills.items() if is_of(field, groups) or field in later}

    def _form(self, typed: QueryDict | None = None, **more: Any) -> forms.Act:
        """Return the form without those of these fields that it can do without and that were not typed."""
        form = self.deed.form(typed, choices=self.deed.choices(self.lead, self.wall.now), **more)
        for name, offered in self.deed.offered(self.reader, self.lead, self.wall.now).items():
            field: Any = form.fields[name]
            sent = typed.get(name) if typed else None
            field.choices = [each for each in field.choices if not each[0] or each[0] in offered or each[0] == sent]
        for name in self.apart.keys() & form.fields.keys():
            if not form.fields[name].required and name not in (typed or {}):
                del form.fields[name]
        return form

    def _not_theirs(self) -> Ability | None:
        """Return the refusal of the first typed field whose group the person's role does not edit."""
        for name in self.apart.keys() & self.request.POST.keys():
            field = self.apart[name]
            verdict = change_verdict(self.request.actor, self.lead, field, now=self.wall.now)
            told = "" if field in SEALED else value_of(self.lead, field)
            if not verdict.allowed and self.request.POST[name] != told:
                return Ability(False, str(verdict.code), verdict.sentence, field)
        return None

    def opened(self) -> HttpResponse:
        """Show the form; a draft that was kept of it is restored, and said so."""
        kept = draft_of(self.request.actor, self.lead.id, self.name)
        if kept is None:
            return self.answer(self.blank())
        found = self.deed.form.base_fields
        values = {
            name: values if isinstance(found[name], MultipleChoiceField) else "".join(values[:1])
            for name, values in kept.values.items()
            if name in found
        }
        return self.answer(self.blank(values), draft_label=self.wall.at(kept.saved_at))

    def sent(self) -> HttpResponse:
        """Carry the form out, once. What is refused changes nothing and keeps what was typed."""
        if self.deed.path == "edit" and (refusal := self._not_theirs()) is not None:
            return self.refused(self.name, refusal)
        typed = self.request.POST.copy()
        for name, value in taken(typed, self.lead, self.deed.form.base_fields).items():
            typed[name] = value
        form = self._form(typed)
        if not form.is_valid():
            return self.answer(form, status=422)
        try:
            with transaction.atomic():
                use, made = self._carry_out(form)
        except Invalid as error:
            self._show_problems(form, error)
            return self.answer(form, status=422)
        except Conflict as error:
            return self._clashed(form, error)
        if use is KeyUse.AGAIN:
            messages.info(self.request, _("This was saved already."))
        else:
            messages.success(self.request, _(self.deed.done), extra_tags=_way_back(made))
        drop_draft(actor=self.request.actor, lead_id=self.lead.id, form=self.name)
        return _see(self._next_address())

    def handed_over(self) -> HttpResponse:
        """Show the form with a text that was typed into another one, and save nothing yet."""
        carried = {name: self.request.POST[name] for name in self.deed.form.base_fields if name in self.request.POST}
        return self.answer(self.blank(carried))

    def refused(self, name: str, verdict: Ability) -> HttpResponse:
        """Show why the form is closed to this person; the attempt is noted in the ledger."""
        if verdict.code not in BY_STATE:
            self.request.refusal = _refusal(self.lead, name, verdict)
        typed = _words(self.request, self.lead.id, self.name)
        lock = {"label": "", "value": "", "code": verdict.code, "sentence": verdict.sentence}
        lock["ask_url"] = self._ask_url(verdict)
        status = 409 if verdict.code in BY_STATE else 403
        return self.answer(self.blank(), status=status, refusal=lock, typed=typed, ways=self._ways() if typed else [])

    def _ask_url(self, verdict: Ability) -> str:
        """Return where to ask who may change it; "" where asking is of no use."""
        asks = self.sees and verdict.code in ASK_CODES
        if not asks or not ability(self.request.actor, self.lead, "ask", self.wall.now).allowed:
            return ""
        channel = self.request.POST.get("channel") or "call"
        field = f"consent_{channel}" if verdict.field == "consent" else verdict.field
        known = f"?field={field}" if field in ASKABLE else ""
        return reverse("workspace:ask", args=[self.lead.id]) + known

    def _ways(self) -> list[dict[str, str]]:
        """Return where the text may go instead: a note, or a request to the owner."""
        ways = (("add_note", "text", _("Add it as a note")), ("ask", "reason", _("Ask the owner to change it")))
        return [
            {"url": reverse(f"workspace:{name}", args=[self.lead.id]), "field": field, "label": label}
            for name, field, label in ways
            if self.sees and ability(self.request.actor, self.lead, name, self.wall.now).allowed
        ]

    def answer(self, form: forms.Act, *, status: int = 200, **more: Any) -> HttpResponse:
        """Render the page of the form."""
        lead, actor, reader = self.lead, self.request.actor, self.reader
        typed_key = self.request.POST.get("idempotency_key", "")[:LONGEST_KEY]
        context = {
            "lead": {
                "id": lead.id,
                "ref": lead.ref,
                # A refusal takes its reads back from the ledger: it names nobody.
                "name": name_of(reader, contact_of(lead)) if self.sees and "refusal" not in more else "",
                "version": lead.version,
                "stage": lead.stage.label if self.sees else "",
                "owner": lead.owner.user.name if lead.owner and self.sees else "",
                "team": lead.owner_team.name if lead.owner_team else "",
            },
            "form": form,
            "idempotency_key": typed_key or str(uuid4()),
            "effect": "",
            "refusal": None,
            "from_query": from_query(self.request),
            "lease": lease_of(lead, actor, self.wall) if self.sees else None,
            "clash": [],
            "clashes": [],
            "draft_url": reverse("workspace:draft", args=[lead.id, self.name]) if actor.membership_id else "",
            "member_id": actor.membership_id,
            **(self._around(form, reader) if self.sees and not more.get("refusal") else {}),
            **more,
        }
        return render(self.request, f"workspace/forms/{self.deed.template}.html", context, status=status)

    def _around(self, form: forms.Act, reader: Actor) -> dict[str, Any]:
        lead, wall = self.lead, self.wall
        return {**self.deed.beside(lead, reader, wall), **self.deed.around(lead, reader, wall, form)}

    def _carry_out(self, form: forms.Act) -> tuple[KeyUse, object]:
        """Carry the form out if its key is fresh; return that, and what came of it."""
        request, key = self.request, self.request.POST.get("idempotency_key", "")[: LONGEST_KEY + 1]
        act_name = f"{self.deed.path}:{self.lead.id}"
        use = spend_key(actor=request.actor, act=act_name, key=key, now=self.wall.now)
        if use is not KeyUse.FIRST:
            return use, None
        sent = Sent(request.actor, self.lead, form.cleaned_data, self.wall.now, _version(request), key)
        return use, self.deed.carry_out(sent)

    def _show_problems(self, form: forms.Act, error: Invalid) -> None:
        for problem in error.problems:
            name = self.deed.pointers.get(problem.pointer, problem.pointer.strip("/"))
            form.add_error(name if name in form.fields else None, problem.detail)
        if not error.problems:
            form.add_error(None, error.detail)

    def _clashed(self, form: forms.Act, error: Conflict) -> HttpResponse:
        """Keep what was typed beside what others did meanwhile; saving again then counts from there."""
        clash, sides = [], list[dict[str, Any]]()
        if error.code == "version_conflict":
            sides = clashes_shown(error.clashes, self.request.POST, form.fields, self.wall)
            self.lead = lead_for(self.request.actor, self.lead.id)
            clash = [
                {"at_label": self.wall.at(entry.at), "actor": entry.actor_label, "sentence": entry.sentence}
                for entry in timeline_of(self.lead, CHANGES_SHOWN)
            ]
        form.add_error(None, error.detail)
        return self.answer(form, status=409, clash=clash, clashes=sides)

    def _next_address(self) -> str:
        """Go to the next best lead if asked; else return to the lead, or to the queue when the person lost sight."""
        if self.request.POST.get("then") == "next":
            return next_address(self.request)
        if visible_leads(self.request.actor).filter(id=self.lead.id).exists():
            return reverse("workspace:lead", args=[self.lead.id]) + from_query(self.request)
        return reverse("workspace:queue")


def _way_back(made: object) -> str:
    """Return the tag of a message that offers to take back what was just done; "" where there is no way back."""
    return f"undo:{made.id}" if isinstance(made, BulkRun) else ""


def _words(request: ActorRequest, lead_id: UUID, name: str) -> str:
    """Return the longest text that was typed or kept: what must not be lost with the right to save it."""
    typed = [request.POST.get(each, "").strip() for each in _TEXTS] if request.method == "POST" else []
    kept = None if any(typed) else draft_of(request.actor, lead_id, name)
    if kept is not None:
        typed += ["".join(kept.values.get(each, ())).strip() for each in _TEXTS]
    return max(typed, key=len, default="")


def _version(request: ActorRequest) -> int | None:
    """Return the version that the form was shown with; one that is no number fits no lead."""
    text = request.POST.get("version", "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def _see(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)
