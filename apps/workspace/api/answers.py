"""The shapes of the API's answers. What an agency sees and what staff see are different classes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, RootModel

from apps.accounts.terms import Availability
from apps.flows.meetings import MeetingOutcome
from apps.workspace.api.clock_answers import ClockView
from apps.workspace.api.quality import QualityView


class ErrorItem(BaseModel):
    """One thing wrong with one place of the input."""

    pointer: str
    code: str
    detail: str


class ProblemDocument(BaseModel):
    """An error (RFC 9457, application/problem+json)."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[ErrorItem] | None = None
    request_id: str | None = None


class Received(BaseModel):
    """The delivery is stored; its outcome is at `url`."""

    id: UUID
    status: str = "received"
    url: str


class DocumentView(BaseModel):
    """A document that is kept; its content is read by the care team alone."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int


class Reason(BaseModel):
    """Why a delivery got its verdict; `check` names the check of the tenant's definition of a valid lead."""

    code: str
    detail: str
    check: str | None = None


class LeadState(BaseModel):
    """Where a lead is."""

    id: UUID
    ref: str
    stage: str
    status: str
    owner_team: str | None
    version: int


class OutcomeLead(BaseModel):
    """The lead of a delivery."""

    id: UUID
    ref: str
    stage: str
    owner_team: str | None


class ProcessedDelivery(BaseModel):
    """What became of a delivery. `lead` is null where there is none, or where it is another sender's."""

    id: UUID
    status: str = "processed"
    verdict: str
    reasons: list[Reason]
    lead: OutcomeLead | None
    counted_as_delivered: bool


class BatchItem(BaseModel):
    """What became of one item: received with its id, or refused with its errors."""

    index: int
    status: str
    id: UUID | None = None
    url: str | None = None
    replayed: bool | None = None
    errors: list[ErrorItem] | None = None


class BatchAnswer(BaseModel):
    """One result for each item, in order."""

    results: list[BatchItem]
    received: int
    refused: int


class AgencyLead(BaseModel):
    """A lead as the agency that delivered it sees it."""

    id: UUID
    ref: str
    stage: str
    stage_label: str
    status: str
    verdict: str
    reasons: list[Reason]
    external_id: str | None
    source: str
    campaign: str | None
    delivered_at: datetime | None
    counted_as_delivered: bool
    consent: dict[str, str]


class ContactPointView(BaseModel):
    """A phone number or e-mail address; `takes_texts` is false of a landline and of an address."""

    id: str
    takes_texts: bool
    kind: str
    value: str
    validity: str


class PersonView(BaseModel):
    """A person as the asker's role may see them; without names where contact data is hidden from it."""

    id: UUID
    first_name: str | None = None
    last_name: str | None = None
    is_organization: bool
    language: str
    date_of_birth: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    contact_points: list[ContactPointView] | None = None


class LeadPartyView(BaseModel):
    """An organisation and the part it plays in a lead."""

    party: str
    name: str
    kind: str
    part: str


class InferredView(BaseModel):
    """A value that no person stated, and the rule of inference that read it."""

    field: str
    value: str
    rule: str
    version: int


class StaffLead(LeadState):
    """A lead as staff see it; groups of fields that the role hides are left out.

    `called` is what people are called on this way: potential patient, candidate, partner (row TA-14).
    """

    pipeline: str
    called: str
    stage_label: str
    lead_class: str
    validity: str
    hold_reason: str
    exception: str
    service: str | None
    location: str | None
    patient_type: str
    timeframe: str
    inferred: list[InferredView]
    preferred_channel: str
    appointment_type: str
    part_of_day: str
    best_time: str
    priority: str
    fit: int
    intent: int
    quality: QualityView
    owner: str | None
    owner_since: datetime | None
    queue: str | None
    attempts: int
    last_outcome: str
    next_action_at: datetime | None
    due_at: datetime | None
    captured_at: datetime
    closed_at: datetime | None
    is_test: bool
    person: PersonView
    contact_person: PersonView | None
    clocks: list[ClockView]
    parties: list[LeadPartyView]
    source: str | None = None
    campaign: str | None = None
    capture_method: str | None = None
    mapping_version: int | None = None
    payer: str | None = None
    outcome: str | None = None
    closure_reason: str | None = None
    duplicate_of: UUID | None = None
    care_started_on: date | None = None
    consent: dict[str, str] | None = None


class DeliveryRow(BaseModel):
    """A delivery in a list."""

    id: UUID
    status: str
    external_id: str | None
    source: str
    party: str | None
    received_at: datetime
    verdict: str | None
    reasons: list[Reason]
    lead_id: UUID | None
    counted_as_delivered: bool
    is_test: bool


class AttributionRow(BaseModel):
    """Where one contact of a person came from."""

    submission_id: UUID
    at: datetime
    source: str
    campaign: str | None
    party: str | None
    verdict: str
    attribution: dict[str, Any]


class ConsentLine(BaseModel):
    """One line of the consent ledger."""

    channel: str
    purpose: str
    state: str
    recorded_at: datetime
    captured_at: datetime
    source: str
    recorded_by: str
    reason: str
    wording_version: str
    evidence_kind: str
    evidence_ref: str
    limited_to: str
    expires_at: datetime | None


class ConsentView(BaseModel):
    """What holds per channel now, and how it came about, newest first."""

    states: dict[str, str]
    history: list[ConsentLine]


class TaskView(BaseModel):
    """A dated next step."""

    id: UUID
    kind: str
    title: str
    channel: str
    state: str
    light: str
    due_at: datetime
    team: str
    assignee: str | None


class ActivityView(BaseModel):
    """One logged contact. `script` is what was read on a call with its version, such as CALL-1@3.

    `logged_as` says whose word it is: the team's, or that of the agency that delivered the lead. `meeting_outcome` is
    how a meeting ended, in the words that visits have too.
    """

    id: UUID
    kind: str
    direction: str
    outcome: str
    started_at: datetime
    duration_seconds: int
    by: str
    script: str = ""
    logged_as: str = "team"
    meeting_outcome: MeetingOutcome | None = None


class SpellView(BaseModel):
    """Who owns the lead now."""

    lead: UUID
    team: str
    owner: str | None
    since: datetime
    trigger: str


class CallView(BaseModel):
    """The number or address that may be used now."""

    channel: str
    value: str


class AvailabilityState(BaseModel):
    """What the person's switch says, and whether queues give them new leads."""

    availability: Availability
    takes_leads: bool


class NoteView(BaseModel):
    """A note as kept."""

    id: UUID
    at: datetime
    by: str
    text: str


class AnyLead(RootModel[AgencyLead | StaffLead]):
    """A lead as the asker may see it."""


class AnyDelivery(RootModel[Received | ProcessedDelivery]):
    """A delivery that waits, or its outcome."""


class Page(BaseModel):
    """One page; ask on with `cursor=next_cursor` until it is null."""

    next_cursor: str | None


class LeadPage(Page):
    """Leads, newest first."""

    results: list[AnyLead]


class DeliveryPage(Page):
    """Deliveries, newest first."""

    results: list[DeliveryRow]


class AttributionPage(Page):
    """Attribution, newest first."""

    results: list[AttributionRow]


class TaskList(BaseModel):
    """Open tasks, next first."""

    results: list[TaskView]


class ActivityList(BaseModel):
    """Contacts, newest first."""

    results: list[ActivityView]
