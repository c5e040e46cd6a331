"""One act on many leads: previewed by the same rules, carried out lead by lead, taken back within a stated time.

No rule of its own: each lead is judged and changed by the verb for one lead, so that page, API and bulk agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows import bulk_handoffs
from apps.flows.assigning import assign_lead, judge_assignment
from apps.flows.bulk_handoffs import HandOff
from apps.flows.cleaning import ChangeValue, change_value, judge_value, require_cleaning, restore_value, value_of
from apps.flows.models import BulkItem, BulkRun
from apps.flows.planning import add_task, judge_task
from apps.flows.restoring import restore, state_of
from apps.flows.transfer import Transfer, judge_transfer, transfer_lead
from apps.flows.undoing import EDITED, restore_facts
from apps.leads.actions import lock_lead, lock_people_of_leads
from apps.leads.models import Lead
from apps.ownership.queries import lead_for, leads_to_change, visible_leads
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, LeadcrmError, NotFound, Problem, Refused
from apps.tenancy.ids import new_id

MOST_LEADS = 500
UNDO_WITHIN = timedelta(seconds=30)
#: A value that was cleaned up says nothing to the person who asks; a mistake in it may show after days.
UNDO_VALUES_WITHIN = timedelta(days=7)
#: More handoffs than these are offered by the worker, so many at a time.
PART = 25
OFFER, WAITING = "lead.bulk_hand_off", "waiting"
OWNED_BY_OTHERS = frozenset({"locked_by_owner", "no_view_grant", "outreach_started"})


@dataclass(frozen=True, slots=True)
class Assign:
    """Give leads to a team, or to a person of it."""

    team_key: str
    member_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Plan a follow-up for leads."""

    until: datetime
    title: str = "Follow up"


Act = Assign | Snooze | ChangeValue | HandOff


@dataclass(frozen=True, slots=True)
class Line:
    """What would come, or came, of one lead. `group` says in few words why not: "owned by Scheduling"."""

    lead_id: UUID
    ref: str
    done: bool
    code: str = "ok"
    sentence: str = ""
    group: str = ""


def preview(*, actor: Actor, lead_ids: Iterable[UUID], act: Act, now: datetime) -> list[Line]:
    """Say for each lead whether the act would be carried out, and if not, in the sentence of its own refusal.

    Nothing is changed. Refuses roles that change no leads, more than 500 leads, and changes of a value without a reason
    or to a value that does not exist.
    """
    ids = require_bulk(actor, lead_ids)
    if isinstance(act, ChangeValue):
        require_cleaning(act)
    return _previewed(actor, ids, act, now)


def _previewed(actor: Actor, ids: Sequence[UUID], act: Act, now: datetime) -> list[Line]:
    leads = {lead.id: lead for lead in leads_to_change(actor, ids)}
    seen = set(visible_leads(actor).filter(id__in=ids).values_list("id", flat=True))
    return [_judged(actor, leads.get(each), each, act, now, is_seen=each in seen) for each in ids]


def carry_out(*, actor: Actor, lead_ids: Iterable[UUID], act: Act, key: str, now: datetime) -> BulkRun:
    """Do it, lead by lead; what is refused is noted with its sentence and hinders no other lead.

    Under a key that this actor used before, the first run is returned and nothing is done. After commit each
    lead's own consequences follow; of more than 25 handoffs the worker makes the offers, lead by lead. Refuses what
    `preview` refuses as a whole.
    """
    ids = require_bulk(actor, lead_ids)
    if isinstance(act, ChangeValue):
        require_cleaning(act)
    run = BulkRun(
        id=new_id(), actor_id=_actor_id(actor), key=key[:200], act=_word(act), detail=_detail(act), made_at=now
    )
    BulkRun.objects.bulk_create([run], ignore_conflicts=True)
    kept: BulkRun = BulkRun.rows().get(actor_id=run.actor_id, key=run.key)
    if kept.id != run.id:
        return kept
    if isinstance(act, HandOff) and len(ids) > PART:
        return _put_in_line(run, actor, ids)
    lines = {line.lead_id: line for line in preview(actor=actor, lead_ids=ids, act=act, now=now)}
    lock_people_of_leads(ids)
    items = [_carried_out(run, lines[each], actor, act, now) for each in sorted(ids) if lines[each].code != "not_found"]
    BulkItem.objects.bulk_create(items)
    _note(actor, f"lead.bulk_{run.act}", run, items)
    return run


def _put_in_line(run: BulkRun, actor: Actor, ids: Sequence[UUID]) -> BulkRun:
    """Keep the leads that exist for the worker, which judges each when its turn comes."""
    there = [lead.id for lead in leads_to_change(actor, ids)]
    items = [
        BulkItem(id=new_id(), run=run, lead_id=each, done=False, code=WAITING, sentence="Waits for its turn.")
        for each in sorted(there)
    ]
    BulkItem.objects.bulk_create(items)
    outbox.enqueue(OFFER, run.id)
    _note(actor, "lead.bulk_hand_off", run, items)
    return run


@outbox.handler(OFFER)
def offer_part(run_id: UUID, now: datetime) -> None:
    """Offer the next leads of a run with the rights that its actor has now, and ask for the part after it."""
    run = BulkRun.rows().select_for_update().get(id=run_id)
    waiting = list(BulkItem.rows().filter(run=run, code=WAITING).order_by("lead_id")[:PART])
    if not waiting:
        return
    act, actor = bulk_handoffs.kept(run.detail), bulk_handoffs.actor_again(run.actor_id)
    ids = [each.lead_id for each in waiting]
    lines: dict[UUID, Line] = {}
    if run.undone_at is None and actor is not None:
        lines = {line.lead_id: line for line in _previewed(actor, ids, act, now)}
        lock_people_of_leads(ids)
    for item in waiting:
        line = lines.get(item.lead_id)
        if line is None or actor is None:
            gone = "The list was taken back." if actor is not None else "Whoever asked for it has no access any more."
            item.code, item.sentence = "stopped", gone
            continue
        made = _carried_out(run, line, actor, act, now)
        item.done, item.code, item.sentence = made.done, made.code, made.sentence
        item.version, item.before = made.version, made.before
    for item in waiting:
        item.save(update_fields=["done", "code", "sentence", "version", "before"])
    outbox.enqueue(OFFER, run.id)


def undo(*, actor: Actor, run_id: UUID, now: datetime) -> BulkRun:
    """Take a run back: owners, tasks and clocks as they were, as one more audited change by the same person.

    What changed since stays as it is, and says so. Of a changed value only that field is put back, where it still
    holds what the run wrote. Refuses everybody but who did it, a second time, and after 30 seconds (7 days for values).
    """
    run = BulkRun.rows().select_for_update().filter(id=run_id, actor_id=_actor_id(actor)).first()
    if run is None:
        raise NotFound
    if run.undone_at is not None:
        raise Conflict("This was taken back already.", code="undone")
    if now > undo_until(run):
        words = "7 days" if run.act == "change" else "30 seconds"
        raise Conflict(f"This can be taken back for {words} only. Change the leads by hand.", code="too_late")
    items = list(BulkItem.rows().filter(run=run, done=True).order_by("lead_id"))
    lock_people_of_leads(item.lead_id for item in items)
    for item in items:
        lead = lock_lead(item.lead_id)
        if run.act == "change":
            after, before = str(run.detail["value"]), str(item.before["value"])
            is_back = restore_value(lead, str(run.detail["field"]), before, after, actor=actor, now=now)
            item.undone = "Taken back." if is_back else "Changed since; left as it is."
        elif run.act == "hand_off":
            is_back = bulk_handoffs.take_back(actor, lead.id, item.before, now)
            item.undone = "Taken back." if is_back else "Answered since; left as it is."
        elif lead.version != item.version:
            item.undone = "Changed since; left as it is."
        elif run.act == EDITED:
            restore_facts(lead, item.before, actor=actor, now=now)
            item.undone = "Taken back."
        else:
            restore(lead, item.before, actor=actor, now=now)
            item.undone = "Taken back."
    BulkItem.objects.bulk_update(items, ["undone"])
    run.undone_at = now
    run.save(update_fields=["undone_at"])
    _note(actor, "lead.bulk_undo", run, items)
    return run


def run_for(actor: Actor, run_id: UUID) -> BulkRun:
    """Return a run of the actor's own."""
    run = BulkRun.rows().filter(id=run_id, actor_id=_actor_id(actor)).first()
    if run is None:
        raise NotFound
    return run


def items_of(run: BulkRun) -> list[BulkItem]:
    """Return what came of each lead of a run."""
    return list(BulkItem.rows().filter(run=run).select_related("lead"))


def may_undo(run: BulkRun, now: datetime) -> bool:
    """Say whether a run can still be taken back."""
    return run.undone_at is None and now <= undo_until(run)


def undo_until(run: BulkRun) -> datetime:
    """Return the last instant at which a run can be taken back."""
    return run.made_at + (UNDO_VALUES_WITHIN if run.act == "change" else UNDO_WITHIN)


def group_of(code: str, sentence: str, team: str) -> str:
    """Return the few words under which refusals of one kind are counted."""
    words = {
        "same_value": "have it already",
        "other_value": "hold another value by now",
        "closed": "closed",
        "same_owner": "theirs already",
        "no_permission": "not open to your role",
    }
    if code in OWNED_BY_OTHERS:
        return f"owned by {team or 'nobody yet'}"
    return words.get(code, sentence.rstrip("."))


def require_bulk(actor: Actor, lead_ids: Iterable[UUID]) -> Sequence[UUID]:
    """Return the ids, each once; raise Refused for roles that change no leads, Invalid for none or more than 500."""
    require_editor(actor)
    ids = list(dict.fromkeys(lead_ids))
    if not ids:
        raise Invalid("Choose at least one lead.", (Problem("/leads", "missing", "Choose at least one lead."),))
    if len(ids) > MOST_LEADS:
        sentence = f"At most {MOST_LEADS} leads at once."
        raise Invalid(sentence, (Problem("/leads", "too_many", sentence),))
    return ids


def require_editor(actor: Actor) -> None:
    """Raise Refused for roles that change no leads."""
    if actor.is_agency or not actor.may(Permission.LEAD_EDIT) or not actor.may(Permission.LEAD_VIEW):
        raise Refused("Your role may not change leads.", action="lead.bulk", object_type="lead")


def _judged(actor: Actor, lead: Lead | None, lead_id: UUID, act: Act, now: datetime, *, is_seen: bool) -> Line:
    if lead is None:
        return Line(lead_id, "", False, "not_found", "There is no such lead.", "not found")
    try:
        if not is_seen:
            lead_for(actor, lead_id)
        if isinstance(act, ChangeValue):
            judge_value(actor, lead, act, now)
        elif isinstance(act, HandOff):
            bulk_handoffs.judge(actor, lead, act, now)
        elif isinstance(act, Snooze):
            judge_task(actor, lead, act.title, act.until, now)
        elif (member_id := _within(lead, act)) is not None:
            judge_assignment(actor, lead, member_id, now)
        else:
            judge_transfer(actor, lead, _transfer(act), now)
    except (Refused, Conflict, Invalid) as error:
        return _refused(lead, error)
    return Line(lead.id, lead.ref, True)


def _carried_out(run: BulkRun, line: Line, actor: Actor, act: Act, now: datetime) -> BulkItem:
    item = BulkItem(id=new_id(), run=run, lead_id=line.lead_id, done=False, code=line.code, sentence=line.sentence)
    if not line.done:
        return item
    try:
        with transaction.atomic():
            lead = lock_lead(line.lead_id)
            item.before = {"value": value_of(lead, act.field)} if isinstance(act, ChangeValue) else state_of(lead)
            if isinstance(act, ChangeValue):
                change_value(lead, act, actor=actor, now=now)
            elif isinstance(act, HandOff):
                item.before = bulk_handoffs.offer(actor, lead, act, now)
            elif isinstance(act, Snooze):
                add_task(actor=actor, lead_id=lead.id, title=act.title, due_at=act.until, now=now)
            elif (member_id := _within(lead, act)) is not None:
                assign_lead(actor=actor, lead_id=lead.id, member_id=member_id, reason=act.reason, now=now)
            else:
                transfer_lead(actor=actor, lead_id=lead.id, transfer=_transfer(act), now=now)
            item.version = Lead.rows().values_list("version", flat=True).get(id=lead.id)
    except (Refused, Conflict, Invalid) as error:
        item.code, item.sentence = error.code, error.detail[:500]
        return item
    item.done = True
    return item


def _within(lead: Lead, act: Assign) -> UUID | None:
    """Return the person when the lead stays in its team."""
    is_same = lead.owner_team is not None and lead.owner_team.key == act.team_key
    return act.member_id if is_same else None


def _transfer(act: Assign) -> Transfer:
    return Transfer(team_key=act.team_key, reason=act.reason, member_id=act.member_id)


def _refused(lead: Lead, error: LeadcrmError) -> Line:
    team = lead.owner_team.name if lead.owner_team else ""
    return Line(lead.id, lead.ref, False, error.code, error.detail, group_of(error.code, error.detail, team))


def _word(act: Act) -> str:
    return {Assign: "assign", Snooze: "snooze", ChangeValue: "change", HandOff: "hand_off"}[type(act)]


def _detail(act: Act) -> dict[str, Any]:
    if isinstance(act, HandOff):
        return act.as_detail()
    if not isinstance(act, ChangeValue):
        return {}
    return {"field": act.field, "value": act.value, "was": act.was or "", "reason": act.reason.strip()[:300]}


def _actor_id(actor: Actor) -> UUID:
    return actor.id or actor.organization_id


def _note(actor: Actor, action: str, run: BulkRun, items: Sequence[BulkItem]) -> None:
    """Note the run as a whole; each lead's own change has its own entries."""
    done = [str(item.lead_id) for item in items if item.done]
    refused = {str(item.lead_id): item.code for item in items if not item.done}
    detail = {"done": done, "refused": refused}
    ledger.record(actor=actor, action=action, object_type="bulk_run", object_id=run.id, detail=detail)


def team_of_member(member_id: UUID, team_ids: Iterable[UUID]) -> Team | None:
    """Return the team, of these, in which somebody works; the first by name."""
    teams = Team.rows().filter(id__in=list(team_ids), members__membership=member_id, is_active=True)
    found: Team | None = teams.order_by("name").first()
    return found
