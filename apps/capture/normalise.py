"""Turning a delivered body into the canonical draft. Total: any JSON object gives a draft, none raises.

What cannot be read is left empty and kept as typed; saying what is wrong with it is the judge's task.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from apps.capture.choices import ChoiceWords, picked_answers
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.places import read_place
from apps.capture.synonyms import CHANNELS, PARTS_OF_DAY, PATIENT_TYPES, RELATIONS, TIMEFRAMES
from apps.capture.terms import (
    Answer,
    ConsentClaim,
    Draft,
    EmailReading,
    PhoneReading,
    PlaceReading,
    Submitter,
    Town,
    Unmapped,
)
from apps.capture.text import clean, fold, one_line, tidy_name
from apps.catalog.terms import CaptureMethod
from apps.policies.decisions.documents import Document, as_document, as_items, as_text

_LEAD_CLASSES = frozenset({"patient", "referral", "recruitment", "partnership", "business", "download"})
_CONSENT_STATES = frozenset({"granted", "denied", "withdrawn"})
_MAX_ITEMS = 100
_PARTS = ("person", "request", "insurance", "on_behalf_of")
_NO_SYNONYMS: Mapping[str, Mapping[str, str]] = {}
_NO_CHOICES: Mapping[str, ChoiceWords] = {}
_DATE_FORMS = {True: ("%m/%d/%Y", "%m-%d-%Y"), False: ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")}


def normalise(
    payload: Mapping[str, object],
    *,
    region: str,
    services: Mapping[str, str],
    locations: Mapping[str, str],
    towns: Sequence[Town],
    synonyms: Mapping[str, Mapping[str, str]] = _NO_SYNONYMS,
    choices: Mapping[str, ChoiceWords] = _NO_CHOICES,
) -> Draft:
    """Read a body into canonical fields; `region` is the country for phones and dates ("US"), `unmapped` the rest.

    `services` and `locations` map folded words (`text.fold`) to keys, `synonyms` those of mappings, which stand first.
    """
    body = as_document(payload)
    person, request, insurance, submitter = (as_document(body.get(name)) for name in _PARTS)
    referral, place = _plain(body.get("referral")), _place(person, towns)
    picks = _picked(request, submitter, synonyms, {**USUAL_WORDS, "service": services, "location": locations})
    answers, unknown = picked_answers(_answers(body.get("answers")), choices, synonyms)
    is_organization = person.get("is_organization") is True or bool(_text(person, "organization_name", 200))
    return Draft(
        external_id=_text(body, "external_id", 200),
        source_key=_text(body, "source", 63),
        submitted_at=_instant(body.get("submitted_at")),
        capture_method=_method(body),
        first_name=tidy_name(_text(person, "first_name", 100)),
        last_name=tidy_name(_text(person, "last_name", 100)),
        phone=_phone(person, region),
        email=_email(person),
        postal_code=place.postal_code,
        city=place.city,
        region=place.region,
        place=place,
        date_of_birth=None if is_organization else _birth(_text(person, "date_of_birth", 40), region),
        language=_text(person, "preferred_language", 8).lower(),
        on_behalf_of=_submitter(submitter, region, picks.keys["relation"]),
        is_organization=is_organization,
        organization_name=_text(person, "organization_name", 200),
        lead_class=_lead_class(body, bool(referral), is_organization),
        service_typed=_text(request, "service", 200),
        service_key=picks.keys["service"],
        location_typed=_text(request, "location", 200),
        location_key=picks.keys["location"],
        patient_type=picks.keys["patient_type"],
        timeframe=picks.keys["timeframe"],
        appointment_type=_visit(request)[0],
        part_of_day=picks.keys["part_of_day"],
        message=clean(as_text(request.get("message")), 10_000),
        preferred_channel=picks.keys["preferred_channel"],
        best_time=_text(request, "best_time", 40),
        payer=_text(insurance, "payer", 100),
        member_id=_text(insurance, "member_id", 100),
        referral=referral if isinstance(referral, dict) and referral else None,
        consents=_consents(body.get("consent")),
        attribution=_attribution(as_document(body.get("attribution"))),
        answers=answers,
        is_test=body.get("is_test") is True,
        typed=_typed(body),
        unmapped=(*picks.unmapped, *unknown),
    )


#: Words for the values of our own picklists; services and offices are the tenant's.
USUAL_WORDS: Mapping[str, Mapping[str, str]] = {
    "patient_type": PATIENT_TYPES,
    "timeframe": TIMEFRAMES,
    "part_of_day": PARTS_OF_DAY,
    "preferred_channel": CHANNELS,
    "relation": RELATIONS,
}


def _picked(
    request: Document,
    submitter: Document,
    synonyms: Mapping[str, Mapping[str, str]],
    usual: Mapping[str, Mapping[str, str]],
) -> "_Picks":
    picks = _Picks(synonyms, usual)
    for key in ("service", "location", "patient_type", "timeframe", "preferred_channel"):
        picks.read(key, _text(request, key, 200))
    picks.read("part_of_day", _text(request, "part_of_day", 40) or _visit(request)[1])
    picks.read("relation", _text(submitter, "relation", 30))
    return picks


def _visit(request: Document) -> tuple[str, str]:
    """Return the type of visit, and the part of the day where it stands behind a comma: “New patient, afternoon”."""
    typed = _text(request, "appointment_type", 200)
    kind, mark, part = typed.rpartition(",")
    return (kind.strip()[:80], part.strip()) if mark and fold(part) in PARTS_OF_DAY else (typed[:80], "")


class _Picks:
    """Reads picklist fields one by one, and notes what none of the words says."""

    def __init__(self, synonyms: Mapping[str, Mapping[str, str]], usual: Mapping[str, Mapping[str, str]]) -> None:
        self.synonyms, self.usual = synonyms, usual
        self.keys: dict[str, str] = {}
        self.unmapped: list[Unmapped] = []

    def read(self, name: str, typed: str) -> None:
        """Note the key that a typed text stands for; "" where nothing was typed or nobody knows."""
        word, known = fold(typed), frozenset(self.usual[name].values())
        key = self.synonyms.get(name, {}).get(word, "")
        self.keys[name] = key if key in known else self.usual[name].get(word, "")
        if typed and not self.keys[name]:
            self.unmapped.append(Unmapped(name, typed[:80]))


def _text(part: Document, key: str, limit: int) -> str:
    """Return one line of clean text; a number counts as typed, everything else that is no text as nothing."""
    value = part.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _digits(value)
    return one_line(value, limit) if isinstance(value, str) else ""


def _digits(number: int | float) -> str:
    try:
        return str(number)
    except ValueError:  # an integer of thousands of digits, which Python refuses to write out
        return ""


def _place(person: Document, towns: Sequence[Town]) -> PlaceReading:
    return read_place(_text(person, "city", 100), _text(person, "region", 40), _text(person, "postal_code", 20), towns)


def _phone(part: Document, region: str) -> PhoneReading | None:
    typed = _text(part, "phone", 100)
    return read_phone(typed, region) if typed else None


def _email(part: Document) -> EmailReading | None:
    typed = _text(part, "email", 300)
    return read_email(typed) if typed else None


def _submitter(part: Document, region: str, relation: str) -> Submitter | None:
    if not part:
        return None
    return Submitter(
        first_name=tidy_name(_text(part, "first_name", 100)),
        last_name=tidy_name(_text(part, "last_name", 100)),
        relation=relation,
        phone=_phone(part, region),
        email=_email(part),
    )


def _method(body: Document) -> str:
    typed = _text(body, "capture_method", 20)
    return typed if typed in set(CaptureMethod) else CaptureMethod.API.value


def _lead_class(body: Document, is_referred: bool, is_organization: bool) -> str:
    typed = _text(body, "lead_class", 20).lower()
    if typed in _LEAD_CLASSES:
        return typed
    return "business" if is_organization else "referral" if is_referred else "patient"


def _instant(value: object) -> datetime | None:
    """Return an ISO 8601 instant in UTC; one without an offset is taken as UTC."""
    try:
        moment = datetime.fromisoformat(as_text(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _birth(typed: str, region: str) -> date | None:
    """Return a date of birth: ISO, or as the country writes it (month first in the USA)."""
    for form in ("%Y-%m-%d", *_DATE_FORMS[region == "US"]):
        try:
            born = datetime.strptime(typed, form).date()  # noqa: DTZ007
        except ValueError:
            continue
        return born if born.year >= 1900 else None
    return None


def _consents(value: object) -> tuple[ConsentClaim, ...]:
    """Read the claims with a known channel. A state in other words than ours is unknown, never granted.

    A limit in other words than ours, or an end that is no instant, limits the permission to this inquiry.
    """
    claims = []
    for item in as_items(value)[:_MAX_ITEMS]:
        part = as_document(item)
        channel = CHANNELS.get(fold(_text(part, "channel", 40)), "")
        state = _text(part, "state", 20)
        if not channel:
            continue
        until = _instant(part.get("expires_at"))
        is_unread = bool(part.get("expires_at")) and until is None
        claims.append(
            ConsentClaim(
                channel=channel,
                purpose=_text(part, "purpose", 20) or "care_inquiry",
                state=state if state in _CONSENT_STATES else "unknown",
                text=clean(as_text(part.get("text")), 4000),
                text_version=_text(part, "text_version", 20),
                captured_at=_instant(part.get("captured_at")),
                ip=_text(part, "ip", 45),
                user_agent=_text(part, "user_agent", 500),
                page_url=_text(part, "page_url", 1000),
                evidence_kind=_text(part, "evidence_kind", 30),
                evidence_ref=_text(part, "evidence_ref", 500),
                this_inquiry_only=bool(part.get("limited_to")) or is_unread,
                expires_at=until,
            )
        )
    return tuple(claims)


def _attribution(part: Document) -> dict[str, str]:
    pairs = ((one_line(key, 60), _text(part, key, 500)) for key in list(part)[:_MAX_ITEMS])
    return {key: text for key, text in pairs if key and text}


def _answers(value: object) -> tuple[Answer, ...]:
    answers = []
    for item in as_items(value)[:_MAX_ITEMS]:
        part = as_document(item)
        question = _text(part, "question", 500)
        key = _text(part, "key", 100) or fold(question).replace(" ", "_")[:100]
        given = part.get("values")
        texts = [given] if isinstance(given, str) else as_items(given)[:_MAX_ITEMS]
        values = tuple(clean(text, 2000) for text in texts if isinstance(text, str) and clean(text, 2000))
        if key and values:
            answers.append(Answer(key, question, values))
    return tuple(answers)


def _plain(value: object, depth: int = 4) -> object:
    """Return JSON with clean texts; what lies too deep is dropped."""
    if isinstance(value, str):
        return clean(value, 2000)
    if isinstance(value, Mapping):
        return {one_line(k, 60): _plain(v, depth - 1) for k, v in as_document(value).items()} if depth else None
    if isinstance(value, list | tuple):
        return [_plain(item, depth - 1) for item in value[:_MAX_ITEMS]] if depth else None
    return value if value is None or isinstance(value, bool | int | float) else None


_NORMALISED = {
    "person": ("first_name", "last_name", "phone", "email", "postal_code", "city", "region", "date_of_birth"),
    "request": ("service", "location", "patient_type", "timeframe", "preferred_channel", "part_of_day"),
}


def _typed(body: Document) -> dict[str, str]:
    """Return the original of every normalised field that holds something; the submitter's with a prefix."""
    parts = [("", as_document(body.get(name)), keys) for name, keys in _NORMALISED.items()]
    submitter = as_document(body.get("on_behalf_of"))
    parts.append(("submitter_", submitter, ("first_name", "last_name", "relation", "phone", "email")))
    texts = {f"{prefix}{key}": _original(part.get(key)) for prefix, part, keys in parts for key in keys}
    return {key: text for key, text in texts.items() if text.strip()}


def _original(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _digits(value)
    return clean(value, 254) if isinstance(value, str) else ""
