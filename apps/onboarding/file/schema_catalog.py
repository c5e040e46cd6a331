"""The tenant file's parts about the catalog: calendars, offices, services, queues, campaigns, sources."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from apps.catalog.terms import (
    CaptureMethod,
    ConsentStep,
    ContactChannel,
    FieldKind,
    FieldUse,
    OutsideAdapter,
    PrivacyClass,
    QueueMethod,
    ServiceKind,
    SourceType,
    StartEvent,
    TargetKind,
    WorkflowKind,
)
from apps.onboarding.file.hours import one_form
from apps.onboarding.file.part import Key, Name, Part, Text
from apps.onboarding.file.schema_people import Zone

FieldName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=63)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class HolidayPart(Part):
    """A day on which a calendar is closed."""

    day: date
    """The day, as 2026-12-25."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """What the day is called."""


class CalendarPart(Part):
    """Opening hours of offices and queues."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    zone: Zone
    """Time zone of the hours."""
    always_open: bool = False
    """True for a desk that never closes; hours and holidays do not count then."""
    hours: Annotated[tuple[str, ...], AfterValidator(one_form)] = ()
    """Lines like "mon-fri 08:00-17:00"; 24:00 is the end of the day."""
    holidays: tuple[HolidayPart, ...] = ()
    """Days on which the calendar is closed."""


class LocationPart(Part):
    """An office."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    street: Annotated[str, StringConstraints(max_length=200)] = ""
    """Street and number."""
    city: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """City."""
    region: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """State or province."""
    postal_code: Annotated[str, StringConstraints(min_length=1, max_length=12)]
    """ZIP or postal code, in quotes."""
    latitude: float = Field(ge=-90, le=90)
    """Degrees north."""
    longitude: float = Field(ge=-180, le=180)
    """Degrees east."""
    synonyms: tuple[Word, ...] = ()
    """Other names people write for the office."""
    calendar: Key
    """Opening hours, by key."""
    is_available: bool = True
    """False for an office that takes no new leads for now."""
    unavailable_because: Annotated[str, StringConstraints(max_length=100)] = ""
    """Why it takes none: closed for repair."""
    fallback: Key | None = None
    """Office that takes its leads meanwhile, by key."""
    phone: Annotated[str, StringConstraints(max_length=20)] = ""
    """Phone number that people call."""


class ServicePart(Part):
    """A service line people ask for."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    kind: ServiceKind = ServiceKind.SPECIALTY_CARE
    """What the service is."""
    synonyms: tuple[Word, ...] = ()
    """Other words people use for the service."""
    appointment_types: tuple[Word, ...] = ()
    """Kinds of appointment."""
    accepts_new_patients: bool = True
    """False where only established patients are seen."""
    min_age: int | None = Field(default=None, ge=0, le=130)
    """Youngest age."""
    max_age: int | None = Field(default=None, ge=0, le=130)
    """Oldest age."""
    eligibility: Text = ""
    """Whom it is for, in words that staff read."""
    skills: tuple[Annotated[str, StringConstraints(max_length=40)], ...] = ()
    """What somebody must know to take such a lead."""
    slot_days: int | None = Field(default=None, ge=1, le=365)
    """Within how many days a first slot is wanted; the organization's setting `slot_days`, else 14, if left out."""
    workflow: Key | None = None
    """How it gets scheduled, by key; needed where there are workflows."""
    owner: Key | None = None
    """Team that answers for it, by key."""
    effective_on: date | None = None
    """First day on which it counts."""
    at: tuple[Key, ...] = ()
    """Offices that offer the service, by key."""
    specialty_at: tuple[Key, ...] = ()
    """Those of them that are known for it, by key."""
    established_only_at: tuple[Key, ...] = ()
    """Those of them that see no new patients for it at present, by key."""


class VisitingHoursPart(Part):
    """When a provider sees people week by week: free slots follow from it, without what is booked."""

    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1)]
    """Days of the week."""
    opens: Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d$")]
    """From when, by the office's wall clock."""
    closes: Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d$")]
    """Until when; the last visit ends before."""
    office: Key
    """Where."""
    service: Key
    """For what."""
    minutes: Annotated[int, Field(ge=5, le=480)] = 30
    """How long a visit takes."""
    places: Annotated[int, Field(ge=1, le=50)] = 1
    """How many people one slot takes."""


class ProviderPart(Part):
    """Somebody who sees patients. Open slots are told by a scheduling system or in the admin, or follow from hours."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    skills: tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)], ...] = ()
    """What they are skilled in; rules ask for it."""
    services: Annotated[tuple[Key, ...], Field(min_length=1)]
    """What they are seen for, by key."""
    offices: Annotated[tuple[Key, ...], Field(min_length=1)]
    """Where they see people, by key."""
    takes_new_patients: bool = True
    """False where they see established patients only."""
    visiting_hours: tuple[VisitingHoursPart, ...] = ()
    """When they see people, where free slots are ours to know."""


class WorkflowPart(Part):
    """How visits for a service come about."""

    key: Key
    """Stable name."""
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    """Name that people see."""
    kind: WorkflowKind
    """In our own schedule, in another system, or by a call back."""
    team: Key
    """Team whose work it is, by key."""
    system: Annotated[str, StringConstraints(max_length=200)] = ""
    """The other system, or its address."""


class OutsideSystemPart(Part):
    """A system beside ours that hears where leads are. Its secret is set in the admin and stands in no file."""

    key: Key
    """Stable name."""
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    """Name that people see."""
    adapter: OutsideAdapter
    """By a signed message, or by a person."""
    address: Annotated[str, StringConstraints(max_length=300)] = ""
    """Where messages go, with https."""
    fields: tuple[FieldName, ...] = ()
    """What it hears of a person beside the lead's stage, by the names of the data dictionary."""
    purpose: FieldUse = FieldUse.CARE
    """What it hears them for; each field has to be recorded for that."""


class QueuePart(Part):
    """Where routing puts leads."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    team: Key
    """Team that works the queue, by key."""
    calendar: Key
    """Opening hours, by key."""
    location: Key | None = None
    """Office the queue belongs to, by key."""
    target_kind: TargetKind = TargetKind.INTERNAL
    """What the queue stands for."""
    method: QueueMethod = QueueMethod.ROUND_ROBIN
    """Leads go to people in turn, or are left for whoever claims."""
    after_hours: Key | None = None
    """Queue that takes over while this one is closed, by key."""
    max_wait: int = Field(default=1800, ge=1, le=30 * 86400)
    """Seconds a lead may lie here unassigned before somebody is alerted."""
    tag: Annotated[str, StringConstraints(max_length=30)] = ""
    """What a rule asks an office for: calls, recall, screening."""
    capacity: int | None = Field(default=None, ge=1, le=100_000)
    """How many open leads fill the queue; left out, it is never full."""
    overflow: Key | None = None
    """Queue that takes what comes while this one is full, by key."""
    batch_times: tuple[Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")], ...] = ()
    """Times of day, such as "13:00", at which routine leads are given out; left out, they are at once."""
    channels: tuple[ContactChannel, ...] = ()
    """Ways by which the queue works: who refused them all is not sent here. Left out, it works by any."""


class CampaignPart(Part):
    """A campaign with what it promises."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    scope: Text = ""
    """What the campaign is about."""
    party: Key | None = None
    """Agency that runs it, by key."""
    services: tuple[Key, ...] = ()
    """Services it promises, by key."""
    eligibility: Text = ""
    """Whom the campaign is for, in words."""
    starts_on: date | None = None
    """First day."""
    ends_on: date | None = None
    """Last day."""


class ChannelPart(Part):
    """What holds of every source of a channel, unless the source says otherwise."""

    key: Annotated[Key, StringConstraints(max_length=20)]
    """Stable name; what sources write as `channel`."""
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    """Name that people see."""
    capture_method: CaptureMethod
    """How inquiries are captured."""
    initial_fields: tuple[FieldName, ...] = ()
    """Fields that are asked first."""
    required_fields: tuple[FieldName, ...] = ()
    """Fields that an inquiry must bring."""
    start_event: StartEvent
    """The event at which the lead exists and ownership starts."""
    owning_team: Key | None = None
    """Team that owns what no rule sends elsewhere, by key."""
    consent_step: ConsentStep = ConsentStep.HOLD
    """What follows where an inquiry says nothing of consent: it is held, or refused."""
    sla_policy: Annotated[str, StringConstraints(max_length=40)] = ""
    """Service level in the place of the one for everybody, by its id."""


class SourcePart(Part):
    """A lead source; what it leaves out holds as its channel has it."""

    key: Key
    """Stable name; what senders write as `source`."""
    name: Name
    """Name that people see."""
    type: SourceType
    """Where inquiries come from."""
    channel: Annotated[Key, StringConstraints(max_length=20)]
    """How they reach us: a channel, by key."""
    start_event: StartEvent | Literal[""] = ""
    """The event at which the lead exists and ownership starts; the channel's where it is left out."""
    required_fields: tuple[Annotated[str, StringConstraints(max_length=60)], ...] = ()
    """Fields a lead from here must bring beside the channel's."""
    missing_consent: ConsentStep | Literal[""] = ""
    """What happens to a lead without consent; the channel's where it is left out."""
    party: Key | None = None
    """Agency that delivers, by key."""
    campaign: Key | None = None
    """Campaign, by key."""
    owning_team: Key | None = None
    """Team that owns leads from here first, by key."""


class FieldKeepingPart(Part):
    """Who maintains a field of the data dictionary, and how long it is kept."""

    field: FieldName
    """Field of the dictionary, by its name."""
    team: Key | None = None
    """Team that maintains it, by key; the lead's owning team where it is left out."""
    kept_months: Annotated[int, Field(ge=1, le=1200)] | None = None
    """Retention in months after the lead is closed; as long as the lead where it is left out."""
    purposes: tuple[FieldUse, ...] = ()
    """What it may be used for; as its privacy class allows where it is left out."""
    note: Annotated[str, StringConstraints(max_length=200)] = ""
    """Why this long."""


class SensitiveTopicPart(Part):
    """A topic of which only trained teams read."""

    key: Key
    """Stable name."""
    name: Name
    """Name that trained people and compliance see."""
    services: tuple[Key, ...] = ()
    """Services that mark it, by key."""
    words: tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)], ...] = ()
    """Beginnings of words that mark it."""
    teams: tuple[Key, ...]
    """Teams that are trained for it, by key."""


class CustomFieldPart(Part):
    """A field of the tenant's own: an answer that forms, senders and imports may bring."""

    key: Key
    """Stable name; the answer's key."""
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    """Name that people see."""
    meaning: Annotated[str, StringConstraints(max_length=500)] = ""
    """What it says about the lead."""
    kind: FieldKind = FieldKind.TEXT
    """What it holds."""
    picklist: tuple[Word, ...] = ()
    """Values of a choice."""
    synonyms: dict[Word, list[Word]] = {}
    """Other words for the values of a choice, by value."""
    privacy: PrivacyClass = PrivacyClass.PLAIN
    """How carefully it is kept."""
    origin: Annotated[str, StringConstraints(max_length=200)] = ""
    """Where it comes from."""
