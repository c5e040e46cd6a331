"""Opening hours as people say them: "mon-fri 08:00-17:00", neighbours of equal hours joined."""

from collections.abc import Iterable
from datetime import time

from apps.catalog.business_hours import OpeningSpan, merge_spans

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spoken_hours(spans: Iterable[OpeningSpan]) -> tuple[str, ...]:
    """Return the fewest lines that say these spans, neighbours of equal hours joined."""
    by_hours: dict[tuple[time, time], list[int]] = {}
    for span in merge_spans(tuple(spans)):
        by_hours.setdefault((span.opens, span.closes), []).append(span.weekday)
    lines: list[tuple[int, time, str]] = []
    for (opens, closes), days in by_hours.items():
        end = "24:00" if closes == time(0) else f"{closes:%H:%M}"
        lines += [(first, opens, f"{_days(first, last)} {opens:%H:%M}-{end}") for first, last in _runs(days)]
    return tuple(text for _, _, text in sorted(lines))


def _runs(days: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _days(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
