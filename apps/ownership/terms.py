"""Words of ownership: who asks to change what of whose lead, and the answer."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: Fields that only the owning team changes, whatever a tenant's document says (row TA-06).
KEY_FIELDS = frozenset(
    {
        "stage",
        "status",
        "outcome",
        "closure_reason",
        "closed_at",
        "owner_team",
        "owner",
        "queue",
        "qualification",
    }
)

#: The assignment: fixed for everyone but the owner once outreach has begun (row TA-07).
ASSIGNMENT_FIELDS = frozenset({"owner_team", "owner", "queue"})

#: What whoever sees a lead may add to: nothing is changed by it, so the right to look and to edit suffices.
ADDED_FIELDS = frozenset({"notes"})

FIELD_WORDS = {
    "owner_team": "Owner team",
    "closure_reason": "Closure reason",
    "closed_at": "Closing time",
    "qualification": "Qualification result",
}


class ChangeCode(StrEnum):
    """Why a change is allowed or refused; the API shows it as the problem's code."""

    OK = "ok"
    AGENCY = "agency"
    CONSENT_MAINTAINER = "consent_maintainer"
    OUTREACH_STARTED = "outreach_started"
    LOCKED_BY_OWNER = "locked_by_owner"
    NO_PERMISSION = "no_permission"


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """What must be known of whoever asks. Administrators have no field of their own: they get no bypass.

    `edits_lead` says whether they hold the object permission to change this lead, or work on all leads.
    """

    name: str
    team_keys: frozenset[str] = frozenset()
    is_system: bool = False
    is_agency: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)
    edits_lead: bool = True


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What must be known of the lead. An empty team key means that nobody owns it yet."""

    ref: str
    owner_team_key: str
    owner_team_name: str
    owner_name: str = ""
    owner_since: datetime | None = None
    outreach_started_at: datetime | None = None
    is_closed: bool = False
    stage_key: str = ""


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """Whether this actor may change this field of this lead; the sentence is for the person who asked."""

    allowed: bool
    code: ChangeCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Handover:
    """The team that owns a lead from a stage on, and whether the team before it may still look."""

    team_key: str
    keeps_view: bool
