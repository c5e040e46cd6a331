"""Calls that a service connects, as pages show them: how one goes, what it fills in, and who calls us now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.consent.queries import Reach
from apps.consent.terms import Channel
from apps.leads.models import ContactPoint, Lead
from apps.outreach.live_attempts import own_attempt
from apps.outreach.models import InboundCall, LiveAttempt
from apps.outreach.telephone import last_call, ringing, suggested_outcome
from apps.outreach.terms import CALL_ENDED, CallState
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.workspace.words import Wall, contact_of, shows_contact

STATE_WORDS = {
    CallState.DIALLING: gettext_noop("Your telephone is about to ring."),
    CallState.RINGING: gettext_noop("Pick up your telephone: it connects you."),
    CallState.TALKING: gettext_noop("You are connected."),
    CallState.COMPLETED: gettext_noop("The call has ended. Say how, and save."),
    CallState.BUSY: gettext_noop("Their line was busy."),
    CallState.NO_ANSWER: gettext_noop("They did not answer."),
    CallState.FAILED: gettext_noop("The telephone service did not connect the call. Dial by hand."),
}
MOST_CANDIDATES = 5


def is_dialling(lead_id: UUID, now: datetime) -> bool:
    """Say whether a service is about to ring the telephone of whoever began a call on a lead."""
    rows = LiveAttempt.rows().filter(lead=lead_id, ended_at__isnull=True, until__gt=now)
    return rows.filter(call_state=CallState.DIALLING).exists()


def call_shown(lead: Lead, wall: Wall) -> dict[str, Any] | None:
    """Return how the call on a lead goes that a service connects; None without one."""
    call = last_call(lead, wall.now)
    if call is None:
        return None
    return {"sentence": _(STATE_WORDS[CallState(call.call_state)]), "at": wall.at(call.begun_at)}


def dial_link(lead: Lead, reach: Reach, actor: Actor, now: datetime) -> str:
    """Return the link that dials: once the call was begun, so that it was asked for, and no service connects it."""
    call = own_attempt(lead, actor, now)
    may_dial = call is not None and call.channel == Channel.CALL and call.call_state in ("", CallState.FAILED)
    is_open = reach.verdict.allowed and reach.point is not None and shows_contact(actor)
    return f"tel:{reach.point.value}" if may_dial and is_open and reach.point is not None else ""


def filled_in(lead: Lead, wall: Wall) -> dict[str, Any]:
    """Return what a call that has ended fills into its form: when it began, how long they talked, how it ended."""
    call = last_call(lead, wall.now)
    if call is None or call.call_state not in CALL_ENDED:
        return {}
    minutes, seconds = divmod(call.duration_seconds or 0, 60)
    found: dict[str, Any] = {"started_at": call.begun_at, "outcome": suggested_outcome(call)}
    return found | {"minutes": minutes or None, "seconds": seconds or None}


def inbound_calls(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return who calls now, of the leads that the actor sees, with the other leads of the same number."""
    calls = list(ringing(wall.now).order_by("-begun_at"))
    seen = {lead.id: lead for lead in visible_leads(actor).filter(id__in=[row.lead_id for row in calls])}
    found = []
    for row in calls:
        lead = seen.get(row.lead_id)
        if lead is not None:
            found.append(_card(row, lead, actor, wall))
    return found


def _card(row: InboundCall, lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    who = str(contact_of(lead)) if shows_contact(actor) else lead.ref
    others = ", ".join(each.ref for each in _candidates(lead, actor))
    sentence = _("Inbound call since %(at)s: %(who)s.") % {"at": wall.at(row.begun_at), "who": who}
    if others:
        sentence += " " + _("Same number: %(others)s.") % {"others": others}
    return {"id": row.id, "ref": lead.ref, "url": reverse("workspace:lead", args=[lead.id]), "sentence": sentence}


def _candidates(lead: Lead, actor: Actor) -> list[Lead]:
    """Return other leads of people with a number of this lead's person, the newest first."""
    numbers = ContactPoint.rows().filter(person=contact_of(lead), kind="phone").values("value")
    people = ContactPoint.rows().filter(kind="phone", value__in=numbers).values("person_id")
    rows = visible_leads(actor).filter(person_id__in=people).exclude(id=lead.id)
    return list(rows.order_by("-captured_at")[:MOST_CANDIDATES])
