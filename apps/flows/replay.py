"""Judge a stored decision again and compare: the same facts under the same version give the same verdict.

What a person wrote decides too and is not among the stored facts; a decision keeps which messages it heard, and the
replay opens these, wherever they are filed since. A message that was erased is missing, and the replay then says what
differs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.capture.text import words_for_rules
from apps.flows.told import words_told
from apps.identity.decisions.records import judge_again
from apps.identity.models import MatchDecision
from apps.policies.actions import digest_of
from apps.policies.compiling import compiled
from apps.policies.decisions.compiled import texts_in
from apps.policies.decisions.differences import differences
from apps.policies.models import RuleSetVersion
from apps.policies.terms import Difference, ReplayVerdict
from apps.privacy import details
from apps.qualification.actions import evaluate_again, judge
from apps.qualification.models import CriteriaResult, ScoreResult
from apps.routing import actions as routing
from apps.routing.models import RoutingDecision
from apps.routing.terms import ENGINE
from apps.sla.actions import pick_again
from apps.sla.models import SlaTimer
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

READER = "replay of a decision"
WORDS = "message_words"
BATCH = 500
#: What has to follow again from a decision that an earlier engine worded.
OUTCOMES = ("queue_key", "day_queue_key", "priority", "office_key", "rule_id", "is_fallback", "method", "workflow")


class Kind(StrEnum):
    """The decisions that are kept with everything they saw."""

    ROUTING = "routing"
    SCORE = "score"
    SERVICE_LEVEL = "service level"
    MATCH = "match"
    CRITERIA = "criteria"


class State(StrEnum):
    """What became of a replay; `words_gone` and `not_kept` prove nothing, neither way."""

    SAME = "same"
    DIFFERS = "differs"
    WORDS_GONE = "words_gone"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Hearing:
    """The messages that a decision about a lead heard, by their ids; None where nobody noted them."""

    lead_id: UUID
    heard: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision judged again; `keys` name what differs, never its values."""

    kind: Kind
    id: UUID
    lead_id: UUID
    state: State
    keys: tuple[str, ...] = ()


def replay_routing(decision: RoutingDecision) -> ReplayVerdict:
    """Route the stored facts again in the stored network, and name what differs from the stored verdict."""
    return _routed_again(decision, _words_of(decision, decision.decided_at, read_heard([decision])))


def replay_score(result: ScoreResult) -> ReplayVerdict:
    """Score the stored facts again, and name what differs from the stored lines and totals."""
    return _scored_again(result, _words_of(result, result.scored_at, read_heard([result])))


def replay_everything(since: datetime | None = None) -> Iterator[Replayed]:
    """Judge every decision of the tenant again, of each kind from the oldest on, some hundred at a time.

    Only decisions whose rules look at words open messages; each batch of reads is one entry of the ledger.
    """
    routed, scored = RoutingDecision.rows(), ScoreResult.rows()
    timers, matches = SlaTimer.rows().filter(picked__isnull=False), MatchDecision.rows()
    if since is not None:
        routed, scored = routed.filter(decided_at__gte=since), scored.filter(scored_at__gte=since)
        timers, matches = timers.filter(started_at__gte=since), matches.filter(decided_at__gte=since)
    criteria = CriteriaResult.rows().all()
    if since is not None:
        criteria = criteria.filter(decided_at__gte=since)
    intact: dict[UUID, bool] = {}
    for batch in _batches(routed):
        yield from _heard(Kind.ROUTING, batch, _routed_again, lambda row: row.decided_at, intact)
    for batch in _batches(scored):
        yield from _heard(Kind.SCORE, batch, _scored_again, lambda row: row.scored_at, intact)
    for batch in _batches(timers):
        yield from (_picked_again(row, intact) for row in batch)
    for batch in _batches(matches):
        yield from (_matched_again(row, intact) for row in batch)
    for batch in _batches(criteria):
        yield from (_evaluated_again(row, intact) for row in batch)


def read_heard(rows: Sequence[RoutingDecision | ScoreResult | Hearing]) -> Mapping[UUID, str]:
    """Open the messages that these decisions heard, as words for rules, by the messages' ids."""
    listening = [row for row in rows if row.heard]
    ids = {UUID(each) for row in listening for each in row.heard or ()}
    actor = system_actor(current_organization_id(), READER)
    found = details.read_again(actor=actor, ids=ids, subjects={row.lead_id for row in listening})
    return {each: words_for_rules(text) for each, text in found.items()}


def _batches(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    found = rows.select_related("version").order_by("id").iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        yield batch


def _heard(
    kind: Kind,
    batch: list[Any],
    again: Callable[[Any, Mapping[str, Any]], ReplayVerdict],
    decided_at: Callable[[Any], datetime],
    intact: dict[UUID, bool],
) -> Iterator[Replayed]:
    words = read_heard([row for row in batch if _listens(row.version)])
    for row in batch:
        unstored = _words_of(row, decided_at(row), words) if _listens(row.version) else {}
        is_whole = row.heard is None or not _listens(row.version) or all(UUID(each) in words for each in row.heard)
        yield _replayed(kind, row, again(row, unstored), intact, State.DIFFERS if is_whole else State.WORDS_GONE)


def _listens(version: RuleSetVersion | None) -> bool:
    return version is not None and WORDS in compiled(version, texts_in)


def _words_of(row: RoutingDecision | ScoreResult, decided_at: datetime, words: Mapping[UUID, str]) -> Mapping[str, Any]:
    """Return the facts that were seen and not kept: the words of what was heard.

    Where nobody noted what was heard, it was the first message, and later all that were there.
    """
    if row.heard is not None:
        return {WORDS: " ".join(words[UUID(each)] for each in row.heard if UUID(each) in words)}
    told = words_told(row.lead_id, decided_at, reader=READER)
    earlier = type(row).rows().filter(lead_id=row.lead_id, id__lt=row.id)
    return {WORDS: " ".join(told if earlier.exists() else told[:1])}


def _routed_again(decision: RoutingDecision, unstored: Mapping[str, Any]) -> ReplayVerdict:
    stored, again = dict(decision.verdict), routing.replay(decision, unstored).as_json()
    if decision.engine < ENGINE:
        stored, again = ({name: each.get(name) for name in OUTCOMES} for each in (stored, again))
    return differences(stored, again)


def _scored_again(result: ScoreResult, unstored: Mapping[str, Any]) -> ReplayVerdict:
    again = judge({**result.facts, **unstored}, result.version)
    stored = {**result.verdict, "totals": [result.fit, result.intent]}
    return differences(stored, {**again.as_json(), "totals": [again.fit.total, again.intent.total]})


def _picked_again(timer: SlaTimer, intact: dict[UUID, bool]) -> Replayed:
    policy, reason = pick_again(timer)
    stored = {"policy": timer.policy_id, "reason": (timer.picked or {}).get("reason")}
    found = differences(stored, {"policy": policy, "reason": reason})
    return _replayed(Kind.SERVICE_LEVEL, timer, found, intact, State.DIFFERS)


def _matched_again(match: MatchDecision, intact: dict[UUID, bool]) -> Replayed:
    """Judge an arrival again; what a person or the sender decided followed from no rule."""
    if "answer" not in match.facts:
        return Replayed(Kind.MATCH, match.id, match.lead_id, State.NOT_KEPT)
    again = judge_again(match.facts, match.version.document if match.version else {})
    return _replayed(Kind.MATCH, match, differences(match.facts["answer"], again), intact, State.DIFFERS)


def _evaluated_again(row: CriteriaResult, intact: dict[UUID, bool]) -> Replayed:
    return _replayed(Kind.CRITERIA, row, differences(row.verdict, evaluate_again(row)), intact, State.DIFFERS)


def _replayed(kind: Kind, row: Any, found: ReplayVerdict, intact: dict[UUID, bool], otherwise: State) -> Replayed:
    changed = () if _is_intact(row.version, intact) else (Difference("document", "", ""),)
    keys = tuple(each.key for each in (*changed, *found.differences))
    state = State.SAME if not keys else State.DIFFERS if changed else otherwise
    return Replayed(kind, row.id, row.lead_id, state, keys)


def _is_intact(version: RuleSetVersion | None, intact: dict[UUID, bool]) -> bool:
    """Whether a version's document is the one that was saved; looked at once in a run."""
    if version is None:
        return True
    if version.id not in intact:
        intact[version.id] = digest_of(version.document) == version.digest
    return intact[version.id]
