"""Access per person per hour of a day, as a picture of dots: the larger the dot, the more records were shown."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Func, IntegerField, Sum, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce, TruncHour

from apps.audit.asking import Asked, Kind, matching

MOST_PEOPLE = 15
NAME_WIDTH, STEP, ROW, TOP = 190, 32, 30, 30


@dataclass(frozen=True, slots=True)
class Dot:
    """One hour of one person: where it stands, how large it is, how many records were shown."""

    x: int
    radius: float
    count: int
    hour: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person's day."""

    name: str
    y: int
    text_y: int
    dots: list[Dot]
    total: int
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture; `left_out` counts people with fewer reads than those shown."""

    day: date
    width: int
    height: int
    hours: list[dict[str, Any]]
    rows: list[Row]
    left_out: int
    busiest: str


def bounds_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of a day and of the next one, by the tenant's clock."""
    own = ZoneInfo(zone)
    return datetime.combine(day, time(), own), datetime.combine(day + timedelta(days=1), time(), own)


def picture_of(day: date, zone: str, *, asked: Asked) -> Picture:
    """Return who was shown how many records in which hour of a day, at most fifteen people, the busiest first."""
    since, until = bounds_of(day, zone)
    rows = matching(Asked(actor_id=asked.actor_id, party_id=asked.party_id, since=since, until=until, kind=Kind.READ))
    listed = Func(KeyTransform("ids", "detail"), function="jsonb_array_length", output_field=IntegerField())
    counted = (
        rows.order_by()
        .annotate(hour=TruncHour("at", tzinfo=ZoneInfo(zone)))
        .values("actor_id", "actor_label", "hour")
        .annotate(shown=Sum(Coalesce(listed, Value(1))))
    )
    by_person: dict[tuple[Any, str], dict[int, int]] = {}
    for each in counted:
        hours = by_person.setdefault((each["actor_id"], each["actor_label"]), {})
        hours[each["hour"].hour] = hours.get(each["hour"].hour, 0) + each["shown"]
    ranked = sorted(by_person.items(), key=lambda pair: (-sum(pair[1].values()), pair[0][1]))
    shown = [_row(name, hours, place) for place, ((_id, name), hours) in enumerate(ranked[:MOST_PEOPLE])]
    top = max(((count, name, hour) for (_id, name), hours in ranked for hour, count in hours.items()), default=None)
    return Picture(
        day=day,
        width=NAME_WIDTH + 24 * STEP + 8,
        height=TOP + max(1, len(shown)) * ROW + 8,
        hours=[{"x": NAME_WIDTH + hour * STEP + STEP // 2, "label": f"{hour:02d}"} for hour in range(24)],
        rows=shown,
        left_out=max(0, len(ranked) - MOST_PEOPLE),
        busiest=f"{top[1]}, {top[2]:02d}:00, {top[0]}" if top else "",
    )


def _row(name: str, hours: dict[int, int], place: int) -> Row:
    y = TOP + place * ROW + ROW // 2
    dots = [
        Dot(NAME_WIDTH + hour * STEP + STEP // 2, min(14.0, round(2.5 + sqrt(count), 1)), count, f"{hour:02d}:00")
        for hour, count in sorted(hours.items())
    ]
    return Row(name, y, y + 5, dots, sum(hours.values()), [hours.get(hour, 0) for hour in range(24)])
