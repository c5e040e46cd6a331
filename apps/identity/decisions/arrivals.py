"""Deciding whether an arrival is a new inquiry of its person, a repeat, or an addition."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from apps.identity.terms import LeadAction, LeadVerdict, PriorLead, Scope, Verdict
from apps.policies.decisions.documents import Document, as_document, as_items, as_number, as_text, as_texts, as_whole

#: The priority of a rule that names none: after those that do, in the order of the document.
LAST = 1000


def judge_arrival(
    *,
    keys: tuple[str, ...],
    service: str | None,
    campaign: str | None,
    party: str | None,
    at: datetime,
    priors: Sequence[PriorLead],
    document: Mapping[str, object],
) -> LeadVerdict:
    """Say whether the person's arrival is a new inquiry, and what it counts as.

    Rules are asked by priority. The first decides that looks at what matched (one of its keys, or all of them)
    and has an earlier inquiry in its scope. An open one inside the window: what the rule says. A closed one, or
    the same party delivering again after the window: a resubmission, linked; where the rule names `reopen_days` and
    the one closed last ended no longer ago, that one is reopened (row ST-20). Outside the window otherwise: a new
    inquiry, linked. So is another service.
    """
    if not priors:
        return LeadVerdict(LeadAction.NEW, Verdict.NEW, None, "", "First inquiry of this person.")
    for rule in _in_priority(document):
        scope = as_text(rule.get("scope"), Scope.SERVICE)
        in_scope = [prior for prior in priors if _is_in_scope(prior, scope, service, campaign)]
        if in_scope and _looks_at(rule, keys):
            return _by_rule(rule, in_scope, party, at)
    others = {prior.service for prior in priors} - {None, service}
    reason = "No duplicate rule covers this; linked to the earlier inquiry."
    if service and len(others) == len({prior.service for prior in priors}):
        reason = "The person asks for another service."
    return LeadVerdict(LeadAction.LINK, Verdict.NEW, _latest(priors).lead_id, "", reason)


def _by_rule(rule: Document, priors: list[PriorLead], party: str | None, at: datetime) -> LeadVerdict:
    rule_id = as_text(rule.get("id"))
    hours = as_number(rule.get("window_hours")) or 0
    recent = [prior for prior in priors if prior.is_open and _is_inside(prior, at, hours)]
    if recent:
        inside = as_text(rule.get("inside"))
        action = LeadAction(inside) if inside in ("merge", "update") else LeadAction.LINK
        verdict = Verdict.UPDATE if action is LeadAction.UPDATE else Verdict.DUPLICATE
        reason = f"Open inquiry touched within {hours:g} hours."
        return LeadVerdict(action, verdict, _latest(recent).lead_id, rule_id, reason)
    if ended := _ended_lately(priors, at, as_whole(rule.get("reopen_days")) or 0):
        days = (at - (ended.closed_at or at)).days
        reason = f"The earlier inquiry was closed {_ago(days)} and is taken up again."
        return LeadVerdict(LeadAction.REOPEN, Verdict.RESUBMIT, ended.lead_id, rule_id, reason)
    prior = _latest(priors)
    if not prior.is_open:
        verdict, reason = Verdict.RESUBMIT, "The earlier inquiry is closed."
    elif party is not None and party == prior.party:
        verdict, reason = Verdict.RESUBMIT, f"The same party delivers again after {hours:g} hours."
    else:
        verdict, reason = Verdict.NEW, f"The earlier inquiry is older than {hours:g} hours."
    return LeadVerdict(LeadAction.LINK, verdict, prior.lead_id, rule_id, reason)


def _ended_lately(priors: list[PriorLead], at: datetime, days: int) -> PriorLead | None:
    """Return the inquiry that was closed last, where that is at most so many days ago and none is open."""
    if days < 1 or any(prior.is_open for prior in priors):
        return None
    closed = [(prior.closed_at, prior.lead_id, prior) for prior in priors if prior.closed_at is not None]
    if not closed:
        return None
    ended_at, _lead_id, last = max(closed, key=lambda each: each[:2])
    return last if last.may_return and at - ended_at <= timedelta(days=days) else None


def _ago(days: int) -> str:
    return "today" if days < 1 else "a day ago" if days == 1 else f"{days} days ago"


def _is_inside(prior: PriorLead, at: datetime, hours: float) -> bool:
    return abs((at - prior.captured_at) / timedelta(hours=1)) <= hours


def _is_in_scope(prior: PriorLead, scope: str, service: str | None, campaign: str | None) -> bool:
    if scope == Scope.TENANT:
        return True
    if scope == Scope.CAMPAIGN:
        return prior.campaign == campaign
    return not prior.service or not service or prior.service == service


def _latest(priors: Sequence[PriorLead]) -> PriorLead:
    return min(priors, key=lambda prior: (-prior.captured_at.timestamp(), prior.lead_id))


def _in_priority(document: Mapping[str, object]) -> list[Document]:
    """Return the rules in the order in which they are asked: by priority, then as written."""
    rules = [as_document(item) for item in as_items(as_document(document).get("rules"))]
    return sorted(rules, key=lambda rule: as_whole(rule.get("priority")) or LAST)


def _looks_at(rule: Document, keys: tuple[str, ...]) -> bool:
    """Whether what matched is what the rule compares: one of its keys, or every one (`match: all`)."""
    wanted = set(as_texts(rule.get("keys")))
    if as_text(rule.get("match"), "any") == "all":
        return bool(wanted) and wanted <= set(keys)
    return not wanted.isdisjoint(keys)
