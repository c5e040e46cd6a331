"""The walk over the layers: which queue a lead goes to, at which priority, and why."""

from collections.abc import Mapping
from datetime import datetime

from apps.policies.decisions.compiled import CompiledRule, CompiledRules
from apps.policies.decisions.documents import Document, as_document, as_text, as_whole
from apps.policies.decisions.fields import FIELDS
from apps.policies.decisions.reading import Node
from apps.policies.decisions.sentences import aloud
from apps.policies.terms import NO_LABELS, Labels
from apps.routing.decisions.capacity import with_room
from apps.routing.decisions.compiled_layers import RoutingRules, compile_routing
from apps.routing.decisions.effects import Walk, apply_effects, begin_walk, find_queue, wanted_by
from apps.routing.decisions.providers import judge_providers
from apps.routing.decisions.worklists import by_channel, refused_in, works_for
from apps.routing.terms import (
    LAST_LAYER,
    LAYERS,
    ROUTINE,
    Alternative,
    Method,
    Network,
    PathStep,
    QueueFact,
    RoutingVerdict,
)


def choose(
    facts: Mapping[str, object],
    rules: RoutingRules | Mapping[str, object],
    network: Network,
    *,
    labels: Labels = NO_LABELS,
    tells: bool = True,
) -> RoutingVerdict:
    """Choose the queue for a lead and tell the way there, by compiled rules or by a document compiled here.

    The layers are walked in their fixed order, important first; in each the first rule that holds takes
    effect, and later layers see its effects as facts. A rule that says "stop" ends the walk except for the
    distribution. If no rule names an active queue, the queue of the team that owns the channel (the fact
    `owning_queue`) takes the lead, without one the fallback queue. A queue that works by
    channels alone that the person refused gives it to one that works by another. A queue that is closed hands it to its
    after-hours queue and is kept as the day queue.

    Never raises, whatever the document holds: a rule that cannot be read is passed over and named in the
    path, and without a usable fallback the first active queue takes the lead.

    Who compares thousands of leads does without the words: with `tells` off the verdict is the same, its sentences,
    path and alternatives are left out.
    """
    walk = begin_walk(facts, network, labels, tells=tells)
    if not isinstance(rules, RoutingRules):
        rules = compile_routing(rules)
    for layer in LAYERS:
        if walk.ended_by and layer != LAST_LAYER:
            _note(walk, layer, f"Not asked: {walk.ended_by} ended the walk")
        else:
            _walk_layer(walk, layer, rules.layers[layer])
    owning = as_text(facts.get("owning_queue")) if rules.has_layers else ""
    return _arrive(walk, rules.fallback, owning)


def _walk_layer(walk: Walk, layer: str, rules: CompiledRules) -> None:
    seen = dict(walk.facts) if walk.tells else walk.facts
    winner: CompiledRule | None = None
    for each in rules.candidates(seen):
        if each.node is None:
            _note(walk, layer, "The condition cannot be read", each.rule, "passed over")
        elif not each.holds(seen):
            continue
        elif winner is None:
            winner = each
            _follow(walk, layer, each.rule, each.node)
            if not walk.tells:
                return
        else:
            why_not = f"{_id(winner.rule)} comes first in {LAYERS[layer]}"
            walk.alternatives.append(Alternative("rule", _id(each.rule), _name(each.rule), why_not))
    if winner is None:
        _note(walk, layer, "No rule matched" if rules.rules else "No rules")


def _follow(walk: Walk, layer: str, rule: Document, when: Node) -> None:
    sentence = aloud(when, FIELDS, walk.labels) if walk.tells else ""
    effect, sets_queue = apply_effects(walk, as_document(rule.get("then")), _id(rule))
    if sets_queue:
        walk.rule_id, walk.rule_name, walk.sentence = _id(rule), _name(rule), sentence
    if rule.get("stop") is True:
        walk.ended_by = _id(rule)
    _note(walk, layer, sentence, rule, effect)


def _note(walk: Walk, layer: str, sentence: str, rule: Document | None = None, effect: str = "") -> None:
    if not walk.tells:
        return
    rule_id, rule_name = (_id(rule), _name(rule)) if rule else ("", "")
    walk.path.append(PathStep(layer, LAYERS[layer], rule_id, rule_name, sentence, effect))


def _id(rule: Document) -> str:
    return as_text(rule.get("id"))


def _name(rule: Document) -> str:
    return as_text(rule.get("name"))


def _arrive(walk: Walk, fallback: Document, owning: str) -> RoutingVerdict:
    target = _active(walk.network, walk.queue_key)
    is_fallback = target is None
    reason = f"{walk.rule_id} {walk.rule_name}".strip() + f": {walk.sentence}"
    wait = None
    if target is None:
        reason = _why_fallback(walk)
        target = _active(walk.network, owning)
        if target is not None:
            reason += "; its team owns the channel"
        else:
            target = _fallback_queue(walk.network, as_text(fallback.get("queue")))
            wait = as_whole(fallback.get("max_wait_seconds"))
        name = f"queue {target.name}" if target else "no active queue"
        walk.path.append(PathStep("fallback", "Fallback", "", "", reason, name))
    if target is not None:
        target, said = _queue_by_channel(walk, target)
        reason += said
    day = target
    if target is not None:
        target = _queue_for_now(walk, target)
    is_after_hours = target is not None and day is not None and target.key != day.key
    if is_after_hours and day is not None:
        reason += f"; {day.name} is closed now and takes over when it opens"
    overflow_from = None
    if target is not None:
        target, full = _queue_with_room(walk, target)
        if full:
            overflow_from = full[0].key
            reason += "; " + ", ".join(f"{each.name} is full ({each.open_leads}/{each.capacity})" for each in full)
            target, said = _queue_by_channel(walk, target)
            reason += said
    batch_at = _batch_of(walk, day if is_after_hours else target)
    if batch_at is not None:
        reason += f"; routine, waits for the batch of {batch_at:%Y-%m-%d %H:%M} UTC"
    if walk.office is not None and walk.stands_in_for is not None:
        reason += f"; {walk.office.name} is the fallback office for {walk.stands_in_for.name}"
    providers, said = _providers_of(walk)
    reason += said
    return RoutingVerdict(
        queue_key=target.key if target else "",
        priority=walk.priority,
        method=walk.method or (target.method if target else ""),
        office_key=walk.office.key if walk.office else None,
        day_queue_key=day.key if day is not None and is_after_hours else None,
        workflow=walk.workflow,
        rule_id="" if is_fallback else walk.rule_id,
        rule_name="" if is_fallback else walk.rule_name,
        is_fallback=is_fallback,
        reason=f"{target.name if target else 'No active queue'}: {reason}" if walk.tells else "",
        path=tuple(walk.path) if walk.tells else (),
        alternatives=tuple(walk.alternatives) if walk.tells else (),
        max_wait_seconds=wait if wait is not None and wait > 0 else target.max_wait_seconds if target else 0,
        fallback_for=walk.stands_in_for.key if walk.stands_in_for else None,
        skills=tuple(dict.fromkeys((*walk.network.skills, *walk.skills))),
        overflow_from=overflow_from,
        batch_at=batch_at.isoformat() if batch_at else None,
        providers=providers,
    )


def _active(network: Network, key: str) -> QueueFact | None:
    queue = find_queue(network, key)
    return queue if queue and queue.is_active else None


def _fallback_queue(network: Network, key: str) -> QueueFact | None:
    first = next((queue for queue in network.queues if queue.is_active), None)
    return _active(network, key) or first


def _why_fallback(walk: Walk) -> str:
    if not walk.queue_key:
        return "no rule named a queue"
    queue = find_queue(walk.network, walk.queue_key)
    fault = "is not active" if queue else "does not exist"
    name = queue.name if queue else walk.queue_key
    walk.alternatives.append(Alternative("queue", walk.queue_key, name, fault))
    return f"{walk.rule_id} names the queue “{name}”, which {fault}"


def _queue_by_channel(walk: Walk, queue: QueueFact) -> tuple[QueueFact, str]:
    """Return the queue that works by a channel the person permits, and how the reason ends; told in the path."""
    refused = refused_in(walk.facts)
    if works_for(queue, refused):
        return queue, ""
    found = by_channel(queue, walk.network, walk.facts)
    why_not = f"it works by {_listed(queue.channels)} alone, which they refused"
    said = f"{queue.name}: {why_not}"
    if found.key == queue.key:
        walk.path.append(PathStep("channel", "Permitted channels", "", "", said, "no other queue: no change"))
        return queue, "; no queue works by a channel that they permit"
    walk.path.append(PathStep("channel", "Permitted channels", "", "", said, f"queue {found.name}"))
    walk.alternatives.append(Alternative("queue", queue.key, queue.name, why_not))
    return found, f"; {queue.name} works by {_listed(queue.channels)} alone, which they refused"


def _listed(channels: tuple[str, ...]) -> str:
    return " and ".join(channels)


def _queue_for_now(walk: Walk, queue: QueueFact) -> QueueFact:
    """Return the queue that takes the lead at this hour, and tell in the path when it is another one."""
    if queue.is_open or not queue.after_hours_key or queue.after_hours_key == queue.key:
        return queue
    closed = f"{queue.name} is closed{_until(queue.opens_at)}"
    after = _active(walk.network, queue.after_hours_key)
    if after is not None and not works_for(after, refused_in(walk.facts)):
        after = None
    effect = f"queue {after.name}" if after else "its after-hours queue is not active: no change"
    walk.path.append(PathStep("hours", "Opening hours", "", "", closed, effect))
    if after is None:
        return queue
    walk.alternatives.append(Alternative("queue", queue.key, queue.name, f"closed{_until(queue.opens_at)}"))
    return after


def _queue_with_room(walk: Walk, queue: QueueFact) -> tuple[QueueFact, tuple[QueueFact, ...]]:
    """Return the queue that takes one lead more and the full ones before it, and tell both in the path."""
    if not queue.is_full:
        return queue, ()
    found, full = with_room(queue, walk.network)
    said = f"{queue.name} is full: {queue.open_leads} of {queue.capacity} open leads"
    effect = f"queue {found.name}" if full else "no overflow queue has room: no change"
    walk.path.append(PathStep("capacity", "Capacity", "", "", said, effect))
    for each in full:
        why_not = f"full: {each.open_leads} of {each.capacity} open leads"
        walk.alternatives.append(Alternative("queue", each.key, each.name, why_not))
    return found, full


def _batch_of(walk: Walk, queue: QueueFact | None) -> datetime | None:
    """Return when a routine lead is given out, where its queue does that at set times; told in the path."""
    if queue is None or queue.batch_at is None or walk.priority != ROUTINE:
        return None
    if (walk.method or queue.method) != Method.ROUND_ROBIN:
        return None
    said = f"Routine leads of {queue.name} are given out at set times"
    walk.path.append(PathStep("batch", "Batch", "", "", said, f"waits until {queue.batch_at:%Y-%m-%d %H:%M} UTC"))
    return queue.batch_at


def _providers_of(walk: Walk) -> tuple[tuple[str, ...], str]:
    """Return who is left of the providers that the rules ask for, and how the reason ends; both told in the path."""
    wanted = wanted_by(walk)
    if wanted is None:
        return (), ""
    found = judge_providers(wanted, walk.network, walk.office.key if walk.office else "")
    walk.path.append(PathStep("providers", "Providers", "", "", found.asked, found.answer))
    walk.alternatives.extend(found.others)
    return found.keys, f"; {found.answer}"


def _until(opens_at: datetime | None) -> str:
    return f" until {opens_at:%Y-%m-%d %H:%M} UTC" if opens_at else ""
