"""Hand a lead to another team: offered with a checklist and a note, then accepted or returned with a reason.

Until somebody of the receiving team accepts, the sender owns the lead and answers for it. Acceptance moves owner,
grants, tasks and clocks in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Membership, Team, TeamMembership
from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.flows.clashes import lock_unchanged
from apps.flows.handing_over import close_contact_tasks, hand_over, start_outreach
from apps.flows.packages import held_by, service_name
from apps.flows.streams import TAKE_OVER, carries, settle
from apps.flows.transfer import due_in_opening_hours, require_transfer_right
from apps.handoffs import actions as handoffs
from apps.handoffs.decisions import judge_offer, label_of, passes, starts_at
from apps.handoffs.models import Handoff
from apps.handoffs.queries import astray, handoff_of, open_offer_of, receivers_of, rules_of, version_of
from apps.handoffs.terms import LONGEST_REASON, HandoffState, HandoffType, Note, OfferVerdict, Ticks
from apps.leads.actions import close_tasks, lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead
from apps.ownership.decisions import spoken
from apps.ownership.queries import lead_to_change, require_change
from apps.sla import actions as sla
from apps.sla.terms import HANDOFF, ClockKind, ClockMode, Deadline, LadderStep, Step
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

#: The task with which a returned lead comes back to its sender, and how soon they look at it.
RETURNED_TASK, RETURNED_SECONDS = "handoff_returned", 1800
ANSWER = "lead.answer_handoff"
ANOTHER_WAY = "The lead went another way."
#: Whom a rung of a ladder names is kept in so many letters.
LONGEST_WHO = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """A handoff as the sender fills it in. `team_key` chooses among the teams of a function."""

    type_id: str
    team_key: str = ""
    ticks: Ticks = field(default_factory=Ticks)
    note: Note = field(default_factory=Note)


def offer_lead(*, actor: Actor, lead_id: UUID, offer: Offer, now: datetime, version: int | None = None) -> Handoff:
    """Offer a lead to another team; the sender goes on owning it. Its acceptance clock starts.

    Refuses people whose team does not own the lead or who may not transfer, closed leads, a second open offer, a type
    that does not start here; and, all named at once, fields that must pass and are missing, mandatory items that are
    open, and a note that is free text only (rows HO-01, HO-03, HO-10).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    kind, team, held = judge_handoff(actor, lead, offer, now)
    handoffs.end_open(lead, actor=actor, now=now, because=ANOTHER_WAY)
    rules = version_of(now)
    assert rules is not None and lead.owner_team is not None
    queue, event_id = queue_of(team, lead), new_id()
    due_at = due_in_opening_hours(queue, kind.accept_seconds, now)
    row = handoffs.offer(
        lead,
        handoffs.Offering(kind, rules, team, offer.note, offer.ticks, passes(kind.withheld, held.keys()), due_at),
        from_team=lead.owner_team,
        actor=actor,
        event_id=event_id,
        now=now,
    )
    _start_waiting(lead, row, kind.accept_seconds, now)
    if close_tasks(lead, because="offered again", now=now, kinds=[RETURNED_TASK]):
        refresh_next_action(lead)
    sentence = f"Offered to {team.name}: {row.type_name}. They accept by {_clock(due_at)}."
    tell(lead, kind="handoff", sentence=sentence, actor=actor, now=now, event_id=event_id, note=_told(row))
    _note(row, "lead.hand_off", actor, {"withheld": row.withheld, "version": rules.number})
    return row


def judge_handoff(actor: Actor, lead: Lead, offer: Offer, now: datetime) -> tuple[HandoffType, Team, Mapping[str, str]]:
    """Return the type, who receives and what is known of the lead; raise what refuses an offer. Nothing changes."""
    require_change(actor, lead, ("owner_team",), now=now, action="lead.hand_off")
    require_transfer_right(actor, lead)
    _refuse_state(lead)
    kind, team = _chosen(lead, offer, now)
    held = held_by(lead, now, offer.note)
    _refuse_gaps(lead, judge_offer(kind, held.keys(), offer.ticks, offer.note), offer.note)
    return kind, team, held


def find_gaps(lead: Lead, offer: Offer, now: datetime) -> tuple[Problem, ...]:
    """Return what an offer still lacks, without making it; raise for a type or a team that cannot be."""
    kind, _team = _chosen(lead, offer, now)
    verdict = judge_offer(kind, held_by(lead, now, offer.note).keys(), offer.ticks, offer.note)
    return _gaps(lead, verdict, offer.note)


def accept_handoff(*, actor: Actor, lead_id: UUID, handoff_id: UUID, now: datetime) -> Handoff:
    """Take over a lead that was offered: owner, grants, tasks and clocks move in this transaction.

    The sender keeps the view at most, where the type leaves it (row OW-11). The first outreach is due within the type's
    limit of opening hours; unstarted by then it climbs its ladder (row HO-06). Refuses who is not in the receiving
    team, roles that may not claim, and an offer that was answered or went another way.
    """
    lead, row = _to_answer(actor, lead_id, handoff_id, now)
    queue, event_id = queue_of(row.to_team, lead), new_id()
    due_at = due_in_opening_hours(queue, row.outreach_seconds, now)
    handoffs.answer(row, HandoffState.ACCEPTED, actor=actor, now=now, outreach_by=due_at)
    sla.accept(lead, at=now, by=f"accepted by {actor.label}", policy_id=HANDOFF)
    hand_over(
        lead,
        team=row.to_team,
        member=_place_of(actor, row.to_team),
        queue=queue,
        trigger=f"handoff:{row.type_id}"[:40],
        actor=actor,
        now=now,
        reason=row.type_name,
        event_id=event_id,
        keeps_view=row.keeps_view,
    )
    channel = carries(lead)
    close_contact_tasks(lead, because="handed off", now=now)
    open_task(
        lead,
        kind=TAKE_OVER,
        channel=channel,
        title=f"Take over from {row.from_team.name}: {row.note['next_step']}"[:200],
        due_at=due_at,
        now=now,
        event_id=event_id,
    )
    refresh_next_action(lead)
    name = f"First outreach after {row.type_name}"
    start_outreach(lead, due_at, row.outreach_seconds, now, policy_id=HANDOFF, name=name)
    settle(lead, actor=actor, event_id=event_id, now=now)
    sentence = f"{row.to_team.name} accepted from {row.from_team.name}: {row.type_name}."
    tell(lead, kind="handoff", sentence=sentence, actor=actor, now=now, event_id=event_id)
    _note(row, "lead.accept_handoff", actor, {"team": str(row.to_team_id)})
    return row


def return_handoff(*, actor: Actor, lead_id: UUID, handoff_id: UUID, reason: str, now: datetime) -> Handoff:
    """Give an offer back with a reason: the sender, who still owns the lead, gets a task (row HO-05).

    The task is its owner's; a colleague of the same team who made the offer is told.
    """
    lead, row = _to_answer(actor, lead_id, handoff_id, now)
    _require_reason(reason)
    handoffs.answer(row, HandoffState.RETURNED, actor=actor, now=now, reason=reason)
    sla.cancel_all(lead, now=now, because="returned", kinds=[ClockKind.ACCEPTANCE])
    queue = lead.queue if lead.queue is not None and lead.queue.team_id == lead.owner_team_id else None
    open_task(
        lead,
        kind=RETURNED_TASK,
        title=f"Returned by {row.to_team.name}: {reason.strip()}"[:200],
        due_at=due_in_opening_hours(queue, RETURNED_SECONDS, now),
        now=now,
        event_id=row.event_id,
    )
    refresh_next_action(lead)
    sla.refresh_due(lead)
    if row.offered_by_id is not None and row.offered_by_id != lead.owner_id:
        tell_people(
            kind=RETURNED_TASK,
            sentence=f"{row.to_team.name} returned {lead.ref}, which you offered them. The lead says why.",
            dedup_key=f"{RETURNED_TASK}:{row.id}",
            now=now,
            members=[row.offered_by_id],
            url=f"/leads/{lead.id}/",
        )
    sentence = f"{row.to_team.name} returned it: {reason.strip()}"
    tell(lead, kind="handoff", sentence=sentence, actor=actor, now=now, event_id=row.event_id)
    _note(row, "lead.return_handoff", actor, {})
    return row


def withdraw_handoff(*, actor: Actor, lead_id: UUID, handoff_id: UUID, reason: str, now: datetime) -> Handoff:
    """Take an offer back before it is answered, with a reason. For the team that made it."""
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("owner_team",), now=now, action="lead.withdraw_handoff")
    row = _waiting(lead, handoff_id)
    _require_reason(reason)
    handoffs.answer(row, HandoffState.WITHDRAWN, actor=actor, now=now, reason=reason)
    sla.cancel_all(lead, now=now, because="withdrawn", kinds=[ClockKind.ACCEPTANCE])
    sentence = f"The offer to {row.to_team.name} was taken back: {reason.strip()}"
    tell(lead, kind="handoff", sentence=sentence, actor=actor, now=now, event_id=row.event_id)
    _note(row, "lead.withdraw_handoff", actor, {})
    return row


def end_astray(actor: Actor, now: datetime) -> int:
    """Take back open offers of leads that went another way: to another owner by a rule, or to their end."""
    found = list(astray().values_list("lead_id", flat=True)[:200])
    for lead_id in found:
        lead = lock_lead(lead_id)
        if handoffs.end_open(lead, actor=actor, now=now, because=ANOTHER_WAY):
            sla.cancel_all(lead, now=now, because="went another way", kinds=[ClockKind.ACCEPTANCE])
    return len(found)


def queue_of(team: Team, lead: Lead) -> Queue | None:
    """Return the queue in which a team takes a lead: the one at the lead's office, else one of no office, else any."""
    rows = Queue.rows().filter(team=team, is_active=True).select_related("location").order_by("key")
    places = (lead.location_id, None)
    found = sorted(rows, key=lambda row: places.index(row.location_id) if row.location_id in places else len(places))
    return found[0] if found else None


def _chosen(lead: Lead, offer: Offer, now: datetime) -> tuple[HandoffType, Team]:
    """Return the type of an offer and the team that receives; raise for what does not start here or leads nowhere."""
    kind, team = rules_of(now).types.get(offer.type_id), lead.owner_team
    if kind is None or team is None or not starts_at(kind, team.key, team.function):
        name = team.name if team else "Nobody"
        sentence = f"{name} has no handoff “{offer.type_id}”."
        raise Invalid(sentence, (Problem("/type", "unknown_type", sentence),))
    teams = {each.key: each for each in receivers_of(kind) if each.id != team.id}
    if not teams:
        raise Conflict(f"Nobody can receive “{kind.name}”: the team is closed.", code="nobody_receives")
    if not offer.team_key and len(teams) == 1:
        return kind, next(iter(teams.values()))
    if offer.team_key not in teams:
        sentence = f"Choose who receives: {', '.join(each.name for each in teams.values())}."
        raise Invalid(sentence, (Problem("/team", "unknown_team", sentence),))
    return kind, teams[offer.team_key]


def _refuse_state(lead: Lead) -> None:
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you hand it off.", code="closed")
    found = open_offer_of(lead)
    if found is not None and found.from_team_id == lead.owner_team_id:
        sentence = f"{found.to_team.name} has this lead to accept already, by {_clock(found.accept_by)}."
        raise Conflict(sentence, code="offered_already")


def _gaps(lead: Lead, verdict: OfferVerdict, note: Note) -> tuple[Problem, ...]:
    problems = [Problem(each.path, each.code, each.sentence) for each in verdict.problems]
    if note.service and note.service != (lead.service.key if lead.service else ""):
        named = f"says {lead.service.name}" if lead.service else "names no service"
        sentence = f"The lead {named}. Put the service right first: by “Edit”, or by a transfer."
        problems.append(Problem("/note/service", "other_service", sentence))
    return tuple(problems)


def _refuse_gaps(lead: Lead, verdict: OfferVerdict, note: Note) -> None:
    problems = _gaps(lead, verdict, note)
    if not problems:
        return
    named = ", ".join(label_of(each) for each in verdict.missing)
    rest = [each.detail for each in problems if not each.pointer.startswith("/fields/")]
    head = f"Cannot hand off, missing: {named}." if named else "Cannot hand off yet."
    raise Invalid(" ".join([head, *rest]), problems, code="handoff_incomplete")


def _start_waiting(lead: Lead, row: Handoff, seconds: int, now: datetime) -> None:
    """Start the clock of acceptance: at its end the receiving team's lead and the sender are told (row SL-12)."""
    sla.cancel_all(lead, now=now, because="offered", kinds=[ClockKind.ACCEPTANCE])
    due_at, receiver = row.accept_by, row.to_team.key if len(row.to_team.key) <= LONGEST_WHO else "team_lead"
    ladder = (LadderStep(due_at, Step.ALERT, receiver, 1), LadderStep(due_at, Step.ALERT, "owner", 2))
    deadline = Deadline(
        ClockKind.ACCEPTANCE, ClockMode.BUSINESS, now, now + (due_at - now) * 4 // 5, due_at, seconds, ladder
    )
    name = f"Handoff to {row.to_team.name}"[:200]
    sla.start_timers(lead, [deadline], policy_id=HANDOFF, policy_name=name, version=None)
    sla.refresh_due(lead)


def _to_answer(actor: Actor, lead_id: UUID, handoff_id: UUID, now: datetime) -> tuple[Lead, Handoff]:
    """Return the locked lead and its open offer, for somebody of the receiving team."""
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    row = _waiting(lead, handoff_id)
    if actor.is_agency or (row.to_team_id not in actor.team_ids and not actor.is_system):
        sentence = f"{lead.ref} was offered to {row.to_team.name}; only they accept or return it."
        raise Refused(sentence, code="not_receiver", action=ANSWER, object_type="lead", object_id=lead.id)
    if not actor.may(Permission.LEAD_CLAIM):
        sentence = "Your role may not take leads over."
        raise Refused(sentence, action=ANSWER, object_type="lead", object_id=lead.id)
    return lead, row


def _place_of(actor: Actor, team: Team) -> Membership | None:
    """Return whose the lead becomes: whoever accepts, where they work in the team."""
    if actor.membership_id is None:
        return None
    rows = TeamMembership.rows().filter(team=team, membership_id=actor.membership_id)
    place = rows.select_related("membership__user").first()
    found: Membership | None = place.membership if place else None
    return found


def _waiting(lead: Lead, handoff_id: UUID) -> Handoff:
    row = handoff_of(lead, handoff_id, lock=True)
    if row is None:
        raise NotFound
    if row.state != HandoffState.OFFERED or row.from_team_id != lead.owner_team_id or lead.closed_at is not None:
        how = row.state if row.state != HandoffState.OFFERED else "overtaken: the lead went another way"
        by = f" by {row.answered_label}, {_clock(row.answered_at)}" if row.answered_at else ""
        raise Conflict(f"This handoff was {how}{by}.", code="answered_already")
    return row


def _require_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        sentence = f"Say why, in {LONGEST_REASON} characters."
        raise Invalid(sentence, (Problem("/reason", "reason_missing", sentence),))


def _told(row: Handoff) -> str:
    """Return the note of a handoff as the story keeps it."""
    note = row.note
    confirmed = ", ".join(label_of(each).lower() for each in note["confirmed"])
    lines = [f"{service_name(note['service'])}. Confirmed: {confirmed}. Next: {note['next_step']}"]
    lines += [f"Eligibility: {note['eligibility']}"] if note["eligibility"] else []
    return "\n".join([*lines, *([note["text"]] if note["text"] else [])])


def _note(row: Handoff, action: str, actor: Actor, more: Mapping[str, Any]) -> None:
    ledger.record(
        actor=actor,
        action=action,
        object_type="lead",
        object_id=row.lead_id,
        event_id=row.event_id,
        fields=["handoff"] if row.state != HandoffState.ACCEPTED else ["owner_team", "owner", "queue"],
        detail={"handoff": str(row.id), "type": row.type_id, **more},
    )


def _clock(at: datetime | None) -> str:
    return spoken(at, current_organization().zone)
