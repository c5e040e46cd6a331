"""Ask to change what another team owns: a dated request to the owner, who accepts or declines it.

The request is a task of the lead. Accepting makes the change by the verb that the owner would use, with its gates.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Team
from apps.accounts.terms import FieldGroup
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.flows import opt_out
from apps.flows.consent_requests import (
    CONSENT_FIELDS,
    channel_of,
    close_request,
    purposes_of,
    require_keeper,
    tell_keepers,
)
from apps.flows.notes import EDITABLE, PICKED, check_value, edit_lead
from apps.flows.prioritising import set_priority
from apps.flows.stages import move_lead
from apps.flows.transfer import FOLLOW_UP_SECONDS, Transfer, due_in_opening_hours, transfer_lead
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import ChangeRequest, Lead, Task
from apps.leads.queries import stages_by_key
from apps.leads.terms import CHANGE_REQUEST, CONSENT_REQUEST
from apps.ownership.queries import change_verdict, consent_team, lead_for, lead_to_change, require_change, verdicts
from apps.ownership.terms import is_of
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.ids import new_id

#: What one may ask for, with the words of the story: what only the owner changes, and what needs the right to edit.
ASKABLE = {
    "stage": "Stage",
    "owner_team": "Owner",
    "outcome": "Outcome",
    "priority": "Priority",
    "service": "Service",
    "location": "Location",
    "patient_type": "Patient type",
    "timeframe": "Timeframe",
    "preferred_channel": "Preferred channel",
    "appointment_type": "Appointment type",
    "part_of_day": "Part of the day",
    "best_time": "Best time",
    "payer": "Payer",
    **CONSENT_FIELDS,
}
#: Fields that are asked for in free words; the others take one of `values_of`.
FREE = ("timeframe", "appointment_type", "best_time", "payer")
PRIORITIES = {"P1": "P1", "P2": "P2", "P3": "P3"}
#: Outcomes that have a stage of their own; the others are recorded when the lead is closed.
OUTCOMES = {"qualified": "Qualified", "not_qualified": "Not qualified"}
LONGEST_VALUE, LONGEST_REASON = 100, 300


class Answer(StrEnum):
    """What the owner says to a request."""

    ACCEPT = "accept"
    DECLINE = "decline"


def ask_to_change(*, actor: Actor, lead_id: UUID, field: str, proposed: str, reason: str, now: datetime) -> Task:
    """Put a request before the lead's owner, due within 30 minutes of their opening hours; nothing else changes.

    A permission is asked of the team that maintains consent, within its own hours.

    Refuses people who do not see the lead, fields that are the asker's own to change, closed leads, a request
    without a value or a reason, and a value that the field cannot take.
    """
    lead_for(actor, lead_id)
    lead = lock_lead(lead_id)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Ask its team to reopen it.", code="closed")
    _refuse_gaps(field, proposed, reason, askable(actor))
    if change_verdict(actor, lead, field, now=now).allowed:
        raise Conflict("You may change this yourself.", code="own_field")
    key, label = _resolved(lead, field, proposed)
    event_id = new_id()
    keeper = require_keeper(now) if field in CONSENT_FIELDS else None
    asked = keeper.id if keeper else lead.owner_team_id
    queue = Queue.rows().filter(team=asked, is_active=True).order_by("key").first()
    task = open_task(
        lead,
        kind=CONSENT_REQUEST if keeper else CHANGE_REQUEST,
        title=f"{actor.label} asks to change: {ASKABLE[field]}"[:200],
        due_at=due_in_opening_hours(queue, FOLLOW_UP_SECONDS, now),
        now=now,
        event_id=event_id,
        asked=keeper,
    )
    request = _kept(task, field, key, reason, actor, now)
    if keeper is not None:
        tell_keepers(request, keeper, lead, now=now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    tell(
        lead,
        kind="asked",
        sentence=f"Asked to change {ASKABLE[field].lower()}; {keeper.name if keeper else _owner(lead)} decides.",
        actor=actor,
        now=now,
        event_id=event_id,
        note=f"{ASKABLE[field]}: {label}\n{reason.strip()}",
    )
    ledger.record(
        actor=actor,
        action="lead.ask",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=[field],
        detail={"task": str(task.id)},
    )
    return task


def _kept(task: Task, field: str, proposed: str, reason: str, actor: Actor, now: datetime) -> ChangeRequest:
    row = ChangeRequest(
        lead=task.lead,
        task=task,
        field=field,
        proposed=proposed,
        reason=reason.strip(),
        asker_id=actor.membership_id,
        asker_label=actor.label,
        created_at=now,
    )
    row.save(force_insert=True)
    return row


def answer_request(
    *,
    actor: Actor,
    lead_id: UUID,
    task_id: UUID,
    answer: str,
    now: datetime,
    because: str = "",
    evidence_kind: str = "",
    evidence_ref: str = "",
) -> Task:
    """Accept or decline a request; its task ends, and the asker reads the answer in the story and on the page.

    Accepting makes the change in the owner's name by the owner's own verb: what its gates refuse stays open, with
    their sentence (`cannot_apply`). A permission is granted by the team that maintains consent, with its proof.
    Declining needs a reason. Refuses everybody else, and a request that was answered already.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    request = ChangeRequest.rows().select_related("task").filter(task_id=task_id, lead=lead).first()
    is_consent = request is not None and request.field in CONSENT_FIELDS
    asked = request.field if request is not None and is_consent else "status"
    require_change(actor, lead, (asked,), now=now, action="lead.answer")
    if request is None:
        raise NotFound
    if request.task.state != "open":
        raise Conflict("This request was answered already.", code="task_ended")
    if answer not in set(Answer):
        raise Invalid("Accept or decline.", (Problem("/answer", "missing", "Accept or decline."),))
    task: Task = request.task
    if answer == Answer.ACCEPT and is_consent:
        _grant(request, actor, evidence_kind, evidence_ref, now)
        task.refresh_from_db()
        return task
    if answer == Answer.ACCEPT:
        _apply(request, actor, now)
    elif not because.strip() or len(because) > LONGEST_REASON:
        sentence = f"Say why you decline, in {LONGEST_REASON} characters."
        raise Invalid(sentence, (Problem("/because", "reason_missing", sentence),))
    close_request(request, lock_lead(lead_id), answer, because.strip(), actor, now)
    return task


def _grant(request: ChangeRequest, actor: Actor, evidence_kind: str, evidence_ref: str, now: datetime) -> None:
    """Record the permission by the action of the maintaining team, which ends every request for it."""
    opt_out.widen(
        actor=actor,
        lead_id=request.lead_id,
        channel=channel_of(request.field),
        purpose=request.proposed,
        evidence_kind=evidence_kind.strip(),
        evidence_ref=evidence_ref.strip(),
        reason=f"Asked by {request.asker_label}: {request.reason}"[:LONGEST_REASON],
        now=now,
    )


def _apply(request: ChangeRequest, actor: Actor, now: datetime) -> None:
    """Make the change that was asked for, as the owner."""
    why = f"Asked by {request.asker_label}: {request.reason}"
    try:
        if request.field == "owner_team":
            wanted = Transfer(team_key=request.proposed, reason=why)
            transfer_lead(actor=actor, lead_id=request.lead_id, transfer=wanted, now=now)
        elif request.field == "priority":
            reason = why[:LONGEST_REASON]
            set_priority(actor=actor, lead_id=request.lead_id, priority=request.proposed, reason=reason, now=now)
        elif request.field in (*EDITABLE, *PICKED):
            change = {request.field: request.proposed}
            edit_lead(actor=actor, lead_id=request.lead_id, changes=change, now=now)
        else:
            move_lead(actor=actor, lead_id=request.lead_id, to_stage=request.proposed, reason=why, now=now)
    except (Conflict, Invalid) as error:
        raise Conflict(f"This cannot be done yet. {error.detail}", code="cannot_apply") from error


def values_of(lead: Lead, field: str) -> dict[str, str]:
    """Return what a field could become, by key."""
    if field == "stage":
        return {key: stage.label for key, stage in stages_by_key(lead.pipeline_id).items()}
    if field == "owner_team":
        return dict(Team.rows().filter(is_active=True).order_by("name").values_list("key", "name"))
    if field == "priority":
        return dict(PRIORITIES)
    if field in CONSENT_FIELDS:
        return purposes_of(field)
    if field in PICKED:
        return {key: row.name for key, row in PICKED[field]().items()}
    allowed = EDITABLE.get(field)
    return {value: value.capitalize() for value in allowed if value} if allowed else dict(OUTCOMES)


def requests_of(actor: Actor, lead: Lead, *, now: datetime) -> list[ChangeRequest]:
    """Return what was asked of a lead, newest first: everything to its owning team, to others what they asked.

    The team that maintains consent reads what is asked of it.
    """
    rows = ChangeRequest.rows().filter(lead=lead).select_related("task__team").order_by("-created_at", "-id")
    mine = Q(asker_id=actor.membership_id, asker__isnull=False)
    if change_verdict(actor, lead, "consent", now=now).allowed:
        mine |= Q(field__in=list(CONSENT_FIELDS))
    return list(rows if lead.owner_team_id in actor.team_ids else rows.filter(mine))


def _resolved(lead: Lead, field: str, proposed: str) -> tuple[str, str]:
    """Return key and label of a value that was named by either; free words are their own."""
    if field in FREE:
        problem = check_value(field, proposed.strip())
        if problem is not None:
            raise Invalid(problem.detail, (Problem("/proposed", problem.code, problem.detail),))
        return proposed.strip(), proposed.strip()
    values = values_of(lead, field)
    typed = proposed.strip().casefold()
    for key, label in values.items():
        if typed in (key.casefold(), label.casefold()):
            return key, label
    sentence = f"{ASKABLE[field]} can be: {', '.join(values.values())}."
    raise Invalid(sentence, (Problem("/proposed", "unknown_value", sentence),))


def askable(actor: Actor) -> dict[str, str]:
    """Return what somebody may ask for: nothing of a group of fields that their role does not see."""
    kept = actor.hidden_fields & {FieldGroup.INSURANCE, FieldGroup.CONSENT, FieldGroup.HEALTH}
    return {name: words for name, words in ASKABLE.items() if not is_of(name, kept)}


def offered(actor: Actor, lead: Lead, now: datetime) -> dict[str, str]:
    """Return what somebody may ask for of a lead: what they may not change themselves, permissions if somebody grants.

    Empty for who may change all of it.
    """
    fields = askable(actor)
    found = verdicts(actor, lead, tuple(fields), now=now)
    kept = () if consent_team(now) else tuple(CONSENT_FIELDS)
    return {name: words for name, words in fields.items() if name not in kept and not found[name].allowed}


def _refuse_gaps(field: str, proposed: str, reason: str, fields: Mapping[str, str]) -> None:
    problems = []
    if field not in fields:
        problems.append(Problem("/field", "unknown_field", "This is not asked for here."))
    if not proposed.strip() or len(proposed) > LONGEST_VALUE:
        problems.append(Problem("/proposed", "missing", f"Say what it should be, in {LONGEST_VALUE} characters."))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(Problem("/reason", "reason_missing", f"Say why, in {LONGEST_REASON} characters."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def _owner(lead: Lead) -> str:
    if lead.owner is not None:
        return str(lead.owner.user.name)
    return lead.owner_team.name if lead.owner_team else "its team"
