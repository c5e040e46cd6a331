"""A person's verdict on a lead: who may give it, on what it rests, and the row that keeps it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.accounts.models import Team
from apps.audit import ledger
from apps.flows.criteria import Looked, look_at
from apps.flows.verifying import verification_script
from apps.leads.actions import close_tasks, open_task, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import NURTURE_TASK, SIDE_TASKS, StageKey
from apps.qualification.actions import keep_evaluation
from apps.qualification.criteria import CriteriaSet, Finding
from apps.qualification.models import Qualification, Verification
from apps.qualification.queries import verification_of
from apps.qualification.terms import Moment, Standing, Verdict
from apps.qualification.verdicts import Entry, Judged, Known, judge_entry, may_decide
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.tenancy.writing import insert

VERDICT_OF = {
    str(StageKey.QUALIFIED): Verdict.QUALIFIED,
    str(StageKey.NOT_QUALIFIED): Verdict.DISQUALIFIED,
    str(StageKey.NURTURE): Verdict.NURTURE,
}
ASK_AGAIN, ASK_AGAIN_AFTER = "Ask whether the time has come", timedelta(days=60)
STAGE_OF = {verdict: stage for stage, verdict in VERDICT_OF.items()}


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict that may be recorded, with what it rests on."""

    entry: Entry
    looked: Looked
    judged: Judged
    verification: Verification | None

    @property
    def criteria(self) -> CriteriaSet:
        """The criteria that the verdict rests on."""
        return self.looked.evaluation.set


def entry_of(stage: str, reason: str, now: datetime) -> Entry | None:
    """Return what a bare move to a stage says, where the stage is a verdict; who rests is asked again in 60 days."""
    verdict = VERDICT_OF.get(stage)
    if verdict is Verdict.NURTURE:
        return Entry(verdict, reason, next_step=ASK_AGAIN, next_step_at=now + ASK_AGAIN_AFTER)
    return Entry(verdict, reason) if verdict is not None else None


def unmet_of(looked: Looked, missing: Collection[str] = ()) -> tuple[Problem, ...]:
    """Return a problem for each criterion that has to be met before a lead is qualified, and is not (row QL-07).

    Nobody wrote the criteria of the gate: what it asks for is the gate's own to name, and so is what is `missing`.
    """
    if looked.version is None:
        return ()
    return tuple(
        Problem(f"/criteria/{each.criterion.id}", f"criterion_{each.standing}", _unmet_words(each))
        for each in looked.evaluation.unmet
        if not set(missing).issuperset(each.criterion.reads)
    )


def _unmet_words(finding: Finding) -> str:
    sentence = finding.criterion.sentence.rstrip(".")
    said = f"{sentence[:1].lower()}{sentence[1:]}"
    return said if finding.standing is Standing.FAILS else f"{said} (not clear yet)"


def judge_given(actor: Actor, lead: Lead, entry: Entry, now: datetime, looked: Looked | None = None) -> Given:
    """Return a verdict that may be recorded; `looked` is how the lead stands to its criteria, if that is known.

    Refuses whose teams do not decide on leads of this goal (row QL-06), and names every entry that is wrong: a
    reason that is tied to no criterion, a missing verification, a missing next step.
    """
    looked = looked or look_at(lead, now)
    criteria = looked.evaluation.set
    require_decider(actor, lead, criteria)
    verification = verification_of(lead)
    others = Task.rows().filter(lead=lead, state="open").exclude(kind__in=SIDE_TASKS)
    known = Known(
        now,
        answers=verification.answers if verification else None,
        asks_verification=verification_script(lead, now) is not None,
        has_next=others.exists(),
    )
    judged = judge_entry(entry, criteria, known)
    if not judged.allowed:
        problems = tuple(Problem(each.path, each.code, each.sentence) for each in judged.problems)
        raise Invalid(problems[0].detail, problems, code="cannot_decide")
    return Given(entry, looked, judged, verification)


def require_decider(actor: Actor, lead: Lead, criteria: CriteriaSet) -> None:
    """Raise Refused where the actor's teams do not decide on leads of this goal."""
    if actor.is_system:
        return
    functions = set(Team.rows().filter(id__in=list(actor.team_ids)).values_list("function", flat=True))
    if not may_decide(functions, criteria):
        who = ", ".join(sorted(each.replace("_", " ") for each in criteria.who_may))
        raise Refused(
            f"{lead.pipeline.name}: whether such a lead qualifies is decided by {who}. Ask for a transfer.",
            code="not_by_goal",
            action="lead.qualify",
            object_type="lead",
            object_id=lead.id,
            fields=("qualification",),
        )


def keep_given(lead: Lead, given: Given, *, actor: Actor, event_id: UUID, now: datetime) -> Qualification:
    """Keep a verdict, open the task of its next step, and tell it; the stage is the caller's matter."""
    entry = given.entry
    row = Qualification(
        lead=lead,
        verdict=entry.verdict,
        set_id=given.criteria.id,
        version=given.looked.version,
        criteria=list(given.judged.criteria),
        facts={"answers": given.verification.answers if given.verification else None, "stage": lead.stage.key},
        reason=entry.reason.strip()[:400],
        disqualification=entry.disqualification if entry.verdict is Verdict.DISQUALIFIED else "",
        flags=list(entry.flags),
        next_step=entry.next_step.strip()[:200],
        next_step_at=entry.next_step_at,
        verification=given.verification,
        member_id=actor.membership_id,
        actor_label=actor.label,
        decided_at=now,
        event_id=event_id,
    )
    insert(row)
    keep_evaluation(
        lead,
        given.looked.evaluation,
        version=given.looked.version,
        facts=given.looked.facts,
        moment=Moment.VERDICT,
        now=now,
        qualification=row,
    )
    if entry.verdict is not Verdict.DISQUALIFIED and row.next_step and row.next_step_at is not None:
        kind = NURTURE_TASK if entry.verdict is Verdict.NURTURE else "follow_up"
        if kind == NURTURE_TASK:
            close_tasks(lead, because="a newer day to ask again", now=now, kinds=[kind], state="cancelled")
        open_task(lead, kind=kind, title=row.next_step, due_at=row.next_step_at, now=now, event_id=event_id)
    names = {each.id: each.sentence for each in given.criteria.criteria}
    rests = ", ".join(names.get(each, each.replace("_", " ")) for each in row.criteria)
    tell(
        lead,
        kind="verdict",
        sentence=f"{str(entry.verdict).capitalize()}: {row.reason} Rests on: {rests}.",
        actor=actor,
        now=now,
        event_id=event_id,
        note="\n".join(f"Open: {each}" for each in entry.flags),
    )
    ledger.record(
        actor=actor,
        action="lead.qualify",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["qualification"],
        detail=_noted(row),
    )
    return row


def _noted(row: Qualification) -> dict[str, Any]:
    noted: dict[str, Any] = {"verdict": str(row.verdict), "criteria": row.criteria}
    return noted | ({"disqualification": row.disqualification} if row.disqualification else {})
