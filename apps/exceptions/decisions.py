"""What the rules say of a type of exception, whether somebody may decide so, and what kept the router from a queue."""

from collections.abc import Collection, Mapping
from typing import Any

from apps.exceptions.terms import (
    DEFAULT_WITHIN_SECONDS,
    LOCATION_MISSING,
    NO_RULE,
    SERVICE_MISSING,
    SERVICE_UNAVAILABLE,
    TEAM_LEAD,
    TYPE_LABELS,
    USUAL_SECONDS,
    Decision,
    ItemType,
    Plan,
    RightCode,
    RightVerdict,
)
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Labels, Problem, Severity

LONGEST_SECONDS = 30 * 86_400
_PARTS = frozenset({"type", "meaning", "queue", "actions", "approver", "approves", "within_seconds", "then"})
_USUAL = (Decision.ACCEPT, Decision.REDIRECT, Decision.FIX, Decision.CLOSE, Decision.ESCALATE)
_OUTSIDE = (
    *(Decision.ACCEPT, Decision.REDIRECT, Decision.FIX, Decision.NURTURE, Decision.REFER),
    *(Decision.CLOSE, Decision.ESCALATE),
)
_ACTION_WORDS = {
    Decision.ACCEPT: "let the lead go on by the rules",
    Decision.REDIRECT: "send it to another queue",
    Decision.FIX: "put a field right",
    Decision.NURTURE: "keep in touch",
    Decision.REFER: "refer to a partner",
    Decision.CLOSE: "close with a reason",
    Decision.ESCALATE: "escalate",
}


def plan_for(kind: ItemType, document: object) -> Plan:
    """Return what the rules say of a type; what they leave out, and a type they do not name, has usual values."""
    for item in as_items(as_document(document).get("types")):
        row = as_document(item)
        if as_text(row.get("type")) == kind:
            return _read(kind, row)
    return Plan(kind, actions=_usual(kind), within_seconds=USUAL_SECONDS.get(kind, DEFAULT_WITHIN_SECONDS))


def may_decide(decision: Decision, plan: Plan, leads_teams: Collection[str]) -> RightVerdict:
    """Say whether a decision takes hold at once. `leads_teams` are the teams whose lead the person is.

    What the rules keep for an approver waits for the lead of that team, unless the person is that lead.
    """
    if decision not in plan.actions:
        offered = ", ".join(_ACTION_WORDS[each] for each in plan.actions)
        return RightVerdict(RightCode.NOT_OFFERED, f"The rules do not offer this here. Choose: {offered}.")
    if decision in plan.approves and plan.approver and plan.approver not in leads_teams:
        return RightVerdict(RightCode.NEEDS_APPROVAL, "This waits for an approval.")
    return RightVerdict(RightCode.ALLOWED, "")


def cause_of_fallback(facts: Mapping[str, Any], *, has_place: bool, offered: Collection[str]) -> str:
    """Name why no rule found a queue: nobody offers the service, the place or the service is not known, or no rule.

    `offered` are the services that any office has; `has_place` whether the person's own place is known.
    """
    service = facts.get("service")
    if service and service not in offered:
        return SERVICE_UNAVAILABLE
    if not service:
        return SERVICE_MISSING
    if not (facts.get("requested_location") or facts.get("location") or has_place):
        return LOCATION_MISSING
    return NO_RULE


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the rules about exceptions: types, queues, teams and actions that do not exist."""
    top = as_document(document)
    problems, seen = unknown_keys(top, frozenset({"types"}), ""), set[str]()
    for place, item in enumerate(as_items(top.get("types"))):
        row, path = as_document(item), f"/types/{place}"
        problems += unknown_keys(row, _PARTS, path) + _check_words(row, path, known)
        name = as_text(row.get("type"))
        if name in seen:
            problems.append(Problem(f"{path}/type", "duplicate_type", f"“{name}” is named more than once."))
        seen.add(name)
    return problems


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> tuple[str, ...]:
    """Read the rules aloud, a sentence for each type that they name."""
    del fields, labels
    found = []
    for item in as_items(as_document(document).get("types")):
        name = as_text(as_document(item).get("type"))
        if name in set(ItemType):
            found.append(_sentence(_read(ItemType(name), as_document(item))))
    return tuple(found)


def _sentence(plan: Plan) -> str:
    where = f"the queue {plan.queue}" if plan.queue else "whoever has the lead"
    whom = "the team's lead" if plan.then == TEAM_LEAD else f"the lead of {plan.then}"
    may = ", ".join(_ACTION_WORDS[each] for each in plan.actions)
    asks = ", ".join(_ACTION_WORDS[each] for each in plan.approves)
    approval = f" {plan.approver} approves: {asks}." if plan.approver and plan.approves else ""
    return (
        f"{TYPE_LABELS[plan.type]}: {where} decides within {_span(plan.within_seconds)}, then {whom} is told."
        f" Possible: {may}.{approval}"
    )


def _span(seconds: int) -> str:
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


def _read(kind: ItemType, row: Document) -> Plan:
    seconds = as_whole(row.get("within_seconds"))
    in_range = seconds is not None and 0 < seconds <= LONGEST_SECONDS
    return Plan(
        kind,
        as_text(row.get("queue")),
        _decisions(row.get("actions")) or _usual(kind),
        as_text(row.get("approver")),
        _decisions(row.get("approves")),
        seconds if seconds is not None and in_range else USUAL_SECONDS.get(kind, DEFAULT_WITHIN_SECONDS),
        as_text(row.get("then"), TEAM_LEAD),
    )


def _usual(kind: ItemType) -> tuple[Decision, ...]:
    return _OUTSIDE if kind is ItemType.OUTSIDE_COVERAGE else _USUAL


def _decisions(value: object) -> tuple[Decision, ...]:
    return tuple(Decision(each) for each in as_texts(value) if each in set(Decision))


def _check_words(row: Document, path: str, known: Known) -> list[Problem]:
    problems = []
    if as_text(row.get("type")) not in set(ItemType):
        problems.append(Problem(f"{path}/type", "unknown_type", f"Say one of: {', '.join(ItemType)}."))
    queue, approver = as_text(row.get("queue")), as_text(row.get("approver"))
    if queue and queue not in known.queues:
        problems.append(Problem(f"{path}/queue", "unknown_queue", f"There is no active queue “{queue}”."))
    for name, team in (("approver", approver), ("then", as_text(row.get("then")))):
        if team and team not in known.teams and not (name == "then" and team == TEAM_LEAD):
            problems.append(Problem(f"{path}/{name}", "unknown_team", f"There is no active team “{team}”."))
    for name in ("actions", "approves"):
        for place, each in enumerate(as_texts(row.get(name))):
            if each not in set(Decision):
                sentence = f"Say one of: {', '.join(Decision)}."
                problems.append(Problem(f"{path}/{name}/{place}", "unknown_action", sentence))
    seconds = as_whole(row.get("within_seconds", DEFAULT_WITHIN_SECONDS))
    if seconds is None or not 0 < seconds <= LONGEST_SECONDS:
        sentence = "Give the limit in whole seconds, at most 30 days: without one an exception would wait for ever."
        problems.append(Problem(f"{path}/within_seconds", "bad_limit", sentence))
    return problems + _check_approval(row, path, approver)


def _check_approval(row: Document, path: str, approver: str) -> list[Problem]:
    approves, actions = as_texts(row.get("approves")), as_texts(row.get("actions"))
    if approves and not approver:
        return [Problem(f"{path}/approver", "approver_missing", "Name the team whose lead approves.")]
    if actions and any(each not in actions for each in approves):
        sentence = "What has to be approved is not among the actions: nobody could decide so."
        return [Problem(f"{path}/approves", "not_offered", sentence, Severity.WARNING)]
    return []
