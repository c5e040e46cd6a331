"""Statuses that the clock sets (row ST-08): found by what is on record, told in the story, with the steps they start.

The sweep looks every minute at all open leads; a contact and the entry of a stage look at their own lead at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from apps.flows.cadences import start_of_status
from apps.flows.entering import run_actions
from apps.flows.streams import settle
from apps.leads.actions import lock_lead, lock_people_of_leads, tell
from apps.leads.models import Lead, Task, Touch
from apps.leads.process import SINCE_WORDS, Course, Since, TimedStatus, span
from apps.leads.queries import pipelines_by_key, process_in_force
from apps.leads.terms import CLEARANCE_TASKS
from apps.outreach.models import Activity
from apps.outreach.terms import REACHED
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

BATCH = 200


def restate_all(now: datetime) -> int:
    """Give every open lead the status that the clock says; return how many changed. Up to 200 of a pipeline a run."""
    ids = [each for key in pipelines_by_key() for each in _changed(key, now)]
    lock_people_of_leads(ids)
    return sum(restate(lock_lead(each), now=now) for each in ids)


def restate(lead: Lead, *, now: datetime) -> bool:
    """Give a locked lead the status that the clock says; say whether that is news.

    A new status is told in the story and starts its steps; one that ended goes silently: what ended it is told.
    """
    course = process_in_force(now).course(lead.pipeline.key)
    key = "" if lead.closed_at is not None else _expected(lead, course, now)
    if key == lead.timed_status:
        return False
    lead.timed_status, lead.timed_since = key, now if key else None
    Lead.rows().filter(id=lead.id).update(timed_status=key, timed_since=lead.timed_since)
    status = next((each for each in course.statuses if each.key == key), None)
    if status is not None:
        _begin(lead, status, now)
    return True


def _begin(lead: Lead, status: TimedStatus, now: datetime) -> None:
    actor, event_id = system_actor(current_organization_id(), "clock"), new_id()
    sentence = f"Status: {status.label}, {span(status.after_seconds)} {SINCE_WORDS[status.since]}."
    tell(lead, kind="status", sentence=sentence, actor=actor, now=now, event_id=event_id)
    if status.actions:
        run_actions(lead, status.actions, actor=actor, event_id=event_id, now=now)
        settle(lead, actor=actor, event_id=event_id, now=now)
        sla.refresh_due(lead)
    start_of_status(lead, status.key, now=now)


def _expected(lead: Lead, course: Course, now: datetime) -> str:
    if not course.statuses:
        return ""
    rows = Lead.rows().filter(id=lead.id).annotate(expected=_case(course, now))
    return str(rows.values_list("expected", flat=True).first() or "")


def _changed(pipeline: str, now: datetime) -> Sequence[UUID]:
    course = process_in_force(now).course(pipeline)
    rows: QuerySet[Lead] = Lead.rows().filter(pipeline__key=pipeline, closed_at__isnull=True)
    if course.statuses:
        rows = rows.annotate(expected=_case(course, now)).exclude(timed_status=F("expected"))
    else:
        rows = rows.exclude(timed_status="")
    return list(rows.order_by("id").values_list("id", flat=True)[:BATCH])


def _case(course: Course, now: datetime) -> Case:
    """Return the status that holds of a lead; the last one named is asked first. A held lead has none."""
    whens = [When(_holds(each, now), then=Value(each.key)) for each in reversed(course.statuses)]
    return Case(When(~Q(hold_reason=""), then=Value("")), *whens, default=Value(""), output_field=CharField())


def _holds(status: TimedStatus, now: datetime) -> Q:
    """Return the condition of a status. What is cheap to see is asked first: the replies are read for few leads."""
    before = now - timedelta(seconds=status.after_seconds)
    found = Q(stage__key__in=status.stages) if status.stages else Q()
    if status.since is Since.STAGE:
        return found & Q(stage_since__lte=before)
    if status.since is Since.NEXT_ACTION:
        return found & Q(next_action_at__lte=before)
    found &= ~Q(id__in=_waited_for_elsewhere(now))
    if status.since is Since.ACTIVITY:
        return found & (Q(last_activity_at__lte=before) | Q(last_activity_at__isnull=True, captured_at__lte=before))
    return found & Q(captured_at__lte=before) & _unheard(before)


def _waited_for_elsewhere(now: datetime) -> QuerySet[Task, UUID]:
    """Return leads that wait for an insurer or a practice, until the day somebody asks again (row QL-20)."""
    rows = Task.rows().filter(kind__in=CLEARANCE_TASKS, state="open", due_at__gt=now)
    return rows.values_list("lead_id", flat=True)


def _unheard(before: datetime) -> Q:
    """Return the condition that the person said nothing since an instant: no answer of theirs, and no new inquiry."""
    said = Q(direction="inbound") | Q(outcome__in=[str(each) for each in REACHED])
    answered = Activity.rows().filter(said, started_at__gt=before).values("lead_id")
    return ~Q(id__in=answered) & ~Q(id__in=Touch.rows().filter(at__gt=before).values("lead_id"))
