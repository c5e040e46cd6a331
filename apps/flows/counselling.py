"""Counselling about paying, for whom the insurance does not cover (row AP-11): a task for the team the tenant names."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.queries import teams_by_id
from apps.flows.team_tasks import ask_team
from apps.leads.actions import tell
from apps.leads.models import Lead, Task
from apps.leads.terms import COUNSELLING
from apps.policies.queries import live_document
from apps.qualification.intake_document import INTAKE, counselling_of
from apps.tenancy.actor import Actor

TITLE = "Financial counselling: the insurance does not cover the visit"


def counsel(lead: Lead, *, by: Actor, now: datetime, event_id: UUID) -> Task | None:
    """Ask the team that counsels about paying, once while it is open; the lead's owner where the rules name nobody."""
    rules = counselling_of(live_document(INTAKE, now))
    team = next((each for each in teams_by_id().values() if each.key == rules.team and each.is_active), None)
    due_at = now + timedelta(seconds=rules.within_seconds)
    task = ask_team(lead, team=team, kind=COUNSELLING, title=TITLE, due_at=due_at, actor=by, now=now, event_id=event_id)
    if task is not None:
        sentence = f"Financial counselling asked of {team.name if team else 'the owner'}."
        tell(lead, kind="coverage", sentence=sentence, actor=by, now=now, event_id=event_id)
    return task
