"""Write leads: enter a stage, tell the story, keep the next action in step.

These verbs write one lead's rows and nothing beyond; the order of steps across apps is in `flows`.
A change of locked columns must happen inside `guards.acting_for` or `guards.acting_as_system`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.accounts.models import Team
from apps.leads.models import Lead, Person, Stage, StageSpell, Task, TimelineEntry, Touch
from apps.leads.person_models import NAMELESS
from apps.leads.queries import stages_by_key
from apps.leads.terms import CONSENT_REQUEST, JUDGED, LOOK_AGAIN, REPEATS, TEAM_TASKS
from apps.privacy.phi import look_at_phi
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import Conflict, NotFound
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert


def next_number(name: str = "lead") -> int:
    """Return the tenant's next running number; waits for a transaction that took one and is not done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenancy_counter (id, organization_id, name, value) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1"
            " RETURNING value",
            [new_id(), current_organization_id(), name],
        )
        return int(cursor.fetchone()[0])


def lock_lead(lead_id: UUID, *, version: int | None = None) -> Lead:
    """Return the lead, locked until the end of the transaction, and before it whom it is about and whom we contact.

    Of two who work on two leads of one person the second waits, so that one outreach is planned and not two
    (row DU-07). Raises NotFound for an absent lead and Conflict (`version_conflict`) when the caller read an
    older version.
    """
    _lock_people_of(lead_id)
    lead = (
        Lead.rows()
        .select_for_update(of=("self",), no_key=True)
        .select_related(
            "person", "stage", "pipeline", "owner_team", "owner__user", "queue", "source", "service", "location"
        )
        .filter(id=lead_id)
        .first()
    )
    if lead is None:
        raise NotFound
    if version is not None and lead.version != version:
        raise Conflict(
            "Somebody changed this lead while you were working on it. Your text is kept; look at the"
            " change and save again.",
            code="version_conflict",
        )
    found: Lead = lead
    return found


def lock_people(person_ids: Iterable[UUID]) -> None:
    """Let nobody else work on these people or their leads meanwhile; always before a lead or a value is locked."""
    rows = Person.rows().filter(id__in=set(person_ids)).order_by("id").select_for_update(no_key=True)
    list(rows.values_list("id", flat=True))


def lock_people_of_leads(lead_ids: Iterable[UUID]) -> None:
    """Lock the people of many leads in one order: patients first, then those who ask for them, as the intake does."""
    pairs = list(Lead.rows().filter(id__in=set(lead_ids)).values_list("person_id", "contact_person_id"))
    lock_people(person_id for person_id, _ in pairs)
    lock_people(contact_id for _, contact_id in pairs if contact_id)


def _lock_people_of(lead_id: UUID) -> None:
    """Lock the lead's people; a merge that we waited for may have made them others."""
    held: set[UUID] = set()
    while pair := Lead.rows().filter(id=lead_id).values_list("person_id", "contact_person_id").first():
        missing = [each for each in pair if each and each not in held]
        if not missing:
            return
        for each in missing:
            lock_people([each])
        held.update(missing)


def tell(
    lead: Lead,
    *,
    kind: str,
    sentence: str,
    actor: Actor,
    now: datetime,
    event_id: UUID | None = None,
    note: str = "",
) -> TimelineEntry:
    """Add a line to the lead's story. A note that tells of health makes the lead PHI (row PH-13)."""
    entry = TimelineEntry(
        lead=lead,
        at=now,
        kind=kind,
        sentence=sentence[:500],
        actor_label=actor.label,
        event_id=event_id,
        note=note,
    )
    insert(entry)
    if note:
        look_at_phi(lead.id, {"note": note}, now=now)
    return entry


def see_repeats(lead: Lead, now: datetime) -> int:
    """Note that the owner has seen that the person asked again; return how many repeats were new to them."""
    return Touch.rows().filter(lead=lead, seen_at__isnull=True, verdict__in=REPEATS).update(seen_at=now)


def enter_stage(lead: Lead, key: str, *, event: str, actor: Actor, now: datetime) -> Stage:
    """Move the lead to a stage: the open stage spell ends, the next begins. The lead is not saved.

    Whether the move is allowed has been decided before (`decisions.may_move`).
    """
    stage = stages_by_key(lead.pipeline_id).get(key)
    if stage is None:
        raise Conflict(f"The pipeline has no stage “{key}”.", code="unknown_stage")
    StageSpell.rows().filter(lead=lead, ended_at__isnull=True).update(ended_at=now)
    insert(StageSpell(lead=lead, stage=stage, started_at=now, event=event, actor_label=actor.label))
    lead.stage, lead.stage_since = stage, now
    return stage


def walk_stages(lead: Lead, steps: Sequence[tuple[str, str, datetime]], *, actor: Actor) -> None:
    """Let a lead that is not stored yet pass its first stages: (stage, event, instant) each."""
    stages, spells = stages_by_key(lead.pipeline_id), list[StageSpell]()
    for key, event, instant in steps:
        lead.stage, lead.stage_since = stages[key], instant
        if spells:
            spells[-1].ended_at = instant
        spells.append(StageSpell(lead=lead, stage=lead.stage, started_at=instant, event=event, actor_label=actor.label))
    insert(*spells)


def save_lead(lead: Lead, fields: Iterable[str]) -> None:
    """Store the named columns of a locked lead and count its version up.

    Rules look again at an open lead of which they may see something else by now. A service or a kind of visit that is
    named now makes the lead PHI (row PH-02), whichever verb named it.
    """
    names = set(fields)
    lead.version += 1
    lead.save(update_fields=[*names, "version"])
    told = {"service": lead.service.key if lead.service else "", "appointment_type": lead.appointment_type}
    if any(told[name] for name in names & told.keys()):
        look_at_phi(lead.id, {name: told[name] for name in names & told.keys()}, now=scope_opened_at())
    if names & JUDGED and lead.closed_at is None:
        outbox.enqueue(LOOK_AGAIN, lead.id)


def open_task(
    lead: Lead,
    *,
    kind: str,
    title: str,
    due_at: datetime,
    now: datetime,
    channel: str = "",
    state: str = "open",
    event_id: UUID | None = None,
    caller: tuple[UUID, UUID | None] | None = None,
    asked: Team | None = None,
) -> Task:
    """Give the lead a dated next action for its owner. Call `refresh_next_action` afterwards.

    `caller` names another team, and a person of it, that makes the first contact (row OW-12).
    `asked` is a team that is asked for something of the lead and does not own it.
    """
    if lead.owner_team_id is None:
        raise Conflict("A task needs a lead with an owning team.")
    placed = (asked.id, None) if asked else caller or (lead.owner_team_id, lead.owner_id)
    task = Task(
        lead=lead,
        kind=kind,
        title=title[:200],
        channel=channel,
        due_at=due_at,
        state=state,
        team_id=placed[0],
        assignee_id=placed[1],
        created_at=now,
        event_id=event_id,
        first_outreach=caller is not None,
    )
    insert(task)
    return task


def close_tasks(lead: Lead, *, because: str, now: datetime, kinds: Iterable[str] = (), state: str = "done") -> int:
    """End the lead's open and suppressed tasks, all or of some kinds; return how many there were."""
    tasks = Task.rows().filter(lead=lead, state__in=["open", "suppressed"])
    if kinds:
        tasks = tasks.filter(kind__in=list(kinds))
    return tasks.update(state=state, closed_at=now, closed_because=because)


def name_in_tasks(lead: Lead, *, instead_of: str = NAMELESS) -> None:
    """Let open tasks name a person whose name was told, or put right, after they were opened."""
    whom = str(lead.contact_person or lead.person)
    if whom != instead_of:
        for task in Task.rows().filter(lead=lead, state="open"):
            retitle([task], task.title.replace(instead_of, whom))


def retitle(tasks: Iterable[Task], title: str) -> None:
    """Let tasks say something else; those that say it already are left as they are."""
    for task in tasks:
        if task.title != title[:200]:
            task.title = title[:200]
            task.save(update_fields=["title"])


def give_touch(touch: Touch, lead: Lead, *, verdict: str) -> None:
    """Let a touch belong to the lead that became of it."""
    Touch.rows().filter(id=touch.id).update(lead=lead, verdict=verdict, seen_at=None)


def restore_tasks(lead: Lead, states: Mapping[UUID, str], *, now: datetime) -> None:
    """Let the lead's open tasks be these again, each in its state; what was opened since is cancelled."""
    tasks = Task.rows().filter(lead=lead)
    since = tasks.filter(state__in=["open", "suppressed"]).exclude(id__in=list(states))
    since.update(state="cancelled", closed_at=now, closed_because="taken back")
    for state in set(states.values()):
        ids = [each for each, was in states.items() if was == state]
        tasks.filter(id__in=ids).update(state=state, closed_at=None, closed_because="")


def move_tasks(lead: Lead) -> int:
    """Let the lead's open tasks follow its owner; return how many did. A first contact stays with who makes it."""
    open_ones = Task.rows().filter(lead=lead, state__in=["open", "suppressed"], first_outreach=False)
    moving = open_ones.exclude(kind__in=(CONSENT_REQUEST, *TEAM_TASKS))
    return moving.update(team_id=lead.owner_team_id, assignee_id=lead.owner_id)


def refresh_next_action(lead: Lead) -> None:
    """Set the lead's next action to its earliest open task and save that column."""
    first = Task.rows().filter(lead=lead, state="open").order_by("due_at").first()
    lead.next_action_at = first.due_at if first else None
    Lead.rows().filter(id=lead.id).update(next_action_at=lead.next_action_at)


def count_attempt(lead: Lead, *, outcome: str, now: datetime) -> None:
    """Note a contact attempt on the lead; the first one starts outreach, which locks the assignment."""
    if lead.outreach_started_at is None:
        lead.outreach_started_at = now
    lead.attempts += 1
    lead.last_outcome, lead.last_activity_at = outcome, now


def claim_lease(lead: Lead, *, membership_id: UUID, until: datetime, now: datetime) -> bool:
    """Lease the lead to one person by a conditional update; False when a colleague holds it.

    The lead's version stays: a lease changes nothing that a form could have been filled in against.
    """
    free = Lead.rows().filter(id=lead.id).exclude(lease_until__gt=now, leased_by__isnull=False)
    mine = Lead.rows().filter(id=lead.id, leased_by=membership_id)
    return (free | mine).update(lease_until=until, leased_by=membership_id) == 1


def renew_lease(lead_id: UUID, *, membership_id: UUID, until: datetime, now: datetime) -> bool:
    """Lengthen a lease that is still held; False when it has ended."""
    held = Lead.rows().filter(id=lead_id, leased_by=membership_id, lease_until__gt=now)
    return held.update(lease_until=until) == 1


def release_leases(membership_id: UUID, *, lead_id: UUID | None = None, besides: UUID | None = None) -> int:
    """Give back what a person holds: one lead, or all but one; return how many they were."""
    held = Lead.rows().filter(leased_by=membership_id)
    if lead_id is not None:
        held = held.filter(id=lead_id)
    if besides is not None:
        held = held.exclude(id=besides)
    return held.update(leased_by=None, lease_until=None)
