"""Words of message templates: the states of a version, and the places that a message may leave for a word. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.catalog.terms import FieldUse, PrivacyClass
from apps.consent.terms import Purpose
from apps.leads.terms import WISHES


class TemplateState(StrEnum):
    """How far a version of a template is. Only the approved one is sent."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETIRED = "retired"


#: States in which words are never changed again.
FROZEN = (TemplateState.APPROVED, TemplateState.RETIRED)
OPEN = (TemplateState.DRAFT, TemplateState.SUBMITTED)
#: Classes of fields that are health data in a message.
PRIVATE = frozenset({PrivacyClass.HEALTH, PrivacyClass.INSURANCE, PrivacyClass.PHI})


@dataclass(frozen=True, slots=True)
class Place:
    """What may stand in a `{place}`: its name for people, how carefully the field behind it is kept, and for what."""

    label: str
    privacy: PrivacyClass = PrivacyClass.PLAIN
    uses: frozenset[FieldUse] = frozenset(FieldUse)


class Goal(StrEnum):
    """What a message is to bring about: what teams that write at the same step have to agree on (row TN-19)."""

    ACKNOWLEDGE = "acknowledge"
    RECEIPT = "receipt"
    MISSED_CALL = "missed_call"
    SCHEDULE = "schedule"
    REMIND = "remind"
    REBOOK = "rebook"
    ASK = "ask"
    REFERRAL = "referral"
    RECORDS = "records"
    EDUCATE = "educate"
    REACTIVATE = "reactivate"
    PREFERENCES = "preferences"


@dataclass(frozen=True, slots=True)
class Tags:
    """Which leads the words are for, and who says them to what end; what is empty says nothing.

    `stages` are those at which people are offered them; `category` is a kind of service, `service` a service line.
    """

    stages: tuple[str, ...] = ()
    category: str = ""
    service: str = ""
    goal: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class KnownTags:
    """What tags can name today: service lines with their kinds, stages, teams."""

    services: Mapping[str, str]
    stages: frozenset[str]
    teams: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a message as they are judged."""

    key: str
    channel: str
    subject: str
    body: str
    purpose: str
    holds_phi: bool = False
    tags: Tags = Tags()


#: What a person writes and another one approves.
WORDS = ("subject", "body", "purpose", "holds_phi", "stages", "category", "service", "goal", "team")
#: Words without tags: for any lead, by nobody in particular.
UNTAGGED: Mapping[str, Any] = {"stages": [], "category": "", "service": "", "goal": "", "team": ""}


class Need(StrEnum):
    """What a lead has to have before words speak of it."""

    VISIT = "visit"
    MISSED_VISIT = "missed_visit"
    REFERRAL = "referral"


#: What a lead needs before words to this end are sent about it by hand.
NEEDED_FOR: Mapping[str, Need] = {
    Goal.REMIND: Need.VISIT,
    Goal.REBOOK: Need.MISSED_VISIT,
    Goal.REFERRAL: Need.REFERRAL,
}
#: Places that only a step of its own fills: a link to answer by, the words of a business mail, a visit that is booked.
BROUGHT_BY_STEPS = frozenset({"link", "about", "appointment", "visit_time"})
#: What templates are to bring about that automatic steps name by these keys, where no tag says it.
GOAL_OF: Mapping[str, Goal] = {
    "acknowledgement": Goal.ACKNOWLEDGE,
    "acknowledgement-repeat": Goal.RECEIPT,
    "data-request": Goal.ASK,
    "visit-reminder": Goal.REMIND,
    "visit-rebook": Goal.REBOOK,
}
#: What a message of a purpose uses the fields for that it names, and those by which its receiver was chosen (AU-07).
USE_OF: Mapping[str, FieldUse] = {
    Purpose.CARE_INQUIRY: FieldUse.CARE,
    Purpose.REMINDERS: FieldUse.SCHEDULING,
    Purpose.MARKETING: FieldUse.MARKETING,
    Purpose.BUSINESS: FieldUse.MARKETING,
}
#: What whoever asks for the message brings along; the fields of the dictionary come beside.
BROUGHT: Mapping[str, Place] = {
    "organization": Place("Name of the organization"),
    "postal_address": Place("Postal address of the organization"),
    "reference": Place("Reference of the request"),
    "next_contact": Place("When the person hears from us"),
    "about": Place("What a business mail is about"),
    "link": Place("A link for the person alone"),
    "preferences_link": Place("Link to change or stop messages"),
    "scheduling_link": Place("Link to book a visit"),
    "visit_time": Place("Day and hour of the visit, without where and what for"),
    "appointment": Place("Time and place of the appointment", PrivacyClass.PHI),
}
#: Fields of the dictionary that a message can name; the tenant's own fields come beside.
FILLED = (
    *("first_name", "last_name", "full_name", "postal_code", "city", "date_of_birth", "service", "location"),
    *WISHES,
)
#: Answers that somebody waits for: whatever else a template is for, these are no reminder and no marketing.
ANSWERS = frozenset({"acknowledgement", "acknowledgement-repeat", "data-request"})
