"""Words of exceptions: their types and causes, what may be decided about them, and what a rule says of a type."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ItemType(StrEnum):
    """What kind of thing keeps a lead from going its way (row EX-01)."""

    MISSING_FIELDS = "missing_fields"
    CONFLICTING_LOCATION = "conflicting_location"
    UNAVAILABLE_SERVICE = "unavailable_service"
    INCOMPLETE_FORM = "incomplete_form"
    WRONG_NUMBER = "wrong_number"
    REFERRAL_TO_VERIFY = "referral_to_verify"
    OUTSIDE_COVERAGE = "outside_coverage"
    NO_PERMITTED_CHANNEL = "no_permitted_channel"
    UNMAPPED_VALUE = "unmapped_value"
    NO_RULE = "no_rule"
    SYNC_ERROR = "sync_error"
    OWNER_MISMATCH = "owner_mismatch"
    INELIGIBLE = "ineligible"
    PRE_CONTACT_REVIEW = "pre_contact_review"


TYPE_LABELS: Mapping[str, str] = {
    ItemType.MISSING_FIELDS: "Missing fields",
    ItemType.CONFLICTING_LOCATION: "Conflicting location",
    ItemType.UNAVAILABLE_SERVICE: "Unavailable service",
    ItemType.INCOMPLETE_FORM: "Incomplete form",
    ItemType.WRONG_NUMBER: "Wrong number",
    ItemType.REFERRAL_TO_VERIFY: "Referral to verify",
    ItemType.OUTSIDE_COVERAGE: "Outside coverage",
    ItemType.NO_PERMITTED_CHANNEL: "No permitted channel",
    ItemType.UNMAPPED_VALUE: "Unmapped value",
    ItemType.NO_RULE: "No rule",
    ItemType.SYNC_ERROR: "Sync error",
    ItemType.OWNER_MISMATCH: "Owner mismatch",
    ItemType.INELIGIBLE: "Not eligible",
    ItemType.PRE_CONTACT_REVIEW: "Review before contact",
}

CONFLICTING_LOCATION = "conflicting_location"
LOCATION_MISSING, SERVICE_MISSING = "location_missing", "service_missing"
SERVICE_UNAVAILABLE, NO_RULE = "service_unavailable", "no_rule"
REFERRAL_UNVERIFIED, SYNC_ERROR = "referral_unverified", "sync_error"
NO_PERMITTED_CHANNEL, NO_VALID_CONTACT = "no_permitted_channel", "no_valid_contact"
OWNER_MISMATCH = "owner_mismatch"
INELIGIBLE = "ineligible"
PRE_CONTACT_REVIEW = "pre_contact_review"
#: Of these nobody reaches out to the person until somebody decided; each is the code of the type of its name.
NO_OUTREACH = (INELIGIBLE, PRE_CONTACT_REVIEW)

#: Causes that stop no lead: they wait for somebody beside its way, and `Lead.exception` does not name them.
BESIDE = frozenset({SYNC_ERROR})

#: The type of each cause; any other `…_missing` is a missing field.
TYPES_BY_CODE: Mapping[str, ItemType] = {
    "conflicting_location": ItemType.CONFLICTING_LOCATION,
    "ambiguous_city": ItemType.CONFLICTING_LOCATION,
    "unknown_city": ItemType.CONFLICTING_LOCATION,
    "service_unavailable": ItemType.UNAVAILABLE_SERVICE,
    "context_missing": ItemType.INCOMPLETE_FORM,
    "required_field_missing": ItemType.INCOMPLETE_FORM,
    "blank": ItemType.INCOMPLETE_FORM,
    "no_valid_contact": ItemType.WRONG_NUMBER,
    "no_contact_point": ItemType.WRONG_NUMBER,
    "reachable_point_missing": ItemType.WRONG_NUMBER,
    "channel_unreachable": ItemType.WRONG_NUMBER,
    "phone_invalid": ItemType.WRONG_NUMBER,
    "email_invalid": ItemType.WRONG_NUMBER,
    "referral_unverified": ItemType.REFERRAL_TO_VERIFY,
    "out_of_area": ItemType.OUTSIDE_COVERAGE,
    "no_permitted_channel": ItemType.NO_PERMITTED_CHANNEL,
    "consent_missing": ItemType.NO_PERMITTED_CHANNEL,
    "unmapped_value": ItemType.UNMAPPED_VALUE,
    "no_rule": ItemType.NO_RULE,
    "sync_error": ItemType.SYNC_ERROR,
    "ineligible": ItemType.INELIGIBLE,
    "pre_contact_review": ItemType.PRE_CONTACT_REVIEW,
    "owner_mismatch": ItemType.OWNER_MISMATCH,
}

CODE_LABELS: Mapping[str, str] = {
    "ambiguous_city": "Ambiguous city",
    "unknown_city": "Unknown city",
    "context_missing": "Referral without context",
    "required_field_missing": "Required field missing",
    "no_valid_contact": "No valid contact method",
    "reachable_point_missing": "No working phone or address",
    "preferred_channel_missing": "Missing contact method",
    "out_of_area": "Outside coverage",
    "service_unavailable": "Unavailable service",
    "referral_unverified": "Referral to verify",
    "consent_missing": "Missing consent",
}


class Decision(StrEnum):
    """What people may decide about an exception (rows EX-02, EX-08, EX-10)."""

    ACCEPT = "accept"
    REDIRECT = "redirect"
    ASK = "ask"
    FIX = "fix"
    NURTURE = "nurture"
    PARK = "park"
    REFER = "refer"
    CLOSE = "close"
    RETRY = "retry"
    ESCALATE = "escalate"


#: What an item can be ended by, beside a person's decision.
RELEASED = "released"


class MissingData(StrEnum):
    """What becomes of a lead that lacks something: three ways, one for each rule (row EX-03)."""

    HOLD = "hold"
    GENERAL_TEAM = "general_team"
    COLLECT = "collect"


MISSING_DATA_WORDS: Mapping[str, str] = {
    MissingData.HOLD: "The lead waits until somebody finds out",
    MissingData.GENERAL_TEAM: "The general team goes on with what is known",
    MissingData.COLLECT: "The person is asked for it by a link, and the lead waits for the answer",
}

#: Types of exceptions that what a person tells us can end.
TOLD_BY_PERSON = frozenset(
    {ItemType.MISSING_FIELDS, ItemType.CONFLICTING_LOCATION, ItemType.INCOMPLETE_FORM, ItemType.UNMAPPED_VALUE}
)

#: What a person can be asked for by a link, in the order in which it is asked.
ASKABLE = ("service", "location", "patient_type", "preferred_channel", "phone")
ASKED_WORDS: Mapping[str, str] = {
    "service": "service",
    "location": "location",
    "patient_type": "new or established",
    "preferred_channel": "contact method",
    "phone": "phone number",
}
#: Of these the product asks by itself: they decide a lead's way.
ASKED_UNBIDDEN = ("service", "location", "preferred_channel")
#: Causes that a chosen location settles, also where the person's own place is known.
SETTLED_BY_LOCATION = frozenset({"conflicting_location", "ambiguous_city", "unknown_city", "location_missing"})


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    WAITING = "waiting_approval"
    RESOLVED = "resolved"


#: Who hears of an item that nobody decided in time, where the rules name no team.
TEAM_LEAD = "team_lead"
DEFAULT_WITHIN_SECONDS = 1800
#: Types that are given longer where no rule says how long.
USUAL_SECONDS: Mapping[str, int] = {
    ItemType.REFERRAL_TO_VERIFY: 86_400,
    ItemType.NO_PERMITTED_CHANNEL: 86_400,
    ItemType.INELIGIBLE: 86_400,
    ItemType.PRE_CONTACT_REVIEW: 14_400,
    ItemType.WRONG_NUMBER: 28_800,
    ItemType.INCOMPLETE_FORM: 28_800,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules say of one type. `queue` "" leaves the lead where the router put it; `approver` is a team.

    `then` names who is alerted when nobody decided within the seconds: `team_lead`, or a team by its key.
    `missing_data` is what becomes of a lead that lacks something.
    """

    type: ItemType
    queue: str = ""
    actions: tuple[Decision, ...] = ()
    approver: str = ""
    approves: tuple[Decision, ...] = ()
    within_seconds: int = DEFAULT_WITHIN_SECONDS
    then: str = TEAM_LEAD
    missing_data: MissingData = MissingData.HOLD


@dataclass(frozen=True, slots=True)
class Guess:
    """What we take a field to be, and how sure that is (0 to 100)."""

    field: str
    value: str
    confidence: int


class RightCode(StrEnum):
    """Whether somebody may decide so."""

    ALLOWED = "allowed"
    NEEDS_APPROVAL = "needs_approval"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class RightVerdict:
    """Whether a decision takes hold at once, has to be approved first, or is none that the rules offer."""

    code: RightCode
    sentence: str


def type_of(code: str) -> ItemType:
    """Return the type of a cause; whatever is said to be missing is a missing field."""
    found = TYPES_BY_CODE.get(code)
    if found is not None:
        return found
    return ItemType.MISSING_FIELDS if code.endswith("_missing") else ItemType.INCOMPLETE_FORM


def title_of(code: str) -> str:
    """Return a cause in words: `location_missing` is “Missing location”."""
    if code in CODE_LABELS:
        return CODE_LABELS[code]
    stem, _, tail = code.rpartition("_")
    if tail == "missing" and stem:
        return f"Missing {stem.replace('_', ' ')}"
    return TYPE_LABELS.get(code) or code.replace("_", " ").capitalize()
