"""What saving a contact does, in words, before it is saved: the words of the decision that saving applies."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.flows.calls import Effect, effects_of
from apps.leads.models import Lead
from apps.leads.queries import stages_by_key
from apps.outreach.follow_up import DECISION
from apps.outreach.models import Message
from apps.outreach.terms import NUMBER_ENDED, Outcome
from apps.workspace.words import Wall, contact_of


def effects_shown(
    lead: Lead, outcomes: Iterable[Outcome], next_at: datetime | None, wall: Wall
) -> list[dict[str, Any]]:
    """Return each outcome with its sentence and the date it proposes, as workspace/forms/log_call.html wants them.

    The date is the rules', or `next_at` where they give none and nobody has to ask for it.
    """
    found = effects_of(lead, outcomes, wall.now)
    waiting = Message.rows().filter(lead=lead, state="pending").count()
    shown = []
    for outcome, effect in found.items():
        at = effect.planned.at or (None if outcome == Outcome.CALL_BACK or effect.stops else next_at)
        sentence = sentence_of(lead, effect, at, waiting, wall, outcome in NUMBER_ENDED)
        typed = f"{at.astimezone(ZoneInfo(wall.zone)):%Y-%m-%dT%H:%M}" if at is not None else ""
        shown.append({"value": str(outcome), "sentence": sentence, "next_at": typed})
    return shown


def sentence_of(
    lead: Lead, effect: Effect, next_at: datetime | None, waiting: int, wall: Wall, ends_number: bool = False
) -> str:
    """Return "Attempt 2 counted. First-contact clock keeps running. Next try tomorrow 10:15 their time."."""
    said = [_("Attempt %(n)d counted.") % {"n": effect.attempt}]
    if effect.clock_goes_on is not None:
        said.append(
            _("First-contact clock keeps running.") if effect.clock_goes_on else _("First-contact clock stops.")
        )
    stage = stages_by_key(lead.pipeline_id).get(effect.to_stage)
    if stage is not None:
        said.append(_("Moves to %(stage)s.") % {"stage": stage.label})
    elif effect.kept:
        said.append(_("Stays where it is: %(why)s") % {"why": effect.kept})
    if ends_number:
        said.append(_("The number counts as unusable; the next way is planned."))
    if effect.stops:
        said.append(_("What is ticked above stops at once, on every lead of this person."))
        if waiting:
            said.append(_("Waiting messages that are cancelled: %(n)d.") % {"n": waiting})
    elif next_at is not None:
        word = _("Next step %(at)s their time.") if effect.talked else _("Next try %(at)s their time.")
        if effect.planned.channel == DECISION:
            word = _("Left to decide: %(at)s their time.")
        said.append(word % {"at": _spoken(next_at, lead, wall)})
    if effect.planned.text_at is not None:
        said.append(_("A text goes %(at)s their time.") % {"at": _spoken(effect.planned.text_at, lead, wall)})
    return " ".join(said)


def _spoken(moment: datetime, lead: Lead, wall: Wall) -> str:
    zone = ZoneInfo(contact_of(lead).zone or wall.zone)
    local, today = moment.astimezone(zone), wall.now.astimezone(zone).date()
    days = (local.date() - today).days
    day = {0: _("today"), 1: _("tomorrow")}.get(days) or f"{local:%a} {local.day} {local:%b}"
    return f"{day} {local:%H:%M}"
