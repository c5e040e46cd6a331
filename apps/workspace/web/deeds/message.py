"""Writing to a person by hand: approved words, chosen from a list."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from apps.consent.terms import Channel
from apps.flows.writing import Chosen, templates_to_choose, write_message
from apps.leads.models import Lead
from apps.tenancy.actor import Actor
from apps.workspace.message_page import message_page
from apps.workspace.web import forms
from apps.workspace.web.deeds.deed import Deed, Sent
from apps.workspace.web.message_form import WriteMessage
from apps.workspace.words import Wall


def _write(sent: Sent) -> object:
    named = next(each for each in templates_to_choose(sent.lead, sent.now) if str(each.id) == sent.values["words"])
    chosen = Chosen(named.template.key, Channel(named.template.channel))
    return write_message(actor=sent.actor, lead_id=sent.lead.id, chosen=chosen, now=sent.now)


def _offered(lead: Lead, now: datetime) -> dict[str, forms.Choices]:
    return {"words": [(str(each.id), each.template.key) for each in templates_to_choose(lead, now)]}


def _offered_to(actor: Actor, lead: Lead, now: datetime) -> dict[str, set[str]]:
    return {"words": {str(each.id) for each in templates_to_choose(lead, now, reader=actor)}}


def _around(lead: Lead, actor: Actor, wall: Wall, form: forms.Act) -> dict[str, Any]:
    return message_page(lead, actor, wall, str(form["words"].value() or ""))


MESSAGE_DEEDS: dict[str, Deed] = {
    "write_message": Deed(
        "message",
        "write_message",
        WriteMessage,
        _write,
        gettext_noop("The message is on its way."),
        choices=_offered,
        offered=_offered_to,
        around=_around,
        pointers={"/template": "words"},
        from_address=("words",),
    ),
}
