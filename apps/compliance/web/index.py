"""The way in: what a compliance officer can look up and decide, each part in a sentence."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from apps.accounts.terms import Permission
from apps.compliance.web.frame import only_with
from apps.compliance.web.sections import SECTIONS
from leadcrm.http.scoping import ActorRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of the index, as it is shown."""

    title: str
    sentence: str
    icon: str
    url: str


#: Registers of the admin that belong here: title, sentence, icon, the admin's name of the list.
REGISTERS = (
    (
        gettext_noop("Ledger"),
        gettext_noop("Every act, read and refusal of the tenant in one chain that shows tampering."),
        "lock",
        "admin:audit_auditentry_changelist",
    ),
    (
        gettext_noop("Consent lines"),
        gettext_noop("Every permission and opt-out as it was recorded; nothing is changed or removed."),
        "shield",
        "admin:consent_consentevent_changelist",
    ),
)


@require_safe
@only_with(Permission.COMPLIANCE_VIEW)
def index(request: ActorRequest) -> HttpResponse:
    """Show the sections and registers that the actor may open."""
    entries = [
        Entry(_(each.title), _(each.sentence), each.icon, reverse(f"compliance:{each.key}"))
        for each in SECTIONS
        if request.actor.may(each.permission)
    ]
    if request.actor.may(Permission.ADMIN_USE):
        entries += [Entry(_(title), _(says), icon, reverse(name)) for title, says, icon, name in REGISTERS]
    return render(request, "compliance/index.html", {"entries": entries})
