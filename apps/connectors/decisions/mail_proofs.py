"""Is this our mail service? Mailgun signs its body's time and token; others send a secret or a password."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.connectors.decisions.answers import part_of, text_at
from apps.connectors.decisions.payloads import first_text, posted
from apps.connectors.decisions.proofs import hex_digest, is_among, secret_or_password
from apps.connectors.terms import HookRequest, Proof, Unreadable

_NAMES = ("timestamp", "token", "signature")


def prove_mail(request: HookRequest, secrets: Sequence[str], now: datetime) -> Proof:
    """Judge a request of a mail service. Mailgun signs no body: its token may be used once (`signed_once`)."""
    stamp, token, signature = _signature(request)
    if not (stamp and token and signature):
        return secret_or_password(request, secrets, now)
    return is_among(signature, [hex_digest(each, f"{stamp}{token}".encode()) for each in secrets])


def signed_once(request: HookRequest) -> str:
    """Return what Mailgun signed, time and token as one text; "" where the request is not signed so.

    Source: "Securing webhooks" of Mailgun's manual: a token that came before is not honoured again. The two are kept
    as one, since the signature does not tell where the time ends and the token begins.
    """
    stamp, token, signature = _signature(request)
    return stamp + token if stamp and token and signature else ""


def _signature(request: HookRequest) -> tuple[str, str, str]:
    """Return time, token and signature: in a part of a JSON body, or among a form's fields."""
    try:
        body = posted(request)
    except Unreadable:
        return "", "", ""
    if not isinstance(body, Mapping):
        return "", "", ""
    part = part_of(body, "signature")
    if part:
        return text_at(part, _NAMES[0]), text_at(part, _NAMES[1]), text_at(part, _NAMES[2])
    if not all(isinstance(body.get(name), list) for name in _NAMES):
        return "", "", ""
    stamp, token, signature = (first_text(dict(body), name) for name in _NAMES)
    return stamp, token, signature
