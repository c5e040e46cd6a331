"""LeadConduit (ActiveProspect): sells us a lead by form post and reads our outcome, which decides what is paid.

Sources: ActiveProspect's public integration and field list. The reply is JSON or XML as `Accept` prefers. An
outcome that is not known in time is `error`: the same lead sent again gets the outcome then.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from apps.connectors.decisions.exchanges import Result, result_of, seller_event
from apps.connectors.decisions.payloads import posted_object
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider, Reply, Taken, Unmappable

_OUTCOMES = {Result.ACCEPTED: "success", Result.PENDING: "error"}
MAPPING = {
    "phone_1": "person.phone",
    "dob": "person.date_of_birth",
    "state": "person.region",
    "time_to_contact": "request.best_time",
    "comments": "request.message",
}


def _read(request: HookRequest) -> Sequence[Event]:
    event = seller_event(posted_object(request), id_names=("reference", "vendor_lead_id"))
    if not event.values:
        raise Unmappable("The lead holds no values.")
    return [event]


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    result, reason = result_of(taken[0] if taken else None)
    outcome = _OUTCOMES.get(result, "failure")
    own_id = str(taken[0].submission_id or "") if taken and result is Result.ACCEPTED else ""
    if _prefers_xml(request.headers.get("accept", "")):
        lead = f"<lead><id>{escape(own_id)}</id></lead>" if own_id else ""
        body = f"<result><outcome>{outcome}</outcome><reason>{escape(reason)}</reason>{lead}</result>"
        return Reply(200, body, "application/xml")
    return Reply(200, {"outcome": outcome, "reason": reason, **({"lead": {"id": own_id}} if own_id else {})})


def _prefers_xml(accept: str) -> bool:
    """Say whether XML has a higher weight than JSON in an Accept header; JSON wins a draw."""
    weights = {"json": 0.0, "xml": 0.0}
    for part in accept.lower().split(","):
        kind, _, parameters = part.strip().partition(";")
        for name in weights:
            if kind.strip().endswith(f"/{name}"):
                weights[name] = max(weights[name], _weight(parameters))
    return weights["xml"] > weights["json"]


def _weight(parameters: str) -> float:
    for each in parameters.split(";"):
        name, _, number = each.strip().partition("=")
        if name == "q":
            return float(number) if number.replace(".", "", 1).isdigit() and number.isascii() else 0.0
    return 1.0


PROVIDER = Provider(
    key="leadconduit",
    name="LeadConduit",
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
