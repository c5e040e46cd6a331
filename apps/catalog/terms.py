"""Words of the catalog: kinds of source, service, queue method, channel start events."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

#: The wake-up of who looks again at words that nobody knew, because a mapping or the catalog changed.
REREAD = "mapping.reread"


class SourceType(StrEnum):
    """Where inquiries come from (row CP-01)."""

    WEBSITE_FORM = "website_form"
    LANDING_PAGE = "landing_page"
    GATED_DOWNLOAD = "gated_download"
    EVENT = "event"
    REFERRAL = "referral"
    PARTNER_PORTAL = "partner_portal"
    INBOUND_CALL = "inbound_call"
    CALL_TRACKING = "call_tracking_number"
    LIVE_CHAT = "live_chat"
    CHATBOT = "chatbot"
    PAID_SEARCH = "paid_search"
    PAID_DISPLAY = "paid_display"
    ORGANIC_SEARCH = "organic_search"
    OUTBOUND_REPLY = "outbound_reply"
    EMAIL_CAPTURE = "email_capture"
    JOB_BOARD = "job_board"
    CALLING_LIST = "calling_list"
    BOOKED_CALL = "booked_call"
    BUSINESS_INQUIRY = "business_inquiry"
    UNKNOWN = "unknown"


class CaptureMethod(StrEnum):
    """How an inquiry reached us; decides the channel's own rules."""

    WEB_FORM = "web_form"
    CALL = "call"
    CHAT = "chat"
    EMAIL = "email"
    EVENT = "event"
    REFERRAL = "referral"
    IMPORT = "import"
    MANUAL = "manual"
    API = "api"


class StartEvent(StrEnum):
    """The observable event at which the lead exists and ownership starts (row CP-03)."""

    FORM_SUBMITTED = "form_submitted"
    CALL_CONNECTED = "call_connected"
    CHAT_ACCEPTED = "chat_accepted"
    EMAIL_CAPTURED = "email_captured"
    EVENT_CHECK_IN = "event_check_in"
    REFERRAL_RECEIVED = "referral_received"
    RECORD_RECEIVED = "record_received"


class ConsentStep(StrEnum):
    """What follows where an inquiry of a channel says nothing of consent."""

    HOLD = "hold"
    REFUSE = "refuse"


#: Which events can start a lead that came in this way; a way that is not here takes any of them.
STARTS: Mapping[CaptureMethod, frozenset[StartEvent]] = {
    CaptureMethod.WEB_FORM: frozenset({StartEvent.FORM_SUBMITTED}),
    CaptureMethod.CALL: frozenset({StartEvent.CALL_CONNECTED}),
    CaptureMethod.CHAT: frozenset({StartEvent.CHAT_ACCEPTED}),
    CaptureMethod.EMAIL: frozenset({StartEvent.EMAIL_CAPTURED}),
    CaptureMethod.EVENT: frozenset({StartEvent.EVENT_CHECK_IN, StartEvent.FORM_SUBMITTED}),
    CaptureMethod.REFERRAL: frozenset({StartEvent.REFERRAL_RECEIVED}),
}


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """What holds of an inquiry of a source: the source's own word, else its channel's (row CP-02)."""

    name: str
    capture_method: str
    initial_fields: tuple[str, ...]
    required_fields: tuple[str, ...]
    start_event: str
    owning_team_id: UUID | None
    consent_step: ConsentStep
    sla_policy: str


class ServiceKind(StrEnum):
    """What a service is (row DD-14)."""

    THERAPY = "therapy"
    SPECIALTY_CARE = "specialty_care"
    DIAGNOSTIC = "diagnostic"
    PROGRAM = "program_enrolment"


class WorkflowKind(StrEnum):
    """How a visit for a service comes about (row DD-09)."""

    OWN_SCHEDULE = "own_schedule"
    EXTERNAL = "external_system"
    CALL_BACK = "call_back"


#: So many services are advised at most, and so many leads of one in so many days at least, unless the tenant says else.
MOST_SERVICES, LEAST_USE, USE_DAYS = 15, 5, 30


class ContactChannel(StrEnum):
    """Ways to contact a person."""

    CALL = "call"
    TEXT = "text"
    EMAIL = "email"


class QueueMethod(StrEnum):
    """How a queue gives out leads: each in turn to one person, or left for whoever claims."""

    ROUND_ROBIN = "round_robin"
    SHARED = "shared"


class TargetKind(StrEnum):
    """What a queue stands for as a routing target (row RT-04)."""

    OFFICE = "office"
    SPECIALTY_PRACTICE = "specialty_practice"
    AFFILIATE = "affiliate"
    INTERNAL = "internal_queue"
    SCHEDULING = "scheduling_team"
    COORDINATOR = "specialty_coordinator"
    WORKFLOW = "follow_up_workflow"


class FieldKind(StrEnum):
    """What a field of the tenant's own holds."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"


class PrivacyClass(StrEnum):
    """How carefully a field is kept: who sees it follows from the role's hidden field groups."""

    PLAIN = "plain"
    CONTACT = "contact"
    MARKETING = "marketing"
    HEALTH = "health"
    INSURANCE = "insurance"
    PHI = "phi"


class FieldUse(StrEnum):
    """What a field is used for. Each use is recorded for a field before it is used so (row AU-07)."""

    CARE = "care"
    SCHEDULING = "scheduling"
    PAYMENT = "payment"
    REPORTING = "reporting"
    MARKETING = "marketing"


class WordState(StrEnum):
    """Where a word that nobody knew stands: it waits, means something now, or is left as it is."""

    OPEN = "open"
    MAPPED = "mapped"
    IGNORED = "ignored"


class OutsideAdapter(StrEnum):
    """How an outside system is told: by a signed message to its address, or by a person."""

    WEBHOOK = "webhook"
    BY_HAND = "by_hand"

    @property
    def label(self) -> str:
        """The word that people see."""
        return {"webhook": "signed message (webhook)", "by_hand": "by hand"}[self.value]
