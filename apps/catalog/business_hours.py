"""Opening hours: weekly spans in one zone, holidays, and sums of open time.

Owns the arithmetic behind every business clock: is it open, when does it open next, when does
it close, what instant lies so many open seconds ahead, how many open seconds lie between two
instants. Pure: no database and no clock.

Two rules hold everywhere. An instant is open when the wall clock of the zone, read at that
instant, shows a time inside a span of that weekday on a day that is no holiday. And all sums are
made in UTC: an hour that the clock skips in spring holds no seconds, an hour that it repeats in
autumn holds its seconds twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HORIZON_DAYS = 370
MIDNIGHT = time(0)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)

Interval = tuple[datetime, datetime]


class NeverOpens(ValueError):
    """The hours hold no opening within the horizon, so no deadline can be named."""


@dataclass(frozen=True, slots=True, order=True)
class OpeningSpan:
    """One stretch of a weekday (0 = Monday); a closing time of 00:00 is the end of that day."""

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday must be 0 (Monday) to 6 (Sunday), not {self.weekday}")
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("opening times are wall times and carry no zone")
        if self.opens.microsecond or self.closes.microsecond:
            raise ValueError("opening times are whole seconds")
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            raise ValueError(f"{self.opens:%H:%M}-{self.closes:%H:%M} runs past midnight: give each day its own span")

    def holds(self, wall: time) -> bool:
        """Whether a wall time of this weekday lies inside; the closing time itself does not."""
        return self.opens <= wall and (self.closes == MIDNIGHT or wall < self.closes)


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of a location or queue.

    Overlapping and touching spans of a day are merged. `always_open` is the clock that never
    stands still: spans and holidays are ignored. Seven whole-day spans with holidays are the
    round-the-clock desk that closes on holidays.
    """

    zone: str
    spans: tuple[OpeningSpan, ...] = ()
    holidays: frozenset[date] = frozenset()
    always_open: bool = False

    def __post_init__(self) -> None:
        _zone(self.zone)
        object.__setattr__(self, "spans", merge_spans(self.spans))


def merge_spans(spans: tuple[OpeningSpan, ...]) -> tuple[OpeningSpan, ...]:
    """Sorted spans with overlapping and touching ones of the same day joined."""
    merged: list[OpeningSpan] = []
    for span in sorted(spans):
        last = merged[-1] if merged else None
        if last is None or last.weekday != span.weekday:
            merged.append(span)
        elif last.closes == MIDNIGHT:
            continue
        elif span.opens <= last.closes:
            closes = MIDNIGHT if span.closes == MIDNIGHT else max(last.closes, span.closes)
            merged[-1] = OpeningSpan(span.weekday, last.opens, closes)
        else:
            merged.append(span)
    return tuple(merged)


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether the place is open at this instant: the wall clock there decides."""
    wall = _utc(at).astimezone(_zone(hours.zone))
    if hours.always_open:
        return True
    if wall.date() in hours.holidays:
        return False
    return any(span.weekday == wall.weekday() and span.holds(wall.time()) for span in hours.spans)


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The first open instant from `at` on: `at` itself when open, None when none within 370 days."""
    start = _utc(at)
    if hours.always_open:
        return start
    for opens, _ in _intervals_from(hours, start):
        return max(opens, start)
    return None


def closes_at(hours: Hours, at: datetime) -> datetime | None:
    """When the opening that holds `at` ends; None while closed, or when it never ends.

    An opening that reaches midnight goes on into the next day's when that one starts at 00:00.
    """
    start = _utc(at)
    if hours.always_open or not is_open(hours, start):
        return None
    for opens, closes in _joined(_intervals_from(hours, start)):
        if opens <= start:
            return closes if closes - start < HORIZON_DAYS * _DAY else None
    return None


def close_of_day(hours: Hours, at: datetime, open_days_later: int = 0) -> datetime | None:
    """The last closing time of an open day, counted in days of the place.

    0 is the business day that runs at `at`, or the next one when the place has closed for the
    day; 1 is the open day after that. This is what "same business day" means. Where the place is
    always open, a business day ends at midnight there.
    """
    start, zone = _utc(at), _zone(hours.zone)
    day = start.astimezone(zone).date()
    left = open_days_later
    for ahead in range(HORIZON_DAYS):
        ends = [closes for _, closes in _open_on(hours, day + ahead * _DAY) if closes > start]
        if ends and left == 0:
            return ends[-1]
        left -= 1 if ends else 0
    return None


def add_open_seconds(hours: Hours, start: datetime, seconds: int) -> datetime:
    """The instant at which so many open seconds have passed since `start`: the deadline.

    While closed the clock stands still. A sum that ends exactly at closing time is due at closing
    time, not at the next opening. Zero seconds give the first open instant from `start` on.
    Raises NeverOpens when the place stays closed for more than 370 days in a row.
    """
    if seconds < 0:
        raise ValueError("open seconds are counted forward only")
    at = _utc(start)
    left = timedelta(seconds=seconds)
    if hours.always_open:
        return at + left
    while True:
        reached = at
        for opens, closes in _intervals_from(hours, at):
            begins = max(opens, at)
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
            reached = closes
        if reached == at:
            raise NeverOpens(f"no opening within {HORIZON_DAYS} days of {at:%Y-%m-%d %H:%M} UTC")
        at = reached


def open_seconds_between(hours: Hours, a: datetime, b: datetime) -> int:
    """Whole open seconds from `a` to `b`; negative when `b` is the earlier one."""
    start, end = _utc(a), _utc(b)
    if end < start:
        return -open_seconds_between(hours, end, start)
    if hours.always_open:
        return math.floor((end - start) / _SECOND)
    total = timedelta()
    day, last = _wall_days(hours.zone, start, end)
    while day <= last:
        for opens, closes in _open_on(hours, day):
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += _DAY
    return total // _SECOND


def wall_intervals(zone: str, day: date, opens: time, closes: time) -> tuple[Interval, ...]:
    """The UTC stretches of one day at which the wall clock of a zone shows a time in a span.

    Usually one. None where the clock skips the whole span, two where it repeats a part of it
    from before its end.
    """
    first = datetime.combine(day, opens, UTC)
    last = datetime.combine(day + _DAY if closes == MIDNIGHT else day, closes, UTC)
    found: list[Interval] = []
    for begins, ends, offset in _segments(zone, day):
        low, high = max(first - offset, begins), min(last - offset, ends)
        if low < high:
            if found and found[-1][1] == low:
                low = found.pop()[0]
            found.append((low, high))
    return tuple(found)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone: naive datetimes are refused")
    return at.astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


@lru_cache(maxsize=16384)
def _segments(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The UTC stretch of a local day, cut where the offset changes (at most once a day)."""
    rules = _zone(zone)

    def edge(of: date, fold: int) -> datetime:
        return datetime.combine(of, MIDNIGHT, rules).replace(fold=fold).astimezone(UTC)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(rules).utcoffset() or timedelta()

    begins = min(edge(day, 0), edge(day, 1))
    ends = max(edge(day + _DAY, 0), edge(day + _DAY, 1))
    before, after = offset(begins), offset(ends - _SECOND)
    if before == after:
        return ((begins, ends, before),)
    low, high = begins, ends - _SECOND
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    return ((begins, high, before), (high, ends, after))


def _open_on(hours: Hours, day: date) -> tuple[Interval, ...]:
    """The open UTC stretches of one local day, in order."""
    if hours.always_open:
        return wall_intervals(hours.zone, day, MIDNIGHT, MIDNIGHT)
    if day in hours.holidays:
        return ()
    spans = [span for span in hours.spans if span.weekday == day.weekday()]
    return tuple(sorted(i for span in spans for i in wall_intervals(hours.zone, day, span.opens, span.closes)))


def _wall_days(zone: str, start: datetime, end: datetime) -> tuple[date, date]:
    """The local days that can hold an instant between two; one more each way, as clocks jump back."""
    rules = _zone(zone)
    return start.astimezone(rules).date() - _DAY, end.astimezone(rules).date() + _DAY


def _intervals_from(hours: Hours, start: datetime) -> Iterator[Interval]:
    """Open stretches that end after `start`, for 370 days from it."""
    first, last = _wall_days(hours.zone, start, start + HORIZON_DAYS * _DAY)
    for ahead in range((last - first).days):
        for opens, closes in _open_on(hours, first + ahead * _DAY):
            if closes > start:
                yield opens, closes


def _joined(intervals: Iterator[Interval]) -> Iterator[Interval]:
    """Stretches that touch (one ends as the next begins) as one."""
    held: Interval | None = None
    for opens, closes in intervals:
        if held and opens == held[1]:
            held = (held[0], closes)
        else:
            if held:
                yield held
            held = (opens, closes)
    if held:
        yield held
