"""When somebody came to an event's stand: a cell's text as an instant, or why it is none.

A row whose time is missing, unreadable or impossible is refused and listed, and never taken in with the time of the
file instead: that instant is also when the person agreed to be contacted, and evidence with a time that nobody
recorded proves nothing. The list is mended and sent anew; nothing of it has been taken in by then.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Scanners whose clock runs ahead are believed so far; capture notes the difference.
MOST_AHEAD = timedelta(minutes=5)
#: What lies further back is a cell of another kind, such as a number that is no date.
MOST_YEARS_BACK = 5
_EXCEL_BEGINS = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's serial numbers have no zone
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*( ?[+-]\d{2}:?\d{2}| ?Z)?", re.ASCII | re.IGNORECASE)
_TIME = re.compile(
    r"(?:^|[\s,T])(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?|[ap])?\s*(?P<offset>Z|UTC|[+-]\d{2}:?\d{2})?$",
    re.ASCII | re.IGNORECASE,
)
_NUMBERS = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{2,4})", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s.-]+([a-z]{3,9})\.?[\s,.-]+(\d{4}|\d{2})", re.ASCII)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}|\d{2})", re.ASCII)
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """When somebody came (UTC), or why the cell does not say it: a code and a sentence that repeats no content."""

    at: datetime | None = None
    code: str = ""
    detail: str = ""


MISSING = CheckIn(code="no_check_in", detail="No check-in time: whoever was not scanned did not come.")
UNREADABLE = CheckIn(code="check_in_unreadable", detail="The check-in time cannot be read as a date with a time.")
NO_TIME = CheckIn(code="check_in_without_time", detail="The check-in says the day and not the time.")
NO_SUCH_HOUR = CheckIn(code="check_in_no_hour", detail="The clocks were put forward over the check-in time.")
FUTURE = CheckIn(code="check_in_future", detail="The check-in time lies in the future.")
TOO_OLD = CheckIn(code="check_in_too_old", detail=f"The check-in lies more than {MOST_YEARS_BACK} years back.")


def read_check_in(text: str, *, zone: str, region: str, now: datetime) -> CheckIn:
    """Return the instant that a cell names.

    An offset in the cell counts; without one the cell is read in `zone`, an hour that comes twice as the first one.
    Taken: ISO 8601, a workbook's serial number, "10/5/2026 2:15 PM" and "5 Oct 2026 14:15". Dates of three numbers
    begin with the month in the United States (`region` "US") and with the day elsewhere and where points part them.
    """
    text = " ".join(text.split())
    if not text:
        return MISSING
    try:
        found = _moment(text, region)
    except (ValueError, OverflowError):
        return UNREADABLE
    if found is None:
        return NO_TIME
    if found.tzinfo is None:
        local = found.replace(tzinfo=ZoneInfo(zone))
        if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != found:
            return NO_SUCH_HOUR
        found = local
    at = found.astimezone(UTC)
    if at > now + MOST_AHEAD:
        return FUTURE
    return CheckIn(at) if at > now - timedelta(days=366 * MOST_YEARS_BACK) else TOO_OLD


def _moment(text: str, region: str) -> datetime | None:
    """Return date and time, aware only where the text has an offset; None for a day without a time."""
    if _SERIAL.fullmatch(text):
        return _serial(text)
    if _ISO.fullmatch(text):
        return datetime.fromisoformat(re.sub(r" (?=[+-]|Z$)", "", text.upper()))
    clock = _TIME.search(text)
    if clock is None or not (clock["minute"] or clock["half"]):
        _day(text, region)
        return None
    year, month, day = _day(text[: clock.start()], region)
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if clock["half"][0].lower() == "p" else 0)
    iso = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{clock['minute'] or '00'}:{clock['second'] or '00'}"
    offset = (clock["offset"] or "").upper().replace("UTC", "Z")
    return datetime.fromisoformat(iso + offset)


def _serial(text: str) -> datetime | None:
    """Read a workbook's count of days; its fraction is the time of day."""
    if "." not in text:
        return None
    return _EXCEL_BEGINS + timedelta(seconds=round(float(text) * 86_400))


def _day(text: str, region: str) -> tuple[int, int, int]:
    """Return year, month and day. Raises ValueError for a text that is no date."""
    text = _WEEKDAY.sub("", text.strip(" ,").lower())
    if found := _NUMBERS.fullmatch(text):
        first, mark, second, third = int(found[1]), found[2], int(found[3]), int(found[4])
        if len(found[1]) == 4:
            return first, second, third
        if len(found[1]) == 3:
            raise ValueError("no day, month or year")
        month_first = region == "US" and mark != "."
        return _year(third), *((first, second) if month_first else (second, first))
    if found := _DAY_MONTH.fullmatch(text):
        return _year(int(found[3])), _month(found[2]), int(found[1])
    if found := _MONTH_DAY.fullmatch(text):
        return _year(int(found[3])), _month(found[1]), int(found[2])
    raise ValueError("no date")


def _year(number: int) -> int:
    return number + 2000 if number < 100 else number


def _month(word: str) -> int:
    """Return the number of a month by its name or its first letters. Raises ValueError for other words."""
    named = [place for place, name in enumerate(_MONTHS, 1) if name.startswith(word)]
    if not named:
        raise ValueError("no month")
    return named[0]
