"""The tasks around a visit: to confirm it, to say what came of it, and to win back who did not come (AP-09, AP-13)."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.appointments.decisions import ask_at
from apps.appointments.models import Appointment
from apps.appointments.queries import hours_at, live_visits_of
from apps.appointments.terms import LIVE, AppointmentState
from apps.flows.handing_over import CONTACT_TASKS
from apps.flows.streams import plan_contact
from apps.leads.actions import close_tasks, lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import VISIT_OUTCOME
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.scope import current_organization_id

CHASE = "visits.chase"
CONFIRM = "confirm"
ASK_TITLE = "Say what came of the visit"
#: By when somebody calls who lost a visit: who did not come, within the hour.
WIN_BACK = {AppointmentState.NO_SHOW: timedelta(hours=1), AppointmentState.CANCELLED: timedelta(hours=4)}
#: By when somebody says how a lead goes on whose visit is done.
GO_ON = timedelta(days=1)


def plan_tasks(lead: Lead, visit: Appointment, *, event_id: UUID, now: datetime) -> None:
    """Open the task that confirms a visit the day before, and ask to be woken for its outcome after it."""
    due_at = max(visit.starts_at - timedelta(days=1), now + timedelta(minutes=30))
    open_task(lead, kind=CONFIRM, title="Confirm the visit the day before", now=now, event_id=event_id, due_at=due_at)
    outbox.enqueue(CHASE, visit.id, due_at=ask_at(visit.ends_at, hours_at(visit)))


def follow(lead: Lead, visit: Appointment, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Let the tasks of a visit follow a change of it; an open lead keeps a dated next step."""
    state = AppointmentState(visit.state)
    others = any(each.id != visit.id for each in live_visits_of(lead))
    if not others:
        ended = "done" if state in (AppointmentState.CONFIRMED, AppointmentState.ATTENDED) else "cancelled"
        close_tasks(lead, because=f"visit {state.replace('_', ' ')}", now=now, kinds=[CONFIRM], state=ended)
        close_tasks(lead, because=f"visit {state.replace('_', ' ')}", now=now, kinds=[VISIT_OUTCOME])
    if lead.closed_at is not None:
        return
    if state is AppointmentState.RESCHEDULED:
        close_tasks(lead, because="visit moved", now=now, kinds=CONTACT_TASKS)
        plan_tasks(lead, visit, event_id=event_id, now=now)
    elif state in (AppointmentState.CONFIRMED, AppointmentState.ATTENDED):
        _ask(lead, due_at=max(ask_at(visit.ends_at, hours_at(visit)), now), now=now, event_id=event_id)
    elif state in WIN_BACK:
        plan_contact(
            lead,
            channel="call",
            title="Win the visit back",
            due_at=now + WIN_BACK[state],
            now=now,
            event_id=event_id,
            actor=actor,
        )
    elif state is AppointmentState.COMPLETED:
        title = "The visit is completed: say how the lead goes on, or close it"
        open_task(lead, kind="go_on", title=title, due_at=now + GO_ON, now=now, event_id=event_id)


@outbox.handler(CHASE)
def chase(visit_id: UUID, now: datetime) -> None:
    """Ask the owner what came of a visit that is past and of which nobody said anything (row AP-13).

    Run twice it asks once; a visit that was moved is asked about after its new time.
    """
    lead = lock_lead(Appointment.rows().get(id=visit_id).lead_id)
    visit = Appointment.rows().select_related("location").get(id=visit_id)
    if visit.state not in LIVE or lead.closed_at is not None or lead.owner_team_id is None:
        return
    at = ask_at(visit.ends_at, hours_at(visit))
    if at > now:
        outbox.enqueue(CHASE, visit.id, due_at=at)
        return
    if not _ask(lead, due_at=at, now=now):
        return
    actor = system_actor(current_organization_id(), "visits")
    tell(lead, kind="task", sentence="A visit is past and nobody said what came of it.", actor=actor, now=now)
    refresh_next_action(lead)


def _ask(lead: Lead, *, due_at: datetime, now: datetime, event_id: UUID | None = None) -> bool:
    """Open the question what came of a visit; False where it is open already."""
    if Task.rows().filter(lead=lead, kind=VISIT_OUTCOME, state="open").exists():
        return False
    open_task(lead, kind=VISIT_OUTCOME, title=ASK_TITLE, due_at=due_at, now=now, event_id=event_id)
    return True
