"""When something falls due around a visit: the reminder before it, and the question what came of it after it. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.catalog.business_hours import Hours

#: At this time of the next business day somebody is asked what came of a visit (row AP-13).
ASKED_AT = time(9)
_LONGEST = 370


def remind_at(starts_at: datetime, hours_before: int, now: datetime) -> datetime | None:
    """Return when a visit is reminded of; None where it is nearer than that: whoever books for tomorrow knows."""
    at = starts_at - timedelta(hours=hours_before)
    return at if at > now else None


def ask_at(ends_at: datetime, hours: Hours) -> datetime:
    """Return when somebody is asked what came of a visit: 09:00 of the office's next business day, on its own clock.

    A business day is one on which the office opens; where it never does, Monday to Friday.
    """
    zone = ZoneInfo(hours.zone)
    day = ends_at.astimezone(zone).date() + timedelta(days=1)
    for _ in range(_LONGEST):
        if _is_business_day(hours, day):
            break
        day += timedelta(days=1)
    return datetime.combine(day, ASKED_AT, zone)


def _is_business_day(hours: Hours, day: date) -> bool:
    if hours.always_open or not hours.spans:
        return day.weekday() < 5
    return day not in hours.holidays and any(each.weekday == day.weekday() for each in hours.spans)
