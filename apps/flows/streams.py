"""One live outreach per person: who carries it, who stands back, and who goes on when it ends (row DU-07).

A lead carries the outreach while a contact is open on it: a call, a text, an e-mail, or the follow-up of who took it
over while one was. Everybody else waits, with a dated look at the lead that does. A lead at rest (nurture, not
qualified) gives way to one that is not. Whoever calls has locked the lead's people (`lock_lead`).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.consent.queries import reaches
from apps.consent.terms import Channel
from apps.exceptions.queries import stops_outreach
from apps.flows.channel_mix import first_try
from apps.leads.actions import close_tasks, open_task, refresh_next_action, retitle, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import StageKey
from apps.policies.queries import live_document
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization

BREATH = timedelta(minutes=30)
NOBODY_ELSE = "nobody else reaches out"
LOOK_AGAIN = timedelta(days=1)
CONTACT_KINDS = tuple(str(each) for each in Channel)
#: A take-over carries the outreach where a contact was open: it has that contact's channel.
TAKE_OVER = "follow_up"
RESTING = (StageKey.NURTURE, StageKey.NOT_QUALIFIED)


def carries(lead: Lead) -> str:
    """Return the channel by which somebody is reaching out through this lead; "" where nobody is."""
    task = _live_tasks([lead.id]).first()
    return str(task.channel or task.kind) if task is not None else ""


def stream_of(lead: Lead) -> Lead | None:
    """Return another open lead through which somebody is reaching out to the lead's person, or to its contact.

    One at rest is no reason to wait for a lead that is not.
    """
    others = _others_of(lead)
    if not rests(lead):
        others = others.exclude(stage__key__in=RESTING)
    # Two steps: ordered tasks joined to a person's leads let the planner walk every open task of the tenant.
    ids = list(others.values_list("id", flat=True))
    if not ids:
        return None
    task = _live_tasks(ids).select_related("lead__owner_team").first()
    return task.lead if task else None


def rests(lead: Lead) -> bool:
    """Say whether nobody means to reach out through a lead for now."""
    return lead.stage.key in RESTING


def plan_contact(
    lead: Lead, *, channel: str, title: str, due_at: datetime, now: datetime, event_id: UUID, actor: Actor
) -> Task:
    """Open a contact, or let it wait while another lead reaches out to the person; return the task that is open.

    A lead whose outreach waits for a decision gets a plain task instead: nobody is to be called (rows QL-13, QL-16).
    The look at the other lead is due when the contact would have been: what somebody promised is not forgotten.
    """
    if stops_outreach(lead):
        return open_task(lead, kind=TAKE_OVER, title=title, due_at=due_at, now=now, event_id=event_id)
    other = stream_of(lead)
    if other is None:
        _go_on(lead, now)
        task = open_task(lead, kind=channel, title=title, channel=channel, due_at=due_at, now=now, event_id=event_id)
        hold_resting(lead, now=now)
        return task
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


def settle(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> int:
    """Let one outreach go on, after what is open on a lead, its stage or its owner changed; return how many began.

    A lead that still carries it keeps it, and those who wait for it read who has it now. One that carries it no
    more, or has come to rest, leaves it to whoever waited longest; the others wait for that one then.
    """
    if lead.closed_at is None and not rests(lead) and carries(lead):
        other = stream_of(lead)
        if other is not None:
            hold_back(lead, other, now=now)
            return 0
        leave(lead)
        hold_resting(lead, now=now)
        _retitle(lead)
        return 0
    waiting = Lead.rows().select_for_update(of=("self",), no_key=True).select_related("stage", "person")
    waiting = waiting.filter(shares_stream_with=lead, closed_at__isnull=True).order_by("created_at", "id")
    woken = 0
    for each in sorted(waiting, key=rests):
        other = stream_of(each)
        if other is not None and other.id == lead.id:
            continue
        if other is not None:
            _wait_for(each, other)
            continue
        _wake(each, lead, actor=actor, event_id=event_id, now=now)
        hold_resting(each, now=now)
        woken += 1
    return woken


def hold_resting(lead: Lead, *, now: datetime) -> None:
    """Let what is planned on leads at rest wait for a lead through which somebody reaches out now."""
    if rests(lead):
        return
    rows = _others_of(lead).filter(stage__key__in=RESTING).select_related("stage", "owner_team")
    for each in rows.select_for_update(of=("self",), no_key=True).order_by("id"):
        if carries(each):
            hold_back(each, lead, now=now)


def hold_back(lead: Lead, other: Lead, *, now: datetime) -> dict[str, Any]:
    """Let a lead with open contacts wait for another one; return what takes it back (`joined_streams`)."""
    tasks = list(_live_tasks([lead.id]))
    was: dict[str, Any] = {
        "lead": str(lead.id),
        "tasks": [str(each.id) for each in tasks],
        "shares_stream_with_id": str(lead.shares_stream_with_id) if lead.shares_stream_with_id else None,
        "next_action_at": lead.next_action_at.isoformat() if lead.next_action_at else None,
        "due_at": lead.due_at.isoformat() if lead.due_at else None,
    }
    Task.rows().filter(id__in=was["tasks"]).update(state="suppressed")
    due_at = max([now, *(each.due_at for each in tasks[:1])]) + LOOK_AGAIN
    close_tasks(lead, because="a newer look at the other lead", now=now, kinds=["coordinate"], state="cancelled")
    added = open_task(lead, kind="coordinate", title=coordinate_title(other), due_at=due_at, now=now)
    Lead.rows().filter(id=lead.id).update(shares_stream_with=other)
    lead.shares_stream_with = other
    _retell(lead)
    for each in Lead.rows().filter(shares_stream_with=lead, closed_at__isnull=True):
        _wait_for(each, other)
    return was | {"added": str(added.id)}


def leave(lead: Lead) -> None:
    """Let a lead wait for no other any more: its contacts have ended."""
    if lead.shares_stream_with_id is not None:
        lead.shares_stream_with = None
        Lead.rows().filter(id=lead.id).update(shares_stream_with=None)


def end_channels(lead: Lead, channels: Collection[str]) -> None:
    """Let a take-over carry no outreach by channels that are closed to us now; it stays as a task."""
    rows = Task.rows().filter(lead=lead, state="open", kind=TAKE_OVER, channel__in=channels)
    rows.update(channel="")


def coordinate_title(other: Lead) -> str:
    """Return what the task of a lead that stands back says."""
    return f"{_contacted_by(other)}: coordinate with them"[:200]


def live_tasks() -> Any:
    """Return the contacts that are open now, of whatever lead."""
    is_contact = Q(kind__in=CONTACT_KINDS) | Q(kind=TAKE_OVER, channel__in=CONTACT_KINDS)
    return Task.rows().filter(is_contact, state="open")


def _others_of(lead: Lead) -> Any:
    who = lead.contact_person_id or lead.person_id
    reached = Q(person_id=lead.person_id) | Q(person_id=who, contact_person=None) | Q(contact_person_id=who)
    return Lead.rows().filter(reached, closed_at__isnull=True).exclude(id=lead.id)


def _contacted_by(other: Lead) -> str:
    team = other.owner_team.name if other.owner_team else "another team"
    return f"Being contacted by {team} for {other.ref}"


def _go_on(lead: Lead, now: datetime) -> None:
    """Let a lead stand back no longer when nobody else reaches out; what waited gives way to what is planned now."""
    if lead.shares_stream_with_id is None:
        return
    leave(lead)
    close_tasks(lead, because=NOBODY_ELSE, now=now, kinds=["coordinate"], state="cancelled")
    waited = Task.rows().filter(lead=lead, state="suppressed")
    waited.update(state="cancelled", closed_at=now, closed_because=NOBODY_ELSE)


def _wake(lead: Lead, before: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Let a lead go on with its own contact; where none waits any more, by the first way that is permitted."""
    leave(lead)
    waited = list(Task.rows().filter(lead=lead, state="suppressed"))
    for task in waited:
        task.state, task.due_at = "open", max(task.due_at, now + BREATH)
        task.save(update_fields=["state", "due_at"])
    close_tasks(lead, because="the other lead ended", now=now, kinds=["coordinate"], state="cancelled")
    if not waited:
        _plan_anew(lead, before, event_id, now)
    _retell(lead)
    sentence = f"{before.ref} needs no more calls: this lead's own contact goes on."
    tell(lead, kind="linked", sentence=sentence, actor=actor, now=now, event_id=event_id)


def _plan_anew(lead: Lead, before: Lead, event_id: UUID, now: datetime) -> None:
    zone = current_organization().zone
    found = reaches(lead, now=now, document=live_document("contact", now), default_zone=zone)
    channel = first_try(lead, found, live_document("contact", now), now)
    due_at = now + BREATH
    if channel and not stops_outreach(lead):
        title = f"Reach them by {channel}"
        open_task(lead, kind=channel, title=title, channel=channel, due_at=due_at, now=now, event_id=event_id)
    elif not Task.rows().filter(lead=lead, state="open").exists():
        title = f"{before.ref} needs no more calls: decide how to go on"
        open_task(lead, kind="review", title=title, due_at=now + LOOK_AGAIN, now=now, event_id=event_id)


def _wait_for(lead: Lead, other: Lead) -> None:
    """Let a lead that stands back wait for another one than before."""
    Lead.rows().filter(id=lead.id).update(shares_stream_with=other)
    retitle(Task.rows().filter(lead=lead, kind="coordinate", state="open"), coordinate_title(other))


def _retitle(lead: Lead) -> None:
    """Let those who wait for a lead read which team has it now."""
    waiting = Lead.rows().filter(shares_stream_with=lead, closed_at__isnull=True).values("id")
    retitle(Task.rows().filter(lead__in=waiting, kind="coordinate", state="open"), coordinate_title(lead))


def _retell(lead: Lead) -> None:
    refresh_next_action(lead)
    sla.refresh_due(lead)


def _live_tasks(lead_ids: list[UUID]) -> Any:
    return live_tasks().filter(lead_id__in=lead_ids).order_by("due_at", "id")
