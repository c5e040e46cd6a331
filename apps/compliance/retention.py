"""Retention: propose what is due, let a second person approve it, erase it in the background, keep a receipt (AU-06).

A run lists its leads when it is proposed: what the approver saw is what goes. Each lead is looked at again before it is
erased; what was opened, won or held meanwhile stays, with the reason. The erasing itself is the owner's function
(decision 0027): without an approved run it refuses everybody.
"""

import hashlib
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from apps.accounts.models import Membership
from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.models import Submission
from apps.compliance.due import Found, bindings_of, counts_of, find_due, of_person
from apps.compliance.manifests import signature_of
from apps.compliance.retention_models import Erased, RetentionItem, RetentionRun
from apps.compliance.retention_terms import Because, ItemState, Left, RunState
from apps.connectors.models import Hook, HookEvent
from apps.consent.gate_lock import shut
from apps.consent.kept_bars import keep_as_digests
from apps.identity.seeking import lock_values
from apps.leads.actions import next_number
from apps.leads.models import ContactPoint, Lead
from apps.leads.terms import ContactValue
from apps.privacy.retention import DataClass
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Refused
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealed_fields import seal_for

WORK = "compliance.retention"
BATCH = 25
#: What stands, sealed, where an inquiry's own bytes stood.
TOMBSTONE = b"{}"
SAMPLE = 20


def dry_run(now: datetime) -> tuple[Found, dict[str, int]]:
    """Return what is due now and how many rows of which table it is; nothing is kept of the question."""
    found = find_due(now)
    return found, counts_of(found.parts)


def propose(*, actor: Actor, now: datetime) -> RetentionRun:
    """Propose to erase what is due by the schedule. Refuses while another run waits or is under way.

    After commit everybody who may approve is told; nothing is erased yet.
    """
    _require(actor, Permission.RETENTION_PROPOSE)
    if RetentionRun.rows().filter(because=Because.SCHEDULE, state__in=[RunState.PROPOSED, RunState.RUNNING]).exists():
        raise Conflict("Another run waits for its approval or is under way.", code="run_open")
    found, counts = dry_run(now)
    if not found.parts:
        raise Conflict("Nothing is due.", code="nothing_due")
    return _proposed(actor, Because.SCHEDULE, found, counts, now)


def propose_for_person(*, actor: Actor, person_id: UUID, now: datetime) -> RetentionRun:
    """Propose to erase everything of a person, as they asked; what is open, converted or held stays."""
    _require(actor, Permission.RIGHTS_HANDLE)
    parts, left = of_person(person_id)
    if not parts:
        words = ", ".join(f"{n} {why}" for why, n in sorted(left.items())) or "no lead"
        raise Conflict(f"Nothing of this person can be erased now ({words}).", code="nothing_due")
    return _proposed(actor, Because.REQUEST, Found(parts, left, ()), counts_of(parts), now)


def _proposed(actor: Actor, because: Because, found: Found, counts: Mapping[str, int], now: datetime) -> RetentionRun:
    if actor.membership_id is None:
        raise Refused("A person proposes this.")
    run = RetentionRun(
        number=next_number("retention"),
        because=because,
        schedule=[{"part": each.part, "months": each.months, "by": each.by} for each in found.schedule],
        counts=dict(counts),
        left=dict(found.left),
        total=len(found.parts),
        proposed_by_id=actor.membership_id,
        proposed_at=now,
    )
    run.save(force_insert=True)
    items = [RetentionItem(run=run, lead_id=lead, parts=list(parts)) for lead, parts in found.parts.items()]
    RetentionItem.objects.bulk_create(items, batch_size=1_000)
    _note(actor, "retention.propose", run, {"leads": run.total, "rows": dict(counts), "because": because.value})
    tell_people(
        kind="retention",
        sentence=f"{run.ref} waits for approval: {run.total} leads would be erased.",
        dedup_key=f"retention:{run.id}",
        now=now,
        permission=Permission.RETENTION_APPROVE,
        url=f"/compliance/retention/{run.number}/",
    )
    return run


def approve(*, actor: Actor, run: RetentionRun, now: datetime) -> None:
    """Approve a run, as a second person; after commit it is erased in the background, batch by batch."""
    _require(actor, Permission.RETENTION_APPROVE, run)
    locked = _locked(run)
    if locked.proposed_by_id == actor.membership_id:
        raise Refused(
            "Somebody else has to approve what you proposed.",
            code="same_person",
            action="retention.approve",
            object_type="retention_run",
            object_id=run.id,
        )
    run.state, run.approved_by_id, run.approved_at = RunState.RUNNING, actor.membership_id, now
    run.save(update_fields=["state", "approved_by", "approved_at"])
    _note(actor, "retention.approve", run, {"leads": run.total})
    outbox.enqueue(WORK, run.id)


def refuse(*, actor: Actor, run: RetentionRun, because: str, now: datetime) -> None:
    """Refuse a run, or take one's own proposal back, with the reason; nothing was erased."""
    if run.proposed_by_id != actor.membership_id:
        _require(actor, Permission.RETENTION_APPROVE, run)
    if not because.strip():
        raise Invalid("Say why.")
    _locked(run)
    run.state, run.decided_because, run.ended_at = RunState.REFUSED, because.strip()[:300], now
    run.save(update_fields=["state", "decided_because", "ended_at"])
    _note(actor, "retention.refuse", run, {})


def run_of(number: int) -> RetentionRun:
    """Return a run by its number."""
    found = RetentionRun.rows().filter(number=number).select_related("proposed_by__user", "approved_by__user").first()
    if found is None:
        raise NotFound
    return found


def progress_of(run: RetentionRun) -> dict[str, int]:
    """Return how many leads of a run wait, were erased, or were passed over."""
    rows = RetentionItem.rows().filter(run=run).values_list("state").annotate(n=Count("id"))
    return {state.value: 0 for state in ItemState} | dict(rows)


def sample_of(run: RetentionRun) -> list[RetentionItem]:
    """Return some leads of a run, evenly spread over it, for a look before it is approved."""
    ids = list(RetentionItem.rows().filter(run=run).order_by("lead__number").values_list("id", flat=True))
    step = max(1, len(ids) // SAMPLE)
    rows = RetentionItem.rows().filter(id__in=ids[::step][:SAMPLE]).select_related("lead", "lead__stage")
    return list(rows.order_by("lead__number"))


@outbox.handler(WORK)
def work(run_id: UUID, now: datetime) -> None:
    """Erase the next batch of an approved run, and ask for the next one; the last one writes the receipt."""
    run = RetentionRun.rows().select_for_update().filter(id=run_id, state=RunState.RUNNING).first()
    if run is None:
        return
    items = list(RetentionItem.rows().filter(run=run, state=ItemState.WAITING).order_by("id")[:BATCH])
    held = _still_due(run, items, now)
    erased = Counter(run.erased)
    for item in items:
        if why := held.get(item.lead_id, ""):
            item.state, item.why, item.done_at = ItemState.LEFT, why, now
            item.save(update_fields=["state", "why", "done_at"])
        else:
            erased.update(_erase(item, now))
    run.erased = {name: n for name, n in sorted(erased.items()) if n}
    run.save(update_fields=["erased"])
    if RetentionItem.rows().filter(run=run, state=ItemState.WAITING).exists():
        outbox.enqueue(WORK, run.id)
    else:
        _finish(run, now)


def _still_due(run: RetentionRun, items: list[RetentionItem], now: datetime) -> dict[UUID, str]:
    """Return which leads have to stay by now, with the reason; their rows stay locked to the end."""
    ids = [each.lead_id for each in items]
    list(Lead.rows().filter(id__in=ids).order_by("id").select_for_update(of=("self",)).values_list("id"))
    if run.because == Because.SCHEDULE:
        parts = find_due(now, only=ids).parts
    else:
        parts = {}
        for person_id in Lead.rows().filter(id__in=ids).values_list("person_id", flat=True).distinct():
            parts |= of_person(person_id)[0]
    held: dict[UUID, str] = {}
    for item in items:
        if not set(item.parts) <= set(parts.get(item.lead_id, ())):
            held[item.lead_id] = Left.HELD if item.lead_id in parts else "changed since"
    return held


def _erase(item: RetentionItem, now: datetime) -> dict[str, int]:
    bound = bindings_of([item.lead_id])
    rows: dict[str, int] = {}
    if DataClass.IDENTITY in item.parts and bound["persons"]:
        points = ContactPoint.rows().filter(person_id__in=bound["persons"])
        values = [ContactValue(each.kind, each.value, each.typed) for each in points]
        lock_values(values)
        shut(bound["persons"], [each.value for each in values])
        rows["kept opt-outs"] = keep_as_digests(bound["persons"], by="retention", now=now)
        rows["people"] = len(bound["persons"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT leadcrm_erase(%s, %s::jsonb, %s)", [item.id, json.dumps(_tombstones(bound["subs"])), now]
        )
        told = cursor.fetchone()[0]
    return rows | {name: int(n) for name, n in (json.loads(told) if isinstance(told, str) else told).items()}


def _tombstones(submissions: list[UUID]) -> dict[str, str]:
    """Return, sealed for each row, what stands where an inquiry's own bytes stood."""
    hooks = HookEvent.rows().filter(submission_id__in=submissions).values("hook_id")
    rows: list[Any] = [*Submission.rows().filter(id__in=submissions).only("id", "organization_id")]
    rows += Hook.rows().filter(id__in=hooks).only("id", "organization_id")
    return {str(each.id): b64encode(seal_for(each, "raw", TOMBSTONE)).decode() for each in rows}


def _finish(run: RetentionRun, now: datetime) -> None:
    """Write the receipt: what went, who decided it, and a digest over every lead and person that it concerned."""
    gone = Erased.rows().filter(run=run).order_by("subject_id", "part").values_list("subject_id", "part")
    listed = hashlib.sha256("\n".join(f"{subject} {part}" for subject, part in gone).encode()).hexdigest()
    left = Counter(RetentionItem.rows().filter(run=run, state=ItemState.LEFT).values_list("why", flat=True))
    people = Membership.rows().select_related("user").in_bulk([run.proposed_by_id, run.approved_by_id])
    told: dict[str, Any] = {
        "run": run.ref,
        "because": run.because,
        "schedule": run.schedule,
        "proposed_by": str(people[run.proposed_by_id]),
        "proposed_at": _iso(run.proposed_at),
        "approved_by": str(people[run.approved_by_id]),
        "approved_at": _iso(run.approved_at),
        "ended_at": _iso(now),
        "leads": progress_of(run)[ItemState.ERASED],
        "left": dict(left),
        "rows": run.erased,
        "kept": ["ledger", "consent proofs", "opt-outs under a keyed digest", "counts"],
        "erased": {"parts": len(gone), "sha256": listed},
    }
    told["signature"] = {"algorithm": "HMAC-SHA-256", "value": signature_of(told)}
    run.receipt, run.state, run.ended_at = told, RunState.DONE, now
    run.digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    run.save(update_fields=["receipt", "state", "ended_at", "digest"])
    actor = system_actor(current_organization_id(), "retention")
    _note(actor, "retention.done", run, {"leads": told["leads"], "rows": run.erased, "receipt": run.digest})


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _locked(run: RetentionRun) -> RetentionRun:
    found: RetentionRun = RetentionRun.rows().select_for_update().get(id=run.id)
    if found.state != RunState.PROPOSED:
        raise Conflict("This run was decided already.", code="decided")
    return found


def _require(actor: Actor, permission: Permission, run: RetentionRun | None = None) -> None:
    """Refuse who lacks the right, and programs: two people decide."""
    if not actor.may(permission) or actor.membership_id is None or actor.is_agency:
        raise Refused(
            f"This takes the right “{permission.replace(':', ': ')}”, as a person.",
            action="retention.decide",
            object_type="retention_run",
            object_id=run.id if run else None,
        )


def _note(actor: Actor, action: str, run: RetentionRun, detail: Mapping[str, Any]) -> None:
    ledger.record(
        actor=actor, action=action, object_type="retention_run", object_id=run.id, detail={"run": run.ref, **detail}
    )
