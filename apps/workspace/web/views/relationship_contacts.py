"""Correcting a contact of a relationship, and noting that they are there no more."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.flows import relating
from apps.relationships import contacts
from apps.relationships.actions import NewContact
from apps.tenancy.errors import Invalid
from apps.tenancy.ids import new_id
from apps.workspace import relationship_page
from apps.workspace.web import relationship_forms as forms
from apps.workspace.web.forms import Choices
from leadcrm.http.scoping import ActorRequest


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: ActorRequest, relationship_id: UUID, contact_id: UUID) -> HttpResponse:
    """Show a contact for correction, and save it; how they stood before is kept."""
    actor, row = request.actor, contacts.contact_for(request.actor, relationship_id, contact_id)
    lock = relationship_page.lock_of_contact(actor, row)
    # Who may not edit it is shown nothing of it: the form stays empty.
    initial = {} if lock else {name: getattr(row, name) for name in contacts.EDITED}
    choices: dict[str, Choices] = {"role": relationship_page.roles()}
    form = forms.NameContact(request.POST if request.method == "POST" else None, choices=choices, initial=initial)
    status = 403 if lock else 200
    if request.method == "POST":
        contacts.contact_to_change(actor, relationship_id, contact_id, "change_contact")
        status = 422
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        typed = NewContact(said["name"], said["role"], said["title"], said["phone"], said["email"])
        try:
            with transaction.atomic():
                relating.correct_contact(
                    actor=actor, relationship_id=relationship_id, contact_id=contact_id, typed=typed, now=request.now
                )
        except Invalid as error:
            for problem in error.problems:
                form.add_error(problem.pointer.strip("/"), problem.detail)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("workspace:relationship", args=[relationship_id]), status=303)
    group = row.relationship.party.name
    record = {"id": relationship_id, "group": group, "name": group}
    record["ask"] = reverse("workspace:relationship_act", args=[relationship_id, "ask"])
    context = {"heading": _("Correct a contact"), "submit": _("Save"), "form": form, "lock": lock, "record": record}
    context |= {"idempotency_key": new_id().hex}
    return render(request, "workspace/relationships/form.html", context, status=status)


@require_POST
def end(request: ActorRequest, relationship_id: UUID, contact_id: UUID) -> HttpResponse:
    """Note that a contact is there no more."""
    contacts.end_contact(actor=request.actor, relationship_id=relationship_id, contact_id=contact_id, now=request.now)
    messages.success(request, _("Noted. They are kept among the earlier contacts."))
    return HttpResponseRedirect(reverse("workspace:relationship", args=[relationship_id]), status=303)
