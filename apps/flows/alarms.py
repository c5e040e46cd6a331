"""Words of danger in what a person writes to us: what we send by itself stops, and a person is told (row TN-16).

The alert names no words and no name: a task for the team on call, a notice to its people and to the lead of the team
that owns the lead, and a second alert to whom the rules name if nobody settles it in time.
"""

from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import Team
from apps.accounts.notices import tell_people
from apps.accounts.queries import teams_by_id
from apps.audit import ledger
from apps.flows.automation import pause_automation
from apps.flows.escalation import first_of_team
from apps.flows.team_tasks import ask_team, tell_team
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead, Person, Task
from apps.leads.terms import ALARM, ALARM_LATE
from apps.outreach.terms import PauseReason
from apps.policies.queries import live_document
from apps.qualification.alarm_words import alarms_of, has_alarm
from apps.qualification.intake_document import INTAKE
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

#: The wake-up of an alarm that nobody settled in time.
LATE = "alarm.late"
TITLE = "Read their message now: it may tell of danger"
TITLE_LATE = "Nobody has settled an alarm yet: read their message now"


def heed_alarm(lead: Lead, person: Person, text: str, now: datetime) -> bool:
    """Pause what goes to a person by itself and alert who is on call, where a text has words of danger.

    Called with the lead locked. A second message while the task is open pauses and alerts nobody again.
    """
    alarms = alarms_of(live_document(INTAKE, now))
    if lead.closed_at is not None or lead.owner_team_id is None or not has_alarm(text, alarms):
        return False
    actor, event_id = system_actor(current_organization_id(), "alarms"), new_id()
    pause_automation(lead, person=person, reason=PauseReason.ALARM, actor=actor, now=now)
    team = _team(alarms.team)
    due_at = now + timedelta(seconds=alarms.within_seconds)
    task = ask_team(lead, team=team, kind=ALARM, title=TITLE, due_at=due_at, actor=actor, now=now, event_id=event_id)
    if task is None:
        return True
    _alert(lead, task, TITLE, now)
    sentence = f"Alarm: {team.name if team else 'the owner'} is to read their message now."
    tell(lead, kind="automation", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.alarm",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["automation"],
        detail={"task": str(task.id)},
    )
    outbox.enqueue(LATE, task.id, due_at=due_at)
    return True


@outbox.handler(LATE)
def escalate_alarm(task_id: UUID, now: datetime) -> None:
    """Tell whom the rules name that an alarm is still open, once; nothing where it was settled or the lead closed."""
    lead = lock_lead(Task.rows().values_list("lead_id", flat=True).get(id=task_id))
    task = Task.rows().get(id=task_id)
    if task.state != "open" or lead.closed_at is not None:
        return
    if now < task.due_at:
        outbox.enqueue(LATE, task.id, due_at=task.due_at)
        return
    if Task.rows().filter(lead=lead, kind=ALARM_LATE, event_id=task.event_id).exists():
        return
    alarms = alarms_of(live_document(INTAKE, now))
    actor, event_id = system_actor(current_organization_id(), "alarms"), task.event_id or new_id()
    team = _team(alarms.escalates_to)
    due_at = now + timedelta(seconds=alarms.within_seconds)
    late = ask_team(
        lead, team=team, kind=ALARM_LATE, title=TITLE_LATE, due_at=due_at, actor=actor, now=now, event_id=event_id
    )
    if late is not None:
        _alert(lead, late, TITLE_LATE, now)
        told = team or lead.owner_team
        sentence = f"The alarm is still open. Escalated to {told.name if told else 'the owner'}."
        tell(lead, kind="escalation", sentence=sentence, actor=actor, now=now, event_id=event_id)


def _alert(lead: Lead, task: Task, title: str, now: datetime) -> None:
    """Let the people of the task's team hear, and who leads the team that owns the lead."""
    sentence = f"{lead.ref}: {title}."
    team = next((each for each in teams_by_id().values() if each.id == task.team_id), None)
    if team is not None:
        tell_team(team, kind=task.kind, sentence=sentence, task=task, now=now)
    leader = first_of_team(lead.owner_team)
    tell_people(
        kind=task.kind,
        sentence=sentence,
        dedup_key=f"{task.kind}:{task.id}",
        now=now,
        members=[leader.id] if leader else [],
        url=f"/leads/{lead.id}/",
    )


def _team(key: str) -> Team | None:
    return next((each for each in teams_by_id().values() if each.key == key and each.is_active), None) if key else None
