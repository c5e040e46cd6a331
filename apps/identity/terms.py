"""Words of identity: who arrives, who is on file, and what was concluded about the person and the inquiry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DraftIdentity:
    """What an arrival says about its person. Phones are E.164, e-mail addresses lower case."""

    first_name: str = ""
    last_name: str = ""
    date_of_birth: date | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    postal_code: str = ""
    city: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class CandidatePerson:
    """A person on file. `shared_values` are contact values that serve several people (a clinic's desk)."""

    person_id: UUID
    first_name: str = ""
    last_name: str = ""
    date_of_birth: date | None = None
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()
    postal_code: str = ""
    shared_values: frozenset[str] = frozenset()
    city: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Portrait:
    """Everything a record says of a person, folded to small letters for comparison; `born` is YYYYMMDD."""

    first_name: str = ""
    last_name: str = ""
    born: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    street: str = ""
    street_number: str = ""
    second_line: str = ""


class Part(StrEnum):
    """What two portraits are compared by."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    STREET = "street"
    SECOND_LINE = "second_line"
    STREET_NUMBER = "street_number"
    CITY = "city"
    POSTAL_CODE = "postal_code"
    BORN = "born"
    REGION = "region"


class Level(StrEnum):
    """How far two values agree; `MISSING` says nothing."""

    SAME = "same"
    CLOSE = "close"
    ALIKE = "alike"
    DIFFERENT = "different"
    MISSING = "missing"


class NameRelation(StrEnum):
    """How two names relate, from surest to opposed; `MISSING` neither helps nor hinders."""

    SAME = "same"
    NICKNAME = "nickname"
    TYPO = "typo"
    INITIAL = "initial"
    MISSING = "missing"
    DIFFERENT = "different"


class MatchKey(StrEnum):
    """What two records can share."""

    EXTERNAL_ID = "external_id"
    PHONE = "phone"
    EMAIL = "email"


class Agreement(StrEnum):
    """What else a rule may ask to agree. None of these finds a person by itself."""

    NAME = "name"
    POSTAL_CODE = "postal_code"
    DATE_OF_BIRTH = "date_of_birth"


class Evidence(StrEnum):
    """What two records can have in common, or against each other; each has a weight in the duplicate rules."""

    NAME = "name"
    FAMILY_NAME = "family_name"
    DATE_OF_BIRTH = "date_of_birth"
    DATE_OF_BIRTH_DIFFERS = "date_of_birth_differs"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    PHONE = "phone"
    EMAIL = "email"


class Band(StrEnum):
    """How a score is taken. People decide about review and strong alike; only an exact key joins by itself."""

    STRONG = "strong"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One line of a score: what was compared, its points (below 0 when it speaks against), and the words."""

    evidence: Evidence
    points: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two records are one person, 0 to 100, with every line that made the number."""

    score: int
    band: Band
    lines: tuple[EvidenceLine, ...] = ()


class PersonMatch(StrEnum):
    """Whether the arrival's person is one on file."""

    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A person on file who was considered and not taken, for the page where people decide."""

    person_id: UUID
    why: str
    likeness: Likeness = Likeness(0, Band.NONE)


@dataclass(frozen=True, slots=True)
class PersonVerdict:
    """Which person this is, by which keys, and who else came near. `score` is 0 to 100, for display.

    `agrees` names what else fits between the arrival and the person taken, for rules that ask for it. `rivals` fit
    as well as the person taken.
    """

    match: PersonMatch
    person_id: UUID | None
    keys: tuple[str, ...]
    reason: str
    score: int
    near: tuple[NearMiss, ...] = ()
    agrees: tuple[str, ...] = ()
    rivals: tuple[UUID, ...] = ()


class Scope(StrEnum):
    """Which earlier inquiries of the person a duplicate rule compares with."""

    SERVICE = "service"
    CAMPAIGN = "campaign"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class PriorLead:
    """An earlier inquiry of the person. `captured_at` is its latest touch.

    `may_return` is false of a closed one that was won, was a duplicate or came by an import that was undone.
    """

    lead_id: UUID
    service: str | None
    campaign: str | None
    party: str | None
    is_open: bool
    captured_at: datetime
    closed_at: datetime | None = None
    may_return: bool = True


class LeadAction(StrEnum):
    """What becomes of the arrival: a lead of its own, part of an earlier one, or its own with a link."""

    NEW = "new"
    MERGE = "merge"
    UPDATE = "update"
    LINK = "link"
    #: The earlier lead is closed, and its rule takes it up again (row ST-20).
    REOPEN = "reopen"
    #: A person found that it was joined by mistake and made a lead of its own of it.
    SPLIT = "split"


class Verdict(StrEnum):
    """How deliveries and billing count the arrival (row DU-12)."""

    NEW = "new"
    DUPLICATE = "duplicate"
    RESUBMIT = "resubmit"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class LeadVerdict:
    """What becomes of the arrival and how it counts; `lead_id` is the lead merged into or linked to."""

    action: LeadAction
    verdict: Verdict
    lead_id: UUID | None
    rule_id: str
    reason: str
    #: What the rules were asked and answered, for the record; None where no rule was asked.
    asked: Mapping[str, Any] | None = field(default=None, compare=False)
