"""The next best lead: leased to one person for ten minutes, renewed while they work, given back by a skip.

A lease is no ownership: it keeps colleagues from taking the same lead at the same moment, and ends by itself.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.accounts.models import TeamMembership
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.exceptions.terms import NO_OUTREACH
from apps.flows.reaching import channels_of, is_reachable
from apps.leads.actions import (
    claim_lease,
    lock_lead,
    open_task,
    refresh_next_action,
    release_leases,
    renew_lease,
    tell,
)
from apps.leads.models import Lead, Task, TimelineEntry
from apps.leads.terms import SIDE_TASKS, SKIPPED_TOO_OFTEN
from apps.ownership.queries import lead_for, lead_to_change, visible_leads
from apps.qualification.information import INFORMATION
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

LEASE = timedelta(minutes=10)
#: A lead that somebody skipped is not offered to them again for this long.
SKIP_REST = timedelta(hours=1)
SKIPS_BEFORE_ALERT = 3
ALERT_WITHIN = timedelta(minutes=30)
BATCH, MOST_ASKED = 25, 200
SKIPPED = "skipped"

SKIP_REASONS = {
    "language": "Needs another language",
    "knowledge": "Needs somebody who knows the service better",
    "asked_for_later": "They asked for another time",
    "facts_missing": "Facts are missing before a call makes sense",
    "known_person": "I know this person",
    "shift_ends": "My shift ends",
}


def takeable_leads(actor: Actor, now: datetime) -> QuerySet[Lead]:
    """Return what the actor could work on now, by the clock: own leads, and those of the teams that nobody has.

    Left out: what is held, what waits for a decision before anybody calls, what asks for information only, what a
    colleague holds a lease on, what the actor skipped within the hour, and what this owner has tried already and whose
    next step is not due yet.
    """
    mine = Q(owner=actor.membership_id) if actor.membership_id else Q(pk__in=[])
    unowned = Q(owner__isnull=True, owner_team__in=list(actor.team_ids))
    due = Task.rows().filter(lead=OuterRef("id"), state="open", due_at__lte=now).exclude(kind__in=SIDE_TASKS)
    skipped = TimelineEntry.rows().filter(
        lead=OuterRef("id"), kind=SKIPPED, actor_label=actor.label, at__gt=now - SKIP_REST
    )
    rows = visible_leads(actor).filter(mine | unowned, closed_at__isnull=True).exclude(status="held")
    rows = rows.exclude(workflow=INFORMATION).exclude(exception__in=NO_OUTREACH)
    rows = rows.filter(_not_leased_by_others(actor, now)).exclude(Exists(skipped))
    tried = Q(attempts__gt=0, last_activity_at__gte=F("owner_since"), next_action_at__isnull=False)
    return rows.exclude(tried & ~Exists(due)).order_by(F("due_at").asc(nulls_last=True), "id")


def start_next(*, actor: Actor, now: datetime) -> Lead | None:
    """Lease the best lead to the actor for ten minutes and return it; None when there is none to work on now.

    The best is the earliest due of those that may be contacted now by some channel. Of two who ask at once each
    gets another one: the lease is taken by one conditional update, and looked at again under its lock. Whatever
    else the actor held is given back. Refuses roles that may not claim.
    """
    if actor.membership_id is None or not actor.may(Permission.LEAD_CLAIM):
        raise Refused("Your role may not take leads.", action="lead.start", object_type="lead")
    zone = current_organization().zone
    offered = takeable_leads(actor, now).select_related("person", "contact_person")
    for start in range(0, MOST_ASKED, BATCH):
        batch = list(offered[start : start + BATCH])
        reaches = channels_of(batch, now, zone) if batch else {}
        for lead in batch:
            if is_reachable(reaches[lead.id]) and _take(lead, actor, actor.membership_id, now):
                return lead
        if len(batch) < BATCH:
            break
    return None


def renew(*, actor: Actor, lead_id: UUID, now: datetime) -> datetime:
    """Hold the lead for ten more minutes and return until when.

    Raises Conflict (`lease_lost`) when the lease has ended: the lead is back in the queue.
    """
    lead_for(actor, lead_id)
    until = now + LEASE
    if actor.membership_id is None or not renew_lease(lead_id, membership_id=actor.membership_id, until=until, now=now):
        raise Conflict(
            "Returned to the queue after 10 minutes. What you typed stands where it is; take the lead again to go on.",
            code="lease_lost",
        )
    return until


def skip_lead(*, actor: Actor, lead_id: UUID, reason: str, now: datetime) -> None:
    """Give a lead back with a reason; it is not offered to the actor again for an hour.

    The third skip without a contact in between asks the team's lead to look at it. Refuses people outside the
    owning team, a lead that a colleague owns, and anything but a reason of the list.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    if not may_skip(actor, lead):
        raise Refused(
            "Only who could take this lead may skip it.", action="lead.skip", object_type="lead", object_id=lead.id
        )
    if reason not in SKIP_REASONS:
        raise Invalid("Choose a reason.", (Problem("/reason", "reason_missing", "Choose a reason."),))
    if actor.membership_id is not None:
        release_leases(actor.membership_id, lead_id=lead.id)
    event_id = new_id()
    tell(lead, kind=SKIPPED, sentence=f"Skipped: {SKIP_REASONS[reason]}.", actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.skip",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        detail={"reason": reason},
    )
    if _skips_since_contact(lead) % SKIPS_BEFORE_ALERT == 0:
        _alert_team_lead(lead, event_id, now)


def may_skip(actor: Actor, lead: Lead) -> bool:
    """Say whether the lead could be offered to the actor, and so be skipped by them."""
    return (
        lead.closed_at is None
        and actor.may(Permission.LEAD_CLAIM)
        and actor.membership_id is not None
        and lead.owner_team_id in actor.team_ids
        and lead.owner_id in (None, actor.membership_id)
    )


def holds_lease(actor: Actor, lead: Lead, now: datetime) -> bool:
    """Say whether the actor holds the lead now."""
    return is_leased(lead, now) and lead.leased_by_id == actor.membership_id


def is_leased(lead: Lead, now: datetime) -> bool:
    """Say whether anybody holds the lead now."""
    return lead.leased_by_id is not None and lead.lease_until is not None and lead.lease_until > now


def _not_leased_by_others(actor: Actor, now: datetime) -> Q:
    free = Q(leased_by__isnull=True) | Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return free | Q(leased_by=actor.membership_id) if actor.membership_id else free


def _take(lead: Lead, actor: Actor, membership_id: UUID, now: datetime) -> bool:
    """Take the lease, give all others back, and look again whether the lead is still to be had."""
    until = now + LEASE
    if not claim_lease(lead, membership_id=membership_id, until=until, now=now):
        return False
    if not takeable_leads(actor, now).filter(id=lead.id).exists():
        release_leases(membership_id, lead_id=lead.id)
        return False
    release_leases(membership_id, besides=lead.id)
    lead.leased_by_id, lead.lease_until = membership_id, until
    ledger.record(actor=actor, action="lead.lease", object_type="lead", object_id=lead.id)
    return True


def _skips_since_contact(lead: Lead) -> int:
    skips = TimelineEntry.rows().filter(lead=lead, kind=SKIPPED)
    return skips.filter(at__gt=lead.last_activity_at).count() if lead.last_activity_at else skips.count()


def _alert_team_lead(lead: Lead, event_id: UUID, now: datetime) -> None:
    if Task.rows().filter(lead=lead, kind=SKIPPED_TOO_OFTEN, state="open").exists():
        return
    task = open_task(
        lead,
        kind=SKIPPED_TOO_OFTEN,
        title="Skipped three times: decide who takes it",
        due_at=now + ALERT_WITHIN,
        now=now,
        event_id=event_id,
    )
    leading = TeamMembership.rows().filter(team=lead.owner_team_id, is_lead=True, membership__is_active=True)
    head = leading.select_related("membership").order_by("id").first()
    if head is not None:
        task.assignee = head.membership
        task.save(update_fields=["assignee"])
    refresh_next_action(lead)
    sla.refresh_due(lead)
