"""Write exceptions: open one, decide about it, end it. `Lead.exception` is kept in step here and nowhere else."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.accounts.models import Team
from apps.catalog.queries import queues_by_key
from apps.exceptions.decisions import plan_for
from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.terms import BESIDE, RELEASED, Guess, ItemState, ItemType, type_of
from apps.leads.models import Lead
from apps.policies.queries import versions_in_force
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert


def open_item(
    lead: Lead,
    type: ItemType,  # noqa: A002 (the word of the field)
    code: str,
    detail: str = "",
    *,
    now: datetime,
    guess: Guess | None = None,
    begins: datetime | None = None,
    criteria: Sequence[Mapping[str, str]] = (),
) -> ExceptionItem | None:
    """Open an exception of a lead, unless one of its type is open; return the new one.

    Handler, actions, approver and deadline are what the rules in force say of the type, `begins` is when their time
    begins (now). `criteria` are what the decision has to rest on. The lead keeps the code of its first open exception
    that stops it; an unsaved one without a write.
    """
    if lead._state.adding:
        if lead.exception and type_of(lead.exception) is type:
            return None
    elif ExceptionItem.rows().filter(OPEN, lead=lead, type=type).exists():
        return None
    version = versions_in_force(now).get("exceptions")
    plan = plan_for(type, version.document if version else {}, code)
    row = ExceptionItem(
        id=new_id(),
        lead=lead,
        type=type,
        code=code,
        detail=detail[:300],
        opened_at=now,
        due_at=(begins or now) + timedelta(seconds=plan.within_seconds),
        queue=queues_by_key().get(plan.queue),
        guess={"field": guess.field, "value": guess.value, "confidence": guess.confidence} if guess else {},
        allowed=list(plan.actions),
        approver=Team.rows().filter(key=plan.approver, is_active=True).first() if plan.approver else None,
        approves=list(plan.approves),
        then=plan.then,
        missing_data=plan.missing_data,
        criteria=[dict(each) for each in criteria],
        version=version,
    )
    insert(row)
    if not lead.exception and code not in BESIDE:
        _keep_code(lead, code)
    return row


def resolve(
    lead: Lead,
    type: ItemType,  # noqa: A002 (the word of the field)
    by: Actor,
    reason: str,
    now: datetime,
    *,
    decision: str = RELEASED,
    approved_by: UUID | None = None,
) -> bool:
    """End the open exception of a type; say whether there was one. The lead then shows its next open one, if any."""
    row = ExceptionItem.rows().filter(OPEN, lead=lead, type=type).first()
    if row is None:
        # A code that no item stands behind is of before there were items: it ends the same way.
        if lead.exception and type_of(lead.exception) is type:
            refresh(lead)
        return False
    if row.state != ItemState.WAITING or not row.decided_label:
        row.decided_by_id, row.decided_label = by.membership_id, by.label
    row.state, row.decision, row.reason = ItemState.RESOLVED, decision, reason[:300]
    row.decided_at, row.approved_by_id = now, approved_by
    row.save(update_fields=["state", "decision", "reason", "decided_by", "decided_label", "decided_at", "approved_by"])
    refresh(lead)
    return True


def resolve_all(lead: Lead, by: Actor, reason: str, now: datetime, *, decision: str = RELEASED) -> int:
    """End every open exception of a lead; return how many there were."""
    types = list(ExceptionItem.rows().filter(OPEN, lead=lead).values_list("type", flat=True))
    ended = sum(resolve(lead, ItemType(each), by, reason, now, decision=decision) for each in types)
    if not types and lead.exception:
        refresh(lead)
    return ended


def propose(item: ExceptionItem, *, by: Actor, decision: str, reason: str, proposal: Mapping[str, Any]) -> None:
    """Keep what somebody decided until the approver says yes or no."""
    item.state, item.decision, item.reason, item.proposal = ItemState.WAITING, decision, reason[:300], dict(proposal)
    item.decided_by_id, item.decided_label = by.membership_id, by.label
    item.save(update_fields=["state", "decision", "reason", "proposal", "decided_by", "decided_label"])


def keep_answers(item: ExceptionItem, answers: Mapping[str, str]) -> None:
    """Keep what was said of an item's criteria; what is none of them is left out."""
    known = {each["id"] for each in item.criteria}
    item.answers = {key: value for key, value in answers.items() if key in known}
    item.save(update_fields=["answers"])


def send_back(item: ExceptionItem) -> None:
    """Let an item be decided anew: its proposal was refused."""
    item.state, item.decision, item.reason, item.proposal = ItemState.OPEN, "", "", {}
    item.decided_by, item.decided_label = None, ""
    item.save(update_fields=["state", "decision", "reason", "proposal", "decided_by", "decided_label"])


def note_escalated(lead: Lead, now: datetime) -> int:
    """Note on the lead's open exceptions that are due that a supervisor was told; return how many were new."""
    rows = ExceptionItem.rows().filter(OPEN, lead=lead, escalated_at__isnull=True, due_at__lte=now)
    return rows.update(escalated_at=now)


def refresh(lead: Lead) -> None:
    """Let a lead show the code of its first open exception that stops it, or none."""
    stopping = ExceptionItem.rows().filter(OPEN, lead=lead).exclude(code__in=BESIDE)
    first = stopping.order_by("opened_at", "id").first()
    code = first.code if first else ""
    if code != lead.exception:
        _keep_code(lead, code)


def _keep_code(lead: Lead, code: str) -> None:
    lead.exception = code
    if not lead._state.adding:
        Lead.rows().filter(id=lead.id).update(exception=code)
