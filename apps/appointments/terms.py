"""Words of appointments, and which state may follow which."""

from enum import StrEnum


class AppointmentState(StrEnum):
    """Where a booked visit stands (row AP-01). Attended: the person came; the intake may still be open."""

    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    COMPLETED = "completed_intake"


#: By these a visit gets its time.
TIME_SET = (AppointmentState.SCHEDULED, AppointmentState.RESCHEDULED)
#: Still to come.
LIVE = frozenset({AppointmentState.SCHEDULED, AppointmentState.CONFIRMED, AppointmentState.RESCHEDULED})

FOLLOWERS: dict[AppointmentState, frozenset[AppointmentState]] = {
    state: frozenset(set(AppointmentState) - {AppointmentState.SCHEDULED, state} | {AppointmentState.RESCHEDULED})
    for state in LIVE
} | {
    AppointmentState.ATTENDED: frozenset({AppointmentState.COMPLETED, AppointmentState.RESCHEDULED}),
    AppointmentState.NO_SHOW: frozenset({AppointmentState.RESCHEDULED, AppointmentState.CANCELLED}),
    AppointmentState.CANCELLED: frozenset(),
    AppointmentState.COMPLETED: frozenset(),
}


#: Words of who has a promise and no booking: "will call back" is none (row AP-03).
_NO_BOOKING = ("call back", "calls back", "callback", "calling back", "tentative", "unconfirmed", "not yet", "pending")


def is_promise(confirmed_by: str) -> bool:
    """Say whether what is told of a confirmation only promises one."""
    said = " ".join(confirmed_by.casefold().replace("-", " ").split())
    return any(each in said for each in _NO_BOOKING)


def may_follow(now: AppointmentState, then: AppointmentState) -> bool:
    """Say whether an appointment in one state can change to another."""
    return then in FOLLOWERS[now]
