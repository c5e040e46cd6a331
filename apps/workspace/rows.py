"""Leads as the rows of a list: clock, who, what, where, how they may be reached now, whose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.profiles import is_marketing_view
from apps.accounts.terms import FieldGroup, Permission
from apps.consent.decisions import attempts_per_day
from apps.consent.queries import Reach
from apps.consent.terms import Channel, ContactVerdict
from apps.exceptions.terms import PRE_CONTACT_REVIEW
from apps.flows.meetings import MEETING_WORDS, MeetingOutcome
from apps.flows.packages import TOPIC, narrowed, withheld_from
from apps.flows.reaching import channels_of
from apps.flows.slots import flagged
from apps.leads.models import Lead
from apps.leads.queries import status_words
from apps.outreach.terms import Outcome
from apps.policies.queries import live_document
from apps.sla.queries import Clock, clocks_of, leading_clock, overdue_attempt
from apps.tenancy.actor import Actor
from apps.workspace.lacking import lacks
from apps.workspace.slot_words import slots_label
from apps.workspace.words import Wall, contact_of, name_of, plain, shows_contact, sla_of

VERDICT_WORDS = (gettext_noop("yes"), gettext_noop("later"), gettext_noop("no"))
CHANNEL_WORDS = {Channel.CALL: "Call", Channel.TEXT: "Text", Channel.EMAIL: "Email"}
#: Which picture of the sprite stands for a way in.
SOURCE_ICONS = {"call": "call", "referral": "referral", "chat": "text", "event": "calendar"}


def rows_of(
    leads: Sequence[Lead],
    actor: Actor,
    wall: Wall,
    reaches: Mapping[UUID, Mapping[Channel, Reach]] | None = None,
) -> list[dict[str, Any]]:
    """Return leads as components/lead_rows.html wants them; the same queries for one and for fifty."""
    if not leads:
        return []
    clocks = clocks_of(leads, wall.now)
    found = reaches_now(leads, wall) if reaches is None else reaches
    most, late = attempts_per_day(live_document("contact", wall.now)), flagged(leads, wall.now)
    withheld = withheld_from(actor, [lead.id for lead in leads if _is_kept_back(lead, actor)])
    return [
        row_of(lead, narrowed(actor, withheld.get(lead.id, ())), wall, clocks[lead.id], found[lead.id], most)
        | ({"service": _("Restricted")} if TOPIC in withheld.get(lead.id, ()) else {})
        | {"slots": slots_label(late[lead.id], wall) if lead.id in late else ""}
        for lead in leads
    ]


def _is_kept_back(lead: Lead, actor: Actor) -> bool:
    """Whether something of a lead may be withheld: it was handed on, is about a topic, or is read by marketing."""
    return is_marketing_view(actor) or not (lacks(lead, "handoffs") and lacks(lead, "topics"))


def reaches_now(leads: Sequence[Lead], wall: Wall) -> dict[UUID, dict[Channel, Reach]]:
    """Return who may be contacted how; leads read by `queries.with_tries` carry their count with them."""
    counted = all(hasattr(lead, "tries") for lead in leads)
    tries = {lead.person_id: getattr(lead, "tries", 0) for lead in leads} if counted else None
    return channels_of(leads, wall.now, wall.zone, tries) if leads else {}


def row_of(
    lead: Lead, actor: Actor, wall: Wall, clocks: list[Clock], reaches: Mapping[Channel, Reach], most: int
) -> dict[str, Any]:
    """Return one lead as a row; `most` is how often a person may be tried within a day."""
    contact = contact_of(lead)
    shows_consent = FieldGroup.CONSENT not in actor.hidden_fields and lead.closed_at is None
    return {
        "id": lead.id,
        "ref": lead.ref,
        "name": name_of(actor, contact),
        "service": service_of(actor, lead),
        "location": lead.location.name if lead.location else "",
        "stage": stage_of(lead, wall.now),
        "sla": None if lead.closed_at else sla_of(leading_clock(clocks), wall),
        "last_outcome": last_outcome(lead, actor),
        "attempts_label": attempts_label(lead, most, clocks),
        "initials": "" if is_marketing_view(actor) and not shows_contact(actor) else contact.initials,
        "channels": chips(reaches, lead) if shows_consent else [],
        "owner": owner_of(lead),
        "source": lead.source.name if FieldGroup.MARKETING not in actor.hidden_fields else "",
        "source_icon": source_icon(lead.capture_method, lead.source.party_id),
        "may_claim": may_claim(actor, lead),
        "version": lead.version,
        "idempotency_key": str(uuid4()),
    }


def service_of(actor: Actor, lead: Lead) -> str:
    """Return what is asked for, beside a name a fact of health: hidden from roles that do not read those (PH-02)."""
    if FieldGroup.HEALTH in actor.hidden_fields:
        return _("Hidden from your role")
    return lead.service.name if lead.service else _("No service named")


def visit_wish(lead: Lead, actor: Actor) -> str:
    """Return which kind of visit the person prefers, and in which part of the day: "New patient visit, afternoon"."""
    kind = lead.appointment_type if FieldGroup.HEALTH not in actor.hidden_fields else ""
    part = {"morning": _("morning"), "afternoon": _("afternoon")}.get(lead.part_of_day, "")
    return ", ".join(filter(None, (kind, part)))


def stage_of(lead: Lead, now: datetime) -> str:
    """Return where the lead is, with what the clock says of it: "Attempting contact, stale"."""
    if not lead.timed_status or lead.closed_at is not None:
        return str(lead.stage.label)
    words = status_words(now).get(lead.timed_status) or plain(lead.timed_status)
    return f"{lead.stage.label}, {words.lower()}"


def owner_of(lead: Lead) -> str:
    """Return the person who has the lead, else its team and that nobody there has it yet."""
    if lead.owner is not None:
        return str(lead.owner.user.name)
    return _("Nobody yet, %(team)s") % {"team": lead.owner_team.name} if lead.owner_team else ""


def last_outcome(lead: Lead, actor: Actor) -> str:
    """Return how the last contact ended, in words."""
    hidden = FieldGroup.OUTCOME in actor.hidden_fields
    if not lead.last_outcome or hidden:
        return ""
    return _(MEETING_WORDS[MeetingOutcome.COMPLETED]) if lead.last_outcome == Outcome.HELD else plain(lead.last_outcome)


def attempts_label(lead: Lead, most: int = 0, clocks: Sequence[Clock] = ()) -> str:
    """Return how often we tried, and how many of the day's attempts are used: "3 attempts, 2 of 6 today".

    An attempt that should have been made by now is told as well (row SL-06).
    """
    if not lead.attempts:
        return ""
    whole = _("1 attempt") if lead.attempts == 1 else _("%(n)d attempts") % {"n": lead.attempts}
    tries = getattr(lead, "tries", 0)
    if tries:
        whole = _("%(whole)s, %(n)d of %(most)d today") % {"whole": whole, "n": tries, "most": most}
    late = None if lead.closed_at else overdue_attempt(clocks)
    if late is None:
        return whole
    words = {"whole": whole, "n": late.timer.number, "total": late.timer.total}
    return _("%(whole)s; attempt %(n)d of %(total)d overdue") % words


def chips(reaches: Mapping[Channel, Reach], lead: Lead | None = None) -> list[dict[str, str]]:
    """Return the verdicts as components/channel_chips.html wants them; on a `lead`, what it waits for counts too."""
    return [
        {
            "channel": str(channel),
            "label": _(CHANNEL_WORDS[channel]),
            "verdict": (word := verdict_word(reach.verdict, lead)),
            "verdict_label": _(word),
        }
        for channel, reach in reaches.items()
    ]


def verdict_word(verdict: ContactVerdict, lead: Lead | None = None) -> str:
    """Return yes, later or no; no on a lead whose review before the first contact is not decided."""
    if lead is not None and lead.exception == PRE_CONTACT_REVIEW:
        return "no"
    if verdict.allowed:
        return "yes"
    return "later" if verdict.opens_at is not None else "no"


def source_icon(capture_method: str, party_id: UUID | None) -> str:
    """Return the picture of a way in."""
    return SOURCE_ICONS.get(capture_method, "agency" if party_id else "web")


def may_claim(actor: Actor, lead: Lead) -> bool:
    """Say whether a claim button stands in the row; the verb decides again."""
    return (
        lead.closed_at is None
        and lead.owner_id is None
        and lead.owner_team_id in actor.team_ids
        and actor.membership_id is not None
        and actor.may(Permission.LEAD_CLAIM)
    )


def opens_later(lead: Lead, reaches: Mapping[Channel, Reach], wall: Wall) -> str:
    """Say when the first channel opens for somebody who may not be contacted now; "" when none ever does."""
    waiting = [
        (reach.verdict.opens_at, channel) for channel, reach in reaches.items() if reach.verdict.opens_at is not None
    ]
    if not waiting:
        return ""
    opens_at, channel = min(waiting)
    return _("%(channel)s opens %(at)s") % {"channel": _(CHANNEL_WORDS[channel]), "at": wall.at(opens_at)}


def next_reason(lead: Lead, row: Mapping[str, Any], now: datetime) -> str:
    """Say in a line why this lead comes first."""
    parts = []
    if lead.due_at is not None:
        word = row["sla"]["word"] if row["sla"] else ""
        parts.append(word or (_("Late") if lead.due_at <= now else _("Due")))
    if lead.best_time:
        parts.append(_("Asked for %(time)s") % {"time": lead.best_time})
    if lead.band:
        parts.append(_("Fit %(band)s") % {"band": lead.band})
    return ". ".join(parts) + "." if parts else _("First in the queue.")
