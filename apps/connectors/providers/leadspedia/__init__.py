"""LeadsPedia: asks at the address with `ping` at its end, and posts at the one with `post`.

Source: public posting instructions. A refused lead comes with HTTP 200 and `result` failed. A ping opens nothing and
is not kept; its reply names no price.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.connectors.decisions.bodies import as_words
from apps.connectors.decisions.exchanges import Result, as_xml, ping_event, ping_id, result_of, seller_event
from apps.connectors.decisions.payloads import posted_object
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider, Reply, Taken, Unmappable

PING = "ping"
MAPPING = {
    "phone_home": "person.phone",
    "phone_cell": "person.phone",
    "email_address": "person.email",
    "zip_code": "person.postal_code",
    "lp_campaign_id": "attribution.campaign_id",
    **dict.fromkeys(("lp_campaign_key", "lp_response", "lp_test", "lp_ping_id"), "-"),
}


def _read(request: HookRequest) -> Sequence[Event]:
    body = posted_object(request)
    is_test = _one(body, "lp_test") == "1"
    if request.part == PING:
        return [ping_event(body, is_test=is_test)]
    event = seller_event(body, id_names=("vendor_lead_id", "lp_ping_id"), is_test=is_test)
    if not any(not name.startswith("lp_") for name in event.values):
        raise Unmappable("The lead holds no values.")
    return [event]


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    result, reason = result_of(taken[0] if taken else None)
    is_good = result is Result.ACCEPTED
    parts = {"result": "success" if is_good else "failed", "msg": reason}
    if request.part == PING:
        parts["ping_id"] = ping_id(request.raw) if is_good else ""
    else:
        parts["lead_id"] = str((taken[0].submission_id if is_good else None) or "")
    if _one(posted_object(request), "lp_response").upper() == "XML":
        return as_xml("response", parts)
    return Reply(200, {name: text for name, text in parts.items() if text})


def _one(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return as_words(value[0] if isinstance(value, list) and value else value).strip()


PROVIDER = Provider(
    key="leadspedia",
    name="LeadsPedia",
    group=Group.EXCHANGE,
    capture_method="api",
    proof_hint="Optional: a header X-Api-Key of the delivery. Give ping and post this address with ping or post at"
    " its end.",
    prove=secret_if_set,
    read=_read,
    answer=_answer,
    mapping=MAPPING,
    waits_seconds=8,
    body_type="application/x-www-form-urlencoded",
    guesses=True,
)
