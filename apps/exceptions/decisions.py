"""What the rules say of a type of exception, whether somebody may decide so, and what kept the router from a queue."""

from collections.abc import Collection, Mapping
from typing import Any

from apps.exceptions.terms import (
    ASKABLE,
    ASKED_UNBIDDEN,
    DEFAULT_WITHIN_SECONDS,
    LOCATION_MISSING,
    MISSING_DATA_WORDS,
    NO_RULE,
    SERVICE_MISSING,
    SERVICE_UNAVAILABLE,
    SETTLED_BY_LOCATION,
    TEAM_LEAD,
    TOLD_BY_PERSON,
    TYPE_LABELS,
    USUAL_SECONDS,
    Decision,
    ItemType,
    MissingData,
    Plan,
    RightCode,
    RightVerdict,
    title_of,
    type_of,
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
_PARTS = frozenset(
    {"type", "causes", "meaning", "queue", "actions", "approver", "approves", "within_seconds", "then", "missing_data"}
)
_USUAL = (Decision.ACCEPT, Decision.REDIRECT, Decision.FIX, Decision.CLOSE, Decision.ESCALATE)
_OUTSIDE = (
    *(Decision.ACCEPT, Decision.REDIRECT, Decision.FIX, Decision.NURTURE, Decision.PARK, Decision.REFER),
    *(Decision.CLOSE, Decision.ESCALATE),
)
#: A review before contact is decided by its criteria; sending the lead elsewhere would go round them (row QL-16).
_BY_CRITERIA = (
    *(Decision.ACCEPT, Decision.NURTURE, Decision.PARK, Decision.REFER),
    *(Decision.CLOSE, Decision.ESCALATE),
)
#: What another system did not take: sent again, or left as it is.
_NOT_TAKEN = (Decision.RETRY, Decision.ACCEPT, Decision.ESCALATE)
#: Types that mean that we cannot serve the person here and now: they may be parked or referred.
_AWAY = (ItemType.OUTSIDE_COVERAGE, ItemType.UNAVAILABLE_SERVICE, ItemType.INELIGIBLE)
ACTION_WORDS = {
    Decision.ACCEPT: "let the lead go on by the rules",
    Decision.REDIRECT: "send it to another queue",
    Decision.ASK: "ask the person by a link",
    Decision.FIX: "put a field right",
    Decision.NURTURE: "keep in touch",
    Decision.PARK: "park it until the service opens",
    Decision.REFER: "refer to a partner",
    Decision.CLOSE: "close with a reason",
    Decision.RETRY: "send it again",
    Decision.ESCALATE: "escalate",
}


def plan_for(kind: ItemType, document: object, cause: str = "") -> Plan:
    """Return what the rules say of a type: the first that names the cause, else the first that names none.

    What they leave out, and a type they do not name, has usual values.
    """
    rows = [as_document(item) for item in as_items(as_document(document).get("types"))]
    same = [row for row in rows if as_text(row.get("type")) == kind]
    named = [row for row in same if cause and cause in as_texts(row.get("causes"))]
    for row in named or [row for row in same if not as_texts(row.get("causes"))]:
        return _read(kind, row)
    return Plan(kind, actions=_usual(kind), within_seconds=USUAL_SECONDS.get(kind, DEFAULT_WITHIN_SECONDS))


def asked_unbidden(cause: str, missing: Collection[str], *, has_place: bool) -> tuple[str, ...]:
    """Return what the product asks a person by itself: what decides the way and is not known, no more.

    Who told where they live is not asked for an office, unless that is the very trouble.
    """
    settles = cause in SETTLED_BY_LOCATION
    return tuple(
        each for each in ASKED_UNBIDDEN if each in missing and (each != "location" or settles or not has_place)
    )


def asked_by_hand(wanted: Collection[str], missing: Collection[str]) -> tuple[str, ...]:
    """Return what a colleague may ask: of what they named, what is not known; without a name, all of it."""
    return tuple(each for each in ASKABLE if each in missing and (not wanted or each in wanted))


def may_decide(decision: Decision, plan: Plan, leads_teams: Collection[str]) -> RightVerdict:
    """Say whether a decision takes hold at once. `leads_teams` are the teams whose lead the person is.

    What the rules keep for an approver waits for the lead of that team, unless the person is that lead.
    """
    if decision not in plan.actions:
        offered = ", ".join(ACTION_WORDS[each] for each in plan.actions)
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
    problems, seen = unknown_keys(top, frozenset({"types"}), ""), set[tuple[str, str]]()
    for place, item in enumerate(as_items(top.get("types"))):
        row, path = as_document(item), f"/types/{place}"
        problems += unknown_keys(row, _PARTS, path) + _check_words(row, path, known)
        name, problems = as_text(row.get("type")), problems + _check_missing_data(row, path)
        for cause in as_texts(row.get("causes")) or ("",):
            if (name, cause) in seen:
                what = f"“{name}” with the cause “{cause}”" if cause else f"“{name}”"
                problems.append(Problem(f"{path}/type", "duplicate_type", f"{what} is named more than once."))
            seen.add((name, cause))
    return problems


def _check_missing_data(row: Document, path: str) -> list[Problem]:
    """Name what is wrong with the policy for missing data, and with the causes that narrow a rule down."""
    kind, policy, where = as_text(row.get("type")), row.get("missing_data"), f"{path}/missing_data"
    problems = [
        Problem(f"{path}/causes/{place}", "other_type", f"“{cause}” is no cause of “{kind}”.")
        for place, cause in enumerate(as_texts(row.get("causes")))
        if kind in set(ItemType) and type_of(cause) != kind
    ]
    if policy is None:
        return problems
    if as_text(policy) not in set(MissingData):
        return [*problems, Problem(where, "unknown_policy", f"Say one of: {', '.join(MissingData)}.")]
    if kind in set(ItemType) and kind not in TOLD_BY_PERSON and as_text(policy) != MissingData.HOLD:
        sentence = f"Nothing that a person tells us ends “{kind}”: it can only be held."
        problems.append(Problem(where, "policy_does_not_fit", sentence))
    if as_text(policy) == MissingData.GENERAL_TEAM and as_text(row.get("approver")):
        sentence = "The general team goes on at once, so nothing is left for anybody to approve."
        problems.append(Problem(where, "approval_unused", sentence, Severity.WARNING))
    return problems


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> tuple[str, ...]:
    """Read the rules aloud, a sentence for each type that they name."""
    del fields, labels
    found = []
    for item in as_items(as_document(document).get("types")):
        name = as_text(as_document(item).get("type"))
        if name in set(ItemType):
            causes = as_texts(as_document(item).get("causes"))
            found.append(_sentence(_read(ItemType(name), as_document(item)), causes))
    return tuple(found)


def _sentence(plan: Plan, causes: Collection[str]) -> str:
    where = f"the queue {plan.queue}" if plan.queue else "whoever has the lead"
    whom = "the team's lead" if plan.then == TEAM_LEAD else f"the lead of {plan.then}"
    may = ", ".join(ACTION_WORDS[each] for each in plan.actions)
    asks = ", ".join(ACTION_WORDS[each] for each in plan.approves)
    approval = f" {plan.approver} approves: {asks}." if plan.approver and plan.approves else ""
    name = TYPE_LABELS[plan.type] + (f" ({', '.join(map(title_of, causes)).lower()})" if causes else "")
    if plan.missing_data is MissingData.GENERAL_TEAM:
        return f"{name}: {where} is the general team that goes on with what is known."
    policy = f" {MISSING_DATA_WORDS[plan.missing_data]}." if plan.type in TOLD_BY_PERSON else ""
    return (
        f"{name}: {where} decides within {_span(plan.within_seconds)}, then {whom} is told."
        f"{policy} Possible: {may}.{approval}"
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
        _policy(kind, row),
    )


def _policy(kind: ItemType, row: Document) -> MissingData:
    said = as_text(row.get("missing_data"))
    fits = said in set(MissingData) and kind in TOLD_BY_PERSON
    return MissingData(said) if fits else MissingData.HOLD


def _usual(kind: ItemType) -> tuple[Decision, ...]:
    if kind in _AWAY:
        return _OUTSIDE
    if kind is ItemType.SYNC_ERROR:
        return _NOT_TAKEN
    if kind is ItemType.PRE_CONTACT_REVIEW:
        return _BY_CRITERIA
    if kind is ItemType.UNMAPPED_VALUE:
        return (*_USUAL[:2], Decision.ASK, Decision.FIX, Decision.PARK, *_USUAL[3:])
    return (*_USUAL[:2], Decision.ASK, *_USUAL[2:]) if kind in TOLD_BY_PERSON else _USUAL


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
    if as_text(row.get("type")) == ItemType.PRE_CONTACT_REVIEW:
        problems += [
            Problem(f"{path}/actions/{place}", "goes_round_criteria", f"“{each}” would go round the review's criteria.")
            for place, each in enumerate(as_texts(row.get("actions")))
            if each in set(Decision) - set(_BY_CRITERIA)
        ]
    for name in ("actions", "approves"):
        for place, each in enumerate(as_texts(row.get(name))):
            if each not in set(Decision):
                sentence = f"Say one of: {', '.join(Decision)}."
                problems.append(Problem(f"{path}/{name}/{place}", "unknown_action", sentence))
            if each == Decision.RETRY and as_text(row.get("type")) != ItemType.SYNC_ERROR:
                sentence = "Only what another system did not take can be sent again."
                problems.append(Problem(f"{path}/{name}/{place}", "nothing_to_send", sentence))
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
