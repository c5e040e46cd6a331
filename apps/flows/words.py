"""Sentences that several flows use: when we will be in touch, in the person's own time."""

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}


_SHORT_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


def visit_time(at: datetime, zone: str, language: str) -> str:
    """Say the day and hour of a visit on the office's clock: "Thursday, Dec 3, 11:00"."""
    local = at.astimezone(ZoneInfo(zone))
    if language.startswith("es"):
        day = _DAYS["es"][local.weekday()]
        return f"{day} {local.day} {_SHORT_MONTHS[local.month - 1]}, {local:%H:%M}"
    return f"{_DAYS['en'][local.weekday()]}, {local:%b} {local.day}, {local:%H:%M}"


def next_contact(opens_at: datetime, due_at: datetime, now: datetime, zone: str, language: str) -> str:
    """Say when contact will come: today by a time, or from the next opening on (row CP-19)."""
    own = ZoneInfo(zone)
    opens, due, today = (at.astimezone(own) for at in (opens_at, due_at, now))
    spanish = language.startswith("es")
    if opens <= today and due.date() == today.date():
        return f"hoy antes de las {due:%H:%M}" if spanish else f"today by {due:%H:%M}"
    day = _DAYS["es" if spanish else "en"][max(opens, today).weekday()]
    start = f"{max(opens, today):%H:%M}"
    return f"el {day} desde las {start}" if spanish else f"{day} from {start}"


def planned_contact(planned_at: datetime | None, opens_at: datetime, now: datetime, zone: str, language: str) -> str:
    """Say when contact will come on a lead that somebody works on: as planned, or from the next opening on.

    Where nothing is planned ahead and we are open it promises no hour.
    """
    own, spanish = ZoneInfo(zone), language.startswith("es")
    if planned_at is not None and planned_at > now:
        plan, today = planned_at.astimezone(own), now.astimezone(own)
        if plan.date() == today.date() or plan <= opens_at:
            return next_contact(opens_at, planned_at, now, zone, language)
        if (plan.date() - today.date()).days < 7:
            return next_contact(planned_at, planned_at, now, zone, language)
        return f"el {plan:%d/%m/%Y}" if spanish else f"on {plan:%B} {plan.day}"
    if opens_at > now:
        return next_contact(opens_at, opens_at, now, zone, language)
    return "lo antes posible" if spanish else "as soon as we can"
