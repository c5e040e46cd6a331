"""The way back from one act on one lead: a claim, or corrected facts. Offered at once, to who did it.

It is kept as a run of one lead, so that taking it back is the verb that takes back many.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.flows.claiming import claim_lead
from apps.flows.clashes import value_of
from apps.flows.models import BulkItem, BulkRun
from apps.flows.notes import SEALED, edit_lead
from apps.flows.restoring import state_of
from apps.leads.actions import lock_lead
from apps.leads.models import Lead
from apps.ownership.queries import lead_to_change
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id

EDITED = "edit"


def claim_and_keep(*, actor: Actor, lead_id: UUID, now: datetime) -> BulkRun | None:
    """Claim a lead as `claim_lead` does and return the way back; None where nothing changed."""
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    owner_id, before = lead.owner_id, state_of(lead)
    claim_lead(actor=actor, lead_id=lead_id, now=now)
    return None if owner_id == actor.membership_id else _kept(actor, "assign", lead_id, before, now)


def edit_and_keep(
    *, actor: Actor, lead_id: UUID, changes: Mapping[str, str], now: datetime, version: int | None
) -> BulkRun | None:
    """Change facts as `edit_lead` does and return the way back; None where nothing changed that can be read again."""
    lead_to_change(actor, lead_id)
    held = lock_lead(lead_id)
    before = {name: value_of(held, name) for name in changes if name not in SEALED}
    lead = edit_lead(actor=actor, lead_id=lead_id, changes=changes, now=now, version=version)
    changed = {name: [old, value_of(lead, name)] for name, old in before.items() if value_of(lead, name) != old}
    return _kept(actor, EDITED, lead_id, changed, now) if changed and len(before) == len(changes) else None


def restore_facts(lead: Lead, before: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Put corrected facts back, by the rules of a correction: what the actor may not change any more is refused."""
    changes = {name: old for name, (old, _new) in before.items()}
    edit_lead(actor=actor, lead_id=lead.id, changes=changes, now=now, source="Taken back by who did it.")


def _kept(actor: Actor, act: str, lead_id: UUID, before: Mapping[str, Any], now: datetime) -> BulkRun:
    run_id = new_id()
    run = BulkRun(
        id=run_id, actor_id=actor.id or actor.organization_id, key=f"one:{run_id}", act=act, detail={}, made_at=now
    )
    run.save(force_insert=True)
    version = lock_lead(lead_id).version
    item = BulkItem(id=new_id(), run=run, lead_id=lead_id, done=True, code="ok", version=version, before=dict(before))
    item.save(force_insert=True)
    return run
