"""Usual names of fields, for senders whose forms name them freely; two fields of one meaning lose neither."""

import re
from collections.abc import Iterable, Mapping, Sequence

from apps.capture.mapping import RAW_ONLY, is_target
from apps.connectors.decisions.tracking import TRACKING
from apps.connectors.terms import Event

#: Folded names by target, the surest first.
USUAL: Mapping[str, tuple[str, ...]] = {
    "person.first_name": (
        "first name",
        "firstname",
        "nombre",
        "fname",
        "given name",
        "first",
        "name first",
        "forename",
    ),
    "person.last_name": (
        "last name",
        "lastname",
        "apellido",
        "apellidos",
        "lname",
        "family name",
        "surname",
        "last",
        "name last",
    ),
    "person.full_name": ("full name", "fullname", "name", "your name", "patient name", "contact name", "name full"),
    "person.email": (
        "email",
        "correo",
        "e mail",
        "email address",
        "your email",
        "mail",
        "emailaddress",
        "e mail address",
    ),
    "person.phone": (
        *(
            "phone",
            "phone number",
            "telefono",
            "teléfono",
            "mobile",
            "mobile phone",
            "tel",
            "telephone",
            "cell",
            "your phone",
            "phone 1",
        ),
        *("mobile number", "cell phone", "phonenumber", "mobilephone", "your tel", "your mobile", "contact number"),
        *("phone full", "phone home", "phone cell", "daytime phone"),
    ),
    "person.postal_code": ("zip", "zip code", "zipcode", "postal code", "postcode", "postalcode", "postal"),
    "person.city": ("city", "town", "ciudad"),
    "person.region": ("state", "region", "province"),
    "person.date_of_birth": ("date of birth", "dob", "birth date", "birthdate", "birthday"),
    "person.preferred_language": ("preferred language", "language", "idioma"),
    "request.service": ("service", "service interest", "reason", "reason for visit", "treatment", "specialty"),
    "request.location": ("location", "clinic", "office", "preferred location", "branch"),
    "request.patient_type": ("patient type",),
    "request.timeframe": ("timeframe", "how soon"),
    "request.appointment_type": ("appointment type", "visit type", "type of visit", "type of appointment"),
    "request.part_of_day": ("part of day", "time of day", "morning or afternoon"),
    "request.best_time": ("best time", "best time to call", "preferred time", "time to contact"),
    "request.preferred_channel": ("preferred contact method", "preferred channel", "contact method"),
    "request.message": ("message", "your message", "comments", "comment", "notes", "question", "details"),
    "insurance.payer": ("insurance", "insurance company", "payer", "insurer"),
    "insurance.member_id": ("member id", "insurance id", "policy number"),
    "attribution.landing_page": ("landing page", "page url", "source url", "page uri", "landing page url"),
    "attribution.referrer": ("referrer", "referer"),
    RAW_ONLY: ("ssn", "social security number", "password", "g recaptcha response", "cf turnstile response"),
    **{target: (name.replace("_", " "),) for name, target in TRACKING.items()},
}
_TARGETS = {name: (rank, target) for target, names in USUAL.items() for rank, name in enumerate(names)}
#: Boxes that tools put round the fields; they say nothing about whose field it is.
_WRAPPERS = frozenset(
    [
        "data",
        "body",
        "payload",
        "contact",
        "lead",
        "person",
        "patient",
        "customer",
        "fields",
        "form",
        "values",
        "properties",
        "attributes",
        "answers",
        "submission",
        "hidden",
        "entry",
        "record",
        "value",
    ]
)
_WORD_END = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")


def folded(name: str) -> str:
    """Return a name as words in lower case: "your-email", "Your E-Mail:" and "yourEmail" are near one another."""
    return _BETWEEN.sub(" ", _WORD_END.sub(" ", name.strip())).strip().lower()


def usual_target(name: str) -> tuple[int, str]:
    """Return how unsure the guess is (0 is sure) and the target; the target is empty where nothing is usual."""
    words = folded(name).split()
    if found := _TARGETS.get(" ".join(words)) or _TARGETS.get(name.strip().lower()):
        return found
    while len(words) > 1 and words[0] in _WRAPPERS:
        words = words[1:]
        if found := _TARGETS.get(" ".join(words)):
            return found[0] + 100, found[1]
    return 0, ""


def mapping_for(event: Event, named: Mapping[str, str], *, guesses: bool) -> dict[str, str]:
    """Return the mapping of one event: what is named stands first, then field types, then usual names and questions.

    Of several names with one guessed meaning the surest gets it; the others stay answers.
    """
    mapping = dict(named)
    offers = [(0, name, target) for name, target in event.hints.items() if is_target(target)]
    if guesses:
        offers += sorted(_guesses(event), key=lambda each: each[0])
    taken = {target for name, target in named.items() if any(each.strip() for each in event.values.get(name, ()))}
    for _, name, target in offers:
        if name not in mapping and (target == RAW_ONLY or target not in taken):
            mapping[name] = target
            taken.add(target)
    return mapping


def _guesses(event: Event) -> Iterable[tuple[int, str, str]]:
    for name, values in event.values.items():
        if not _has_text(values):
            continue
        rank, target = usual_target(name)
        if not target:
            rank, target = usual_target(event.questions.get(name, ""))
            rank += 1_000
        if target:
            yield rank, name, target


def _has_text(values: Sequence[str]) -> bool:
    return any(each.strip() for each in values)
