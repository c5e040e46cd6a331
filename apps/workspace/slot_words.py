"""How soon somebody can be seen, in words: the flag of a high score without a slot in time, and where one is sooner."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.catalog.queries import locations_by_key
from apps.flows.slots import high_band, outlooks_of
from apps.flows.taking_slots import slot_words, slots_for
from apps.leads.models import Lead
from apps.routing.decisions.outlook import Outlook, Slots, Soonest
from apps.workspace.words import Wall

#: So many free slots a form offers.
OFFERED = 8


def slots_label(found: Outlook, wall: Wall) -> str:
    """Return the flag of a row: "No slot within 14 days. Evanston: in 5 days"."""
    parts = [_("No slot within %(n)d days.") % {"n": found.days}]
    if found.elsewhere is not None:
        parts.append(f"{_office(found.elsewhere)}: {_ahead(found.elsewhere.at, wall.now)}")
    return " ".join(parts)


def slots_of(lead: Lead, wall: Wall) -> dict[str, str] | None:
    """Return what the head of a lead's page says of slots; None where nobody ever told of any."""
    found = outlooks_of([lead], wall.now).get(lead.id)
    if found is None or lead.service is None or found.state in (Slots.UNKNOWN, Slots.NOBODY):
        return None
    names = {"service": lead.service.name, "place": lead.location.name if lead.location else _("any office")}
    if found.state is Slots.STALE:
        line = _("Open slots of %(service)s at %(place)s were told last at %(at)s: ask before you promise one.")
        return _line(line % {**names, "at": wall.at(found.heard_at)}, found, wall, icon="warning")
    if found.state is Slots.IN_TIME and found.soonest is not None:
        line = _("First open slot of %(service)s: %(who)s, %(where)s, %(at)s.")
        first = found.soonest
        said = line % {**names, "who": first.provider, "where": _office(first), "at": wall.at(first.at)}
        return {"line": said, "elsewhere": "", "icon": "later"}
    is_high = lead.band == high_band(wall.now) != ""
    words = {**names, "n": found.days, "fit": lead.fit, "first": _first(found, wall)}
    if is_high:
        line = _("High score (fit %(fit)d) and no open slot of %(service)s at %(place)s within %(n)d days; %(first)s.")
    else:
        line = _("No open slot of %(service)s at %(place)s within %(n)d days; %(first)s.")
    return _line(line % words, found, wall, icon="warning" if is_high else "later")


def choices(lead: Lead, now: datetime) -> list[tuple[str, str]]:
    """Return the next free slots of what a lead asks for, and last the way without one; nothing where none is free."""
    found = slots_for(lead, now)[:OFFERED]
    words = [(each.key, f"{each.starts_at.astimezone(ZoneInfo(each.zone)):%a} {slot_words(each)}") for each in found]
    return [*words, ("", _("Another time"))] if words else []


def _line(said: str, found: Outlook, wall: Wall, *, icon: str) -> dict[str, str]:
    elsewhere = ""
    if found.elsewhere is not None:
        sooner = found.elsewhere
        words = {"place": _office(sooner), "who": sooner.provider, "at": wall.at(sooner.at)}
        elsewhere = _("Sooner at %(place)s: %(who)s, %(at)s") % words + f" ({_ahead(sooner.at, wall.now)})."
    return {"line": said, "elsewhere": elsewhere, "icon": icon}


def _first(found: Outlook, wall: Wall) -> str:
    if found.soonest is None:
        return _("none is open at all")
    return _("the first is %(when)s") % {"when": _ahead(found.soonest.at, wall.now)}


def _ahead(at: datetime, now: datetime) -> str:
    days = (at - now).days
    if days < 1:
        return _("within a day")
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


def _office(found: Soonest) -> str:
    office = locations_by_key().get(found.office_key)
    return office.name if office is not None else found.office_key
