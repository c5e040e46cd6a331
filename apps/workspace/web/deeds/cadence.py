"""Planned contacts: start a cadence for the lead, or stop the one that it is in."""

from datetime import datetime
from typing import Any

from django import forms as fields
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.flows import cadences
from apps.flows.cadence_rules import plans_aloud
from apps.leads.models import Lead
from apps.outreach.cadences import plans_in_force
from apps.tenancy.actor import Actor
from apps.workspace.web import forms
from apps.workspace.web.deeds.deed import Deed, Sent
from apps.workspace.words import Wall


class StartCadence(forms.Act):
    """Which cadence."""

    cadence = fields.ChoiceField(label=_("Which one?"), widget=fields.RadioSelect)


class StopCadence(forms.Act):
    """Nothing but the wish to stop."""


def _start(sent: Sent) -> object:
    return cadences.start_cadence(actor=sent.actor, lead_id=sent.lead.id, cadence=sent.values["cadence"], now=sent.now)


def _stop(sent: Sent) -> object:
    return cadences.stop_cadence(actor=sent.actor, lead_id=sent.lead.id, now=sent.now)


def _choices(lead: Lead, now: datetime) -> dict[str, forms.Choices]:
    del lead
    return {"cadence": [(each.id, each.name) for each in plans_in_force(now)[0].cadences]}


def _plans(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    del lead, actor
    return {"plans": plans_aloud(wall.now)}


CADENCE_DEEDS: dict[str, Deed] = {
    "start_cadence": Deed(
        "cadence",
        "start_cadence",
        StartCadence,
        _start,
        gettext_noop("Cadence started."),
        choices=_choices,
        beside=_plans,
    ),
    "stop_cadence": Deed("cadence-stop", "stop_cadence", StopCadence, _stop, gettext_noop("Cadence stopped.")),
}
