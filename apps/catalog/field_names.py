"""The fields that every tenant has, and whether a new name is nearly one that exists (rows DD-01 and DD-12). Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from apps.catalog.terms import FieldKind, PrivacyClass

ALIKE, SHORTEST_COMPARED = 90, 6
_NO_WORD = re.compile(r"[\W_]+")
_TEXT, _CHOICE, _DATE, _YES_NO = FieldKind.TEXT, FieldKind.CHOICE, FieldKind.DATE, FieldKind.YES_NO
_PLAIN, _CONTACT, _MARKETING = PrivacyClass.PLAIN, PrivacyClass.CONTACT, PrivacyClass.MARKETING
_HEALTH, _INSURANCE, _PHI = PrivacyClass.HEALTH, PrivacyClass.INSURANCE, PrivacyClass.PHI


@dataclass(frozen=True, slots=True)
class StandardField:
    """A field of the product's own: its label, its meaning, what it holds, how it is kept, and its mapping target."""

    label: str
    meaning: str
    kind: FieldKind = _TEXT
    privacy: PrivacyClass = _PLAIN
    target: str = ""


STANDARD_FIELDS: Mapping[str, StandardField] = {
    "first_name": StandardField("First name", "Of the person who needs care.", _TEXT, _CONTACT, "person.first_name"),
    "last_name": StandardField("Last name", "Of the person who needs care.", _TEXT, _CONTACT, "person.last_name"),
    "full_name": StandardField(
        "Full name", "A name in one piece; it is cut in two.", _TEXT, _CONTACT, "person.full_name"
    ),
    "phone": StandardField("Phone", "Kept as E.164; the original stays.", _TEXT, _CONTACT, "person.phone"),
    "email": StandardField("E-mail", "Kept in lower case; the original stays.", _TEXT, _CONTACT, "person.email"),
    "postal_code": StandardField("ZIP", "Where the person lives.", _TEXT, _CONTACT, "person.postal_code"),
    "city": StandardField("City", "Where the person lives, read as a known town.", _TEXT, _CONTACT, "person.city"),
    "region": StandardField("State", "Where the person lives.", _TEXT, _CONTACT, "person.region"),
    "date_of_birth": StandardField(
        "Date of birth", "Of the person who needs care.", _DATE, _CONTACT, "person.date_of_birth"
    ),
    "preferred_language": StandardField(
        "Language", "In which they want to be spoken to.", _TEXT, _PLAIN, "person.preferred_language"
    ),
    "organization_name": StandardField(
        "Organisation", "That asks for itself.", _TEXT, _CONTACT, "person.organization_name"
    ),
    "relation": StandardField(
        "Relation", "Of who asks to the person who needs care.", _CHOICE, _PLAIN, "on_behalf_of.relation"
    ),
    "service": StandardField("Service", "What is asked for.", _CHOICE, _HEALTH, "request.service"),
    "location": StandardField(
        "Location", "The office that is asked for or was chosen.", _CHOICE, _PLAIN, "request.location"
    ),
    "patient_type": StandardField(
        "Patient type", "New here, or known already.", _CHOICE, _PLAIN, "request.patient_type"
    ),
    "timeframe": StandardField("Timeframe", "How soon they want to come.", _CHOICE, _PLAIN, "request.timeframe"),
    "appointment_type": StandardField(
        "Appointment type",
        "Which of the service's kinds of visit they prefer.",
        _TEXT,
        _HEALTH,
        "request.appointment_type",
    ),
    "part_of_day": StandardField(
        "Part of the day", "In which half of a day a visit suits them.", _CHOICE, _PLAIN, "request.part_of_day"
    ),
    "preferred_channel": StandardField(
        "Preferred channel", "How they want to be contacted.", _CHOICE, _PLAIN, "request.preferred_channel"
    ),
    "best_time": StandardField("Best time", "When they want to be contacted.", _TEXT, _PLAIN, "request.best_time"),
    "message": StandardField(
        "Message", "What they wrote; sealed, every read is recorded.", _TEXT, _HEALTH, "request.message"
    ),
    "payer": StandardField("Payer", "Who pays.", _TEXT, _INSURANCE, "insurance.payer"),
    "member_id": StandardField("Member id", "Of the insured person; sealed.", _TEXT, _PHI, "insurance.member_id"),
    "source": StandardField("Source", "Which form, number or campaign brought the lead.", _CHOICE, _MARKETING),
    "campaign": StandardField("Campaign", "Which campaign brought the lead.", _CHOICE, _MARKETING),
    "channel": StandardField("Channel", "How the inquiry came.", _CHOICE, _PLAIN),
    "lead_class": StandardField(
        "Lead class", "Patient, referral, recruitment, partnership or business.", _CHOICE, _PLAIN
    ),
    "stage": StandardField("Stage", "Where the lead is on its way.", _CHOICE, _PLAIN),
    "status": StandardField("Status", "What is true of the lead now.", _TEXT, _PLAIN),
    "outcome": StandardField("Outcome", "What came of it.", _TEXT, _PLAIN),
    "closure_reason": StandardField("Closure reason", "Why the lead ended.", _CHOICE, _PLAIN),
    "owner_team": StandardField("Owning team", "Who answers for the lead.", _CHOICE, _PLAIN),
    "consent_call": StandardField("Consent to calls", "From the consent record.", _CHOICE, _CONTACT),
    "consent_text": StandardField("Consent to texts", "From the consent record.", _CHOICE, _CONTACT),
    "consent_email": StandardField("Consent to e-mail", "From the consent record.", _CHOICE, _CONTACT),
    "consent_any": StandardField("Consent", "On any channel, from the consent record.", _YES_NO, _CONTACT),
    **{
        name: StandardField(name.replace("_", " ").capitalize(), meaning, _TEXT, _MARKETING, f"attribution.{name}")
        for name, meaning in {
            "utm_source": "Where the click came from.",
            "utm_medium": "By which medium.",
            "utm_campaign": "The campaign's own key.",
            "utm_term": "The search word.",
            "utm_content": "The advertisement.",
            "gclid": "Google's click.",
            "fbclid": "Meta's click.",
            "landing_page": "The page they came to.",
            "referrer": "The page they came from.",
            "tracking_number": "The number that was dialled.",
        }.items()
    },
}


def near_duplicate(name: str, known: Mapping[str, str]) -> str:
    """Return the key of a field that the name is nearly, given labels by key; "" where it stands apart.

    "Service Line", "service-line" and "service_lines" are all `service_line`; so is a misspelling of a long name.
    """
    own = _squashed(name)
    if not own:
        return ""
    for key, label in known.items():
        for other in (_squashed(key), _squashed(label)):
            if own == other:
                return key
            is_long = min(len(own), len(other)) >= SHORTEST_COMPARED
            if (
                is_long
                and own[:1] == other[:1]
                and fuzz.ratio(own, other) >= ALIKE
                and not _differs_by_number(own, other)
            ):
                return key
    return ""


def _squashed(name: str) -> str:
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", name) if not unicodedata.combining(mark))
    word = _NO_WORD.sub("", bare.casefold())
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _differs_by_number(one: str, other: str) -> bool:
    """Whether the names differ in their digits: "address 1" and "address 2" are two fields."""
    return re.sub(r"\D", "", one) != re.sub(r"\D", "", other)
