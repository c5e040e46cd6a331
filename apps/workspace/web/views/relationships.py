"""Pages of relationships: the list, one with its opportunities, and the forms of what is done with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.audit import ledger
from apps.consent.terms import Channel
from apps.flows import approving_terms, relating
from apps.relationships import actions, queries
from apps.relationships.models import Opportunity
from apps.relationships.queries import Record
from apps.tenancy.errors import Conflict, Invalid, NotFound
from apps.tenancy.ids import new_id
from apps.workspace import picklists, relationship_page
from apps.workspace.once import LONGEST_KEY
from apps.workspace.web import relationship_forms as forms
from apps.workspace.web.forms import Act, Choices
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that was filled in, about which record."""

    request: ActorRequest
    record: Record
    form: Any

    @property
    def where(self) -> dict[str, Any]:
        """Return who acts when on which records, as the actions want it."""
        found: dict[str, Any] = {"actor": self.request.actor, "now": self.request.now}
        if isinstance(self.record, Opportunity):
            return found | {"relationship_id": self.record.relationship_id, "opportunity_id": self.record.id}
        return found | {"relationship_id": self.record.id}


@dataclass(frozen=True, slots=True)
class _Deed:
    """One thing to do with a record; `field` is what must be the actor's to change, "" where they only ask."""

    heading: str
    form: type[Act]
    carry_out: Callable[[_Sent], object]
    done: str
    submit: str
    field: str = ""
    choices: Callable[[ActorRequest, Record], dict[str, Choices]] = lambda request, record: {}
    initial: Callable[[Record], dict[str, Any]] = lambda record: {}


def _contact(sent: _Sent) -> object:
    said = sent.form.cleaned_data
    typed = actions.NewContact(said["name"], said["role"], said["title"], said["phone"], said["email"])
    return relating.name_contact(**sent.where, typed=typed)


def _reach(sent: _Sent) -> object:
    said = sent.form.cleaned_data
    ticked = {Channel.CALL: said["said_call"], Channel.EMAIL: said["said_email"]}
    outreach = relating.Outreach(
        contact_id=UUID(said["contact"]),
        source=said["source"],
        reason=said["reason"],
        key=sent.request.POST.get("idempotency_key", "")[:LONGEST_KEY] or new_id().hex,
        spoken={channel: True for channel, agreed in ticked.items() if agreed},
    )
    return relating.begin_outreach(**sent.where, outreach=outreach)


def _open(sent: _Sent) -> object:
    said = sent.form.cleaned_data
    return actions.open_opportunity(**sent.where, name=said["name"], reason=said["reason"])


def _give(sent: _Sent) -> object:
    said = sent.form.cleaned_data
    return actions.give_to(**sent.where, team_key=said["team"], reason=said["reason"])


def _terms(sent: _Sent) -> object:
    version = sent.request.POST.get("version", "")
    said = {key: text for key, text in sent.form.cleaned_data.items() if text or getattr(sent.record, key)}
    seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else None
    return actions.write_terms(**sent.where, changes=said, version=seen)


def _approve(sent: _Sent) -> object:
    return approving_terms.approve_terms(**sent.where)


def _ask(sent: _Sent) -> object:
    where = {"opportunity_id": None} | sent.where
    said = sent.form.cleaned_data
    return relating.ask_owner(**where, field=said["field"], proposed=sent.form.wanted, reason=said["reason"])


def _asked(request: ActorRequest, record: Record) -> dict[str, Choices]:
    group = record.relationship if isinstance(record, Opportunity) else record
    contacts = [
        (str(each.id), relationship_page.called(request.actor, each.name)) for each in queries.contacts_of(group)
    ]
    return {"field": relationship_page.askable(record), "team": picklists.teams(), "contact": contacts}


_GIVE = _Deed(
    gettext_noop("Give to another team"),
    forms.Give,
    _give,
    gettext_noop("Given to the other team."),
    gettext_noop("Give"),
    "owner_team",
    choices=lambda request, record: {"team": picklists.teams()},
)
_ASK = _Deed(
    gettext_noop("Ask to change"),
    forms.AskOwner,
    _ask,
    gettext_noop("Asked. The owner answers within half an hour of their opening hours."),
    gettext_noop("Ask"),
    choices=_asked,
)
OF_RELATIONSHIP: Mapping[str, _Deed] = {
    "contact": _Deed(
        gettext_noop("Add a contact"),
        forms.NameContact,
        _contact,
        gettext_noop("Contact added."),
        gettext_noop("Add"),
        "contacts",
        choices=lambda request, record: {"role": relationship_page.roles()},
    ),
    "reach-out": _Deed(
        gettext_noop("Reach out"),
        forms.ReachOut,
        _reach,
        gettext_noop("Begun: the intro call is in the queue within seconds."),
        gettext_noop("Begin"),
        "opportunities",
        choices=lambda request, record: {
            "contact": relationship_page.reachable(request.actor, record),  # type: ignore[arg-type]
            "source": relationship_page.sources(),
        },
    ),
    "opportunity": _Deed(
        gettext_noop("Open an opportunity"),
        forms.OpenOpportunity,
        _open,
        gettext_noop("Opened."),
        gettext_noop("Open an opportunity"),
        "opportunities",
    ),
    "owner": _GIVE,
    "ask": _ASK,
}
OF_OPPORTUNITY: Mapping[str, _Deed] = {
    "terms": _Deed(
        gettext_noop("Terms and next steps"),
        forms.WriteTerms,
        _terms,
        gettext_noop("Saved."),
        gettext_noop("Save"),
        "terms",
        initial=lambda record: {key: getattr(record, key) for key in ("name", "terms", "next_steps")},
    ),
    "approve": _Deed(
        gettext_noop("Approve terms and next steps"),
        forms.Approve,
        _approve,
        gettext_noop("Approved."),
        gettext_noop("Approve"),
    ),
    "owner": _GIVE,
    "ask": _ASK,
}


@require_safe
def relationships(request: ActorRequest) -> HttpResponse:
    """List the relationships with their owners."""
    queries.require_reader(request.actor)
    rows = relationship_page.listed(request.actor, wall_of(request))
    return render(request, "workspace/relationships/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def new_relationship(request: ActorRequest) -> HttpResponse:
    """Enter a relationship."""
    queries.require_reader(request.actor)
    choices: dict[str, Choices] = {
        "party": relationship_page.groups_on_file(),
        "kind": relationship_page.kinds(),
        "team": relationship_page.own_teams(request.actor),
    }
    form = forms.NewRelationship(request.POST if request.method == "POST" else None, choices=choices)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                with transaction.atomic():
                    row = actions.add_relationship(
                        actor=request.actor,
                        party_key=said["party"],
                        name=said["name"],
                        kind=said["kind"],
                        team_key=said["team"],
                        now=request.now,
                    )
                return _to(row.id)
            except (Invalid, Conflict) as error:
                status = _show(form, error)
    context = {"heading": _("New relationship"), "form": form, "submit": _("Enter"), "lock": "", "record": None}
    return render(request, "workspace/relationships/form.html", context, status=status)


@require_safe
def relationship(request: ActorRequest, relationship_id: UUID) -> HttpResponse:
    """Show a relationship with its contacts, opportunities, owners and story; that contacts were read is noted."""
    row = queries.relationship_for(request.actor, relationship_id)
    found = relationship_page.shown(request.actor, row, wall_of(request))
    fields = ["contacts", "terms"]
    ledger.record_read(actor=request.actor, what="relationship", object_ids=[row.id], fields=fields)
    return render(request, "workspace/relationships/relationship.html", {"relationship": found})


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: ActorRequest, relationship_id: UUID, deed: str) -> HttpResponse:
    """Show and carry out one thing to do with a relationship."""
    row = queries.relationship_for(request.actor, relationship_id)
    return _carry_out(request, OF_RELATIONSHIP.get(deed), row)


@require_http_methods(["GET", "HEAD", "POST"])
def act_on_opportunity(request: ActorRequest, relationship_id: UUID, opportunity_id: UUID, act: str) -> HttpResponse:
    """Show and carry out one thing to do with an opportunity."""
    row = queries.relationship_for(request.actor, relationship_id)
    return _carry_out(request, OF_OPPORTUNITY.get(act), queries.opportunity_of(row, opportunity_id))


@require_POST
def answer(request: ActorRequest, relationship_id: UUID, request_id: UUID) -> HttpResponse:
    """Accept or decline a request; what cannot be done is said, and nothing changes."""
    try:
        with transaction.atomic():
            relating.answer_owner(
                actor=request.actor,
                relationship_id=relationship_id,
                request_id=request_id,
                accept=request.POST.get("answer") == "accept",
                because=request.POST.get("because", ""),
                now=request.now,
            )
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Answered."))
    return _to(relationship_id)


def _carry_out(request: ActorRequest, deed: _Deed | None, record: Record) -> HttpResponse:
    if deed is None:
        raise NotFound
    is_sent = request.method == "POST"
    choices, initial = deed.choices(request, record), deed.initial(record)
    form = deed.form(request.POST if is_sent else None, choices=choices, initial=initial)
    lock = relationship_page.lock_of(request.actor, record, deed.field) if deed.field else ""
    status = 403 if lock else 200
    if is_sent:
        status = 422
        # Who may not do it is refused by the action, whatever the form says: the attempt is in the ledger.
        if lock:
            queries.require_owner(request.actor, record, deed.field, action=f"{queries.named(record).word}.edit")
        if form.is_valid():
            try:
                with transaction.atomic():
                    deed.carry_out(_Sent(request, record, form))
                messages.success(request, _(deed.done))
                return _to(_group(record))
            except (Invalid, Conflict) as error:
                status = _show(form, error)
    context = {
        "heading": _(deed.heading),
        "submit": _(deed.submit),
        "form": form,
        "lock": lock,
        "record": {
            "id": _group(record),
            "group": (record.relationship if isinstance(record, Opportunity) else record).party.name,
            "name": queries.named(record).called,
            "ask": _ask_url(record),
        },
        "about": record if deed.form is forms.Approve else None,
        "version": record.version,
        "idempotency_key": new_id().hex,
    }
    return render(request, "workspace/relationships/form.html", context, status=status)


def _show(form: Any, error: Invalid | Conflict) -> int:
    """Show what an action found wrong beside the field it is about; return the status."""
    problems = getattr(error, "problems", ())
    for problem in problems:
        name = problem.pointer.strip("/")
        form.add_error(name if name in form.fields else None, problem.detail)
    if not problems:
        form.add_error(None, error.detail)
    return 409 if isinstance(error, Conflict) else 422


def _group(record: Record) -> UUID:
    found: UUID = record.relationship_id if isinstance(record, Opportunity) else record.id
    return found


def _ask_url(record: Record) -> str:
    if isinstance(record, Opportunity):
        return reverse("workspace:opportunity_act", args=[record.relationship_id, record.id, "ask"])
    return reverse("workspace:relationship_act", args=[record.id, "ask"])


def _to(relationship_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("workspace:relationship", args=[relationship_id]), status=303)
