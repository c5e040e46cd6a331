"""LeadExec: sells us a lead by post and reads a verdict with a number for its kind.

Source: LeadExec's documentation of its reply. What it posts the user composes, so usual names find their field.
"""

from collections.abc import Sequence

from apps.connectors.decisions.exchanges import Result, result_of, seller_event
from apps.connectors.decisions.payloads import posted_object
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider, Reply, Taken, Unmappable

OUTSIDE_CRITERIA, DUPLICATE, DATA_ERROR = 5, 6, 9
_TYPES = {
    Result.ACCEPTED: 0,
    Result.DUPLICATE: DUPLICATE,
    Result.REJECTED: OUTSIDE_CRITERIA,
    Result.PENDING: DATA_ERROR,
}


def _read(request: HookRequest) -> Sequence[Event]:
    event = seller_event(posted_object(request), id_names=("LeadIdentifier", "LeadID", "lead_id", "reference"))
    if not event.values:
        raise Unmappable("The lead holds no values.")
    return [event]


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    result, reason = result_of(taken[0] if taken else None)
    is_good = result is Result.ACCEPTED
    return Reply(
        200,
        {
            "isValidPost": is_good,
            "PostID": str((taken[0].submission_id if is_good else None) or ""),
            "LeadIdentifier": taken[0].event.object_id if taken else "",
            "ResponseDetail": reason,
            "ResponseType": _TYPES[result] if taken else DATA_ERROR,
        },
    )


PROVIDER = Provider(
    key="leadexec",
    name="LeadExec",
    group=Group.EXCHANGE,
    capture_method="api",
    proof_hint="Optional: a header X-Api-Key of the delivery. Without one the address is the only proof.",
    prove=secret_if_set,
    read=_read,
    answer=_answer,
    mapping={},
    waits_seconds=8,
    guesses=True,
)
