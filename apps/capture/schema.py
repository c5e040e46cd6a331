"""The body of a delivered lead, version 1: what a sender may say, how long it may be, what is refused.

Deliberately about form only. Whether a phone rings or a service exists is judged by the intake, so
that an inquiry with a typing mistake is taken in, shown and mended instead of lost.
"""

import ipaddress
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from apps.capture.synonyms import CHANNELS
from apps.capture.text import fold
from apps.consent.terms import Purpose

_OTHER_DATES = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cn"})
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _no_controls(text: str) -> str:
    if any(unicodedata.category(mark) == "Cc" for mark in text):
        raise PydanticCustomError("control_character", "Remove control characters and line breaks.")
    return text


def _no_odd_controls(text: str) -> str:
    if any(unicodedata.category(mark) == "Cc" and mark not in "\r\n\t" for mark in text):
        raise PydanticCustomError("control_character", "Remove control characters.")
    return text


def _visible(text: str) -> str:
    """Refuse text that holds marks but shows nothing, such as zero-width blanks."""
    if text and all(unicodedata.category(mark) in _INVISIBLE for mark in text):
        raise PydanticCustomError("invisible_text", "The text shows nothing: leave it out or write it.")
    return text


def _named(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("missing", "Field required")
    return text


def _instant(value: object) -> object:
    """Take ISO 8601 text only; without an offset it is read as UTC."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii():
        raise PydanticCustomError("datetime_type", "Write the instant as ISO 8601 text.")
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("datetime_parsing", "This is no ISO 8601 instant.") from error
    if not _EARLIEST <= moment < _LATEST:
        raise PydanticCustomError("datetime_range", "The instant lies outside the years 2000 to 2099.")
    return moment


def _birth(text: str) -> str:
    if not text or _OTHER_DATES.fullmatch(text):
        return text
    try:
        if not text.isascii():
            raise ValueError
        born = date.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("date_parsing", "Write the date as YYYY-MM-DD.") from error
    if born.year < 1900:
        raise PydanticCustomError("date_range", "The date lies before 1900.")
    return text


def _channel(text: str) -> str:
    if fold(text) not in CHANNELS:
        raise PydanticCustomError("unknown_channel", "One of: call, text, email.")
    return text


def _address(text: str) -> str:
    try:
        if text:
            ipaddress.ip_address(text)
    except ValueError as error:
        raise PydanticCustomError("ip_address", "This is no IP address.") from error
    return text


_line = AfterValidator(_no_controls)
Line20 = Annotated[str, StringConstraints(max_length=20), _line]
Line40 = Annotated[str, StringConstraints(max_length=40), _line]
Line100 = Annotated[str, StringConstraints(max_length=100), _line]
Line200 = Annotated[str, StringConstraints(max_length=200), _line]
Line500 = Annotated[str, StringConstraints(max_length=500), _line]
Line1000 = Annotated[str, StringConstraints(max_length=1000), _line]
PersonName = Annotated[str, StringConstraints(max_length=100), _line, AfterValidator(_visible)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Prose = Annotated[str, AfterValidator(_no_odd_controls)]


class _Part(BaseModel):
    """A part of the body: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class PersonPart(_Part):
    """The person who needs care, or the organisation that asks."""

    first_name: PersonName | None = None
    last_name: PersonName | None = None
    email: Annotated[str, StringConstraints(max_length=254), _line] | None = None
    phone: Line40 | None = None
    postal_code: Line20 | None = None
    city: Line100 | None = None
    region: Line40 | None = None
    date_of_birth: Annotated[str, StringConstraints(max_length=40), _line, AfterValidator(_birth)] | None = None
    preferred_language: Annotated[str, StringConstraints(max_length=8), _line] | None = None
    organization_name: Annotated[str, StringConstraints(max_length=200), _line, AfterValidator(_visible)] | None = None
    is_organization: StrictBool | None = None


class SubmitterPart(_Part):
    """Who asks for somebody else; contact and consent are theirs."""

    first_name: PersonName | None = None
    last_name: PersonName | None = None
    relation: Annotated[str, StringConstraints(max_length=30), _line] | None = None
    phone: Line40 | None = None
    email: Annotated[str, StringConstraints(max_length=254), _line] | None = None


class RequestPart(_Part):
    """What is asked for. Services and places are taken by key, name or synonym."""

    service: Line200 | None = None
    location: Line200 | None = None
    patient_type: Line40 | None = None
    timeframe: Line40 | None = None
    appointment_type: Annotated[
        Line200 | None,
        Field(description="A type of visit; “New patient consult, afternoon” is read too."),
    ] = None
    part_of_day: Line40 | None = None
    message: Annotated[Prose, StringConstraints(max_length=10_000)] | None = None
    preferred_channel: Line40 | None = None
    best_time: Line40 | None = None


class InsurancePart(_Part):
    """Who pays."""

    payer: Line100 | None = None
    member_id: Line100 | None = None


class ReferralPart(_Part):
    """Who refers the person, and why (row CP-15)."""

    organization: Line200 | None = None
    provider: Line200 | None = None
    contact_name: Line200 | None = None
    contact_phone: Line40 | None = None
    contact_email: Annotated[str, StringConstraints(max_length=254), _line] | None = None
    reason: Annotated[Prose, StringConstraints(max_length=2000)] | None = None
    reference: Line100 | None = None


class ConsentPart(_Part):
    """One permission as the person gave or refused it, with its evidence.

    `limited_to` and `expires_at` narrow a grant: to this inquiry, and until an instant (row CN-11).
    """

    channel: Annotated[str, StringConstraints(max_length=40), _line, AfterValidator(_channel)]
    purpose: Purpose = Purpose.CARE_INQUIRY
    state: Literal["granted", "denied", "withdrawn", "unknown"]
    text: Annotated[Prose, StringConstraints(max_length=4000)] | None = None
    text_version: Line20 | None = None
    captured_at: Instant | None = None
    ip: Annotated[str, StringConstraints(max_length=45), _line, AfterValidator(_address)] | None = None
    user_agent: Line500 | None = None
    page_url: Line1000 | None = None
    evidence_kind: Annotated[str, StringConstraints(max_length=30), _line] | None = None
    evidence_ref: Line500 | None = None
    limited_to: Literal["this_inquiry"] | None = None
    expires_at: Instant | None = None

    @field_validator("limited_to", "expires_at")
    @classmethod
    def _only_a_grant_is_limited(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("state", "granted") != "granted":
            raise PydanticCustomError("not_a_grant", "Only a grant is limited; a refusal holds.")
        return value


class AttributionPart(_Part):
    """Where the person came from (row CP-21)."""

    utm_source: Line500 | None = None
    utm_medium: Line500 | None = None
    utm_campaign: Line500 | None = None
    utm_term: Line500 | None = None
    utm_content: Line500 | None = None
    utm_id: Line500 | None = None
    gclid: Line500 | None = None
    gbraid: Line500 | None = None
    wbraid: Line500 | None = None
    fbclid: Line500 | None = None
    msclkid: Line500 | None = None
    ttclid: Line500 | None = None
    campaign_id: Line500 | None = None
    adgroup_id: Line500 | None = None
    ad_id: Line500 | None = None
    asset_group_id: Line500 | None = None
    form_id: Line500 | None = None
    platform: Line500 | None = None
    tracking_number: Line500 | None = None
    ad_group: Line500 | None = None
    keyword: Line500 | None = None
    landing_page: Line500 | None = None
    referrer: Line500 | None = None


class AnswerPart(_Part):
    """One answer to a question of the sender's form."""

    key: Line100
    question: Line500 | None = None
    values: Annotated[list[Annotated[Prose, StringConstraints(max_length=2000)]], Field(max_length=100)]


class LeadPost(_Part):
    """A delivered inquiry."""

    external_id: Annotated[str, StringConstraints(max_length=180), _line] | None = Field(
        default=None, description="Your own id. The same id with the same body is answered as the first time."
    )
    source: Annotated[str, StringConstraints(max_length=63), _line, AfterValidator(_named)] = Field(
        description="Key of the source; a word nobody knows is kept and shown as “unknown source”."
    )
    submitted_at: Instant | None = None
    capture_method: (
        Literal["web_form", "call", "chat", "email", "event", "referral", "import", "manual", "api"] | None
    ) = None
    lead_class: Literal["patient", "referral", "recruitment", "partnership", "business"] | None = None
    person: PersonPart
    on_behalf_of: SubmitterPart | None = None
    request: RequestPart | None = None
    insurance: InsurancePart | None = None
    referral: ReferralPart | None = None
    consent: Annotated[list[ConsentPart], Field(max_length=50)] | None = None
    attribution: AttributionPart | None = None
    answers: Annotated[list[AnswerPart], Field(max_length=100)] | None = None
    is_test: StrictBool | None = None
    entry_reason: Line500 | None = Field(
        default=None, description="Why a colleague enters this by hand; needed where `capture_method` is `manual`."
    )
