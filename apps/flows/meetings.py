"""How a meeting ended, in one vocabulary: visits of patients, interviews, meetings with groups (row TK-13).

A visit has its states and a contact its outcomes; both are read as the same few words here, by page, API and reports.
The closure reasons `meeting_completed` and `no_response` of a pipeline are called the same.
"""

from enum import StrEnum

from apps.appointments.terms import AppointmentState
from apps.outreach.terms import ActivityKind, Outcome


class MeetingOutcome(StrEnum):
    """What came of a meeting that was held, or was to be."""

    COMPLETED = "meeting_completed"
    NO_RESPONSE = "no_response"
    DECLINED = "declined"
    CANCELLED = "cancelled"


MEETING_WORDS = {
    MeetingOutcome.COMPLETED: "Meeting completed",
    MeetingOutcome.NO_RESPONSE: "No response",
    MeetingOutcome.DECLINED: "Declined",
    MeetingOutcome.CANCELLED: "Cancelled",
}
#: Contacts that are meetings.
MEETINGS = (ActivityKind.MEETING, ActivityKind.VISIT)
OF_CONTACT = {
    Outcome.HELD: MeetingOutcome.COMPLETED,
    Outcome.CONNECTED: MeetingOutcome.COMPLETED,
    Outcome.CALL_BACK: MeetingOutcome.COMPLETED,
    Outcome.NO_ANSWER: MeetingOutcome.NO_RESPONSE,
    Outcome.DECLINED: MeetingOutcome.DECLINED,
    Outcome.DO_NOT_CONTACT: MeetingOutcome.DECLINED,
}
OF_VISIT = {
    AppointmentState.ATTENDED: MeetingOutcome.COMPLETED,
    AppointmentState.COMPLETED: MeetingOutcome.COMPLETED,
    AppointmentState.NO_SHOW: MeetingOutcome.NO_RESPONSE,
    AppointmentState.CANCELLED: MeetingOutcome.CANCELLED,
}
#: What of it may be logged of a contact, and as what that is kept.
LOGGED = {MeetingOutcome.COMPLETED: Outcome.HELD, MeetingOutcome.NO_RESPONSE: Outcome.NO_ANSWER}


def of_contact(kind: str, outcome: str) -> MeetingOutcome | None:
    """Return how a logged meeting ended; None for other contacts, and for what says nothing of the meeting."""
    return OF_CONTACT.get(Outcome(outcome)) if kind in MEETINGS else None


def of_visit(state: str) -> MeetingOutcome | None:
    """Return how a booked visit ended; None while it is still to come."""
    return OF_VISIT.get(AppointmentState(state))


def logged_as(said: object) -> object:
    """Return what is kept of a word of this list where a contact is logged; anything else is left as it is."""
    return LOGGED.get(MeetingOutcome(said), said) if isinstance(said, str) and said in set(MeetingOutcome) else said


def ended(kind: str, outcome: str) -> str:
    """Return how a contact ended as a sentence says it: "meeting completed" of a meeting, "no answer" of a call."""
    found = of_contact(kind, outcome)
    return (found or outcome).replace("_", " ")
