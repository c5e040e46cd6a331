"""A colleague leaves: what they own goes to their team's queue, and nothing is orphaned (row TA-15)."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.leads.actions import lock_lead, lock_people_of_leads, move_tasks, tell
from apps.leads.models import Lead, Task
from apps.ownership.actions import assign
from apps.relationships import owners
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.tenancy.ids import new_id


def deactivate_member(*, actor: Actor, membership_id: UUID, now: datetime) -> int:
    """End a person's access and move their open leads and tasks to the team queue; return how many leads.

    Clocks go on unchanged. Refuses actors without `settings:write`.
    """
    if not actor.may(Permission.SETTINGS_WRITE):
        raise Refused(
            "Only administrators end a colleague's access.",
            action="member.deactivate",
            object_type="membership",
            object_id=membership_id,
        )
    member = Membership.rows().select_for_update().get(id=membership_id)
    member.is_active = False
    member.save(update_fields=["is_active"])
    event_id = new_id()
    ids = list(Lead.rows().filter(owner=member, closed_at__isnull=True).order_by("id").values_list("id", flat=True))
    lock_people_of_leads(ids)
    for lead_id in ids:
        lead = lock_lead(lead_id)
        if lead.owner_team is None:
            continue
        assign(
            lead,
            team=lead.owner_team,
            member=None,
            queue=lead.queue,
            trigger="deactivated",
            actor=actor,
            now=now,
            reason="their owner left",
            event_id=event_id,
        )
        move_tasks(lead)
        tell(
            lead,
            kind="assigned",
            sentence=f"Back in the queue of {lead.owner_team.name}: its owner left.",
            actor=actor,
            now=now,
            event_id=event_id,
        )
    Task.rows().filter(assignee=member, state__in=["open", "suppressed"]).update(assignee=None)
    owners.release(member, actor=actor, event_id=event_id, now=now)
    Lead.rows().filter(leased_by=member).update(leased_by=None, lease_until=None)
    ledger.record(
        actor=actor,
        action="member.deactivate",
        object_type="membership",
        object_id=member.id,
        event_id=event_id,
        detail={"leads": len(ids)},
    )
    return len(ids)
