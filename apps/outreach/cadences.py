"""Write and read cadences: begin one, note its steps, end it with everything that was planned."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.leads.actions import tell
from apps.leads.models import Lead, Task
from apps.outreach.cadence_document import compile_plans
from apps.outreach.cadence_terms import CADENCE_MESSAGE, END_WORDS, Cadence, Plans, RunEnd, StepState
from apps.outreach.models import CadenceRun, CadenceStep, Message
from apps.outreach.terms import MessageState
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.policies.queries import versions_in_force
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

KIND = "cadences"
STEP_DUE = "cadence.step"


def plans_in_force(now: datetime) -> tuple[Plans, RuleSetVersion | None]:
    """Return the cadences and groups of now, with the version that names them."""
    version = versions_in_force(now).get(KIND)
    return compiled(version, compile_plans), version


def cadence_of(run: CadenceRun) -> Cadence | None:
    """Return the cadence that somebody is in, as it was when they began."""
    return compiled(run.version, compile_plans).cadence(run.cadence)


def open_run(lead: Lead) -> CadenceRun | None:
    """Return the cadence that a lead is in now."""
    found: CadenceRun | None = (
        CadenceRun.rows().filter(lead=lead, ended_at__isnull=True).select_related("version").first()
    )
    return found


def runs_of(lead: Lead) -> list[CadenceRun]:
    """Return all cadences of a lead with their steps, newest first; two queries."""
    rows = CadenceRun.rows().filter(lead=lead).select_related("version").prefetch_related("steps__message")
    return list(rows.order_by("-started_at", "-id"))


def begin_run(
    lead: Lead,
    cadence: Cadence,
    version: RuleSetVersion,
    *,
    actor: Actor,
    now: datetime,
    segment: str = "",
) -> CadenceRun:
    """Let a locked lead begin a cadence: every step gets its provisional day, the first one its wake-up."""
    run = CadenceRun(
        id=new_id(),
        lead=lead,
        version=version,
        cadence=cadence.id,
        segment=segment,
        stage=lead.stage.key,
        team_id=lead.owner_team_id,
        started_by=actor.label,
        started_at=now,
    )
    insert(run)
    due_at, rows = now, []
    for number, step in enumerate(cadence.steps, 1):
        due_at += step.after
        rows.append(CadenceStep(id=new_id(), run=run, number=number, key=step.id, due_at=due_at))
        insert(rows[-1])
    outbox.enqueue(STEP_DUE, rows[0].id, due_at=rows[0].due_at)
    tell(lead, kind="cadence", sentence=f"Cadence “{cadence.name}” started.", actor=actor, now=now)
    return run


def end_run(run: CadenceRun, lead: Lead, because: RunEnd, *, actor: Actor, now: datetime) -> None:
    """End a cadence: steps to come are cancelled, and what has not gone is stopped unless all steps were done."""
    words = END_WORDS[because]
    run.ended_at, run.ended_because = now, because
    run.save(update_fields=["ended_at", "ended_because"])
    steps = CadenceStep.rows().filter(run=run)
    if because is not RunEnd.FINISHED:
        waiting = Message.rows().filter(id__in=steps.values("message"), state=MessageState.PENDING)
        waiting.update(state=MessageState.BLOCKED, reason=words, finished_at=now)
    steps.filter(state=StepState.PLANNED).update(state=StepState.CANCELLED, because=words, ended_at=now)
    if because is not RunEnd.FINISHED:
        cadence = cadence_of(run)
        name = cadence.name if cadence is not None else run.cadence
        tell(lead, kind="cadence", sentence=f"Cadence “{name}” ended: {words}.", actor=actor, now=now)


def end_runs(leads: Iterable[Lead], because: RunEnd, *, now: datetime, actor: Actor | None = None) -> int:
    """End the cadences that these locked leads are in; return how many there were."""
    by_id = {lead.id: lead for lead in leads}
    if not by_id:
        return 0
    rows = CadenceRun.rows().filter(lead_id__in=list(by_id), ended_at__isnull=True).select_related("version")
    found = list(rows.order_by("id"))
    for run in found:
        by = actor or system_actor(current_organization_id(), "cadence")
        end_run(run, by_id[run.lead_id], because, actor=by, now=now)
    return len(found)


def note_step(
    step: CadenceStep,
    state: StepState,
    *,
    now: datetime,
    because: str = "",
    channel: str = "",
    message: Message | None = None,
    task: Task | None = None,
) -> None:
    """Keep what became of a step."""
    step.state, step.because, step.channel, step.ended_at = state, because[:200], channel, now
    step.message, step.task = message, task
    step.save(update_fields=["state", "because", "channel", "ended_at", "message", "task"])


def put_off(step: CadenceStep, until: datetime, because: str) -> None:
    """Let a step wait, and say why."""
    step.due_at, step.because = until, because[:200]
    step.save(update_fields=["due_at", "because"])
    outbox.enqueue(STEP_DUE, step.id, due_at=until)


def next_step(run: CadenceRun, cadence: Cadence, done: CadenceStep, *, now: datetime) -> bool:
    """Give the step after one that is done its day and its wake-up; False where it was the last."""
    left = list(CadenceStep.rows().filter(run=run, state=StepState.PLANNED, number__gt=done.number).order_by("number"))
    if not left:
        return False
    due_at = now
    for row in left:
        due_at += cadence.steps[row.number - 1].after
        row.due_at = due_at
        row.save(update_fields=["due_at"])
    outbox.enqueue(STEP_DUE, left[0].id, due_at=left[0].due_at)
    return True


def block_of(message: Message, lead: Lead) -> str:
    """Return why a message of a cadence goes no more; "" while its cadence goes on (row TN-07)."""
    if message.purpose != CADENCE_MESSAGE:
        return ""
    if lead.closed_at is not None:
        return f"Skipped: {END_WORDS[RunEnd.CLOSED]}."
    rows = CadenceStep.rows().filter(message_id=message.id).select_related("run")
    ended = rows.exclude(run__ended_because__in=["", str(RunEnd.FINISHED)]).first()
    return f"Skipped: {ended.run.end_words}." if ended is not None else ""


def in_cadences(person_ids: Collection[UUID], *, besides: UUID | None = None) -> Any:
    """Return the open cadences of people's leads."""
    rows = CadenceRun.rows().filter(lead__person_id__in=list(person_ids), ended_at__isnull=True)
    return rows.exclude(lead_id=besides) if besides else rows
