"""Whether what a person told us agrees with itself and with what is offered: named checks, each with its own words.

Pure: facts, the catalog and the rule document go in, flags come out. A flag never repeats what somebody wrote.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.words import has_phrase, words_of
from apps.policies.terms import FieldSpec, Known, Problem

WHOLE_QUALITY = 100
STALE_AFTER_DAYS = 180
LONGEST_DAYS = 3_650
DIAGNOSTIC = "diagnostic"
Phrases = tuple[str, ...]
IN_A_HURRY: Phrases = (
    "asap",
    "as soon as possible",
    "urgent",
    "urgently",
    "immediately",
    "right away",
    "today",
    "tomorrow",
)
IN_A_HURRY += ("urgente", "lo antes posible", "cuanto antes", "hoy", "mañana")
_NO_HURRY: Phrases = ("no rush", "no hurry", "not urgent", "isn't urgent", "just looking", "next year")
_NO_HURRY += ("in a few months", "sin prisa", "no es urgente", "no tengo prisa", "el año que viene", "en unos meses")
_KNOWN_HERE: Phrases = ("existing patient", "current patient", "established patient", "been a patient")
_KNOWN_HERE += ("already a patient", "i am a patient", "ya soy paciente", "soy paciente")
_NEW_HERE: Phrases = ("new patient", "first visit", "first time visit", "never been to you")
_NEW_HERE += ("paciente nuevo", "paciente nueva", "primera visita")


class Consistency(StrEnum):
    """What may disagree (row VQ-10)."""

    SERVICE_REASON = "service_reason"
    SERVICE_MESSAGE = "service_message"
    LOCATION_OFFER = "location_offer"
    AGE_LIMIT = "age_limit"
    TIMEFRAME_MESSAGE = "timeframe_message"
    PATIENT_TYPE_MESSAGE = "patient_type_message"


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """A service as the checks know it: its name, what people call it, its kind and its age limits."""

    name: str
    words: tuple[str, ...] = ()
    kind: str = ""
    min_age: int | None = None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered where: services and locations by key, and the services of each location."""

    services: Mapping[str, ServiceWords] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a lead: keys of the catalog, and the words of messages and of a referral's reason."""

    service: str = ""
    location: str = ""
    timeframe: str = ""
    patient_type: str = ""
    age: int | None = None
    message: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that disagrees: which check, in a sentence, and how much it takes from the quality."""

    check: str
    sentence: str
    lowers: int

    def as_json(self) -> dict[str, object]:
        """Return the flag as it is kept with the lead."""
        return {"check": self.check, "sentence": self.sentence, "lowers": self.lowers}


def default_quality_rules() -> dict[str, object]:
    """Return the document that rules where a tenant has none of its own."""
    rows: tuple[tuple[Consistency, int, str], ...] = (
        (Consistency.SERVICE_REASON, 25, "The referral asks for another service than the lead names."),
        (Consistency.SERVICE_MESSAGE, 15, "The message asks for another service than the lead names."),
        (Consistency.LOCATION_OFFER, 25, "The office does not offer the service."),
        (Consistency.AGE_LIMIT, 25, "The person's age is outside the service's limits."),
        (Consistency.TIMEFRAME_MESSAGE, 10, "The message is in another hurry than the form."),
        (Consistency.PATIENT_TYPE_MESSAGE, 10, "The message says new or known otherwise than the form."),
    )
    return {
        "stale_after_days": STALE_AFTER_DAYS,
        "checks": [
            {"id": each.value.replace("_", "-"), "check": each.value, "lowers": lowers, "meaning": meaning}
            for each, lowers, meaning in rows
        ],
    }


def flags_of(told: Told, offer: Offer, document: object) -> tuple[Flag, ...]:
    """Return what disagrees, in the order of the document; a check that it does not name is not made."""
    found = []
    for item in as_items(as_document(document).get("checks")):
        row = as_document(item)
        check = as_text(row.get("check"))
        if check not in _FINDERS or row.get("is_active") is False:
            continue
        sentence = _FINDERS[check](told, offer)
        if sentence:
            found.append(Flag(check, sentence, as_whole(row.get("lowers")) or 0))
    return tuple(found)


def quality_of(flags: Collection[Flag]) -> int:
    """Return the quality: 100 less what each flag takes, at least 0."""
    return max(0, WHOLE_QUALITY - sum(each.lowers for each in flags))


def stale_after_days(document: object) -> int:
    """Return after how many days contact data that nobody verified is to be looked at again (row VQ-12)."""
    return as_whole(as_document(document).get("stale_after_days")) or STALE_AFTER_DAYS


def services_named(text: str, offer: Offer) -> tuple[str, ...]:
    """Return the services whose name or synonym stands in a text, by the catalog's own words."""
    words = words_of(text)
    return tuple(
        key
        for key, service in offer.services.items()
        if any(has_phrase(words, phrase) for each in service.words if (phrase := words_of(each)))
    )


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a document of data quality."""
    top = as_document(document)
    problems = unknown_keys(top, frozenset({"checks", "stale_after_days"}), "")
    days = top.get("stale_after_days", STALE_AFTER_DAYS)
    if as_whole(days) is None or not 1 <= (as_whole(days) or 0) <= LONGEST_DAYS:
        problems.append(Problem("/stale_after_days", "bad_value", f"A whole number of days, 1 to {LONGEST_DAYS:,}."))
    ids = []
    for place, item in enumerate(as_items(top.get("checks"))):
        row, path = as_document(item), f"/checks/{place}"
        ids.append((f"{path}/id", as_text(row.get("id"))))
        problems += _check_row(row, path)
    return problems + duplicate_ids(ids)


def _check_row(row: Document, path: str) -> list[Problem]:
    problems = unknown_keys(row, frozenset({"id", "check", "lowers", "meaning", "is_active"}), path)
    problems += [
        Problem(f"{path}/{key}", f"{key}_missing", f"A check needs its {key}.")
        for key in ("id", "meaning")
        if not as_text(row.get(key))
    ]
    if as_text(row.get("check")) not in _FINDERS:
        problems.append(Problem(f"{path}/check", "unknown_check", "One of: " + ", ".join(Consistency) + "."))
    lowers = as_whole(row.get("lowers"))
    if lowers is None or not 0 <= lowers <= WHOLE_QUALITY:
        problems.append(Problem(f"{path}/lowers", "bad_value", "What it takes is a whole number, 0 to 100."))
    return problems


def _service_reason(told: Told, offer: Offer) -> str:
    return _other_service(told, offer, told.reason, "the referral's reason speaks of")


def _service_message(told: Told, offer: Offer) -> str:
    return _other_service(told, offer, told.message, "the message speaks of")


def _other_service(told: Told, offer: Offer, text: str, verb: str) -> str:
    """A diagnostic service looks at every part of the body: only words of another one contradict it."""
    own = offer.services.get(told.service)
    named = services_named(text, offer) if own is not None and text else ()
    if own is None or told.service in named:
        return ""
    if own.kind == DIAGNOSTIC:
        named = tuple(key for key in named if offer.services[key].kind == DIAGNOSTIC)
    others = " and ".join(offer.services[key].name for key in named)
    return f"Service {own.name}, but {verb} {others}." if others else ""


def _location_offer(told: Told, offer: Offer) -> str:
    if told.service not in offer.services or told.location not in offer.locations:
        return ""
    if told.service in offer.at.get(told.location, ()):
        return ""
    return f"{offer.locations[told.location]} does not offer {offer.services[told.service].name}."


def _age_limit(told: Told, offer: Offer) -> str:
    service = offer.services.get(told.service)
    if service is None or told.age is None:
        return ""
    if service.min_age is not None and told.age < service.min_age:
        return f"{service.name} is for people of {service.min_age} years and more; the date of birth says {told.age}."
    if service.max_age is not None and told.age > service.max_age:
        return f"{service.name} is for people of at most {service.max_age} years; the date of birth says {told.age}."
    return ""


def _timeframe_message(told: Told, offer: Offer) -> str:
    """“Not urgent” holds “urgent”: who says there is no hurry is not heard as hurrying."""
    calm = _says(told.message, _NO_HURRY)
    if told.timeframe == "later" and not calm and _says(told.message, IN_A_HURRY):
        return "The form says later, the message asks for soon."
    if told.timeframe in ("asap", "within_24h") and calm:
        return "The form asks for at once, the message says there is no hurry."
    return ""


def _patient_type_message(told: Told, offer: Offer) -> str:
    if told.patient_type == "new" and _says(told.message, _KNOWN_HERE):
        return "The form says a new patient, the message says they are known here."
    if told.patient_type == "established" and _says(told.message, _NEW_HERE):
        return "The form says a known patient, the message says they are new."
    return ""


def _says(text: str, phrases: Collection[str]) -> bool:
    words = words_of(text)
    return any(has_phrase(words, words_of(each)) for each in phrases)


_FINDERS: Mapping[str, Callable[[Told, Offer], str]] = {
    Consistency.SERVICE_REASON: _service_reason,
    Consistency.SERVICE_MESSAGE: _service_message,
    Consistency.LOCATION_OFFER: _location_offer,
    Consistency.AGE_LIMIT: _age_limit,
    Consistency.TIMEFRAME_MESSAGE: _timeframe_message,
    Consistency.PATIENT_TYPE_MESSAGE: _patient_type_message,
}
