"""Route a lead: decide, take a turn, keep the decision with everything it saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from apps.accounts.models import Membership
from apps.catalog.models import Queue
from apps.catalog.queries import queues_by_key
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.policies.queries import labels
from apps.policies.ruling import Ruling
from apps.policies.terms import Labels
from apps.routing.decisions.capacity import to_lock, with_room
from apps.routing.decisions.choosing import choose
from apps.routing.decisions.compiled_layers import RoutingRules, compile_routing
from apps.routing.decisions.counterfactual import Question
from apps.routing.decisions.records import network_as_json, network_from_json
from apps.routing.decisions.turns import next_in_turn
from apps.routing.models import MemberTurn, RoutingDecision
from apps.routing.queries import members_of, network
from apps.routing.terms import Network, Place, RoutingVerdict, Turn
from apps.tenancy.errors import Conflict
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

log = structlog.get_logger("routing")
FALLBACK_QUEUE = "general-intake"
#: The room of a queue is counted under the lock of its counter.
_HOLD = """
    INSERT INTO routing_queueturn (id, organization_id, queue_id, last_turn) VALUES (%s, %s, %s, 0)
    ON CONFLICT (organization_id, queue_id) DO UPDATE SET last_turn = routing_queueturn.last_turn
"""
#: In one order, so that two queues with the same people do not wait for each other.
_HOLD_MEMBERS = """
    SELECT m.id FROM accounts_membership m
    JOIN accounts_teammembership tm ON tm.organization_id = m.organization_id AND tm.membership_id = m.id
    WHERE m.organization_id = %s AND tm.team_id = %s ORDER BY m.id FOR NO KEY UPDATE OF m
"""


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a lead goes: the queue, whose turn it is, and the decision to keep."""

    queue: Queue
    member: Membership | None
    verdict: RoutingVerdict
    network: Network
    turn: dict[str, Any]
    words: Labels
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Turned:
    """Whose turn it is and why, with the person as stored."""

    verdict: Turn
    member: Membership | None


def route(
    facts: Mapping[str, Any],
    *,
    ruling: Ruling,
    place: Place | None,
    now: datetime,
    exception: str = "",
    holds: bool = False,
    besides: UUID | None = None,
) -> Routed:
    """Choose the queue for these facts; `give_turn` then names the person. Nothing is written.

    `holds` keeps the room that is found in a queue with a capacity until the commit: whoever routes a lead into it
    meanwhile waits, so that a queue of 40 never holds 41. `besides` is a lead that is routed anew.

    An exception is not routed by the rules: it goes to the fallback queue, where people look at it.

    Whatever a rule holds, a lead arrives somewhere: rules that fail lead to the fallback queue
    (row EX-14). Raises Conflict only for a tenant without any queue.
    """
    service = str(facts.get("service") or "")
    world = network(now, place, service=service, besides=besides)
    rules = rules_of(ruling.version, exception)
    words = _words_for(rules)
    verdict = _decide(facts, rules, world, words, exception)
    if holds and hold_room((verdict.queue_key, verdict.overflow_from or ""), world):
        world = network(now, place, service=service, besides=besides)
        verdict = _decide(facts, rules, world, words, exception)
    if not verdict.queue_key:
        raise Conflict("The tenant has no active queue to send a lead to.", code="no_queue")
    queue = queues_by_key()[verdict.queue_key]
    return Routed(queue, None, verdict, world, {}, words, ruling)


def hold_room(keys: Iterable[str], world: Network) -> bool:
    """Lock the queues with a capacity among these and on their overflow ways; say whether there are any."""
    found = to_lock(keys, world)
    for key in found:
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [new_id(), current_organization_id(), queues_by_key()[key].id])
    return bool(found)


def room_for(lead_id: UUID, queue: Queue, now: datetime) -> tuple[Queue, str]:
    """Return the queue that takes a lead where this one may be full, held until the commit, and why it is another."""
    world = network(now, None, besides=lead_id)
    if not hold_room([queue.key], world):
        return queue, ""
    world = network(now, None, besides=lead_id)
    found, full = with_room(next(each for each in world.queues if each.key == queue.key), world)
    why = ", ".join(f"{each.name} is full ({each.open_leads}/{each.capacity})" for each in full)
    return queues_by_key()[found.key], why


def give_turn(routed: Routed, *, now: datetime) -> Routed:
    """Name whose turn it is in the queue, if the queue gives leads out.

    Call it late: until the commit everybody who wants a turn in this queue waits.
    """
    if routed.verdict.method != "round_robin":
        return replace(routed, turn=_turn_as_json(Turn(None, "shared queue", ())))
    if routed.verdict.batch_at and not routed.verdict.day_queue_key:
        return replace(routed, turn=_turn_as_json(Turn(None, "Routine: waits for the batch", ())))
    turn = take_turn(routed.queue, now=now, skills=routed.verdict.skills)
    return replace(routed, member=turn.member, turn=_turn_as_json(turn.verdict))


def rules_of(version: RuleSetVersion | None, exception: str = "") -> RoutingRules:
    """Return the rules that decide, compiled: once for a version, each time for an exception's few words."""
    if exception or version is None:
        return compile_routing(decided_by(version, exception))
    return compiled(version, compile_routing)


def decided_by(version: RuleSetVersion | None, exception: str) -> dict[str, Any]:
    """Return the document that decides: the version's, or only its fallback for an exception."""
    document = dict(version.document) if version else {}
    return {"fallback": document.get("fallback", {"queue": FALLBACK_QUEUE})} if exception else document


def take_turn(queue: Queue, *, now: datetime, skills: Sequence[str] = (), besides: UUID | None = None) -> Turned:
    """Give the next person of the queue their turn; waits for a turn that is being given right now.

    It waits too for a turn that another queue gives to one of the same people, so that nobody's cap is passed.
    `besides` leaves one person out (an escalation looks for somebody else).
    """
    number = _next_turn(queue)
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_MEMBERS, [current_organization_id(), queue.team_id])
    members = [each for each in members_of(queue, now) if each.membership_id != besides]
    verdict = next_in_turn(members, skills)
    if verdict.membership_id is None:
        return Turned(verdict, None)
    MemberTurn.objects.bulk_create(
        [MemberTurn(queue=queue, membership_id=verdict.membership_id, last_turn=number)],
        update_conflicts=True,
        unique_fields=["organization", "queue", "membership"],
        update_fields=["last_turn"],
    )
    return Turned(verdict, Membership.rows().select_related("user").get(id=verdict.membership_id))


def _next_turn(queue: Queue) -> int:
    """Count the queue's turns up; until the commit its row keeps everybody else of the queue waiting."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO routing_queueturn (id, organization_id, queue_id, last_turn) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (organization_id, queue_id) DO UPDATE SET last_turn = routing_queueturn.last_turn + 1"
            " RETURNING last_turn",
            [new_id(), current_organization_id(), queue.id],
        )
        return int(cursor.fetchone()[0])


def keep_decision(
    lead: Lead,
    routed: Routed,
    *,
    facts: Mapping[str, Any],
    cause: str,
    now: datetime,
    exception: str = "",
    heard: Iterable[UUID] | None = None,
) -> RoutingDecision:
    """Store a decision with rule, version, facts, network and alternatives, so that it can be replayed.

    The version, the experiment and its arm are those by which it was routed.

    `heard` are the messages whose words the rules heard; the words themselves are never kept here.
    """
    row = RoutingDecision(
        lead=lead,
        version=routed.ruling.version,
        experiment=routed.ruling.experiment,
        arm=routed.ruling.arm,
        queue=routed.queue,
        member=routed.member,
        rule_id=routed.verdict.rule_id,
        cause=cause,
        is_fallback=routed.verdict.is_fallback,
        verdict=routed.verdict.as_json(),
        turn=routed.turn,
        exception=exception,
        facts=dict(facts),
        heard=None if heard is None else [str(each) for each in heard],
        decided_at=now,
        network=network_as_json(routed.network) | {"labels": routed.words},
    )
    insert(row)
    return row


def question_of(decision: RoutingDecision) -> Question:
    """Return a stored decision as the question what would have changed it; of an exception, the rules it went past."""
    verdict, kept = decision.verdict, decision.network
    held = [each["rule_id"] for each in verdict.get("path", ()) if each.get("effect") != "passed over"]
    words: dict[str, Mapping[str, str]] = {**labels()}
    for field, names in kept.get("labels", {}).items():
        words[field] = {**words.get(field, {}), **names}
    held += [each["key"] for each in verdict.get("alternatives", ()) if each.get("kind") == "rule"]
    return Question(
        facts=decision.facts,
        rules=rules_of(decision.version),
        network=network_from_json(kept),
        labels=words,
        queue_key=str(verdict.get("queue_key", "")),
        priority=str(verdict.get("priority", "")),
        matched=frozenset(held),
        exception=decision.exception,
        has_words=decision.heard is None or bool(decision.heard),
    )


def replay(decision: RoutingDecision, unstored: Mapping[str, Any]) -> RoutingVerdict:
    """Judge the stored facts under the stored version again, in the network and the words of that day.

    `unstored` are facts that were seen and are not kept with the decision: the words of the message.
    """
    rules = rules_of(decision.version, decision.exception)
    facts, kept = {**decision.facts, **unstored}, decision.network
    return _decide(facts, rules, network_from_json(kept), kept.get("labels", {}), decision.exception)


def _decide(
    facts: Mapping[str, Any], rules: RoutingRules, world: Network, words: Labels, exception: str
) -> RoutingVerdict:
    try:
        verdict = choose(facts, rules, world, labels=words)
    except Exception as error:  # a rule must never cost a lead its owner
        log.error("routing_failed", error=type(error).__name__, exc_info=error)
        verdict = choose(facts, {"fallback": {"queue": FALLBACK_QUEUE}}, world)
    if not exception:
        return verdict
    return replace(verdict, reason=f"{verdict.reason} (exception: {exception.replace('_', ' ')})")


def _words_for(rules: RoutingRules) -> dict[str, dict[str, str]]:
    """Return the words for the keys that the rules name, as they are today; kept for the replay."""
    return {field: {key: names[key] for key in sorted(rules.named & names.keys())} for field, names in labels().items()}


def _turn_as_json(turn: Turn) -> dict[str, Any]:
    return {
        "member": str(turn.membership_id) if turn.membership_id else None,
        "reason": turn.reason,
        "skipped": [[str(each), why] for each, why in turn.skipped],
    }
