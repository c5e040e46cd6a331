"""Words of handoffs: their types as rules, the fields that pass or stay, and the states of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.accounts.terms import FieldGroup
from apps.policies.terms import Problem

KIND = "handoffs"
USUAL_ACCEPT_SECONDS, USUAL_OUTREACH_SECONDS, USUAL_STUCK_SECONDS = 900, 1800, 7200
USUAL_MANUAL_MINUTES, USUAL_PROPOSE_AFTER = 6, 12
LONGEST_TEXT, LONGEST_REASON = 500, 300


class HandoffState(StrEnum):
    """Where a handoff stands. Until it is accepted the sender answers for the lead."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PassField:
    """A field that can pass: what people call it, and the group that a role may be kept from."""

    label: str
    group: FieldGroup | None = None


ELIGIBILITY, NEXT_STEP, CONSENT, AD_COST, CLINICAL = (
    *("eligibility_note", "next_step", "consent_any"),
    *("ad_cost", "clinical_note"),
)
#: What was said of their health and is kept sealed: read only where the role reads health details, and noted.
SEALED = ("message", "answers", "referral")
PASSABLE: Mapping[str, PassField] = {
    "name": PassField("Name", FieldGroup.CONTACT),
    "phone": PassField("Phone", FieldGroup.CONTACT),
    "email": PassField("E-mail", FieldGroup.CONTACT),
    "date_of_birth": PassField("Date of birth", FieldGroup.CONTACT),
    "language": PassField("Language"),
    "service": PassField("Service"),
    "location": PassField("Location"),
    "patient_type": PassField("Patient type"),
    "timeframe": PassField("Timeframe"),
    "preferred_channel": PassField("Preferred channel"),
    "appointment_type": PassField("Appointment type"),
    "part_of_day": PassField("Part of the day"),
    "best_time": PassField("Best time"),
    "priority": PassField("Priority"),
    CONSENT: PassField("Consent", FieldGroup.CONSENT),
    "payer": PassField("Insurance", FieldGroup.INSURANCE),
    ELIGIBILITY: PassField("Eligibility note", FieldGroup.HEALTH),
    NEXT_STEP: PassField("Next step"),
    "attempts": PassField("Contact so far", FieldGroup.OUTCOME),
    "message": PassField("What they wrote", FieldGroup.HEALTH),
    "answers": PassField("Their answers", FieldGroup.HEALTH),
    "referral": PassField("Referral", FieldGroup.HEALTH),
    CLINICAL: PassField("Clinical notes", FieldGroup.HEALTH),
    "source": PassField("Source", FieldGroup.MARKETING),
    "campaign": PassField("Campaign", FieldGroup.MARKETING),
    AD_COST: PassField("Ad cost", FieldGroup.MARKETING),
}
#: Ways to reach a person that a sender can confirm.
CONFIRMABLE = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a checklist. A mandatory one blocks the handoff until a named person ticked it."""

    id: str
    label: str
    is_mandatory: bool = True


@dataclass(frozen=True, slots=True)
class HandoffType:
    """From whom to whom, what must and what must not pass, what is checked, and by when.

    `from_` and `to_` name one team, or the teams of a function. `then` is the next type of the chain. `excuses` are the
    reasons for which an item may stay open. Limits are seconds of the receiver's opening hours.
    """

    id: str
    name: str
    meaning: str = ""
    from_team: str = ""
    from_function: str = ""
    to_team: str = ""
    to_function: str = ""
    must_pass: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    excuses: tuple[str, ...] = ()
    accept_seconds: int = USUAL_ACCEPT_SECONDS
    outreach_seconds: int = USUAL_OUTREACH_SECONDS
    then: str = ""
    keeps_view: bool = False


@dataclass(frozen=True, slots=True)
class Handoffs:
    """A document of handoffs, read: the active types by id, and what holds for all of them."""

    types: Mapping[str, HandoffType]
    stuck_seconds: int = USUAL_STUCK_SECONDS
    manual_minutes: int = USUAL_MANUAL_MINUTES
    propose_after: int = USUAL_PROPOSE_AFTER


@dataclass(frozen=True, slots=True)
class Note:
    """The structured note of a handoff: which service, which contact details are confirmed, what comes next.

    `eligibility` says why the service is for them. `text` is free and never enough alone (row HO-10).
    """

    service: str = ""
    confirmed: tuple[str, ...] = ()
    next_step: str = ""
    eligibility: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ticks:
    """The checklist as the sender answered it: ids that are done, and the excuse of each that is not."""

    done: frozenset[str] = frozenset()
    excused: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OfferVerdict:
    """Whether a lead may be offered; `missing` are the fields that must pass, each problem at its pointer."""

    allowed: bool
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    open_items: tuple[str, ...] = ()
