"""Words of leads: the default stages, the observable events behind moves, and the answers of the gates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from apps.policies.terms import Problem


class StageKey(StrEnum):
    """The stages of the default patient pipeline (row ST-01). A tenant adds its own beside them."""

    NEW = "new"
    MQL = "mql"
    ROUTED = "routed"
    ATTEMPTING = "attempting"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    SCHEDULED = "scheduled"
    IN_TREATMENT = "in_treatment"
    CLOSED = "closed"
    NOT_QUALIFIED = "not_qualified"
    NURTURE = "nurture"


class PartyPart(StrEnum):
    """The part that an organisation plays in a lead (row TA-02). `source` is written by the capture alone."""

    SOURCE = "source"
    SPONSOR = "sponsor"
    REFERRER = "referrer"
    PAYER = "payer"
    CARE_PROVIDER = "care_provider"
    APPOINTMENT_MANAGER = "appointment_manager"
    PARTNER = "partner"


class UpdateState(StrEnum):
    """Where the word to an outside system stands: on its way, arrived, failed for now, or left to a person."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"


class ReportOutcome(StrEnum):
    """What became of another system's report about a lead."""

    AGREES = "agrees"
    APPLIED = "applied"
    CONFLICT = "conflict"
    UNMAPPED = "unmapped"
    REFUSED = "refused"


#: Reports that changed nothing though they say something else: a person looks at them.
LEFT_AS_IT_WAS = (ReportOutcome.CONFLICT, ReportOutcome.UNMAPPED, ReportOutcome.REFUSED)


class Control(StrEnum):
    """What somebody may decide for the patient (row QL-11)."""

    SCHEDULING = "scheduling"
    REFERRAL = "referral"
    ENROLMENT = "enrolment"


class Disqualification(StrEnum):
    """Why an inquiry cannot become a patient: the fixed list of row QL-17; its words are the tenant's."""

    OUT_OF_AREA = "out_of_area"
    SERVICE_MISMATCH = "service_mismatch"
    ELIGIBILITY_NOT_MET = "eligibility_not_met"
    NO_RESPONSE = "no_response"
    NOT_INTERESTED = "not_interested"
    DUPLICATE = "duplicate"
    SPAM = "spam"
    NO_VALID_CONTACT = "no_valid_contact"


class LeadEvent(StrEnum):
    """What can be seen to have happened to a lead; a stage moves on these, never on opinion (row ST-03)."""

    SCORE_REACHED = "score_reached"
    ROUTING_DECIDED = "routing_decided"
    ATTEMPT_LOGGED = "attempt_logged"
    AUTOMATIC_MESSAGE = "automatic_message_sent"
    PERSONAL_MESSAGE = "personal_message_sent"
    CALL_CONNECTED = "call_connected"
    CHAT_ACCEPTED = "chat_accepted"
    REPLY_RECEIVED = "reply_received"
    MEETING_HELD = "meeting_held"
    QUALIFICATION_CONFIRMED = "qualification_confirmed"
    DISQUALIFIED = "disqualified"
    APPOINTMENT_BOOKED = "appointment_booked"
    BOOKED_BY_PERSON = "booked_by_person"
    CARE_STARTED = "care_started"
    NURTURE_STARTED = "nurture_started"
    CLOSURE_RECORDED = "closure_recorded"
    REOPENED = "reopened"


#: Events in which a person of ours and the person asking, or their proxy, met.
CONVERSATIONS = frozenset(
    {
        LeadEvent.CALL_CONNECTED,
        LeadEvent.CHAT_ACCEPTED,
        LeadEvent.REPLY_RECEIVED,
        LeadEvent.MEETING_HELD,
    }
)

#: The closure reason that has to name the lead that goes on (row DU-14); the database holds it too.
DUPLICATE = "duplicate"

#: Verdicts of arrivals that joined a lead; its owner hears of them.
REPEATS = ("duplicate", "update")

#: Why a lead ended that only an import brought which was taken back: it counts in no figure.
IMPORT_UNDONE = "import_undone"

#: The kind of the task that the sweeper raises for a lead left without a next step (row ST-16).
NO_NEXT_ACTION = "no_next_action"

#: The pipeline of people who ask for care.
PATIENT = "patient"

#: The class of a lead that only took a file: it is nurtured, not called (row CP-18).
DOWNLOAD = "download"
NURTURE_TASK = "nurture"
#: The task to read a message that may ask us to stop.
READ_REPLY = "read_reply"

#: The mark and the task of a referral that does not say why (row CP-16).
CONTEXT_MISSING = "context_missing"

#: The task of a lead whose request is so broad that nobody knows which service they need (row QL-19).
CLARIFY_SERVICE = "clarify_service"

#: What every referral needs besides the first contact, the same business day (row TK-14).
RECORDS_REQUEST = "records_request"
APPOINTMENT_TYPE = "appointment_type"

#: Steps with an insurer or a referring practice before a visit, each with a task of its name (row QL-20).
CLEARANCE_TASKS = ("insurance_verification", "pre_authorisation", "referring_physician")

#: The wake-up of a lead whose data changed: the rules that judged it look again.
LOOK_AGAIN = "lead.look_again"
#: The wake-up of a lead whose person opened the page to choose a time.
WANTS_VISIT = "lead.wants_visit"
#: Columns of a lead that rules look at.
JUDGED = frozenset(
    {
        *("service", "location", "patient_type", "timeframe", "payer", "preferred_channel"),
        *("stage", "contact_person"),
    }
)

#: Tasks of colleagues about a lead; they are no step with the person and leave its next contact where it is.
SKIPPED_TOO_OFTEN = "skipped_too_often"
CHANGE_REQUEST = "change_request"
#: What the team that maintains consent is asked; it stays with them, whoever owns the lead.
CONSENT_REQUEST = "consent_request"
REQUESTS = (CHANGE_REQUEST, CONSENT_REQUEST)
#: What another team than the owner does for a lead; it stays with them, and they end it (row AP-11).
COUNSELLING = "counselling"
#: Asks the owner what came of a visit; saying it on the visit ends it (row AP-13).
VISIT_OUTCOME = "visit_outcome"
#: A review whose status is late lies with who is told of it, by the review (row AP-07).
LATE_REVIEWS = {"intake": "late_intake_review", "clinical": "late_clinical_review"}
#: A message that may tell of danger, to be read now; and the same once nobody settled it in time (row TN-16).
ALARM, ALARM_LATE = "alarm", "alarm_late"
ALARM_TASKS = (ALARM, ALARM_LATE)
TEAM_TASKS = (COUNSELLING, *LATE_REVIEWS.values(), *ALARM_TASKS)
SIDE_TASKS = frozenset({SKIPPED_TOO_OFTEN, *REQUESTS, *TEAM_TASKS})

ANY_OPEN_STAGE = "*"
REACHABLE_POINT = "reachable_point"

STAGE_LABELS = {
    "new": "New",
    "mql": "Marketing qualified",
    "routed": "Routed",
    "attempting": "Attempting contact",
    "contacted": "Contacted",
    "qualified": "Qualified",
    "scheduled": "Appointment scheduled",
    "in_treatment": "In treatment",
    "closed": "Closed",
    "not_qualified": "Not qualified",
    "nurture": "Nurture",
}

FIELD_WORDS = {
    "consent_any": "consent",
    "preferred_channel": "preferred contact method",
    REACHABLE_POINT: "valid phone or valid address of the preferred method",
}


#: What a configured step may depend on: columns of the lead that are known or not.
KNOWABLE = ("service", "location", "patient_type", "timeframe", "payer")


class NextStep(StrEnum):
    """What entering a stage may start (row ST-09)."""

    TASK = "task"
    MESSAGE = "message"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class NextAction:
    """One configured step of a stage: a task, a message to the person, or an alert to the team's lead.

    It is for leads of which we know what it `knows`, and do not know what it `lacks`: so a message says what fits.
    """

    do: NextStep
    title: str = "Next step"
    kind: str = "review"
    channel: str = ""
    after_seconds: int = 86_400
    template: str = ""
    knows: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage of a pipeline as a new tenant gets it."""

    key: str
    label: str
    position: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Move:
    """An allowed way into a stage, the event that must be on record for it, and the outside systems that hear of it."""

    from_stages: tuple[str, ...]
    to_stage: str
    event: str
    meaning: str
    updates: tuple[str, ...] = ()


class MoveCode(StrEnum):
    """Why a lead may or may not move to a stage."""

    OK = "ok"
    UNKNOWN_MOVE = "unknown_move"
    EVENT_MISSING = "event_missing"
    FIELDS_MISSING = "fields_missing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class MoveVerdict:
    """Whether a lead may move; `missing` holds the gate's field keys, `event` the event that carries it."""

    allowed: bool
    code: MoveCode
    sentence: str
    missing: tuple[str, ...] = ()
    event: str = ""


@dataclass(frozen=True, slots=True)
class CompletionVerdict:
    """Whether a task may be completed with these entries; else a problem for each entry that is missing."""

    allowed: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactValue:
    """A phone number (E.164) or e-mail address as read; `typed` is what came in.

    `takes_texts` is false of a number that its plan says is a fixed line, and of nothing that is merely doubtful.
    """

    kind: str
    value: str
    typed: str = ""
    validity: str = "unverified"
    takes_texts: bool = True


@dataclass(frozen=True, slots=True)
class PersonSketch:
    """A person as one inquiry describes them."""

    first_name: str = ""
    last_name: str = ""
    is_organization: bool = False
    date_of_birth: date | None = None
    language: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    zone: str = ""
    zone_by: str = ""
    points: tuple[ContactValue, ...] = ()
    external_ids: tuple[str, ...] = ()
    is_test: bool = False


#: What an inquiry wishes, by columns of the lead whose values are words.
WISHES = (
    *("patient_type", "timeframe", "appointment_type", "part_of_day", "preferred_channel"),
    *("best_time", "payer"),
)
#: What people may be asked for and write down on a lead, of which a gates document may name what a stage collects.
COLLECTABLE = (*("service", "location", *WISHES, "insurance_member"),)
