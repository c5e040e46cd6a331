"""What Twilio's requests have in common: the signature over address and parameters, and TwiML as the reply.

Sources: Twilio's pages on requests to your webhooks, the package `twilio` (its request validator). Parameters are
added without notice, so all that came are signed. The signature has no time: events are told apart by their ids.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from xml.sax.saxutils import escape, quoteattr

from apps.connectors.decisions.bodies import form_fields
from apps.connectors.decisions.proofs import base64_digest, is_among
from apps.connectors.terms import HookRequest, Proof, Reply, Secrets, Unmappable, Unreadable

SIGNATURE, SIGNING_SETTINGS = "x-twilio-signature", "x-twilio-webhooks-signature-settings"
ACCOUNT, FORM_TYPE = "account_sid", "application/x-www-form-urlencoded"
_ALGORITHMS = {"": "sha1", "HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"https": 443, "http": 80}
_ACCOUNT, _NUMBER = re.compile(r"AC[0-9a-fA-F]{32}", re.ASCII), re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)

Fields = Mapping[str, Sequence[str]]


def prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    """Judge the signature, made with the account's auth token or a shared key; the account must be the named one."""
    given = request.headers.get(SIGNATURE, "")
    algorithm = _ALGORITHMS.get(_signing_setting(request.headers.get(SIGNING_SETTINGS, ""), "algorithm"), "")
    if not given:
        return Proof.MISSING
    try:
        fields = _signed_fields(request)
    except Unreadable:
        return Proof.WRONG
    if not algorithm or fields is None:
        return Proof.WRONG
    texts = [(url + signed_text(fields)).encode() for url in _addresses(request.url)]
    proof = is_among(given, [base64_digest(each, text, algorithm) for each in secrets for text in texts])
    account = str(request.settings.get(ACCOUNT, ""))
    if proof is Proof.GOOD and account and first(fields, "AccountSid") not in ("", account):
        return Proof.WRONG
    return proof


def signed_text(fields: Fields) -> str:
    """Return the parameters as they are signed: sorted by name, each distinct value after its name."""
    return "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))


def fields_of(request: HookRequest) -> dict[str, list[str]]:
    """Return the parameters of a request. Raises Unreadable for a body that is no form."""
    fields = form_fields(request)
    if not fields:
        raise Unreadable("The body is not a form.")
    return fields


def first(fields: Fields, name: str) -> str:
    """Return the first value of a parameter, or an empty text."""
    return next(iter(fields.get(name, ())), "").strip()


def own_id(fields: Fields, *names: str) -> str:
    """Return the call's or the message's id. Raises Unmappable where there is none."""
    found = next((text for name in names if (text := first(fields, name))), "")
    if not found:
        raise Unmappable(f"The request has no {names[0]}.")
    return found


def twiml(inner: str = "") -> Reply:
    """Return instructions to Twilio; without any, it ends the call, or answers nothing to a text."""
    return Reply(200, f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>', "text/xml")


def element(name: str, text: str, **attributes: str) -> str:
    """Return one instruction with its text."""
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{said}>{escape(text)}</{name}>"


def is_number(text: str) -> bool:
    """Say whether a text is a number in international form, such as +13125550100."""
    return bool(_NUMBER.fullmatch(text))


def account_problems(settings: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the account that the settings name."""
    account = settings.get(ACCOUNT, "")
    is_one = isinstance(account, str) and (not account or _ACCOUNT.fullmatch(account))
    return [] if is_one else [f"“{ACCOUNT}” is AC and 32 hexadecimal digits."]


def _signed_fields(request: HookRequest) -> dict[str, list[str]] | None:
    """Return the parameters that are signed; none of a JSON body, whose digest stands in the address instead."""
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith(FORM_TYPE) or not request.raw:
        return form_fields(request)
    digest = hashlib.sha256(request.raw).hexdigest()
    return {} if hmac.compare_digest(request.query.get("bodySHA256", "").encode(), digest.encode()) else None


def _signing_setting(text: str, name: str) -> str:
    pairs: Iterable[tuple[str, str, str]] = (each.strip().partition("=") for each in text.split(","))
    return next((value.strip() for key, _, value in pairs if key == name), "")


def _addresses(url: str) -> Iterator[str]:
    """Yield the address as it was called, and with and without its port: senders sign either."""
    yield url
    parts = urlsplit(url)
    try:
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return
    host = parts.netloc.rpartition(":")[0] if parts.netloc.rpartition(":")[2].isdigit() else parts.netloc
    for netloc in (host, f"{host}:{port}"):
        if netloc != parts.netloc:
            yield urlunsplit(parts._replace(netloc=netloc))
