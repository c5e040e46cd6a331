"""What scoring reads out of an inquiry and of what is on record: signs of fit and of intent, each a plain fact.

Pure: words, dates and the catalog go in, facts come out. Of what a person wrote only the sign is kept, never a word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from apps.policies.decisions.words import has_phrase, words_of
from apps.qualification.terms import Eligibility

#: The facts that are read out of what a person wrote; roles that do not read about health do not see them.
FROM_WORDS = ("message_word_count", "names_procedure", "deadline_days", "request_type", "need_fits")
_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep sept septiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
#: Words that make a date a deadline; a date alone may be anything.
_CUES = frozenset({"before", "by", "until", "till", "deadline", "antes", "hasta"})
_REACH = 7
_LAST_DAY = 31
_ORDINALS = ("st", "nd", "rd", "th")
_PROCEDURES = ("surgery", "operation", "procedure", "transplant", "biopsy", "replacement", "cirugia", "operacion")


class RequestType(StrEnum):
    """What somebody asks for, as their words tell; the first that fits."""

    SECOND_OPINION = "second_opinion"
    APPOINTMENT = "appointment"
    PRICE = "price"
    INFORMATION = "information"


_ASKS: Mapping[RequestType, tuple[str, ...]] = {
    RequestType.SECOND_OPINION: ("second opinion", "segunda opinion"),
    RequestType.APPOINTMENT: ("appointment", "book", "schedule", "come in", "be seen", "cita", "reservar", "agendar"),
    RequestType.PRICE: ("price", "prices", "cost", "costs", "how much", "precio", "cuanto"),
}


class Coverage(StrEnum):
    """What is known of the insurance, from a name that somebody typed to an answer of the insurer."""

    STATED = "stated"
    VERIFIED = "verified"
    OUT_OF_NETWORK = "out_of_network"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is offered where, seen from one lead: kilometres are None where its place is not known."""

    is_offered: bool | None
    is_location_open: bool | None
    nearest_km: float | None
    by_age: Eligibility | None


def fit_signs(here: Surroundings) -> dict[str, object]:
    """Return the signs of fit: offered at all, at an office that takes people, how far, and for this age."""
    by_age = {Eligibility.ELIGIBLE: True, Eligibility.INELIGIBLE: False}
    return {
        "service_offered": here.is_offered,
        "location_available": here.is_location_open,
        "nearest_km": None if here.nearest_km is None else round(here.nearest_km, 1),
        "age_fits": by_age.get(here.by_age) if here.by_age else None,
    }


def signs_in_words(text: str, today: date, *, service: str, named: Iterable[str]) -> dict[str, object]:
    """Return the signs in what somebody wrote; `named` are the services whose words stand in it."""
    words, services = words_of(text), tuple(named)
    if not words:
        return dict.fromkeys(FROM_WORDS)
    deadline = deadline_on(words, today)
    speaks_of_one = any(each in words for each in _PROCEDURES)
    return {
        "message_word_count": len(words),
        "names_procedure": bool(services) or speaks_of_one,
        "deadline_days": (deadline - today).days if deadline else None,
        "request_type": str(_asked(words)),
        "need_fits": (service in services) if service and services else None,
    }


def deadline_on(words: tuple[str, ...], today: date) -> date | None:
    """Return the day by which something has to be done, where words name one: the earliest, today at the soonest.

    A day counts near a word such as “before” or “by”: “before surgery 12 June”, “until June 12th”. A month without
    a day counts from its first, because nobody knows when in it. What is past this year is meant for the next.
    """
    found = []
    for at, word in enumerate(words):
        if word in _CUES:
            found += _dates_in(words[at + 1 : at + 1 + _REACH], today)
    return min(found, default=None)


def _dates_in(words: tuple[str, ...], today: date) -> list[date]:
    found: list[date | None] = []
    for at, word in enumerate(words):
        if word == "tomorrow":
            found.append(today + timedelta(days=1))
        elif word in _MONTHS and _is_month(words, at):
            day = _day(words[at - 1]) if at else None
            day = day or _of_month(words, at) or (_day(words[at + 1]) if at + 1 < len(words) else None)
            found.append(_coming(_MONTHS[word], day, today))
    return [each for each in found if each is not None]


def _is_month(words: tuple[str, ...], at: int) -> bool:
    """“May” and “mar” are words of their own too: they count as months beside a day or after “in” and “of”."""
    if words[at] not in ("may", "mar", "dec", "sep", "ago", "jan"):
        return True
    beside = [words[each] for each in (at - 1, at + 1) if 0 <= each < len(words)]
    return any(_day(each) for each in beside) or (at > 0 and words[at - 1] in ("in", "en", "of", "de", "mid"))


def _of_month(words: tuple[str, ...], at: int) -> int | None:
    """Return the day of “12 of June” and “12 de junio”."""
    return _day(words[at - 2]) if at > 1 and words[at - 1] in ("of", "de") else None


def _day(word: str) -> int | None:
    bare = word[:-2] if word.endswith(_ORDINALS) else word
    return int(bare) if bare.isascii() and bare.isdigit() and 1 <= int(bare) <= _LAST_DAY else None


def _coming(month: int, day: int | None, today: date) -> date | None:
    """Return the next such day from today on; the 31st of a shorter month is no day."""
    if day is None and month == today.month:
        return today
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day or 1)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _asked(words: tuple[str, ...]) -> RequestType:
    for kind, phrases in _ASKS.items():
        if any(has_phrase(words, words_of(phrase)) for phrase in phrases):
            return kind
    return RequestType.INFORMATION
