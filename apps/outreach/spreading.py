"""When a person is tried next: in their best time, else in the half-day that was tried less (row TK-06). Pure.

The day and a fixed time come from the rule of the outcome (`follow_up`). The instant lies outside the quiet hours of
wherever the person may be, and within the team's opening hours; a day that leaves none is passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.catalog.business_hours import Hours, is_open
from apps.consent.quiet_hours import is_quiet, quiet_channels, read_best_time
from apps.consent.terms import Whereabouts
from apps.outreach.follow_up import FollowUp

NOON = time(12)
#: Where in a half-day a try begins, the usual one first.
MORNING = (time(10, 15), time(9, 15), time(11, 15), time(8, 15))
AFTERNOON = (time(14, 15), time(16, 15), time(13, 15), time(15, 15), time(17, 15), time(12, 15), time(18, 15))
QUARTER = timedelta(minutes=15)
_DAYS_ALIKE, _DAYS_AHEAD = 7, 21


@dataclass(frozen=True, slots=True)
class Callee:
    """What a time is chosen by: the person's zone and wish, when they were tried, their places, and our hours."""

    zone: str
    tries: Sequence[datetime]
    best_time: str
    contact_rules: object
    place: Whereabouts | None
    hours: Hours


def next_try(rule: FollowUp, callee: Callee, now: datetime) -> datetime | None:
    """Return when the next try is due (UTC), after `now`; None where the rule leaves it to whoever logs.

    Of each day the wanted times are asked first, over a week; then whatever hour is nearest to them. Where three weeks
    leave no hour at all, the wanted time of the first day stands: a dated step that is looked at beats none.
    """
    if not rule.dates:
        return None
    zone = ZoneInfo(callee.zone)
    if rule.after_seconds is not None:
        return _first_open(now + timedelta(seconds=rule.after_seconds), rule.channel, callee)
    first = _first_day(rule, now.astimezone(zone).date())
    wanted = _wanted(rule, callee)
    for ahead, nearest in [(n, False) for n in range(_DAYS_ALIKE)] + [(n, True) for n in range(_DAYS_AHEAD)]:
        day = first + timedelta(days=ahead)
        for at in _instants(day, zone, _all_by_nearness(wanted[0]) if nearest else wanted):
            if at > now and is_callable(at, rule.channel, callee):
                return at
    return max(now + QUARTER, datetime.combine(first, wanted[0], zone).astimezone(UTC))


def is_callable(at: datetime, channel: str, callee: Callee) -> bool:
    """Whether the team is there at an instant, and the person may be contacted then."""
    if not is_open(callee.hours, at):
        return False
    if channel not in ("", *quiet_channels(callee.contact_rules)):
        return True
    return not is_quiet(at.astimezone(ZoneInfo(callee.zone)), callee.contact_rules, callee.place)


def wanted_half(tries: Sequence[datetime], zone: str) -> str:
    """Return the half-day that was tried less; of equals the one that was not tried last. Mornings come first."""
    halves = ["morning" if each.astimezone(ZoneInfo(zone)).time() < NOON else "afternoon" for each in sorted(tries)]
    mornings, afternoons = halves.count("morning"), halves.count("afternoon")
    if mornings != afternoons:
        return "morning" if mornings < afternoons else "afternoon"
    return "afternoon" if halves and halves[-1] == "morning" else "morning"


def _wanted(rule: FollowUp, callee: Callee) -> tuple[time, ...]:
    """Return the times of a day that are wanted, best first; hours that were tried already come later."""
    if rule.at is not None:
        return (rule.at,)
    zone, best = ZoneInfo(callee.zone), read_best_time(callee.best_time)
    if best is not None:
        slots = tuple(each for each in _quarters() if best.holds(each))
    else:
        slots = MORNING if wanted_half(callee.tries, callee.zone) == "morning" else AFTERNOON
    tried = [each.astimezone(zone).hour for each in callee.tries]
    return tuple(sorted(slots, key=lambda each: tried.count(each.hour))) or MORNING


def _first_day(rule: FollowUp, today: date) -> date:
    if rule.weekday is not None:
        return today + timedelta(days=(rule.weekday - today.weekday()) % 7 or 7)
    return today + timedelta(days=rule.days or 0)


def _first_open(at: datetime, channel: str, callee: Callee) -> datetime:
    """Return the first quarter of an hour from an instant on that is callable, or the instant itself where it is."""
    for step in range(_DAYS_AHEAD * 96):
        moment = at + step * QUARTER
        if step:
            moment = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
        if moment >= at and is_callable(moment, channel, callee):
            return moment.astimezone(UTC)
    return at.astimezone(UTC)


def _quarters() -> list[time]:
    return [time(minutes // 60, minutes % 60) for minutes in range(0, 24 * 60, 15)]


def _all_by_nearness(wanted: time) -> list[time]:
    goal = wanted.hour * 60 + wanted.minute
    return sorted(_quarters(), key=lambda each: abs(each.hour * 60 + each.minute - goal))


def _instants(day: date, zone: ZoneInfo, walls: Sequence[time]) -> Iterator[datetime]:
    for wall in walls:
        yield datetime.combine(day, wall, zone).astimezone(UTC)
