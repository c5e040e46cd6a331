"""The tries to reach a person as dots on their own clock: which hours were tried, and which are left.

The picture is drawn from plain numbers; the sentence says the same for who does not see it.
"""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.leads.models import Lead
from apps.tenancy.actor import Actor
from apps.workspace.dossier import Try
from apps.workspace.words import Wall, contact_of, plain

FIRST_HOUR, LAST_HOUR = 8, 21
LEFT, WIDTH, TOP, STEP = 8, 264, 34, 10
MOST_STACKED = 3
TICKS = (8, 11, 14, 17, 20)


def tries_shown(lead: Lead, tries: Sequence[Try], actor: Actor, wall: Wall) -> dict[str, Any] | None:
    """Return dots, ticks and the sentence; None where nobody has tried yet."""
    ours = [each for each in tries if each.is_outbound]
    if not ours:
        return None
    zone = _zone(contact_of(lead).zone or wall.zone)
    sees = FieldGroup.OUTCOME not in actor.hidden_fields
    stacked: dict[int, int] = {}
    dots = []
    for each in ours:
        local = each.at.astimezone(zone)
        level = stacked.get(local.hour, 0)
        stacked[local.hour] = level + 1
        if level < MOST_STACKED:
            dots.append({"x": _x(local.hour + 0.5), "y": TOP - STEP * level, "talked": each.talked and sees})
    return {
        "dots": dots,
        "ticks": [{"x": _x(hour), "label": f"{hour:02d}:00"} for hour in TICKS],
        "sentence": _sentence(ours, stacked),
        "rows": [
            {
                "at_label": wall.at(each.at),
                "local": f"{each.at.astimezone(zone):%H:%M}",
                "kind": plain(each.kind),
                "outcome": plain(each.outcome) if sees else "",
            }
            for each in reversed(ours)
        ],
    }


def _sentence(tries: Sequence[Try], by_hour: dict[int, int]) -> str:
    n = len(tries)
    many = _("1 attempt") if n == 1 else _("%(n)d attempts") % {"n": n}
    hours = ", ".join(f"{hour:02d}–{hour + 1:02d}" for hour in sorted(by_hour))
    parts = [("mornings", 8, 12), ("afternoons", 12, 17), ("evenings", 17, 21)]
    words = {"mornings": _("mornings"), "afternoons": _("afternoons"), "evenings": _("evenings")}
    free = [words[name] for name, first, last in parts if not any(first <= hour < last for hour in by_hour)]
    said = _("%(many)s, at %(hours)s their time.") % {"many": many, "hours": hours}
    return said + (" " + _("Not tried yet: %(parts)s.") % {"parts": ", ".join(free)} if free else "")


def _x(hour: float) -> int:
    share = (min(max(hour, FIRST_HOUR), LAST_HOUR) - FIRST_HOUR) / (LAST_HOUR - FIRST_HOUR)
    return round(LEFT + WIDTH * share)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
