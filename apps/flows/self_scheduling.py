"""A person books a visit by a link: sent by a colleague or a template, opened, and used once (AP-10, TK-10).

Whoever opens it sees times and places alone. They say their name, as behind every link of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.appointments.models import Appointment
from apps.appointments.slot_decisions import Slot
from apps.appointments.terms import LIVE
from apps.consent.terms import Channel
from apps.flows.collected import by_link
from apps.flows.engaging import note_engagement
from apps.flows.link_pages import MOST_MISSES, fits_name
from apps.flows.taking_slots import book_slot, slots_for
from apps.flows.writing import Chosen, may_go, write_message
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.outreach.decisions import link_standing
from apps.outreach.models import Message, SchedulingLink
from apps.outreach.terms import EngagementKind, LinkStanding, RequestState
from apps.ownership.queries import lead_to_change, require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict

TEMPLATE = "scheduling-link"
#: A person books no visit that begins sooner than this, and is shown so many days.
NOTICE, MOST_DAYS = timedelta(hours=2), 10


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A scheduling link as whoever holds it may see it: whether it is open, and the visit that it booked."""

    link: SchedulingLink
    lead: Lead
    standing: LinkStanding
    visit: Appointment | None


def send_scheduling_link(*, actor: Actor, lead_id: UUID, now: datetime, channel: str = "") -> Message:
    """Send the person the link by text or e-mail: as named, else as they prefer, else as they permit.

    It goes as any message that a colleague writes (`write_message`), with its refusals. Conflict where the lead names
    no service, or no slot of it is free: a link without times helps nobody.
    """
    lead = lead_to_change(actor, lead_id)
    require_change(actor, lead, ("status",), now=now, action="lead.write")
    if not times_of(lead, now):
        sentence = "No slot of what this lead asks for is free. Name service and office first, or book by telephone."
        raise Conflict(sentence, code="no_slots")
    wished = [Channel(channel)] if channel else [Channel.TEXT, Channel.EMAIL]
    if not channel and lead.preferred_channel == Channel.EMAIL:
        wished.reverse()
    chosen = next((each for each in wished if may_go(lead, each, TEMPLATE, now)), wished[-1])
    return write_message(actor=actor, lead_id=lead_id, chosen=Chosen(TEMPLATE, chosen), now=now)


def look_at(link_id: UUID, now: datetime) -> OpenedLink:
    """Return how a link stands; nothing is locked or written."""
    link = SchedulingLink.rows().get(id=link_id)
    rows = Lead.rows().select_related("person", "contact_person", "service", "location", "stage")
    lead = rows.get(id=link.lead_id)
    visits = Appointment.rows().filter(lead=lead).select_related("location")
    has_visit = visits.filter(state__in=list(LIVE), starts_at__gt=now).exists()
    standing = link_standing(
        state=link.state,
        expires_at=link.expires_at,
        missing=() if has_visit else ("visit",),
        is_closed=lead.closed_at is not None,
        now=now,
    )
    return OpenedLink(link, lead, standing, visits.filter(id=link.visit_id).first() if link.visit_id else None)


def note_opened(opened: OpenedLink, now: datetime) -> None:
    """Keep, once, that a person used the link: its time, and an engagement that the score weighs (row SC-15).

    Called for what a person chose on the page: a mail's scanner fetches the link and chooses nothing.
    """
    rows = SchedulingLink.rows().filter(id=opened.link.id, opened_at__isnull=True)
    if opened.standing is not LinkStanding.LIVE or not rows.update(opened_at=now):
        return
    note_engagement(
        lock_lead(opened.lead.id),
        EngagementKind.SCHEDULING_LINK,
        reference=str(opened.link.id),
        actor=by_link(),
        happened_at=now,
        now=now,
    )


def times_of(lead: Lead, now: datetime) -> Mapping[date, list[Slot]]:
    """Return the free times that a person is shown, by day of the office: one slot for a time at an office.

    Where there are too many days, those with the part of the day that they prefer stay; in a day its times are first.
    """
    found: dict[date, dict[str, Slot]] = {}
    for slot in slots_for(lead, now):
        if slot.starts_at < now + NOTICE:
            continue
        day = slot.starts_at.astimezone(ZoneInfo(slot.zone)).date()
        if day in found or len(found) < MOST_DAYS:
            found.setdefault(day, {}).setdefault(slot.place_key, slot)
    return {day: list(found[day].values()) for day in sorted(found)}


def confirm_name(opened: OpenedLink, typed: str, now: datetime) -> bool:
    """Say whether the name is the person's; too many others end the link, as somebody may be trying."""
    if fits_name(opened.lead, typed):
        return True
    link = _locked(opened.link.id)
    link.misses += 1
    if link.misses >= MOST_MISSES and link.state == RequestState.OPEN:
        link.state, link.ended_at = RequestState.LOCKED, now
        sentence = "The scheduling link was closed: it was tried with other names."
        tell(opened.lead, kind="message", sentence=sentence, actor=by_link(), now=now)
    link.save(update_fields=["misses", "state", "ended_at"])
    return False


def book_by_link(link_id: UUID, place_key: str, now: datetime) -> Appointment:
    """Book the time that the person chose, by the verb of every booking; the link serves no more.

    Conflict where the link is not open (any more), `slot_taken` where the time is gone; refuses what every booking
    refuses; from which stages a person may book themselves stands in the gates.
    """
    link = _locked(link_id)
    opened = look_at(link_id, now)
    if opened.standing is not LinkStanding.LIVE:
        raise Conflict("This link is not open any more.", code=str(opened.standing))
    slots = [each for day in times_of(opened.lead, now).values() for each in day if each.place_key == place_key]
    if not slots:
        raise Conflict("This time is taken.", code="slot_taken")
    visit = book_slot(
        actor=by_link(),
        lead_id=link.lead_id,
        slot_key=slots[0].key,
        now=now,
        confirmed_by="patient by link",
        by_person=True,
    )
    link.state, link.ended_at, link.visit_id = RequestState.ANSWERED, now, visit.id
    link.save(update_fields=["state", "ended_at", "visit_id"])
    return visit


def note_refused(opened: OpenedLink, sentence: str, now: datetime) -> None:
    """Tell the lead's story that the person wanted to book and why the product could not."""
    said = f"Wanted to book by the scheduling link, and could not: {sentence}"[:300]
    tell(opened.lead, kind="message", sentence=said, actor=by_link(), now=now)


def _locked(link_id: UUID) -> SchedulingLink:
    found: SchedulingLink = SchedulingLink.rows().select_for_update(of=("self",)).get(id=link_id)
    return found
