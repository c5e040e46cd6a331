"""Past leads that somebody picks: their last decision under two versions of the routing, with the whole way told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.flows.replay import WORDS, read_heard
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.decisions.compiled import texts_in
from apps.policies.models import RuleSetVersion
from apps.routing.actions import rules_of
from apps.routing.decisions.choosing import choose
from apps.routing.decisions.records import network_from_json
from apps.routing.models import RoutingDecision
from apps.routing.terms import RoutingVerdict

MOST_PICKED = 50
_REF = re.compile(r"(?:L-)?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picked:
    """A past lead and where it goes under each version, as it was then; `after` is None without a second one."""

    lead: Lead
    before: RoutingVerdict
    after: RoutingVerdict | None


def read_refs(text: str) -> tuple[list[int], str]:
    """Return the numbers of the leads that a text names, and the first word in it that is no reference."""
    words = [each for each in re.split(r"[\s,;]+", text) if each]
    wrong = next((each for each in words if not _REF.fullmatch(each)), "")
    return [int(found[1]) for each in words if (found := _REF.fullmatch(each))], wrong


def unknown_refs(numbers: Sequence[int]) -> list[int]:
    """Return the numbers that no lead has that was ever routed."""
    known = RoutingDecision.rows().filter(lead__number__in=numbers).values_list("lead__number", flat=True)
    return sorted(set(numbers) - set(known))


def judge_picked(numbers: Sequence[int], old: RuleSetVersion | None, new: RuleSetVersion | None) -> tuple[Picked, ...]:
    """Judge the last decision of each lead again under one or two versions; reads only."""
    rows = RoutingDecision.rows().filter(lead__number__in=numbers).select_related("lead")
    last: dict[UUID, RoutingDecision] = {row.lead_id: row for row in rows.order_by("decided_at", "id")}
    listens = any(each is not None and WORDS in compiled(each, texts_in) for each in (old, new))
    heard = read_heard(list(last.values())) if listens else {}
    found = []
    for row in sorted(last.values(), key=lambda each: numbers.index(each.lead.number)):
        words = " ".join(heard[UUID(each)] for each in row.heard or () if UUID(each) in heard)
        before = _judged(row, old, words)
        found.append(Picked(row.lead, before, _judged(row, new, words) if new is not None else None))
    return tuple(found)


def _judged(row: RoutingDecision, version: RuleSetVersion | None, words: str) -> RoutingVerdict:
    kept = row.network
    facts = {**row.facts, WORDS: words}
    rules = rules_of(version, row.exception)
    return choose(facts, rules, network_from_json(kept), labels=kept.get("labels", {}))
