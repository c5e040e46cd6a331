"""What outside systems and partners report of a lead, beside what stands here (rows ST-10, ST-19).

Whose word counts is said by the process rules, field by field; it is ours where they say nothing. A report of anybody
else changes nothing: it is kept as a conflict with both values, and a person looks at it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.audit import ledger
from apps.flows.clashes import value_of
from apps.flows.notes import check_value, edit_lead
from apps.flows.review_status import keep_review
from apps.flows.stages import move_lead
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead, OutsideReport
from apps.leads.process import REVIEWED, STAGE, Process, folded
from apps.leads.queries import process_in_force, stages_by_key
from apps.leads.terms import LEFT_AS_IT_WAS, ReportOutcome
from apps.qualification.queries import review_statuses, reviews_of
from apps.qualification.review_status import ReviewStatus, status_of
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

ENDS_BY_HAND = "Ending a lead and opening it again need a reason, which a person here gives."


@dataclass(frozen=True, slots=True)
class Report:
    """What `reporter` (the key of a system or a partner, `name` to people) says of one field, in its own word."""

    reporter: str
    name: str
    field: str
    said: str


@dataclass(frozen=True, slots=True)
class Read:
    """A report as we understand it: our value, "" where nobody knows the word and why; the event it tells of."""

    means: str
    why: str = ""
    event: str = ""


def take_report(*, actor: Actor, lead_id: UUID, report: Report, now: datetime) -> OutsideReport:
    """Keep a report; where the rules believe the reporter about the field, the change is made by its usual verb.

    The reporter's last report of the field again does nothing and returns the row of then, unless the word has got
    another meaning or the reporter has been given the last word since. A change that gates or picklists do not allow
    is kept as refused, with their sentence. Whether the actor may report at all is settled before.
    """
    lead, process = lock_lead(lead_id), process_in_force(now)
    read, believed = _read(report, lead, process, now), process.truth.get(report.field) == report.reporter
    rows = OutsideReport.rows().filter(lead=lead, reporter=report.reporter, field=report.field)
    last: OutsideReport | None = rows.order_by("-reported_at", "-id").first()
    if last is not None and (folded(last.said), last.means) == (folded(report.said), read.means):
        given_since = believed and last.outcome == ReportOutcome.CONFLICT
        if not given_since:
            return last
    row = OutsideReport(
        id=new_id(),
        lead=lead,
        reporter=report.reporter,
        reporter_name=report.name,
        field=report.field,
        said=report.said,
        means=read.means,
        ours=_ours(lead, report.field),
        event_id=new_id(),
        reported_at=now,
    )
    row.outcome, row.why = _judge(row, lead, read, believed=believed, now=now)
    insert(row)
    _say(row, lead, actor, now)
    return row


def look_at_report(*, actor: Actor, row_id: UUID, now: datetime) -> None:
    """Note that a person looked at a report that changed nothing. Refuses one that was looked at already."""
    row = OutsideReport.rows().select_for_update(of=("self",)).get(id=row_id)
    if row.seen_at is not None:
        raise Conflict(f"{row.seen_by} looked at it already.", code="seen")
    row.seen_at, row.seen_by = now, actor.label[:150]
    row.save(update_fields=["seen_at", "seen_by"])
    detail = {"reporter": row.reporter, "field": row.field}
    ledger.record(actor=actor, action="lead.report_seen", object_type="lead", object_id=row.lead_id, detail=detail)


def label_of(lead: Lead, field: str, value: str) -> str:
    """Return a value as people read it: a stage by its label."""
    stage = stages_by_key(lead.pipeline_id).get(value) if field == STAGE else None
    return stage.label if stage else value.replace("_", " ")


def _read(report: Report, lead: Lead, process: Process, now: datetime) -> Read:
    """Say what a report means here. Our own keys and labels of stages are understood from everybody."""
    if report.field in REVIEWED:
        status = _status(report.field, report.said, now)
        return Read(status.key) if status else Read("", "Nobody has said yet what this word means.")
    if report.field != STAGE:
        problem = check_value(report.field, report.said)
        return Read("", problem.detail) if problem else Read(report.said)
    stages = stages_by_key(lead.pipeline_id)
    means = process.means(report.reporter, report.said)
    if means is not None:
        if means.stage in stages:
            return Read(means.stage, event=means.event)
        return Read("", f"It means a stage that {lead.pipeline.name} does not have.")
    word = folded(report.said)
    own = next((key for key, stage in stages.items() if word in (folded(key), folded(stage.label))), "")
    return Read(own) if own else Read("", "Nobody has said yet what this word means.")


def _status(field: str, word: str, now: datetime) -> ReviewStatus | None:
    return status_of(review_statuses(now), field.removesuffix("_review"), word)


def _ours(lead: Lead, field: str) -> str:
    if field in REVIEWED:
        track = field.removesuffix("_review")
        return next((each.status for each in reviews_of(lead) if each.track == track), "")
    return lead.stage.key if field == STAGE else str(value_of(lead, field))


def _judge(row: OutsideReport, lead: Lead, read: Read, *, believed: bool, now: datetime) -> tuple[ReportOutcome, str]:
    if not read.means:
        return ReportOutcome.UNMAPPED, read.why
    if read.means == row.ours:
        return ReportOutcome.AGREES, ""
    if not believed:
        named = row.field.replace("_", " ")
        return ReportOutcome.CONFLICT, f"What stands here counts for the {named}; a person looks at the difference."
    try:
        with transaction.atomic():
            _change(row, lead, read, now)
    except (Conflict, Invalid) as no:
        return ReportOutcome.REFUSED, str(no)[:500]
    return ReportOutcome.APPLIED, ""


def _change(row: OutsideReport, lead: Lead, read: Read, now: datetime) -> None:
    """Make the change that was reported, in the name of the owning team, as the rules have it."""
    by = system_actor(current_organization_id(), row.reporter_name, Door.API)
    reported = f"{row.reporter_name} reported “{row.said}”."
    if row.field in REVIEWED:
        status = _status(row.field, read.means, now)
        if lead.closed_at is not None or status is None:
            raise Conflict(ENDS_BY_HAND, code="by_hand")
        keep_review(lead, status, by=by, now=now, note=reported, reporter=row.reporter)
        return
    if row.field != STAGE:
        edit_lead(actor=by, lead_id=lead.id, changes={row.field: read.means}, now=now, source=reported)
        return
    if lead.closed_at is not None or not stages_by_key(lead.pipeline_id)[read.means].is_open:
        raise Conflict(ENDS_BY_HAND, code="by_hand")
    if lead.owner_team_id is None:
        raise Conflict("No team owns this lead yet, so nobody moves it.", code="no_owner")
    by = replace(by, team_ids=frozenset({lead.owner_team_id}))
    stated = frozenset({read.event} if read.event else ())
    moved = move_lead(actor=by, lead_id=lead.id, to_stage=read.means, reason=reported, now=now, stated=stated)
    if moved.stage.key != read.means:
        raise Conflict(f"The lead stays at {moved.stage.label}.", code="stays")


def _say(row: OutsideReport, lead: Lead, actor: Actor, now: datetime) -> None:
    """Tell the story and the ledger of a report; who agrees is not worth a line in the story."""
    if row.outcome in LEFT_AS_IT_WAS:
        named, meant = row.field.replace("_", " "), label_of(lead, row.field, row.means)
        said = f"“{row.said}”" + (f" ({meant})" if meant and folded(meant) != folded(row.said) else "")
        ours = label_of(lead, row.field, row.ours) or "empty"
        sentence = f"{row.reporter_name} reported {named} {said}; here it stays {ours}. {row.why}"
        tell(lead, kind="outside", sentence=sentence, actor=actor, now=now, event_id=row.event_id)
    ledger.record(
        actor=actor,
        action=f"lead.report_{row.outcome}",
        object_type="lead",
        object_id=lead.id,
        event_id=row.event_id,
        fields=[row.field],
        detail={"reporter": row.reporter, "means": row.means} if row.field == STAGE else {"reporter": row.reporter},
    )
