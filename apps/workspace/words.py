"""The words in which pages tell times, spans, clocks and names; what a role may not see is not among them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.accounts.profiles import is_marketing_view
from apps.accounts.terms import FieldGroup
from apps.consent.terms import Channel
from apps.leads.models import ContactPoint, Lead, Person
from apps.leads.phone_numbers import number_read
from apps.sla.models import SlaTimer
from apps.sla.queries import Clock
from apps.sla.terms import ClockKind, Light
from apps.tenancy.actor import Actor

#: The share of a target from which a clock asks to be looked at soon; clock.js ticks by the same number.
DUE_SOON_PERCENT = 60
#: An instant as stored sentences write it.
_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")

CLOCK_NAMES = {
    ClockKind.ACKNOWLEDGEMENT: "Acknowledgement",
    ClockKind.FIRST_CONTACT: "First contact",
    ClockKind.ROUTING: "Routing",
    ClockKind.ACCEPTANCE: "Acceptance",
    ClockKind.FOLLOW_UP: "Follow-up",
    ClockKind.EXCEPTION: "Exception",
    ClockKind.INTAKE: "Intake",
    ClockKind.ATTEMPT: "Next attempt",
}


@dataclass(frozen=True, slots=True)
class Wall:
    """The reader's wall clock: now, in the organization's zone."""

    now: datetime
    zone: str

    def at(self, moment: datetime | None) -> str:
        """Return "10:42", "Fri 10:42" within a week, else "14 Nov, 10:42"."""
        if moment is None:
            return ""
        own = ZoneInfo(self.zone)
        local, today = moment.astimezone(own), self.now.astimezone(own).date()
        days = abs((local.date() - today).days)
        if days == 0:
            return f"{local:%H:%M}"
        return f"{local:%a %H:%M}" if days < 7 else f"{local.day} {local:%b}, {local:%H:%M}"

    def day(self, moment: datetime) -> str:
        """Return "14 Nov 2026, 10:42"."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return f"{local.day} {local:%b %Y, %H:%M}"

    def told(self, sentence: str) -> str:
        """Return a stored sentence with the instants in it on the reader's clock: "until 7 Dec 2026, 08:00"."""
        return _WRITTEN.sub(lambda each: self.day(datetime.fromisoformat(f"{each[1]}+00:00")), sentence)


def span(seconds: float) -> str:
    """Return a length in words: "12 min", "3 h 5 min", "2 d 4 h"; never less than a minute."""
    minutes = max(1, round(abs(seconds) / 60))
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    hours = minutes // 60
    if hours < 24:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes % 60}
    return _("%(d)d d %(h)d h") % {"d": hours // 24, "h": hours % 24}


def sla_of(clock: Clock | None, wall: Wall) -> dict[str, Any] | None:
    """Return a clock as components/sla_ring.html wants it."""
    if clock is None:
        return None
    timer = clock.timer
    ticks = clock.light in (Light.ON_TRACK, Light.AT_RISK, Light.BREACHED)
    return {
        "light": _light(clock),
        "fraction": clock.share / 100,
        "word": _clock_word(clock, wall),
        "seconds": max(0, round((timer.due_at - timer.started_at).total_seconds())),
        "due_at": f"{timer.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if ticks else "",
        "due_label": wall.at(timer.due_at) if ticks else "",
    }


def clock_name(kind: str) -> str:
    """Return the name of a clock."""
    return _(CLOCK_NAMES.get(ClockKind(kind), kind))


def clock_title(timer: SlaTimer) -> str:
    """Return the name of a lead's clock; of an attempt its number: "Attempt 3 of 3"."""
    if timer.number:
        return _("Attempt %(n)d of %(total)d") % {"n": timer.number, "total": timer.total}
    return clock_name(timer.kind)


def shows_contact(actor: Actor) -> bool:
    """Say whether the role sees names, numbers and addresses."""
    return FieldGroup.CONTACT not in actor.hidden_fields


def name_of(actor: Actor, person: Person) -> str:
    """Return a person's name, or the initials for roles that see no contact data; marketing learns not even these."""
    if shows_contact(actor):
        return str(person)
    return _("Name hidden") if is_marketing_view(actor) else person.initials


def contact_of(lead: Lead) -> Person:
    """Return whom we contact for a lead: who asked, which may not be the patient."""
    person: Person = lead.contact_person or lead.person
    return person


def address_of(actor: Actor, point: ContactPoint | None) -> str:
    """Return a number or address in its readable form; empty where hidden or absent."""
    return readable(point) if point is not None and shows_contact(actor) else ""


def readable(point: ContactPoint) -> str:
    """Return a number or address as people read it; whether they may, the caller has asked."""
    return number_read(point.value) if point.kind == "phone" else point.value


def validity_word(point: ContactPoint, channel: Channel | None = None) -> str:
    """Return what is known of a number or an address in words; of a landline, on texts, that it takes none.

    Verified is what a person found to work; a good form alone proves nothing.
    """
    if channel is Channel.TEXT and not point.takes_texts:
        return _("Takes no texts")
    if point.validity == "invalid":
        return _("Not usable")
    return _("Verified") if point.verified_at is not None else _("Not verified")


def plain(key: str) -> str:
    """Return a key as words: "no_answer" is "No answer"."""
    return key.replace("_", " ").capitalize()


def _light(clock: Clock) -> str:
    if clock.light is Light.MET_LATE:
        return "missed"
    if clock.light is Light.ON_TRACK and clock.share > DUE_SOON_PERCENT:
        return "due_soon"
    return str(clock.light)


def _clock_word(clock: Clock, wall: Wall) -> str:
    if clock.light is Light.PAUSED:
        pause = clock.timer.pause
        return _("Paused until %(at)s") % {"at": wall.at(pause.until)} if pause is not None else _("Paused")
    if clock.light in (Light.MET, Light.MET_LATE):
        met_at = clock.timer.met_at or clock.timer.due_at
        if met_at < clock.timer.started_at:
            return _("Met before it began")
        took = span((met_at - clock.timer.started_at).total_seconds())
        late = clock.light is Light.MET_LATE
        return (_("Late, met in %(span)s") if late else _("Met in %(span)s")) % {"span": took}
    if clock.light is Light.BREACHED:
        return _("Late %(span)s") % {"span": span(clock.seconds_left)}
    return _("%(span)s left") % {"span": span(clock.seconds_left)}
