"""Dated tasks that another team than the owner does for a lead: it may look meanwhile, and ends the task itself."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import Team, TeamMembership
from apps.accounts.notices import tell_people
from apps.leads.actions import open_task, refresh_next_action
from apps.leads.models import Lead, Task
from apps.leads.terms import TEAM_TASKS
from apps.ownership import actions as ownership
from apps.ownership.models import LeadTeamGrant
from apps.ownership.queries import permission_id
from apps.sla import actions as sla
from apps.tenancy.actor import Actor

#: How long the asked team may look, counted from the day it is to be done.
LOOKS_FOR = timedelta(days=30)


def ask_team(
    lead: Lead,
    *,
    team: Team | None,
    kind: str,
    title: str,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    event_id: UUID,
) -> Task | None:
    """Give a team a task of a locked lead, let it look at the lead, and tell its people; the owner stays the owner.

    Without a team it is the owner's. None where a task of the kind is open there: of one matter people hear once.
    """
    asked = team if team is not None and team.id != lead.owner_team_id else None
    if Task.rows().filter(lead=lead, kind=kind, state="open", team=asked or lead.owner_team).exists():
        return None
    task = open_task(lead, kind=kind, title=title, due_at=due_at, now=now, event_id=event_id, asked=asked)
    if asked is not None:
        let_look(lead, asked, title=title, until=due_at + LOOKS_FOR, actor=actor, now=now)
        tell_team(asked, kind=kind, sentence=f"Your team is asked about {lead.ref}: {title}.", task=task, now=now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return task


def let_look(lead: Lead, team: Team, *, title: str, until: datetime, actor: Actor, now: datetime) -> None:
    """Let a team that does not see a lead look at it, as by a share; nothing where it sees it anyway."""
    view = {"content_object": lead, "group_id": team.group_id, "permission_id": permission_id("view_lead")}
    if LeadTeamGrant.rows().filter(**view).exists():
        return
    ownership.share(
        lead,
        team=team,
        member=None,
        contact=False,
        download=False,
        reason=title,
        ends_at=until,
        actor=actor,
        now=now,
    )


def tell_team(team: Team, *, kind: str, sentence: str, task: Task, now: datetime) -> None:
    """Let the people of a team hear of a task."""
    places = TeamMembership.rows().filter(team=team, membership__is_active=True)
    tell_people(
        kind=kind,
        sentence=sentence,
        dedup_key=f"{kind}:{task.id}",
        now=now,
        members=list(places.values_list("membership_id", flat=True)),
        url=f"/leads/{task.lead_id}/",
    )


def ends_it(actor: Actor, task: Task) -> bool:
    """Say whether a task is another team's, and the actor is of that team."""
    return task.kind in TEAM_TASKS and task.team_id in actor.team_ids


def end_team_tasks(lead: Lead, *, kind: str, because: str, now: datetime) -> None:
    """End the open tasks of a kind of a locked lead; the last task of an open lead becomes its owner's next step."""
    tasks = Task.rows().filter(lead=lead, kind=kind, state="open")
    for task in tasks:
        if Task.rows().filter(lead=lead, state="open").exclude(id=task.id).exists() or lead.owner_team_id is None:
            task.state, task.closed_at, task.closed_because = "done", now, because
        else:
            task.kind, task.title, task.due_at = "follow_up", f"Go on with the lead: {because}", now
            task.team_id, task.assignee_id = lead.owner_team_id, lead.owner_id
        task.save()
    if tasks:
        refresh_next_action(lead)
        sla.refresh_due(lead)
