"""Attempts at somebody who was not reached: how many within how many days, each with a date of its own (row SL-06).

The first attempt is what the clock of first contact asks for. Each one that reaches nobody starts the clock of the
next, due by its share of the days since then; a conversation ends them, and so does what ends the lead's contacts.
"""

from datetime import datetime

from apps.catalog.business_hours import Hours
from apps.catalog.queries import all_hours
from apps.leads.models import Lead
from apps.leads.terms import LeadEvent
from apps.sla import actions as sla
from apps.sla.decisions import attempt_deadline, resume
from apps.sla.models import SlaPause, SlaTimer
from apps.sla.queries import contact_clock_of, pause_of
from apps.sla.terms import ClockKind, Deadline
from apps.tenancy.organizations import current_organization


def hours_of_lead(lead: Lead) -> Hours:
    """Return the opening hours that a lead's clocks stand still by: those of its queue, else the clock of every day."""
    if lead.queue is None:
        return Hours(current_organization().zone, always_open=True)
    return all_hours()[lead.queue.calendar_id]


def note_attempt(lead: Lead, *, at: datetime, by: str) -> SlaTimer | None:
    """End the clock of the attempt that was made now; start and return that of the next, where one is asked for.

    While the lead's clocks are paused the next one stands still as well.
    """
    sla.meet(lead, LeadEvent.ATTEMPT_LOGGED, at=at, by=by, kinds=(ClockKind.ATTEMPT,))
    first = contact_clock_of(lead)
    if first is None or not first.is_running:
        return None
    policy = sla.policy_of(first)
    if policy is None or policy.attempts is None:
        return None
    made = SlaTimer.rows().filter(lead=lead, kind=ClockKind.ATTEMPT, started_at=first.started_at)
    number = max(made.values_list("number", flat=True), default=1) + 1
    deadline = attempt_deadline(policy, number, hours_of_lead(lead), first.started_at)
    if deadline is None:
        return None
    deadline = _past_pauses(lead, deadline)
    sla.start_timers(
        lead,
        [deadline],
        policy_id=policy.id,
        policy_name=policy.name,
        version=first.version,
        pause=pause_of(lead),
    )
    sla.refresh_due(lead)
    return SlaTimer.rows().get(lead=lead, kind=ClockKind.ATTEMPT, met_at__isnull=True, cancelled_at__isnull=True)


def _past_pauses(lead: Lead, deadline: Deadline) -> Deadline:
    """Return the deadline moved by every pause of the lead since its start that has ended."""
    hours = hours_of_lead(lead)
    ended = SlaPause.rows().filter(lead=lead, ended_at__isnull=False, paused_at__gte=deadline.started_at)
    for pause in ended.order_by("paused_at"):
        deadline = resume(deadline, pause.paused_at, pause.ended_at or pause.paused_at, hours)
    return deadline
