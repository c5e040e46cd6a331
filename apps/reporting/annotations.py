"""What changed while figures were made: rules that began, and settings that people changed, day by day (row RP-21).

A draft changes nothing and is left out; so is what the tenant file set up before anybody worked with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from apps.policies.change_log import begun, changes
from apps.policies.decisions.change_words import Area
from apps.policies.models import RuleSetVersion
from apps.reporting.queries import Period

MOST = 40
WIDTH = 700
LEFT = 40


@dataclass(frozen=True, slots=True)
class Annotation:
    """A change that stands beside a chart, in words."""

    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """A day of a period's strip on which something changed; `numbers` are those of the list below."""

    x: float
    day: date
    numbers: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The period as a strip: its lines, and the list they stand for, oldest first. `more` were too many to list."""

    lines: list[Line]
    listed: list[tuple[int, Annotation]]
    more: int


def annotations(period: Period) -> list[Annotation]:
    """Return the changes of a period, oldest first."""
    rules = [
        Annotation(version.effective_from, _begins(version))
        for version in begun(period.starts_at, period.ends_at)
        if version.effective_from is not None
    ]
    settings = [
        Annotation(each.at, f"{each.sentence}.")
        for each in changes(since=period.starts_at, until=period.ends_at, by_people=True, most=MOST * 2)
        if each.area is not Area.RULES
    ]
    return sorted(rules + settings, key=lambda each: each.at)


def strip(found: Sequence[Annotation], period: Period) -> Strip:
    """Draw a period from its first to its last day, a line for each day with changes."""
    listed = list(enumerate(found[:MOST], start=1))
    days: dict[date, list[int]] = {}
    for number, each in listed:
        days.setdefault(each.at.astimezone(ZoneInfo(period.zone)).date(), []).append(number)
    length = max((period.last - period.first).days, 1)
    lines = [
        Line(round(LEFT + WIDTH * (day - period.first).days / length, 1), day, _range(numbers))
        for day, numbers in days.items()
    ]
    return Strip(lines, listed, len(found) - len(listed))


def _begins(version: RuleSetVersion) -> str:
    reason = f": {version.reason}" if version.reason else "."
    return f"{version.rule_set.name} v{version.number} rules{reason}"


def _range(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
