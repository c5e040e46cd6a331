"""Sentences that several flows use: when we will be in touch, in the person's own time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apps.sla.promised import DAYS
from apps.sla.promised import next_contact as next_contact

_SHORT_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


def visit_time(at: datetime, zone: str, language: str) -> str:
    """Say the day and hour of a visit on the office's clock: "Thursday, Dec 3, 11:00"."""
    local = at.astimezone(ZoneInfo(zone))
    if language.startswith("es"):
        day = DAYS["es"][local.weekday()]
        return f"{day} {local.day} {_SHORT_MONTHS[local.month - 1]}, {local:%H:%M}"
    return f"{DAYS['en'][local.weekday()]}, {local:%b} {local.day}, {local:%H:%M}"


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
