"""Any system that can post JSON or a form and set a header: Zapier, Make, n8n, a site's own script.

There is no contract: usual names find their field, the connection's mapping says the rest, what remains are
answers. The reply is shown to whoever built the flow, so it says what happened in words.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.connectors.decisions.free_fields import free_event
from apps.connectors.decisions.payloads import posted
from apps.connectors.decisions.proofs import shared_secret
from apps.connectors.terms import Event, Group, HookRequest, Provider, Reply, Taken, Unmappable, Unreadable

MOST_LEADS = 100


def _read(request: HookRequest) -> Sequence[Event]:
    body = posted(request)
    leads = body if isinstance(body, list) else [body]
    if not all(isinstance(each, dict) for each in leads):
        raise Unreadable("Send one JSON object, a list of objects, or a form.")
    if len(leads) > MOST_LEADS:
        raise Unreadable(f"Send at most {MOST_LEADS} leads at once.")
    if not leads:
        raise Unmappable("The list is empty.")
    return [free_event(_unfolded(each)) for each in leads]


def _unfolded(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write names that were flattened with two underscores as the nested ones they were."""
    unfolded: dict[str, Any] = {}
    for name, value in fields.items():
        plain = name.replace("__", ".").strip(".") or name
        unfolded[name if plain in unfolded or plain in fields else plain] = value
    return unfolded


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    """Tell how many inquiries were taken in, each with its id; repeats are told apart and are no error."""
    if not taken:
        detail = "Kept, but no inquiry could be made of it: no field holds a value. Send name, phone or email."
        return Reply(202, {"status": "kept", "detail": detail})
    leads = [
        {"id": str(each.submission_id or ""), "status": "repeat" if each.is_repeat else "accepted"} for each in taken
    ]
    return Reply(200, {"status": "accepted", "leads": leads})


PROVIDER = Provider(
    key="json",
    name="JSON or form from any system",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="A secret of your own, sent in the header X-Hook-Secret, X-Api-Key or Authorization: Bearer.",
    prove=shared_secret,
    read=_read,
    answer=_answer,
    mapping={},
    guesses=True,
)
