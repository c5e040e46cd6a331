"""Words of ownership: who asks to change what of whose lead, and the answer; and the parts of an ownership policy."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from apps.accounts.terms import FieldGroup

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

#: How to reach the person: numbers and addresses, which stand beside the lead.
CONTACT_DATA = "contact_data"
#: Fields by the group that role profiles name (row TA-09); what stands in none is open to every editor.
FIELD_GROUPS: Mapping[str, FieldGroup] = {
    CONTACT_DATA: FieldGroup.CONTACT,
    "contact_person": FieldGroup.CONTACT,
    "appointment_type": FieldGroup.HEALTH,
    "payer": FieldGroup.INSURANCE,
    "insurance_member": FieldGroup.INSURANCE,
    "source": FieldGroup.MARKETING,
    "campaign": FieldGroup.MARKETING,
    "outcome": FieldGroup.OUTCOME,
    "closure_reason": FieldGroup.OUTCOME,
    "closed_at": FieldGroup.OUTCOME,
    "consent_call": FieldGroup.CONSENT,
    "consent_text": FieldGroup.CONSENT,
    "consent_email": FieldGroup.CONSENT,
}


def is_of(field: str, groups: Collection[str]) -> bool:
    """Say whether a field of a lead belongs to one of these groups."""
    return FIELD_GROUPS.get(field) in groups


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
    FIELD_GROUP = "field_group"
    VISIT_STATE = "visit_state"


@dataclass(frozen=True, slots=True)
class Keeper:
    """The team that maintains consent by the rules in force: its name, and since when the rules name it."""

    name: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """What must be known of whoever asks. Administrators have no field of their own: they get no bypass.

    `edits_lead` says whether they hold the object permission to change this lead, or work on all leads. `fixed_groups`
    are the groups of fields that their role does not edit.
    """

    name: str
    team_keys: frozenset[str] = frozenset()
    is_system: bool = False
    is_agency: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)
    edits_lead: bool = True
    fixed_groups: frozenset[str] = field(default_factory=frozenset)


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


class Model(StrEnum):
    """How a policy finds a lead's owner (row OW-01)."""

    SINGLE_OWNER = "single_owner"
    TERRITORY = "territory"
    PARTNERSHIP = "partnership"
    CHANNEL = "channel"


class OwnerEvent(StrEnum):
    """What may hand a lead to another team (row OW-09). The first three are seen as the stage that they lead to."""

    QUALIFIED = "qualified"
    CONTACTED = "contacted"
    SCHEDULED = "scheduled"
    NO_VALID_CONTACT = "no_valid_contact"
    MEETING_AGREED = "meeting_agreed"
    TERMS_APPROVED = "terms_approved"
    CUSTOM = "custom"


#: Events that are a stage of the lead; the others are found by the product or recorded by a person.
STAGE_EVENTS = (OwnerEvent.QUALIFIED, OwnerEvent.CONTACTED, OwnerEvent.SCHEDULED)
#: Stands for a team in `first_outreach`: whoever the routing rules find, while the policy names the owner.
BY_ROUTING = "routing"
#: The steps of the responsibility matrix (row OW-08) and the sections of a policy (row OW-13), in their order.
STEPS = ("capture", "enrichment", "routing", "first_outreach", "follow_up", "closure_notes")
SECTIONS = (
    *("lead_definition", "start_time", "routing", "statuses", "triggers", "duplicates", "enrichment"),
    *("compliance_fields", "activity_logging", "disputes"),
)


class Role(StrEnum):
    """A part in a lead beside its one primary owner: who delivered it, who answers for its outcome, who calls first.

    The words are the kinds of a spell of ownership (assumption A-36).
    """

    DELIVERY = "delivery"
    OUTCOME = "outcome"
    OUTREACH = "outreach"


@dataclass(frozen=True, slots=True)
class Where:
    """What a policy may be chosen by; "" where the lead has none."""

    pipeline: str = ""
    campaign: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that hands the lead over; `name` is the word of a custom one.

    `opens` says that it opens an opportunity of the lead's group, `approver` which team's lead approves terms; "" is
    the team that takes over (rows OP-07, OW-17).
    """

    event: str
    name: str
    handover: Handover
    opens: bool = False
    approver: str = ""

    @property
    def key(self) -> str:
        """The word under which the event is recorded."""
        return self.name if self.event == OwnerEvent.CUSTOM else self.event


@dataclass(frozen=True, slots=True)
class Sharing:
    """Until which stage which teams log contacts on a lead that they do not own; `agency`: whoever delivered it."""

    until: str
    teams: frozenset[str] = frozenset()
    agency: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """One ownership policy as it decides. The one without an id is what the document says of every other lead.

    `team` is the central team of a single owner, `channels` the owners by capture channel, `booking` the event with
    which the outcome team of a partnership takes over. `first_outreach` is a team, `BY_ROUTING`, or "" for the owner.
    """

    id: str = ""
    name: str = ""
    model: Model = Model.TERRITORY
    pipelines: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    team: str = ""
    delivery: str = ""
    outcome: str = ""
    booking: str = OwnerEvent.SCHEDULED
    channels: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, Handover] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    sharing: Sharing | None = None
    first_outreach: str = ""
    responsibility: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a document, and what it says of all leads that none of them names."""

    usual: Policy = field(default_factory=Policy)
    named: tuple[Policy, ...] = ()


class Logs(StrEnum):
    """As what somebody logs a contact: its effect is full for the owner and for who calls first."""

    OWNER = "owner"
    OUTREACH = "outreach"
    SHARED = "shared"
