"""The safety net: what should never happen is looked for every minute, put right or shown."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F, Q, QuerySet

from apps.capture.document_shelf import purge_held
from apps.capture.drafts import purge_expired
from apps.catalog.unmapped import look_on_first_day
from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.terms import OWNER_MISMATCH, ItemType
from apps.flows import exceptional
from apps.flows.alert_mails import plan_mails
from apps.flows.handing_off import end_astray
from apps.flows.lateness import watch_unrouted
from apps.flows.parking import resurface_parked
from apps.flows.routing_reviews import review_routing
from apps.flows.standing import restate_all
from apps.flows.streams import live_tasks, settle
from apps.flows.tracking import report_timing
from apps.flows.watching import watch_all
from apps.leads.actions import lock_lead, lock_people_of_leads, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import CONTEXT_MISSING, NO_NEXT_ACTION
from apps.policies import faults
from apps.qualification.reviewing import review_scores
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import organization_ids
from apps.tenancy.scope import tenant_scope

BATCH = 200
REVIEW_WITHIN = timedelta(minutes=30)
MISMATCH_SENTENCE = "Owner, queue and open tasks do not name one team."
log = structlog.get_logger("sweeps")


def sweep_all() -> int:
    """Sweep every tenant, each in a transaction of its own; return how many leads were touched."""
    total = 0
    for organization_id in organization_ids():
        with tenant_scope(organization_id):
            total += sweep(organization_id, database_now())
    return total


def sweep(organization_id: UUID, now: datetime) -> int:
    """Give open leads without a next action one (row ST-16), and mark owner mismatches (row RT-17).

    Who waits for a lead through which nobody reaches out goes on (row DU-07).

    Statuses by the clock begin and end (row ST-08); parked leads come up whose service opened (row QL-15).
    A mark goes when owner, queue and tasks name one team again, that of a referral without context when its task is
    done. Words that wait are looked at again on the first day of a service, rules that broke since their approval are
    marked and told, and so is what goes wrong after a change. Each quarter a review of the scores is due (row SC-14),
    each month one of the routing (row RV-12). Who tracks a service level gets its report of the day (row SL-09), and
    inquiries that nobody routed in time are told (row SL-12). Whoever is told of something is mailed its number and a
    link (row PH-17). Forms that people began and left for a day are forgotten, and so are the documents that were held
    for them.
    """
    idle, left, torn = ids_without_next_action(), ids_waited_for_in_vain(), ids_with_mismatch()
    lock_people_of_leads([*idle, *left, *torn])
    touched = sum(_give_next_action(lead_id, organization_id, now) for lead_id in idle)
    for lead_id in left:
        actor = system_actor(organization_id, "sweeper")
        touched += settle(lock_lead(lead_id), actor=actor, event_id=new_id(), now=now)
    for lead_id in torn:
        exceptional.flag(lock_lead(lead_id), OWNER_MISMATCH, detail=MISMATCH_SENTENCE, now=now)
        touched += 1
    touched += _ended(ids_agreeing_again(), ItemType.OWNER_MISMATCH, "Owner, queue and tasks name one team.", now)
    touched += _ended(ids_with_context(), ItemType.INCOMPLETE_FORM, "The task about the context is done.", now)
    restate_all(now)
    resurface_parked(now)
    look_on_first_day()
    faults.recheck(now)
    watch_all(now)
    plan_mails(now)
    review_scores(now)
    review_routing(now)
    end_astray(system_actor(organization_id, "sweeper"), now)
    watch_unrouted(now)
    report_timing(now)
    purge_expired(now)
    purge_held(now)
    if touched:
        log.warning("swept", organization_id=str(organization_id), count=touched)
    return touched


def ids_without_next_action() -> list[UUID]:
    """Return open leads with no open task, or whose noted next action is not their tasks' earliest."""
    has_task = Task.rows().filter(state="open").values("lead_id")
    open_leads = Lead.rows().filter(closed_at__isnull=True)
    broken = open_leads.filter(Q(next_action_at__isnull=True) | ~Q(id__in=has_task))
    return list(broken.values_list("id", flat=True)[:BATCH])


def ids_waited_for_in_vain() -> list[UUID]:
    """Return leads that others of their person wait for and through which nobody reaches out."""
    carrying = live_tasks().filter(lead__closed_at__isnull=True).values("lead_id")
    waiting = Lead.rows().filter(closed_at__isnull=True, shares_stream_with__isnull=False)
    found = waiting.exclude(shares_stream_with__in=carrying).values_list("shares_stream_with_id", flat=True)
    return sorted(set(found[:BATCH]))


def ids_with_mismatch() -> list[UUID]:
    """Return open leads whose owner, queue and open tasks do not name one team."""
    by_queue = Lead.rows().filter(closed_at__isnull=True, queue__isnull=False).exclude(queue__team=F("owner_team"))
    tasks = Task.rows().filter(state="open", lead__closed_at__isnull=True, first_outreach=False)
    by_task = tasks.exclude(team=F("lead__owner_team"))
    marked = _marked(ItemType.OWNER_MISMATCH)
    found = set(by_queue.exclude(id__in=marked).values_list("id", flat=True)[:BATCH])
    found |= set(by_task.exclude(lead_id__in=marked).values_list("lead_id", flat=True)[:BATCH])
    return sorted(found)


def ids_agreeing_again() -> list[UUID]:
    """Return leads that are marked as a mismatch and no longer are one."""
    mismatch = _marked(ItemType.OWNER_MISMATCH)
    odd_tasks = Task.rows().filter(state="open", lead_id__in=mismatch, first_outreach=False)
    odd_tasks = odd_tasks.exclude(team=F("lead__owner_team"))
    marked = Lead.rows().filter(id__in=mismatch).exclude(id__in=odd_tasks.values("lead_id"))
    agrees = Q(queue__isnull=True) | Q(queue__team=F("owner_team")) | Q(closed_at__isnull=False)
    return list(marked.filter(agrees).values_list("id", flat=True)[:BATCH])


def ids_with_context() -> list[UUID]:
    """Return referrals still marked as lacking context whose task about it is done (row CP-16)."""
    open_tasks = Task.rows().filter(state="open", kind=CONTEXT_MISSING)
    marked = Lead.rows().filter(id__in=_marked(ItemType.INCOMPLETE_FORM, CONTEXT_MISSING))
    return list(marked.exclude(id__in=open_tasks.values("lead_id")).values_list("id", flat=True)[:BATCH])


def _marked(kind: ItemType, code: str = "") -> QuerySet[ExceptionItem, UUID]:
    """Return the ids of leads with an open exception of a type, or of one cause of it."""
    rows = ExceptionItem.rows().filter(OPEN, type=kind)
    return (rows.filter(code=code) if code else rows).values_list("lead_id", flat=True)


def _ended(lead_ids: list[UUID], kind: ItemType, reason: str, now: datetime) -> int:
    by = exceptional.the_product()
    return sum(exceptional.clear(lock_lead(each), kind, by=by, reason=reason, now=now) for each in lead_ids)


def _give_next_action(lead_id: UUID, organization_id: UUID, now: datetime) -> int:
    lead = lock_lead(lead_id)
    if lead.closed_at is not None:
        return 0
    if not Task.rows().filter(lead=lead, state="open").exists():
        open_task(
            lead,
            kind=NO_NEXT_ACTION,
            title="No next action: decide what comes next",
            now=now,
            due_at=now + REVIEW_WITHIN,
        )
        tell(
            lead,
            kind="sweep",
            sentence="There was no next action; a review was planned.",
            actor=system_actor(organization_id, "sweeper"),
            now=now,
        )
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return 1
