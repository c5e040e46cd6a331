"""Words of the catalog: kinds of source, service, queue method, channel start events."""

from enum import StrEnum


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


class ServiceKind(StrEnum):
    """What a service is (row DD-14)."""

    THERAPY = "therapy"
    SPECIALTY_CARE = "specialty_care"
    DIAGNOSTIC = "diagnostic"
    PROGRAM = "program_enrolment"


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
