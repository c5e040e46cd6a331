"""What staff programs send to work a lead. Unknown fields are refused, instants carry their offset."""

import base64
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from apps.accounts.terms import Availability
from apps.appointments.terms import AppointmentState
from apps.capture.schema import LeadPost, Line40, Line100, Line200, Line500, Prose
from apps.consent.terms import Channel
from apps.flows.meetings import logged_as
from apps.outreach.terms import ActivityKind, Direction, Outcome

MAX_BATCH = 1000


def _zoned(value: object) -> object:
    try:
        if not isinstance(value, str) or not value.isascii():
            raise ValueError
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("datetime_parsing", "Write the instant as ISO 8601 text.") from error
    if moment.tzinfo is None or not 2000 <= moment.year <= 2099:
        raise PydanticCustomError("datetime_range", "Give an instant of this century with its offset, such as Z.")
    return moment


Zoned = Annotated[datetime, BeforeValidator(_zoned)]
Version = Annotated[int, Field(ge=1, strict=True)]
Text = Annotated[Prose, StringConstraints(max_length=4000)]
NoText = Literal[""]


class Body(BaseModel):
    """The root of staff bodies."""

    model_config = ConfigDict(extra="forbid")


class Versioned(Body):
    """A body that may name the version of the lead it was made for."""

    version: Version | None = None


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("base64", "Write the content in base64.")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise PydanticCustomError("base64", "Write the content in base64, in one line.") from error


class DocumentBody(Body):
    """One file."""

    name: Annotated[Line200, Field(min_length=1, description="The file's own name.")]
    content: Annotated[
        bytes, BeforeValidator(_decoded), WithJsonSchema({"type": "string", "contentEncoding": "base64"})
    ]


class LeadBatch(Body):
    """Many deliveries at once; each is judged by itself."""

    leads: Annotated[list[LeadPost], Field(min_length=1, max_length=MAX_BATCH)]


class LeadPatch(Versioned):
    """Small corrections. Owner, stage, status, outcome and consent have verbs of their own."""

    service: Annotated[Line100 | None, Field(description="The key of a service; the queue stays.")] = None
    location: Annotated[Line100 | None, Field(description="The key of an office; the queue stays.")] = None
    patient_type: Literal["", "new", "established"] | None = None
    timeframe: Line100 | None = None
    preferred_channel: Literal["", "call", "text", "email"] | None = None
    appointment_type: Annotated[
        Line100 | None, Field(description="One of the types of visit of the lead's service, where it names some.")
    ] = None
    part_of_day: Literal["", "morning", "afternoon"] | None = None
    best_time: Line40 | None = None
    payer: Line100 | None = None
    insurance_member: Annotated[
        Line100 | None, Field(description="Kept sealed; refused at stages that do not collect it.")
    ] = None


class StageMove(Versioned):
    """Where the lead goes, and on what that rests."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    reason: Annotated[Line500, Field(description="What it rests on; of a verdict it names a criterion.")] = ""


class OwnerEventBody(Body):
    """An event that the lead's ownership policy acts on, and what it rests on."""

    event: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    note: Line500 = ""


class ConsentChange(Body):
    """A permission taken back (anybody who sees the lead) or given (the maintaining team, with evidence).

    A grant may be limited to this inquiry, which ends when the lead closes, and to a time.
    """

    channel: Channel
    state: Literal["granted", "denied", "withdrawn"]
    reason: Annotated[Line500, StringConstraints(max_length=300)] = ""
    evidence_kind: Annotated[Line40, StringConstraints(max_length=30)] = ""
    evidence_ref: Line500 = ""
    limited_to: Literal["this_inquiry"] | NoText = ""
    expires_at: Zoned | None = None


class PointVerdict(Body):
    """Whether a number or an address of the lead's person works, and how one knows."""

    works: StrictBool
    reason: Line100 = ""


class TransferBody(Versioned):
    """The team that takes over, and why."""

    team: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    reason: Annotated[Line500, StringConstraints(max_length=300)] = ""
    member: UUID | None = None
    service: Annotated[Line100, StringConstraints(max_length=63)] = ""
    location: Annotated[Line100, StringConstraints(max_length=63)] = ""


class TaskBody(Body):
    """A dated next step."""

    title: Line200
    due_at: Zoned
    channel: Channel | NoText = ""


class TaskPatch(Body):
    """A task ends as done."""

    state: Literal["done"]


class AppointmentBody(Versioned):
    """A booked visit: a free slot by its key, or time, place or provider, and what confirms it."""

    slot: Annotated[Line100, StringConstraints(max_length=240)] = ""
    starts_at: Zoned | None = None
    minutes: Annotated[int, Field(strict=True)] = 30
    location: Annotated[Line100, StringConstraints(max_length=63)] = ""
    provider: Line200 = ""
    service: Annotated[Line100, StringConstraints(max_length=63)] = ""
    confirmed_by: Annotated[Line100, StringConstraints(max_length=60)] = ""
    external_ref: Line200 = ""


class AppointmentPatch(Body):
    """How a visit went on."""

    state: AppointmentState
    note: Annotated[Line500, StringConstraints(max_length=300)] = ""
    starts_at: Zoned | None = None


class ActivityBody(Versioned):
    """One contact: what was done, how it ended, when the next step is due.

    `script` marks the approved script of a call, such as CALL-1@3; left out, the one in force is kept with the call.
    `spoken_consent` is the answer to the script on a connected call, needed where nothing permits calls on record.
    A meeting may end as `meeting_completed` or `no_response`: kept as `held` and `no_answer`.
    """

    kind: ActivityKind
    outcome: Annotated[Outcome, BeforeValidator(logged_as)]
    started_at: Zoned | None = None
    duration_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)] = 0
    direction: Direction = Direction.OUTBOUND
    notes: Text = ""
    next_action_at: Zoned | None = None
    next_channel: Channel | NoText = ""
    spoken_consent: Literal["yes", "no"] | NoText = ""
    script: Annotated[Line100, StringConstraints(max_length=60)] | NoText = ""


class AvailabilityBody(Body):
    """What the person's switch shall say."""

    availability: Availability


class CallBody(Body):
    """The channel that is about to be used."""

    channel: Channel = Channel.CALL


class CloseBody(Versioned):
    """Why a lead ends: picklist value, note, outcome; a duplicate names the one that goes on (L-1042, or its id).

    `missing_data` says, in a value of the pipeline's list, why there is no outcome.
    """

    reason: Annotated[Line100, StringConstraints(max_length=40)]
    note: Text
    outcome: Annotated[Line100, StringConstraints(max_length=30)] = ""
    missing_data: Annotated[Line100, StringConstraints(max_length=40)] = ""
    duplicate_of: Line100 = ""


class ReopenBody(Versioned):
    """Why a closed lead is taken up again."""

    reason: Annotated[Line500, StringConstraints(max_length=250)]


class PartyBody(Body):
    """An organisation and the part it plays in the lead."""

    party: Annotated[Line100, StringConstraints(min_length=1, max_length=63)]
    part: Literal["sponsor", "referrer", "payer", "care_provider", "appointment_manager", "partner"]


class ChangeRequestBody(Body):
    """What another team's lead should say, and why; the owner decides."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=30)]
    proposed: Line100
    reason: Annotated[Line500, StringConstraints(max_length=300)]


class RequestAnswer(Body):
    """What is said to a request; declining needs the reason, granting a permission its proof."""

    answer: Literal["accept", "decline"]
    because: Annotated[Line500, StringConstraints(max_length=300)] = ""
    evidence_kind: Annotated[Line40, StringConstraints(max_length=30)] = ""
    evidence_ref: Line500 = ""


class ShareBody(Body):
    """With whom a lead is shared, what for, until when and why: one team, or one person."""

    team: Annotated[Line100, StringConstraints(max_length=63)] = ""
    member: UUID | None = None
    contact: StrictBool = False
    download: StrictBool = False
    reason: Annotated[Line500, StringConstraints(max_length=300)]
    ends_at: Zoned


class NoteBody(Body):
    """A line for the lead's story."""

    text: Text


class BulkBody(Body):
    """One act on many leads: `assign` names a team and perhaps a person of it, `snooze` names an instant.

    `change` names a field, the value it shall have, perhaps the value that it replaces (`was`), and the reason.
    `hand_off` names a type, who receives where several could, and what holds for each lead: the checklist, the contact
    details that were confirmed, the next step.
    """

    act: Literal["assign", "snooze", "change", "hand_off"]
    leads: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    team: Annotated[Line100, StringConstraints(max_length=63)] = ""
    member: UUID | None = None
    reason: Annotated[Line500, StringConstraints(max_length=300)] = ""
    until: Zoned | None = None
    title: Line200 = ""
    field: Annotated[Line100, StringConstraints(max_length=30)] = ""
    value: Line100 = ""
    was: Line100 | None = None
    type: Annotated[Line100, StringConstraints(max_length=40)] = ""
    checklist: dict[Annotated[Line100, StringConstraints(min_length=1, max_length=40)], StrictBool] = {}
    excuses: dict[Annotated[Line100, StringConstraints(min_length=1, max_length=40)], Line100] = {}
    confirmed: list[Literal["phone", "email"]] = []
    next_step: Line500 = ""
    eligibility: Line500 = ""
    dry_run: bool = False
