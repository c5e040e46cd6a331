"""Steps with insurers and referring practices before a visit: each with a status and a day to ask again (row QL-20).

On a long cycle somebody else has the next word for weeks. The lead says on whom it waits and since when, has a dated
task to ask again, and counts as neither stale nor waiting for the person until that day.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.audit import ledger
from apps.flows.clashes import lock_unchanged
from apps.flows.counselling import counsel
from apps.flows.standing import restate
from apps.leads.actions import close_tasks, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.ownership.queries import lead_to_change, require_change
from apps.qualification.models import ClearanceEvent
from apps.qualification.terms import CLEARANCE_WORDS, WAITED_FOR, ClearanceStatus, ClearanceStep
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.writing import insert


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a step stands and since which day; `look_again_at` is needed while somebody else has the next word."""

    step: ClearanceStep
    status: ClearanceStatus
    since: date
    look_again_at: datetime | None = None
    reference: str = ""
    note: str = ""
    valid_until: date | None = None

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody else has the next word."""
        return self.status in WAITED_FOR

    @property
    def sentence(self) -> str:
        """Return the step as it is told: "Pre-authorisation: pending since 4 May 2026"."""
        word = self.status.replace("_", " ")
        until = f", granted until {self.valid_until.day} {self.valid_until:%b %Y}" if self.valid_until else ""
        return f"{CLEARANCE_WORDS[self.step]}: {word} since {self.since.day} {self.since:%b %Y}{until}"


def record_step(
    *, actor: Actor, lead_id: UUID, stands: Stands, now: datetime, version: int | None = None
) -> ClearanceEvent:
    """Keep where a step stands. One that is waited for gets a dated task to ask again; one that ended loses it.

    An insurance verification that was denied opens a task to counsel about paying (row AP-11).

    Refuses people who may not change the insurance of the lead, closed leads, a day in the future, a step that is
    waited for without a day to ask again, and an end of what was not granted.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("payer",), now=now, action="lead.clearance")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    _refuse_gaps(stands, now)
    return keep_step(lead, stands, by=actor, now=now)


def keep_step(lead: Lead, stands: Stands, *, by: Actor, now: datetime) -> ClearanceEvent:
    """Keep where a step of a locked lead stands, with its task, its line in the story and in the ledger."""
    event_id = new_id()
    row = ClearanceEvent(
        lead=lead,
        step=stands.step,
        status=stands.status,
        since=stands.since,
        look_again_at=stands.look_again_at if stands.is_waited_for else None,
        valid_until=stands.valid_until,
        reference=stands.reference.strip()[:80],
        note=stands.note.strip()[:200],
        actor_label=by.label,
        recorded_at=now,
        event_id=event_id,
    )
    insert(row)
    planned = row.look_again_at
    if planned is not None:
        close_tasks(lead, because="a newer day to ask again", now=now, kinds=[str(stands.step)], state="cancelled")
        title = f"Ask again. {stands.sentence}"
        open_task(lead, kind=str(stands.step), title=title, due_at=planned, now=now, event_id=event_id)
    elif Task.rows().filter(lead=lead, state="open").exclude(kind=str(stands.step)).exists():
        close_tasks(lead, because=f"{stands.status}".replace("_", " "), now=now, kinds=[str(stands.step)])
    else:
        # The last step of an open lead stays its next action: what follows is decided then.
        for task in Task.rows().filter(lead=lead, state="open", kind=str(stands.step)):
            task.kind, task.title, task.due_at = "follow_up", f"{stands.sentence}: go on with the lead", now
            task.save(update_fields=["kind", "title", "due_at"])
    refresh_next_action(lead)
    sla.refresh_due(lead)
    tell(lead, kind="coverage", sentence=f"{stands.sentence}.", actor=by, now=now, event_id=event_id, note=row.note)
    ledger.record(
        actor=by,
        action="lead.clearance",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["clearance"],
        detail={"step": str(stands.step), "status": str(stands.status)},
    )
    if stands.step is ClearanceStep.INSURANCE_VERIFICATION and stands.status is ClearanceStatus.DENIED:
        counsel(lead, by=by, now=now, event_id=event_id)
    restate(lead, now=now)
    return row


def _refuse_gaps(stands: Stands, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(current_organization().zone)).date()
    problems = []
    if stands.since > today:
        problems.append(Problem("/since", "in_the_future", "A status cannot begin in the future."))
    if stands.is_waited_for and stands.look_again_at is None:
        problems.append(Problem("/look_again_at", "day_missing", "Say when somebody asks again."))
    elif stands.is_waited_for and stands.look_again_at is not None and stands.look_again_at <= now:
        problems.append(Problem("/look_again_at", "in_the_past", "Asking again needs a date in the future."))
    if stands.valid_until is not None and (
        stands.step is not ClearanceStep.PRE_AUTHORISATION or stands.status is not ClearanceStatus.DONE
    ):
        said = "Only a pre-authorisation that is done is granted until a day."
        problems.append(Problem("/valid_until", "nothing_granted", said))
    elif stands.valid_until is not None and stands.valid_until < stands.since:
        problems.append(Problem("/valid_until", "before_it_began", "It cannot end before it was granted."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
