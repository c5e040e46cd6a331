"""boberdoo: asks by ping whether we want a lead, and posts it; the reply is XML unless JSON is asked for.

Sources: boberdoo's pages on posting responses and ping-post. Keys are Title_Case with underscores. A ping opens
nothing and is not kept; we name no price, since none is agreed by ping. Leads come by POST only: in an address
they would rest in logs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.connectors.decisions.bodies import as_words
from apps.connectors.decisions.exchanges import Result, as_xml, ping_event, ping_id, result_of, seller_event
from apps.connectors.decisions.payloads import posted_object
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider, Reply, Taken, Unmappable

_STATUSES = {Result.ACCEPTED: "Matched", Result.PENDING: "Error"}
_TECHNICAL = ("Key", "API_Action", "Mode", "Format", "Return_Best_Price", "Test_Lead", "Lead_ID")
MAPPING = {**dict.fromkeys(_TECHNICAL, "-"), "TYPE": "attribution.campaign_id", "Zip": "person.postal_code"}


def _read(request: HookRequest) -> Sequence[Event]:
    body = posted_object(request)
    is_test = _one(body, "Test_Lead") == "1"
    if _is_ping(body):
        return [ping_event(body, is_test=is_test)]
    event = seller_event(body, id_names=("Lead_ID",), is_test=is_test)
    if not any(name not in MAPPING or name == "Zip" for name in event.values):
        raise Unmappable("The lead holds no values.")
    return [event]


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    body = posted_object(request)
    result, reason = result_of(taken[0] if taken else None)
    own_id = ping_id(request.raw) if _is_ping(body) else str((taken[0].submission_id if taken else None) or "")
    parts = {
        "status": _STATUSES.get(result, "Unmatched"),
        "lead_id": own_id if result is Result.ACCEPTED else "",
        "error": reason,
    }
    if _one(body, "Format").upper() == "JSON":
        return Reply(200, {"response": {name: text for name, text in parts.items() if text}})
    return as_xml("response", parts)


def _is_ping(body: Mapping[str, Any]) -> bool:
    return _one(body, "Mode").lower() == "ping"


def _one(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return as_words(value[0] if isinstance(value, list) and value else value).strip()


PROVIDER = Provider(
    key="boberdoo",
    name="boberdoo",
    group=Group.EXCHANGE,
    capture_method="api",
    proof_hint="Optional: a header X-Api-Key of the delivery. Without one the address is the only proof.",
    prove=secret_if_set,
    read=_read,
    answer=_answer,
    mapping=MAPPING,
    waits_seconds=8,
    body_type="application/x-www-form-urlencoded",
    guesses=True,
)
