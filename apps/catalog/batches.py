"""When a queue gives its routine leads out: the next of its times of day at which it is open (row RT-12). Pure."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.catalog.business_hours import Hours, is_open

#: A queue that opens at none of its times within so many days has no batches.
LOOKED_AHEAD = 14


def next_batch(times: Sequence[time], hours: Hours, now: datetime) -> datetime | None:
    """Return the first instant from now on that is one of these times and within the hours; None without any."""
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()
    for ahead in range(LOOKED_AHEAD if times else 0):
        for each in sorted(times):
            at = datetime.combine(today + timedelta(days=ahead), each, zone).astimezone(now.tzinfo)
            if at > now and is_open(hours, at):
                return at
    return None
