"""One live outreach per person: when one lead's ends, one of those that stood back goes on (row DU-07)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.consent.terms import Channel
from apps.leads.actions import close_tasks, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.sla import actions as sla
from apps.tenancy.actor import Actor

BREATH = timedelta(minutes=30)
NOBODY_ELSE = "nobody else reaches out"
LOOK_AGAIN = timedelta(days=1)
CONTACT_KINDS = tuple(str(each) for each in Channel)


def stream_of(lead: Lead) -> Lead | None:
    """Return another open lead through which somebody is reaching out to the lead's person, or to its contact."""
    who = lead.contact_person_id or lead.person_id
    reached = Q(person_id=lead.person_id) | Q(person_id=who, contact_person=None) | Q(contact_person_id=who)
    # Two steps: ordered tasks joined to a person's leads let the planner walk every open task of the tenant.
    others = Lead.rows().filter(reached, closed_at__isnull=True).exclude(id=lead.id)
    ids = list(others.values_list("id", flat=True))
    if not ids:
        return None
    task = _live_tasks(ids).select_related("lead__owner_team").first()
    return task.lead if task else None


def plan_contact(
    lead: Lead, *, channel: str, title: str, due_at: datetime, now: datetime, event_id: UUID, actor: Actor
) -> Task:
    """Open a contact, or let it wait while another lead reaches out to the person; return the task that is open.

    The look at the other lead is due when the contact would have been: what somebody promised is not forgotten.
    """
    other = stream_of(lead)
    if other is None:
        _go_on(lead, now)
        return open_task(lead, kind=channel, title=title, channel=channel, due_at=due_at, now=now, event_id=event_id)
    close_tasks(lead, because="a newer look at the other lead", now=now, kinds=["coordinate"], state="cancelled")
    return stand_back(
        lead,
        other,
        channel=channel,
        title=title,
        due_at=due_at,
        look_at=due_at,
        now=now,
        event_id=event_id,
        actor=actor,
    )


def stand_back(
    lead: Lead,
    other: Lead,
    *,
    channel: str,
    title: str,
    due_at: datetime,
    look_at: datetime,
    now: datetime,
    event_id: UUID,
    actor: Actor,
) -> Task:
    """Let this lead's contact wait for another lead of the person; return the dated look at that one."""
    lead.shares_stream_with = other
    if not lead._state.adding:
        Lead.rows().filter(id=lead.id).update(shares_stream_with=other)
    open_task(
        lead,
        kind=channel,
        title=title,
        channel=channel,
        due_at=due_at,
        now=now,
        state="suppressed",
        event_id=event_id,
    )
    sentence = f"{_contacted_by(other)}: no second call."
    tell(lead, kind="linked", sentence=sentence, actor=actor, now=now, event_id=event_id)
    return open_task(lead, kind="coordinate", title=coordinate_title(other), due_at=look_at, now=now, event_id=event_id)


def wake_others(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> int:
    """Let the lead that waited longest for this one go on, and the others wait for it; return how many went on."""
    waiting = Lead.rows().select_for_update(of=("self",), no_key=True)
    others = list(waiting.filter(shares_stream_with=lead, closed_at__isnull=True).order_by("created_at", "id"))
    if not others:
        return 0
    first, rest = others[0], others[1:]
    for each in rest:
        Lead.rows().filter(id=each.id).update(shares_stream_with=first)
        title = coordinate_title(first)
        Task.rows().filter(lead=each, kind="coordinate", state="open").update(title=title)
    Lead.rows().filter(id=first.id).update(shares_stream_with=None)
    first.shares_stream_with = None
    for task in Task.rows().filter(lead=first, state="suppressed"):
        task.state, task.due_at = "open", max(task.due_at, now + BREATH)
        task.save(update_fields=["state", "due_at"])
    close_tasks(first, because="the other lead ended", now=now, kinds=["coordinate"], state="cancelled")
    refresh_next_action(first)
    sla.refresh_due(first)
    tell(
        first,
        kind="linked",
        sentence=f"{lead.ref} needs no more calls: this lead's own contact goes on.",
        actor=actor,
        now=now,
        event_id=event_id,
    )
    return 1


def coordinate_title(other: Lead) -> str:
    """Return what the task of a lead that stands back says."""
    return f"{_contacted_by(other)}: coordinate with them"[:200]


def _contacted_by(other: Lead) -> str:
    team = other.owner_team.name if other.owner_team else "another team"
    return f"Being contacted by {team} for {other.ref}"


def join_streams(person_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Let one lead of a person who was two go on, and the others stand back; return what `part_streams` needs."""
    leads = Lead.rows().select_for_update(of=("self",), no_key=True).select_related("owner_team")
    opened = {each.id: each for each in leads.filter(person_id=person_id, closed_at__isnull=True).order_by("id")}
    live = list(_live_tasks(list(opened)))
    if not live:
        return []
    first, held = opened[live[0].lead_id], []
    for lead_id in dict.fromkeys(task.lead_id for task in live if task.lead_id != first.id):
        held.append(_hold_back(opened[lead_id], first, [each for each in live if each.lead_id == lead_id], now))
    return held


def part_streams(held: list[dict[str, Any]]) -> None:
    """Give each lead that stood back because of a merge its own contact again, unless it went on meanwhile."""
    for each in held:
        tasks = Task.rows().filter(id__in=each["tasks"], state="suppressed")
        if tasks.update(state="open"):
            Task.rows().filter(id=each["added"], state="open").delete()
            was = {name: each[name] for name in ("shares_stream_with_id", "next_action_at", "due_at")}
            Lead.rows().filter(id=each["lead"]).update(**was)


def part_from_strangers(person_ids: Iterable[UUID], now: datetime) -> None:
    """Let leads that stood back for a lead which is another person's by now go on; one of each person's leads does."""
    rows = Lead.rows().select_for_update(of=("self",), no_key=True).select_related("shares_stream_with")
    for person_id in person_ids:
        waiting = rows.filter(person_id=person_id, closed_at__isnull=True, shares_stream_with__isnull=False)
        for lead in waiting.exclude(shares_stream_with__person_id=person_id).order_by("id"):
            Task.rows().filter(lead=lead, state="suppressed").update(state="open")
            close_tasks(lead, because="of another person", now=now, kinds=["coordinate"], state="cancelled")
            Lead.rows().filter(id=lead.id).update(shares_stream_with=None)
            lead.shares_stream_with = None
            refresh_next_action(lead)
            sla.refresh_due(lead)
        join_streams(person_id, now)


def _go_on(lead: Lead, now: datetime) -> None:
    """Let a lead stand back no longer when nobody else reaches out; what waited gives way to what is planned now."""
    if lead.shares_stream_with_id is None:
        return
    lead.shares_stream_with = None
    Lead.rows().filter(id=lead.id).update(shares_stream_with=None)
    close_tasks(lead, because=NOBODY_ELSE, now=now, kinds=["coordinate"], state="cancelled")
    waited = Task.rows().filter(lead=lead, state="suppressed")
    waited.update(state="cancelled", closed_at=now, closed_because=NOBODY_ELSE)


def _hold_back(lead: Lead, first: Lead, tasks: list[Task], now: datetime) -> dict[str, Any]:
    was: dict[str, Any] = {
        "lead": str(lead.id),
        "tasks": [str(each.id) for each in tasks],
        "shares_stream_with_id": str(lead.shares_stream_with_id) if lead.shares_stream_with_id else None,
        "next_action_at": lead.next_action_at.isoformat() if lead.next_action_at else None,
        "due_at": lead.due_at.isoformat() if lead.due_at else None,
    }
    Task.rows().filter(id__in=was["tasks"]).update(state="suppressed")
    due_at = max(now, min(each.due_at for each in tasks)) + LOOK_AGAIN
    added = open_task(lead, kind="coordinate", title=coordinate_title(first), due_at=due_at, now=now)
    Lead.rows().filter(id=lead.id).update(shares_stream_with=first)
    lead.shares_stream_with = first
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return was | {"added": str(added.id)}


def _live_tasks(lead_ids: list[UUID]) -> Any:
    rows = Task.rows().filter(lead_id__in=lead_ids, state="open", kind__in=CONTACT_KINDS)
    return rows.order_by("due_at", "id")
