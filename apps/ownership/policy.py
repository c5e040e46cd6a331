"""Which ownership policy rules a lead, and whose it is by that policy: when it arrives, in a stage, after an event.

The most specific policy wins: one that names the campaign before one that names the source, and that before one that
names the pipeline. What the document says at its root holds for every other lead (row OW-01).
"""

from collections.abc import Mapping, Sequence

from apps.ownership.terms import STAGE_EVENTS, Handover, Model, OwnerEvent, Policies, Policy, Sharing, Trigger, Where
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts

_WEIGHTS = (("campaigns", 4), ("sources", 2), ("pipelines", 1))
#: Models whose leads follow the document's own stages where the policy names none.
_INHERIT = (Model.TERRITORY, Model.CHANNEL)


def read_policies(document: Mapping[str, object]) -> Policies:
    """Return the policies of an ownership document; what cannot be read of one is left out of it."""
    stages = _stages(document.get("stages"))
    usual = Policy(stages=stages)
    rows = [as_document(item) for item in as_items(document.get("policies"))]
    return Policies(usual, tuple(_policy(row, stages) for row in rows))


def policy_for(policies: Policies, where: Where) -> Policy:
    """Return the policy that rules a lead: of those that fit it the most specific one, the first of equals."""
    fitting = [each for each in policies.named if _fits(each, where)]
    return max(fitting, key=weight_of, default=policies.usual)


def weight_of(policy: Policy) -> int:
    """Return how specific a policy is."""
    return sum(weight for name, weight in _WEIGHTS if getattr(policy, name))


def first_team(policy: Policy, channel: str) -> str:
    """Return the team that owns a lead from its arrival; "" where that is the team of the queue it is routed to."""
    if policy.model is Model.SINGLE_OWNER:
        return policy.team
    if policy.model is Model.PARTNERSHIP:
        return policy.delivery
    return policy.channels.get(channel, "") if policy.model is Model.CHANNEL else ""


def at_stage(policy: Policy, stage: str) -> Handover | None:
    """Return who takes over as a lead enters a stage; None where its owner keeps it.

    A single owner keeps it whatever the stage (row OW-02). A trigger on the stage goes before the map.
    """
    if policy.model is Model.SINGLE_OWNER or not stage:
        return None
    if stage in STAGE_EVENTS and (found := on_event(policy, stage)) is not None:
        return found
    return policy.stages.get(stage)


def on_event(policy: Policy, event: str) -> Handover | None:
    """Return who takes over after an event; in a partnership the booking makes the outcome team primary (OW-04)."""
    if policy.model is Model.SINGLE_OWNER:
        return None
    trigger = trigger_of(policy, event)
    found = trigger.handover if trigger else None
    if found is None and policy.model is Model.PARTNERSHIP and event == policy.booking:
        return Handover(policy.outcome, True)
    return found


def trigger_of(policy: Policy, event: str) -> Trigger | None:
    """Return what a policy says of an event."""
    return next((each for each in policy.triggers if each.key == event), None)


def recorded_events(policy: Policy) -> tuple[str, ...]:
    """Return the events that a person records because the policy acts on them."""
    keys = [each.key for each in policy.triggers]
    keys += [policy.booking] if policy.model is Model.PARTNERSHIP else []
    seen = {*STAGE_EVENTS, OwnerEvent.NO_VALID_CONTACT}
    return tuple(dict.fromkeys(each for each in keys if each not in seen))


def expected_team(policy: Policy, stage: str, order: Sequence[str]) -> str:
    """Return the team that owns a lead in a stage by the policy; "" where routing or people decide (row OW-16).

    `order` holds the stages of the pipeline. In a partnership the team that delivers owns what stands before the
    booking, the outcome team what stands at it and right after it; what rests or ends stays with whoever had it.
    """
    if policy.model is Model.SINGLE_OWNER:
        return policy.team
    found = at_stage(policy, stage)
    if found is not None:
        return found.team_key
    if policy.model is Model.PARTNERSHIP and policy.booking in order and stage in order:
        return policy.delivery if order.index(stage) < order.index(policy.booking) else ""
    return ""


def is_shared(policy: Policy, stage: str, order: Sequence[str]) -> bool:
    """Say whether other teams still log on a lead in this stage: until the stage that the policy names (row OW-10)."""
    if policy.sharing is None or stage not in order or policy.sharing.until not in order:
        return False
    return order.index(stage) < order.index(policy.sharing.until)


def may_log_beside(policy: Policy, stage: str, order: Sequence[str], teams: frozenset[str]) -> bool:
    """Say whether one of these teams may log a contact on a lead of this policy that another team owns."""
    return is_shared(policy, stage, order) and policy.sharing is not None and bool(policy.sharing.teams & teams)


def number_of(policy_id: str, documents: Sequence[Mapping[str, object]]) -> int:
    """Return the version of one policy: how often what it says has changed in the documents that ruled, in order."""
    number, before = 0, None
    for document in documents:
        rows = [as_document(item) for item in as_items(document.get("policies"))]
        now = next((row for row in rows if as_text(row.get("id")) == policy_id), None)
        if now is not None and now != before:
            number += 1
        before = now if now is not None else before
    return number


def _policy(row: Mapping[str, object], usual: Mapping[str, Handover]) -> Policy:
    word = as_text(row.get("model"))
    model = Model(word) if word in set(Model) else Model.TERRITORY
    stages = _stages(row["stages"]) if "stages" in row else dict(usual) if model in _INHERIT else {}
    channels = [as_document(each) for each in as_items(row.get("channels"))]
    return Policy(
        id=as_text(row.get("id")),
        name=as_text(row.get("name")),
        model=model,
        pipelines=frozenset(as_texts(row.get("pipelines"))),
        campaigns=frozenset(as_texts(row.get("campaigns"))),
        sources=frozenset(as_texts(row.get("sources"))),
        team=as_text(row.get("team")),
        delivery=as_text(row.get("delivery")),
        outcome=as_text(row.get("outcome")),
        booking=as_text(row.get("booking"), OwnerEvent.SCHEDULED),
        channels={as_text(each.get("channel")): as_text(each.get("team")) for each in channels},
        stages=stages,
        triggers=tuple(filter(None, map(_trigger, as_items(row.get("triggers"))))),
        sharing=_sharing(row),
        first_outreach=as_text(row.get("first_outreach")),
        responsibility=_texts(row.get("responsibility")),
        sections=_texts(row.get("sections")),
    )


def _stages(value: object) -> dict[str, Handover]:
    found: dict[str, Handover] = {}
    for row in map(as_document, as_items(value)):
        stage, team = as_text(row.get("stage")), as_text(row.get("team"))
        if stage and team:
            found.setdefault(stage, Handover(team, row.get("keeps_view") is True))
    return found


def _trigger(item: object) -> Trigger | None:
    row = as_document(item)
    event, team = as_text(row.get("event")), as_text(row.get("team"))
    if event not in set(OwnerEvent) or not team:
        return None
    handover = Handover(team, row.get("keeps_view") is True)
    opens = row.get("opens_opportunity") is True
    return Trigger(event, as_text(row.get("name")), handover, opens, as_text(row.get("approver")))


def _sharing(row: Mapping[str, object]) -> Sharing | None:
    part = as_document(row.get("shared"))
    until = as_text(part.get("until"))
    return Sharing(until, frozenset(as_texts(part.get("teams"))), part.get("agency") is True) if until else None


def _texts(value: object) -> dict[str, str]:
    return {key: text for key, each in as_document(value).items() if (text := as_text(each))}


def _fits(policy: Policy, where: Where) -> bool:
    named = ((policy.campaigns, where.campaign), (policy.sources, where.source), (policy.pipelines, where.pipeline))
    return any(keys for keys, _ in named) and all(not keys or key in keys for keys, key in named)
