"""Judge a stored decision again and compare: the same facts under the same version give the same verdict.

What a person wrote decides too and is not among the stored facts; the replay adds it from the sealed
messages. A message that was erased since is missing, and the replay then says what differs.
"""

from collections.abc import Mapping
from typing import Any

from apps.flows.told import words_told
from apps.policies.decisions.differences import differences
from apps.policies.terms import ReplayVerdict
from apps.qualification.actions import judge
from apps.qualification.models import ScoreResult
from apps.routing import actions as routing
from apps.routing.models import RoutingDecision

READER = "replay of a decision"


def replay_routing(decision: RoutingDecision) -> ReplayVerdict:
    """Route the stored facts again in the stored network, and name what differs from the stored verdict."""
    earlier = RoutingDecision.rows().filter(lead_id=decision.lead_id, id__lt=decision.id)
    words = words_told(decision.lead_id, decision.decided_at, reader=READER)
    again = routing.replay(decision, _unstored(words, is_first=not earlier.exists()))
    return differences(decision.verdict, again.as_json())


def replay_score(result: ScoreResult) -> ReplayVerdict:
    """Score the stored facts again, and name what differs from the stored lines and totals."""
    earlier = ScoreResult.rows().filter(lead_id=result.lead_id, id__lt=result.id)
    words = words_told(result.lead_id, result.scored_at, reader=READER)
    again = judge(result.facts | _unstored(words, is_first=not earlier.exists()), result.version)
    stored = {**result.verdict, "totals": [result.fit, result.intent]}
    return differences(stored, {**again.as_json(), "totals": [again.fit.total, again.intent.total]})


def _unstored(words: list[str], *, is_first: bool) -> Mapping[str, Any]:
    """Return the facts that were seen and not kept: the first decision knew the first message only."""
    return {"message_words": " ".join(words[:1] if is_first else words)}
