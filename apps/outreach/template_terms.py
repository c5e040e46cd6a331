"""Words of message templates: the states of a version, and the places that a message may leave for a word. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.catalog.terms import PrivacyClass


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
    """What may stand in a `{place}`: its name for people, and how carefully the field behind it is kept.

    `field` says that it is a field of the data dictionary, whose recorded purposes bind.
    """

    label: str
    privacy: PrivacyClass = PrivacyClass.PLAIN
    field: bool = True


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a message as they are judged."""

    key: str
    channel: str
    subject: str
    body: str
    purpose: str
    holds_phi: bool = False


#: What whoever asks for the message brings along; the fields of the dictionary come beside.
BROUGHT: Mapping[str, Place] = {
    "organization": Place("Name of the organization", field=False),
    "postal_address": Place("Postal address of the organization", field=False),
    "reference": Place("Reference of the request", field=False),
    "next_contact": Place("When the person hears from us", field=False),
    "about": Place("What a business mail is about", field=False),
    "link": Place("A link for the person alone", field=False),
    "preferences_link": Place("Link to change or stop messages", field=False),
    "appointment": Place("Time and place of the appointment", PrivacyClass.PHI, field=False),
}
#: Fields of the dictionary that a message can name; the tenant's own fields come beside.
FILLED = (
    *("first_name", "last_name", "full_name", "postal_code", "city", "date_of_birth", "service", "location"),
    *("patient_type", "timeframe", "preferred_channel", "best_time", "payer"),
)
#: Answers that somebody waits for: whatever else a template is for, these are no reminder and no marketing.
ANSWERS = frozenset({"acknowledgement", "acknowledgement-repeat", "data-request"})
