"""Hours of calls and texts at many instants and places (goal R9), held against an oracle that knows the table alone."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from apps.consent.decisions import default_contact_rules, may_contact
from apps.consent.terms import ConsentState, ConsentValue, ContactCode
from apps.consent.whereabouts import TABLE, whereabouts
from bench.tables import limit, table
from tests.consent.hours_oracle import TABLE as STATES
from tests.consent.hours_oracle import may_call

PAGE = Path(__file__).with_name("hours.md")
TURNS = [(2026, 3, 8), (2026, 11, 1), (2027, 3, 14), (2027, 11, 7), (2028, 3, 12), (2028, 11, 5)]
GRANTED = ConsentState(ConsentValue.GRANTED, datetime(2026, 1, 1, tzinfo=UTC))


def measure(count: int) -> None:
    """Ask so many times and write the page."""
    began, chance = time.monotonic(), Random(9)  # noqa: S311 - moments and places, no secret
    keys = [line.split(",")[0] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    codes, regions = [each for each in keys if each.isdigit()], [each for each in keys if not each.isdigit()]
    rules, found = default_contact_rules(), {"open": 0, "closed": 0, "wrong": 0, "needless": 0, "doubtful": 0}
    for _ in range(count):
        at = _instant(chance)
        region = chance.choice((*STATES, chance.choice(regions), ""))
        place = whereabouts(zone="", region=region, number=f"+1{chance.choice((*codes, '800'))}5550142")
        verdict = may_contact(
            state=GRANTED,
            channel="call",
            is_listed_dnc=False,
            point_validity="valid",
            local=at,
            document=rules,
            place=place,
        )
        may = may_call(at, place.zones, place.states)
        opens = verdict.opens_at
        is_wrong = verdict.allowed and not may or opens is not None and not may_call(opens, place.zones, place.states)
        found["wrong"] += is_wrong
        found["needless"] += may and verdict.code is not ContactCode.OK
        found["open" if verdict.allowed else "closed"] += 1
        found["doubtful"] += len(place.zones) > 1
    PAGE.write_text(_page(count, found, time.monotonic() - began), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _instant(chance: Random) -> datetime:
    """Return an instant of 2026 to 2028; every third lies within a day of a turn of the clock."""
    if chance.randrange(3) == 0:
        day = datetime(*chance.choice(TURNS), tzinfo=UTC) - timedelta(days=1)
        return day + timedelta(seconds=chance.randrange(3 * 86_400))
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(1_096 * 86_400))


def _page(count: int, found: dict[str, int], seconds: float) -> str:
    wrong = f"calls allowed, or opened for later, at an instant that the table closes, of {count:,}"
    return "\n\n".join(
        [
            "# Hours of calls and texts",
            "Written by `make bench PART=hours`; one run on one machine.",
            table(
                ("what", "target", "measured", "met"),
                [
                    limit(wrong, 0, found["wrong"]),
                    limit("calls put off at an instant that the table opens", 0, found["needless"]),
                ],
            ),
            f"Instants of 2026 to 2028, a third within a day of a turn of the clock; places of people without a"
            f" ZIP code, by state and by the area code of their number, {found['doubtful']:,} of them in more than one"
            f" zone. {found['open']:,} were open, {found['closed']:,} closed. The oracle is"
            " `tests/consent/hours_oracle.py`: it knows the federal hours and the table of states alone.",
            f"{os.cpu_count()} cores; {1e6 * seconds / count:.0f} µs a question with its check.",
            "",
        ]
    )
