"""Words of capture: contact values and places as read, the canonical draft of an inquiry, its validity."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

#: Words that campaigns and advertisers put into the address of a page, as they stand there.
CAMPAIGN_WORDS = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
    *("gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid"),
)


class PointValidity(StrEnum):
    """Whether a phone or an e-mail address can work, as far as its form tells."""

    VALID = "valid"
    INVALID = "invalid"
    UNVERIFIED = "unverified"


class LineKind(StrEnum):
    """What a phone number leads to. Numbers of the USA and Canada do not tell."""

    MOBILE = "mobile"
    FIXED = "fixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """A phone as read; `e164` is empty when the number is invalid. `reason` holds the extension, if any."""

    e164: str
    validity: PointValidity
    kind: LineKind = LineKind.UNKNOWN
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EmailReading:
    """An e-mail address as read, in lower case; empty when it has no readable form."""

    address: str
    validity: PointValidity
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """A town that the tenant serves."""

    city: str
    region: str
    postal_code: str
    latitude: float
    longitude: float
    synonyms: tuple[str, ...] = ()


class PlaceProblem(StrEnum):
    """Why a place is not certain enough to route by."""

    NONE = ""
    AMBIGUOUS_CITY = "ambiguous_city"
    UNKNOWN_CITY = "unknown_city"
    CONFLICTING = "conflicting_location"


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """A place as read, with how sure that is (0 to 100)."""

    city: str = ""
    region: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    confidence: int = 0
    problem: PlaceProblem = PlaceProblem.NONE
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who asks for another person; contact goes to them (row CP-25)."""

    first_name: str = ""
    last_name: str = ""
    relation: str = ""
    phone: PhoneReading | None = None
    email: EmailReading | None = None


@dataclass(frozen=True, slots=True)
class ConsentClaim:
    """A permission as the sender states it; the consent app weighs it."""

    channel: str
    purpose: str = "care_inquiry"
    state: str = "unknown"
    text: str = ""
    text_version: str = ""
    captured_at: datetime | None = None
    ip: str = ""
    user_agent: str = ""
    page_url: str = ""
    evidence_kind: str = ""
    evidence_ref: str = ""
    this_inquiry_only: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question of the form."""

    key: str
    question: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something a sender said that nobody has told us the meaning of (row DD-04).

    With `field`, a value that is none of that picklist; without, a name that nothing names. `typed` is the value,
    `name` the sender's own name of the field, where it is another one. `private_label` names the tenant's own field
    where its values are not for everybody: then no sentence says the value.
    """

    field: str
    typed: str
    name: str = ""
    private_label: str = ""


@dataclass(frozen=True, slots=True)
class Inferred:
    """A value that a rule of inference read out of the person's words, where the sender had left the field open."""

    field: str
    value: str
    rule_id: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An inquiry in canonical fields; `typed` keeps the original of every normalised one (row DD-07).

    What stands in `inferred` stands in its field too, and yields to whatever anybody states.
    """

    external_id: str = ""
    source_key: str = ""
    submitted_at: datetime | None = None
    capture_method: str = "api"
    first_name: str = ""
    last_name: str = ""
    phone: PhoneReading | None = None
    email: EmailReading | None = None
    postal_code: str = ""
    city: str = ""
    region: str = ""
    place: PlaceReading = PlaceReading()
    date_of_birth: date | None = None
    language: str = ""
    on_behalf_of: Submitter | None = None
    is_organization: bool = False
    organization_name: str = ""
    lead_class: str = "patient"
    service_typed: str = ""
    service_key: str = ""
    location_typed: str = ""
    location_key: str = ""
    patient_type: str = ""
    timeframe: str = ""
    appointment_type: str = ""
    part_of_day: str = ""
    message: str = ""
    preferred_channel: str = ""
    best_time: str = ""
    payer: str = ""
    member_id: str = ""
    referral: dict[str, object] | None = None
    consents: tuple[ConsentClaim, ...] = ()
    attribution: dict[str, str] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    is_test: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    unmapped: tuple[Unmapped, ...] = ()
    inferred: tuple[Inferred, ...] = ()


class CheckName(StrEnum):
    """The checks that a definition of a valid lead can order (row VQ-01)."""

    BLANK = "blank"
    NO_CONTACT_POINT = "no_contact_point"
    CONSENT_MISSING = "consent_missing"
    PHONE_INVALID = "phone_invalid"
    EMAIL_INVALID = "email_invalid"
    REQUIRED_FIELD_MISSING = "required_field_missing"
    PLACE_UNCLEAR = "place_unclear"
    CHANNEL_UNREACHABLE = "channel_unreachable"
    OUT_OF_AREA = "out_of_area"
    UNMAPPED_VALUE = "unmapped_value"


class CheckResult(StrEnum):
    """What a check does to a lead: shut it out, hold it, send it to exceptions, or only note it."""

    EXCLUDED = "excluded"
    HELD = "held"
    EXCEPTION = "exception"
    NOTE = "note"


class ValidityState(StrEnum):
    """The verdict on a lead."""

    VALID = "valid"
    HELD = "held"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, where in the body, and what follows."""

    check_id: str
    code: str
    detail: str
    result: CheckResult
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class ValidityVerdict:
    """Whether the lead is valid, and all that was found; `exception` is the code of the first exception."""

    state: ValidityState
    is_test: bool
    findings: tuple[Finding, ...]
    exception: str = ""
