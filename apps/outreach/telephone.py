"""The telephone on the desk: a link that the browser dials by default, or a service that connects both ends for us.

A service registers itself with what it serves (`offer`). Its three ways in are: `DIAL`, a wake-up with the id of a
`LiveAttempt`; `take_call_state`, what it tells of that call afterwards; and `note_inbound`, that somebody calls us now.
What it told fills in the form of the call; it logs nothing by itself.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from apps.leads.models import Lead
from apps.outreach.models import InboundCall, LiveAttempt
from apps.outreach.terms import CALL_ENDED, CallState, Outcome
from apps.tenancy import outbox

DIAL = "outreach.dial"
#: A talk keeps others away for so long at most; after its end there is time to log it.
LONGEST_TALK, TIME_TO_LOG = timedelta(hours=1), timedelta(minutes=10)
#: An inbound call whose end nobody tells of stands on pages for so long.
RINGS_FOR = timedelta(minutes=3)
#: How a call ended by the word of the service; a talk of no seconds is none.
SUGGESTED = {
    CallState.COMPLETED: Outcome.CONNECTED,
    CallState.BUSY: Outcome.BUSY,
    CallState.NO_ANSWER: Outcome.NO_ANSWER,
}
Serves = Callable[[UUID], bool]
_services: list[Serves] = []


def offer(serves: Serves) -> None:
    """Let a service connect calls; `serves` says for a member whether it can ring their telephone."""
    if serves not in _services:
        _services.append(serves)


def begin_dialling(attempt: LiveAttempt) -> bool:
    """Let the service connect the call that begins, where one serves this person; False: they dial by the link."""
    if attempt.member_id is None or not any(serves(attempt.member_id) for serves in _services):
        return False
    attempt.call_state = CallState.DIALLING
    attempt.save(update_fields=["call_state"])
    outbox.enqueue(DIAL, attempt.id)
    return True


def take_call_state(attempt_id: UUID, state: CallState, *, seconds: int, now: datetime) -> bool:
    """Keep what the service tells of a call; False for one that is not ours. What has ended stays as it ended."""
    row = LiveAttempt.rows().select_for_update(of=("self",), no_key=True).filter(id=attempt_id).first()
    if row is None:
        return False
    if row.call_state in CALL_ENDED:
        return True
    row.call_state = state
    if state is CallState.TALKING:
        row.until = now + LONGEST_TALK
    elif state in CALL_ENDED:
        row.duration_seconds, row.until = max(0, seconds), now + TIME_TO_LOG
    row.save(update_fields=["call_state", "duration_seconds", "until"])
    return True


def last_call(lead: Lead, now: datetime) -> LiveAttempt | None:
    """Return the call on this lead that a service connected and nobody has logged yet."""
    rows = LiveAttempt.rows().filter(lead=lead, ended_at__isnull=True, until__gt=now).exclude(call_state="")
    found: LiveAttempt | None = rows.order_by("-begun_at").first()
    return found


def suggested_outcome(call: LiveAttempt) -> str:
    """Return the outcome that a call's end suggests; "" while it goes on, and where it says nothing."""
    state = CallState(call.call_state)
    if state is CallState.COMPLETED and not call.duration_seconds:
        return str(Outcome.NO_ANSWER)
    return str(SUGGESTED.get(state, ""))


def ringing(now: datetime) -> QuerySet[InboundCall]:
    """Return the calls to us that may still ring."""
    since = now - RINGS_FOR
    return InboundCall.rows().filter(ended_at__isnull=True, begun_at__gt=since, begun_at__lte=now + timedelta(1))


def note_inbound(lead: Lead, call_ref: str, *, now: datetime) -> bool:
    """Let open pages show that this lead's person calls now; False where that is known already."""
    _row, is_new = InboundCall.objects.get_or_create(call_ref=call_ref, defaults={"lead": lead, "begun_at": now})
    return is_new


def end_inbound(call_ref: str, *, now: datetime) -> int:
    """Note that an inbound call has ended."""
    return InboundCall.rows().filter(call_ref=call_ref, ended_at__isnull=True).update(ended_at=now)
