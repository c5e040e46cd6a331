"""Lead Prosper: sells us a lead as JSON or a form. Its user types which words of our reply mean what.

So the words are fixed and none holds another: ACCEPTED, DUPLICATED, REJECTED, and PENDING while nobody knows.
`lp_key` is the supplier's credential: it stays in the sealed raw copy.
"""

from collections.abc import Sequence

from apps.connectors.decisions.exchanges import Result, result_of, seller_event
from apps.connectors.decisions.payloads import posted_object
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider, Reply, Taken, Unmappable

_STATUSES = {
    Result.ACCEPTED: "ACCEPTED",
    Result.DUPLICATE: "DUPLICATED",
    Result.REJECTED: "REJECTED",
    Result.PENDING: "PENDING",
}
_ID_NAMES = ("lead_id", "lp_lead_id", "vendor_lead_id", "reference")


def _read(request: HookRequest) -> Sequence[Event]:
    body = posted_object(request)
    action = body.get("lp_action")
    is_test = (action[0] if isinstance(action, list) and action else action) == "test"
    event = seller_event(body, id_names=_ID_NAMES, is_test=is_test)
    if not any(not name.startswith("lp_") for name in event.values):
        raise Unmappable("The lead holds no values.")
    return [event]


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    result, reason = result_of(taken[0] if taken else None)
    return Reply(200, {"status": _STATUSES[result], "reason": "" if result is Result.DUPLICATE else reason})


PROVIDER = Provider(
    key="lead-prosper",
    name="Lead Prosper",
    group=Group.EXCHANGE,
    capture_method="api",
    proof_hint="Optional: a header X-Api-Key of the buyer's delivery. Without one the address is the only proof.",
    prove=secret_if_set,
    read=_read,
    answer=_answer,
    mapping={"lp_key": "-", "lp_action": "-", "lp_campaign_id": "attribution.campaign_id"},
    waits_seconds=8,
    guesses=True,
)
