"""Where somebody may be: the time zones whose quiet hours count, and the states whose hours bind.

A ZIP code names one zone. Without it the state, then the area code of the number says which zones are possible, and
only an hour that suits all of them is used. Federal hours, those of the state somebody lives in and those of their
number's area code hold together. `area_codes.csv` names for each area code and state its state and its zones; it is
made from the country's table of ZIP codes by `python -m tests.consent.area_codes`.
"""

import csv
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone as number_zones

from apps.consent.terms import Whereabouts, ZoneBy

TABLE = Path(__file__).with_name("area_codes.csv")
#: Where a person in the USA may be of whom nothing is known.
ANYWHERE = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico"),
)
_US_NUMBER = len("+13125550142")
#: A state and its zones, in the order of how many live by each.
_Area = tuple[str, tuple[str, ...]]
_NOWHERE: _Area = ("", ())


def whereabouts(*, zone: str, region: str, number: str) -> Whereabouts:
    """Return where somebody may be. `zone` is that of their ZIP code, `region` their state; either may be empty.

    `number` is the phone number that would be called, in E.164.
    """
    area_state, area_zones = _area_of(number)
    home = region if region in _table() else ""
    states = tuple(sorted({home, area_state} - {""}))
    if _is_zone(zone):
        return Whereabouts((zone,), states, ZoneBy.ZIP)
    if home:
        return Whereabouts(_table()[home][1], states, ZoneBy.STATE)
    if area_zones:
        return Whereabouts(area_zones, states, ZoneBy.NUMBER)
    return Whereabouts(ANYWHERE, states, ZoneBy.NOTHING)


def _area_of(number: str) -> _Area:
    """Return where the numbers of an area are; a toll-free one is nowhere."""
    if number.startswith("+1") and len(number) == _US_NUMBER:
        return _table().get(number[2:5], _NOWHERE)
    if not number.startswith("+"):
        return _NOWHERE
    try:
        found = number_zones.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return _NOWHERE
    return "", tuple(each for each in found if _is_zone(each))


@cache
def _table() -> dict[str, _Area]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["key"]: (row["state"], tuple(row["zones"].split())) for row in csv.DictReader(file)}


@cache
def _is_zone(name: str) -> bool:
    try:
        return bool(name) and name != "Etc/Unknown" and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError):
        return False
