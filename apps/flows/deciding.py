"""Decide about an exception: let the lead go on, send it elsewhere, put a field right, end it, or pass it up.

Each decision is a verb that a colleague could use on the lead itself, with the exception ended and the reason on
record (rows EX-08, EX-09). What the rules keep for an approver waits for the lead of that team (row EX-02).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as kept
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Team, TeamMembership
from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.catalog.queries import queues_by_key
from apps.exceptions import actions as items
from apps.exceptions.decisions import may_decide
from apps.exceptions.models import ExceptionItem
from apps.exceptions.terms import Decision, ItemState, ItemType, Plan, RightCode, title_of
from apps.flows import exceptional, precontact
from apps.flows.closing import close_lead
from apps.flows.collecting import ask_for
from apps.flows.entering import stage_entered
from apps.flows.handing_over import hand_over
from apps.flows.notes import edit_lead
from apps.flows.outward import send_again
from apps.flows.parking import park_lead
from apps.flows.parties import name_party
from apps.flows.release import REPAIR_KINDS, gaps_left, send_on
from apps.flows.stages import move_lead
from apps.flows.transfer import Transfer, require_transfer_right, transfer_lead
from apps.leads.actions import close_tasks, enter_stage, lock_lead, refresh_next_action, save_lead, tell
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.terms import PartyPart, StageKey
from apps.ownership.queries import lead_for, require_change
from apps.qualification.precontact import judge_answers
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id

#: Fields of a lead that a decision may put right: those that decide its way.
#: What needs no reason: it changes nothing of the lead.
_UNREASONED = (Decision.ASK, Decision.RETRY)
FIXABLE = ("location", "service", "patient_type", "preferred_channel")
#: How a lead ended that a decision closes, where nothing else is said.
REFERRED, NOT_QUALIFIED = "referred", "not_qualified"


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides: `queue` for a redirect, field and value for a fix, `party` for a referral.

    `value` names the service that a parked lead waits for. `answers` say of each criterion of a review whether it is
    met (`precontact.Answer`).

    `closure` and `outcome` are what a closure needs beside the reason, which is its note.
    """

    decision: Decision
    reason: str
    queue: str = ""
    field: str = ""
    value: str = ""
    closure: str = ""
    outcome: str = ""
    party: str = ""
    answers: Mapping[str, str] = kept(default_factory=dict)


def require_reader(actor: Actor) -> None:
    """Raise NotFound for who has no business with leads, Refused for a colleague who reviews no exceptions."""
    if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
        raise NotFound
    if not actor.may(Permission.SUBMISSION_READ):
        sentence = "Your role does not review exceptions. Ask central intake to look at this lead."
        raise Refused(sentence, action="exceptions.view", object_type="exception")


def item_for(actor: Actor, item_id: UUID) -> ExceptionItem:
    """Return an exception to whoever reviews them and sees its lead."""
    require_reader(actor)
    row = ExceptionItem.rows().select_related("queue", "approver", "version", "lead").filter(id=item_id).first()
    if row is None:
        raise NotFound
    row.lead = lead_for(actor, row.lead_id)
    found: ExceptionItem = row
    return found


def decide(*, actor: Actor, item_id: UUID, choice: Choice, now: datetime) -> ExceptionItem:
    """Keep a decision about an open exception and do what it says, or let it wait for its approver.

    Refuses who may not change the lead; raises Invalid without a reason, for what the rules do not offer here and
    for a choice that lacks its queue, value or closure reason; Conflict when a colleague was faster.
    """
    item = _locked(actor, item_id)
    if item.state == ItemState.WAITING:
        raise Conflict("This waits for an approval already.", code="waiting_approval")
    right = may_decide(choice.decision, plan_of(item), teams_led_by(actor))
    _refuse_gaps(item, choice, right.sentence if right.code is RightCode.NOT_OFFERED else "")
    if right.code is RightCode.NEEDS_APPROVAL:
        require_change(actor, item.lead, ("owner_team",), now=now, action="exception.decide")
        _propose(item, choice, actor, now)
        return item
    _apply(item, choice, actor, now)
    return item


def approve(*, actor: Actor, item_id: UUID, now: datetime) -> ExceptionItem:
    """Do what a colleague proposed. Refuses everybody but a lead of the approving team, and who proposed it."""
    item = _waiting(actor, item_id)
    choice = Choice(**{**item.proposal, "decision": Decision(item.proposal["decision"])})
    _apply(item, choice, actor, now, approved=True)
    return item


def refuse(*, actor: Actor, item_id: UUID, reason: str, now: datetime) -> ExceptionItem:
    """Send a proposal back, with a reason: the exception is decided anew. Refuses whom `approve` refuses."""
    item = _waiting(actor, item_id)
    if not reason.strip():
        raise Invalid("Say why.", (Problem("/reason", "reason_missing", "Say why."),))
    said = f"{title_of(item.code)}: the proposal of {item.decided_label} ({item.decision}) is refused: {reason.strip()}"
    tell(item.lead, kind="exception", sentence=said, actor=actor, now=now)
    _record(item, actor, "refuse")
    items.send_back(item)
    return item


def plan_of(item: ExceptionItem) -> Plan:
    """Return what the rules said of the item's type when it was opened."""
    return Plan(
        ItemType(item.type),
        actions=tuple(Decision(each) for each in item.allowed if each in set(Decision)),
        approver=item.approver.key if item.approver else "",
        approves=tuple(Decision(each) for each in item.approves if each in set(Decision)),
    )


def teams_led_by(actor: Actor) -> frozenset[str]:
    """Return the keys of the teams that the actor leads."""
    if actor.membership_id is None:
        return frozenset()
    rows = TeamMembership.rows().filter(membership_id=actor.membership_id, is_lead=True)
    return frozenset(rows.values_list("team__key", flat=True))


def _locked(actor: Actor, item_id: UUID) -> ExceptionItem:
    item = item_for(actor, item_id)
    lead = lock_lead(item.lead_id)
    row = ExceptionItem.rows().select_related("queue", "approver", "version").get(id=item_id)
    row.lead = lead
    if row.state == ItemState.RESOLVED or lead.closed_at is not None:
        who = row.decided_label or "Somebody"
        raise Conflict(f"{who} decided this already: {row.decision or 'closed'}.", code="decided")
    found: ExceptionItem = row
    return found


def _waiting(actor: Actor, item_id: UUID) -> ExceptionItem:
    item = _locked(actor, item_id)
    if item.state != ItemState.WAITING:
        raise Conflict("Nothing waits for an approval here.", code="not_waiting")
    if item.approver is None or item.approver.key not in teams_led_by(actor) or actor.membership_id is None:
        team = item.approver.name if item.approver else "another team"
        sentence = f"Only a lead of {team} approves this."
        raise Refused(sentence, action="exception.approve", object_type="lead", object_id=item.lead_id)
    if item.decided_by_id == actor.membership_id:
        sentence = "Somebody else has to approve what you proposed."
        raise Refused(sentence, action="exception.approve", object_type="lead", object_id=item.lead_id)
    return item


def _refuse_gaps(item: ExceptionItem, choice: Choice, not_offered: str) -> None:
    problems = []
    if not_offered:
        problems.append(Problem("/decision", "not_offered", not_offered))
    if not choice.reason.strip() and choice.decision not in _UNREASONED:
        problems.append(Problem("/reason", "reason_missing", "Say why, in a sentence."))
    queue = queues_by_key().get(choice.queue)
    if choice.decision is Decision.REDIRECT and (queue is None or not queue.is_active):
        problems.append(Problem("/queue", "unknown_queue", "Choose a queue."))
    if choice.decision is Decision.FIX and (choice.field not in FIXABLE or not choice.value.strip()):
        problems.append(Problem("/value", "value_missing", "Choose the field and its value."))
    if choice.decision is Decision.PARK and not (choice.value.strip() or item.lead.service):
        problems.append(Problem("/value", "wanted_missing", "Name the service that they want."))
    if choice.decision in (Decision.CLOSE, Decision.REFER) and not choice.closure.strip():
        problems.append(Problem("/closure", "closure_missing", "Choose why the lead ends."))
    if choice.decision is Decision.REFER and not choice.party.strip():
        problems.append(Problem("/party", "party_missing", "Choose the partner."))
    if item.criteria and choice.decision is not Decision.ESCALATE:
        goes_on = choice.decision is Decision.ACCEPT
        found = judge_answers(item.criteria, choice.answers, goes_on=goes_on)
        problems += [Problem(each.path, each.code, each.sentence) for each in found]
    if problems:
        raise Invalid(problems[0].detail, tuple(problems), code=problems[0].code)


def _propose(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    items.propose(item, by=actor, decision=choice.decision, reason=choice.reason.strip(), proposal=asdict(choice))
    team = item.approver.name if item.approver else ""
    said = f"{title_of(item.code)}: {_words(choice)}, “{choice.reason.strip()}”. Waits for an approval by {team}."
    tell(item.lead, kind="exception", sentence=said, actor=actor, now=now)
    _tell_leads(item, item.approver, f"{item.lead.ref}: {title_of(item.code)} waits for your approval.", now)
    _record(item, actor, "propose")


def _apply(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime, *, approved: bool = False) -> None:
    """Do what was decided, tell it and write it down; asking, sending again and escalating leave it open."""
    if choice.decision is Decision.ASK:
        require_change(actor, item.lead, ("status",), now=now, action="exception.ask")
        ask_for(item.lead, (choice.field,) if choice.field else (), by=actor, now=now)
        _record(item, actor, choice.decision)
        return
    if choice.decision is Decision.RETRY:
        send_again(item.lead, actor=actor, now=now)
        _record(item, actor, choice.decision)
        return
    lead, by = item.lead, f" Proposed by {item.decided_label}, approved by {actor.label}." if approved else ""
    said = f"{title_of(item.code)}: {_words(choice)}, “{choice.reason.strip()}”.{by}"
    if item.criteria:
        items.keep_answers(item, choice.answers)
    note = _answered(item)
    tell(lead, kind="exception", sentence=said, actor=actor, now=now, note=note)
    _record(item, actor, choice.decision)
    if choice.decision is Decision.ESCALATE:
        item.escalated_at = now
        ExceptionItem.rows().filter(id=item.id).update(escalated_at=now)
        _tell_leads(item, item.approver or lead.owner_team, f"{lead.ref}: {title_of(item.code)}. {choice.reason}", now)
        return
    _VERBS[choice.decision](item, choice, actor, now)
    if approved:
        ExceptionItem.rows().filter(id=item.id).update(approved_by=actor.membership_id)
    item.refresh_from_db()


def _answered(item: ExceptionItem) -> str:
    """Return what was said of each criterion, a line each."""
    said = {each["sentence"]: item.answers.get(each["id"], "") for each in item.criteria}
    return "\n".join(f"{sentence}: {word.replace('_', ' ')}" for sentence, word in said.items() if word)


def _end(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    reason = choice.reason.strip()
    exceptional.clear(item.lead, ItemType(item.type), by=actor, reason=reason, now=now, decision=choice.decision)


def _accept(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    require_change(actor, item.lead, ("owner_team",), now=now, action="exception.accept")
    _end(item, choice, actor, now)
    if item.type != ItemType.PRE_CONTACT_REVIEW:
        _let_go(item.lead, choice, actor, now)
        return
    gaps = gaps_left(item.lead, now)
    if gaps:
        precontact.go_on_lacking(item.lead, gaps, by=actor, now=now)
    elif not item.lead.exception:
        send_on(item.lead, by=actor, because=f"Decided: {_words(choice)}. The lead goes on.", now=now)


def _fix(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    _end(item, choice, actor, now)
    lead = edit_lead(actor=actor, lead_id=item.lead_id, changes={choice.field: choice.value.strip()}, now=now)
    _let_go(lead, choice, actor, now)


def _let_go(lead: Lead, choice: Choice, actor: Actor, now: datetime) -> None:
    """Let a lead go its way that only its interim owner holds, once nothing else stops it."""
    if lead.exception or not exceptional.is_interim(lead):
        return
    stated = (choice.field,) if choice.decision is Decision.FIX else ()
    because = f"Decided: {_words(choice)}. The lead goes on."
    if not send_on(lead, by=actor, because=because, now=now, stated=stated):
        _enter_routed(lead, actor, now)


def _redirect(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    lead, queue = item.lead, queues_by_key()[choice.queue]
    reason = choice.reason.strip()
    if queue.team_id == lead.owner_team_id:
        _move_within_team(lead, queue, reason, actor, now)
    else:
        wanted = Transfer(team_key=queue.team.key, reason=reason, queue_key=queue.key)
        transfer_lead(actor=actor, lead_id=lead.id, transfer=wanted, now=now)
        lead = lock_lead(lead.id)
    item.lead = lead
    exceptional.clear_all(lead, by=actor, reason=reason, now=now, decision=choice.decision)
    close_tasks(lead, because="redirected", now=now, kinds=REPAIR_KINDS)
    _enter_routed(lead, actor, now)
    refresh_next_action(lead)


def _move_within_team(lead: Lead, queue: Queue, reason: str, actor: Actor, now: datetime) -> None:
    require_change(actor, lead, ("owner_team",), now=now, action="exception.redirect")
    require_transfer_right(actor, lead)
    hand_over(
        lead,
        team=queue.team,
        member=None,
        queue=queue,
        trigger="redirect",
        actor=actor,
        now=now,
        reason=reason,
        event_id=new_id(),
        keeps_view=True,
    )


def _enter_routed(lead: Lead, actor: Actor, now: datetime) -> None:
    if lead.stage.key != StageKey.NEW:
        return
    enter_stage(lead, StageKey.ROUTED, event="routing_decided", actor=actor, now=now)
    lead.status, lead.validity, lead.hold_reason = "new", "valid", ""
    with acting_as_system():
        save_lead(lead, ["stage", "stage_since", "status", "validity", "hold_reason"])
    stage_entered(lead, actor=actor, event_id=new_id(), now=now)


def _nurture(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    _end(item, choice, actor, now)
    move_lead(actor=actor, lead_id=item.lead_id, to_stage=StageKey.NURTURE, reason=choice.reason.strip(), now=now)


def _park(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    wanted = choice.value.strip() or (item.lead.service.name if item.lead.service else "")
    _end(item, choice, actor, now)
    park_lead(actor=actor, lead_id=item.lead_id, wanted=wanted, reason=choice.reason, now=now)


def _refer(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime) -> None:
    part = str(PartyPart.CARE_PROVIDER)
    name_party(actor=actor, lead_id=item.lead_id, party_key=choice.party, part=part, now=now)
    _close(item, choice, actor, now, outcome=REFERRED)


def _close(item: ExceptionItem, choice: Choice, actor: Actor, now: datetime, outcome: str = "") -> None:
    _end(item, choice, actor, now)
    close_lead(
        actor=actor,
        lead_id=item.lead_id,
        reason=choice.closure,
        note=choice.reason.strip(),
        outcome=outcome or choice.outcome or NOT_QUALIFIED,
        now=now,
    )


_VERBS: Mapping[Decision, Any] = {
    Decision.ACCEPT: _accept,
    Decision.REDIRECT: _redirect,
    Decision.FIX: _fix,
    Decision.NURTURE: _nurture,
    Decision.PARK: _park,
    Decision.REFER: _refer,
    Decision.CLOSE: _close,
}


def _words(choice: Choice) -> str:
    """Return a decision as the story tells it: “redirect to Oak Calls”."""
    queue = queues_by_key().get(choice.queue)
    said = {
        Decision.REDIRECT: f"redirect to {queue.name if queue else choice.queue}",
        Decision.FIX: f"{choice.field.replace('_', ' ')} put right",
        Decision.CLOSE: f"closed as {choice.closure.replace('_', ' ')}",
        Decision.REFER: "referred to a partner",
        Decision.NURTURE: "kept in touch with",
        Decision.PARK: "parked until the service opens",
        Decision.ACCEPT: "accepted",
        Decision.ASK: "asked by a link",
        Decision.RETRY: "sent again",
        Decision.ESCALATE: "escalated",
    }
    return said[choice.decision]


def _tell_leads(item: ExceptionItem, team: Team | None, sentence: str, now: datetime) -> None:
    if team is None:
        return
    members = TeamMembership.rows().filter(team=team, is_lead=True).values_list("membership_id", flat=True)
    key = f"exception:{item.id}:{item.state}:{now:%H%M%S}"
    url = f"/exceptions/?item={item.id}"
    tell_people(kind="exception", sentence=sentence, dedup_key=key, now=now, members=list(members), url=url)


def _record(item: ExceptionItem, actor: Actor, what: str) -> None:
    ledger.record(
        actor=actor,
        action="exception.decide",
        object_type="lead",
        object_id=item.lead_id,
        fields=["exception"],
        detail={"item": str(item.id), "type": item.type, "decision": str(what)},
    )
