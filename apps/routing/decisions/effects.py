"""What a matched rule does to the walk: priority, workflow, office, queue and method, each told in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from apps.policies.decisions.documents import Document, as_text, as_whole
from apps.policies.decisions.sentences import value_label
from apps.policies.terms import Labels
from apps.routing.decisions.offices import choose_office
from apps.routing.decisions.providers import ESTABLISHED, Wanted, days_in, obstacle_at, wanted_in_words
from apps.routing.terms import (
    PRIORITIES,
    ROUTINE,
    Alternative,
    Effect,
    Method,
    Network,
    Office,
    PathStep,
    QueueFact,
)


@dataclass(slots=True)
class Walk:
    """A walk over the layers under way: what earlier layers decided, and what later ones see as facts."""

    facts: dict[str, object]
    network: Network
    labels: Labels
    tells: bool = True
    priority: str = ROUTINE
    workflow: str = ""
    method: str = ""
    office: Office | None = None
    stands_in_for: Office | None = None
    queue_key: str = ""
    rule_id: str = ""
    rule_name: str = ""
    sentence: str = ""
    ended_by: str = ""
    skills: list[str] = field(default_factory=list)
    expertise: list[str] = field(default_factory=list)
    slot_days: int | None = None
    path: list[PathStep] = field(default_factory=list)
    alternatives: list[Alternative] = field(default_factory=list)


def begin_walk(facts: Mapping[str, object], network: Network, labels: Labels, *, tells: bool = True) -> Walk:
    """Return a walk at its start. A lead that brings no known priority is routine."""
    priority = as_text(facts.get("priority"))
    walk = Walk(dict(facts), network, labels, tells, workflow=as_text(facts.get("workflow")))
    walk.priority = priority if priority in PRIORITIES else ROUTINE
    walk.facts["priority"] = walk.priority
    return walk


def apply_effects(walk: Walk, then: Document, rule_id: str) -> tuple[str, bool]:
    """Let a rule's effects take hold; return them in words, and whether one of them set the queue.

    An effect that cannot be carried out changes nothing and says so.
    """
    before, walk.queue_key = walk.queue_key, ""
    words = [_APPLIERS[effect](walk, value_of(then, effect)) for effect in Effect if effect in then]
    sets_queue = bool(walk.queue_key)
    walk.queue_key = walk.queue_key or before
    if before and before != walk.queue_key:
        walk.alternatives.append(_replaced(walk, before, rule_id))
    return "; ".join(words) or "no effect", sets_queue


def value_of(then: Document, effect: Effect) -> str:
    """Return what a rule says of an effect as text; days may stand there as a number."""
    number = as_whole(then.get(effect))
    return as_text(then.get(effect)) if number is None else str(number)


def wanted_by(walk: Walk) -> Wanted | None:
    """Return what the rules ask of a provider so far; None where they ask nothing."""
    if not walk.expertise and walk.slot_days is None:
        return None
    facts = walk.facts
    return Wanted(
        skills=tuple(walk.expertise),
        days=walk.slot_days,
        service=as_text(facts.get("service")),
        is_established=facts.get("patient_type") == ESTABLISHED,
    )


def find_queue(network: Network, key: str) -> QueueFact | None:
    """Return the queue with this key, active or not."""
    return next((queue for queue in network.queues if queue.key == key), None)


def _replaced(walk: Walk, key: str, rule_id: str) -> Alternative:
    queue = find_queue(walk.network, key)
    return Alternative("queue", key, queue.name if queue else key, f"replaced by {rule_id}")


def _set_priority(walk: Walk, value: str) -> str:
    if value not in PRIORITIES:
        return f"priority “{value}” is not known"
    walk.priority = value
    walk.facts["priority"] = value
    return f"priority {value}"


def _set_workflow(walk: Walk, value: str) -> str:
    if not value:
        return "no workflow named"
    walk.workflow = value
    walk.facts["workflow"] = value
    return f"workflow {value_label('workflow', value, walk.labels)}"


def _set_office(walk: Walk, value: str) -> str:
    service, requested = as_text(walk.facts.get("service")), as_text(walk.facts.get("requested_location"))
    choice = choose_office(value, service, requested, _with_lacks(walk))
    walk.alternatives.extend(choice.others)
    if choice.office is None:
        return f"no office: {choice.reason}"
    walk.office, walk.stands_in_for = choice.office, choice.stands_in_for
    walk.facts["location"] = choice.office.key
    return f"office {choice.office.name} ({choice.reason})"


def _with_lacks(walk: Walk) -> Network:
    """Return the network with what each office lacks of the provider that the rules ask for."""
    wanted, network = wanted_by(walk), walk.network
    if wanted is None:
        return network
    offices = tuple(replace(each, lacks=obstacle_at(each.key, wanted, network)) for each in network.offices)
    return replace(network, offices=offices)


def _set_queue(walk: Walk, value: str) -> str:
    if not value:
        return "no queue named"
    walk.queue_key = value
    queue = find_queue(walk.network, value)
    return f"queue {queue.name}" if queue else f"queue “{value}”, which does not exist"


def _set_queue_by_tag(walk: Walk, value: str) -> str:
    tagged = [queue for queue in walk.network.queues if queue.tag == value and queue.is_active and value]
    office_key = walk.office.key if walk.office else None
    own = [queue for queue in tagged if office_key and queue.location_key == office_key]
    fitting = sorted(own or [queue for queue in tagged if not queue.location_key], key=lambda queue: queue.key)
    if not fitting:
        return f"no queue tagged “{value}”{f' at {walk.office.name}' if walk.office else ''}"
    walk.queue_key = fitting[0].key
    return f"queue {fitting[0].name} (tagged {value})"


def _set_method(walk: Walk, value: str) -> str:
    if value not in set(Method):
        return f"method “{value}” is not known"
    walk.method = value
    return value.replace("_", " ")


def _ask_skill(walk: Walk, value: str) -> str:
    if not value:
        return "no skill named"
    if value not in walk.skills:
        walk.skills.append(value)
    return f"somebody with {value}"


def _ask_expertise(walk: Walk, value: str) -> str:
    if not value:
        return "no skill of providers named"
    if value not in walk.expertise:
        walk.expertise.append(value)
    return wanted_in_words(Wanted(skills=(value,)))


def _ask_slot(walk: Walk, value: str) -> str:
    days = days_in(value)
    if days is None:
        return f"“{value}” days for a slot are not understood"
    walk.slot_days = days if walk.slot_days is None else min(days, walk.slot_days)
    return wanted_in_words(Wanted(days=days))


_APPLIERS: Mapping[Effect, Callable[[Walk, str], str]] = {
    Effect.PRIORITY: _set_priority,
    Effect.WORKFLOW: _set_workflow,
    Effect.EXPERTISE: _ask_expertise,
    Effect.SLOT_WITHIN: _ask_slot,
    Effect.OFFICE: _set_office,
    Effect.QUEUE: _set_queue,
    Effect.QUEUE_TAG: _set_queue_by_tag,
    Effect.METHOD: _set_method,
    Effect.SKILL: _ask_skill,
}
