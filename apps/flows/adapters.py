"""How an outside system is told: a registry of adapters by name, each of which hands one message over or says why not.

The webhook speaks https to public addresses only, signs what it sends, follows no redirection and logs nothing. What
goes by hand is handed to nobody: it stays open until a person says that it is done.
"""

import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from apps.catalog.terms import OutsideAdapter

TIMEOUT_SECONDS, MOST_BYTES = 10, 10_000
#: Answers that another try may change: too early, too many, and everything that failed at their end.
LATER = frozenset({408, 409, 425, 429})


class NotTold(Exception):
    """The system did not take it; the text says why, in a few words without content. `final` where no try helps."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


@dataclass(frozen=True, slots=True)
class Word:
    """One message to a system: where to, what signs it, what makes a repeat the same message, and what it says."""

    address: str
    secret: bytes
    key: str
    body: Mapping[str, Any]


class Adapter(Protocol):
    """Somebody who hands a message over."""

    def tell(self, word: Word) -> str:
        """Return the system's own reference, or an empty text. Raises NotTold."""


class Webhook:
    """A POST of JSON with an HMAC-SHA256 of its bytes."""

    def tell(self, word: Word) -> str:
        """Send it; 2xx is taken."""
        _require_public(urlsplit(word.address).hostname or "")
        body = json.dumps(word.body, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": word.key, "User-Agent": "leadcrm"}
        if word.secret:
            headers["X-Leadcrm-Signature"] = "sha256=" + hmac.new(word.secret, body, hashlib.sha256).hexdigest()
        request = Request(word.address, data=body, headers=headers, method="POST")  # noqa: S310 - https was asked for
        try:
            with build_opener(_NoRedirection).open(request, timeout=TIMEOUT_SECONDS) as answer:
                return reference_in(answer.read(MOST_BYTES))
        except HTTPError as error:
            with error:
                raise NotTold(
                    f"answered {error.code}", final=400 <= error.code < 500 and error.code not in LATER
                ) from None
        except (OSError, HTTPException) as error:
            raise NotTold(f"no answer ({type(error).__name__})") from None


class ByHand:
    """Hands nothing over: a person tells the system and says so."""

    def tell(self, word: Word) -> str:
        """Leave it to a person."""
        raise NotTold("a person tells it", final=True)


class _NoRedirection(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **more: Any) -> None:
        """Follow none: what we send is meant for one address."""


def reference_in(raw: bytes) -> str:
    """Return the id that an answer names, where it is a JSON object with one."""
    try:
        found = json.loads(raw)
    except ValueError:
        return ""
    named = found.get("id") if isinstance(found, dict) else None
    return str(named)[:100] if isinstance(named, str | int) else ""


def _require_public(host: str) -> None:
    """Refuse hosts within our own walls: an address is the tenant's to write."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)}
    except OSError:
        raise NotTold("its address is not found") from None
    if not found or not all(ipaddress.ip_address(each).is_global for each in found):
        raise NotTold("its address is not on the public net", final=True)


_ADAPTERS: Mapping[str, Adapter] = {OutsideAdapter.WEBHOOK: Webhook(), OutsideAdapter.BY_HAND: ByHand()}
_others: ContextVar[Mapping[str, Adapter] | None] = ContextVar("adapters", default=None)


def adapter_of(name: str) -> Adapter:
    """Return the adapter of a name."""
    return {**_ADAPTERS, **(_others.get() or {})}[name]


@contextmanager
def adapters(**others: Adapter) -> Iterator[None]:
    """Let others stand for adapters inside the block."""
    token = _others.set(others)
    try:
        yield
    finally:
        _others.reset(token)
