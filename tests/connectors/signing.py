"""How each sender proves itself, for tests that go through all of them: provider key to the headers of a request."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.http import HttpResponse

from apps.capture.models import Submission
from apps.capture.waiting import outcome_within
from apps.connectors.decisions.proofs import base64_digest, hex_digest
from apps.connectors.providers import providers
from apps.connectors.rehearsing import sample_request
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, raw_of

Sign = Callable[[bytes, str, datetime, str], Mapping[str, str]]


def _milliseconds(now: datetime) -> str:
    return str(int(now.timestamp() * 1000))


def _typeform(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"Typeform-Signature": f"sha256={base64_digest(secret, raw)}"}


def _webflow(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    stamp = _milliseconds(now)
    return {"x-webflow-timestamp": stamp, "x-webflow-signature": hex_digest(secret, stamp.encode() + b":" + raw)}


def _hubspot(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    stamp = _milliseconds(now)
    signature = base64_digest(secret, f"POST{url}".encode() + raw + stamp.encode())
    return {"X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": signature}


def _chatwoot(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    signature = hex_digest(secret, stamp.encode() + b"." + raw)
    return {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={signature}"}


def _intercom(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"X-Hub-Signature": f"sha1={hex_digest(secret, raw, 'sha1')}"}


def _tawk(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"X-Tawk-Signature": hex_digest(secret, raw, "sha1")}


def _header(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"X-Hook-Secret": secret}


def _in_body(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    """The proof is a value of the body, or there is none but the address."""
    return {}


SIGNING: dict[str, Sign] = {
    "google-lead-form": _in_body,
    "typeform": _typeform,
    "gravity-forms": _header,
    "jotform": _header,
    "wpforms": _header,
    "elementor": _header,
    "webflow": _webflow,
    "hubspot": _hubspot,
    "json": _header,
    "leadconduit": _header,
    "lead-prosper": _header,
    "intercom": _intercom,
    "chatwoot": _chatwoot,
    "tawk": _tawk,
}
#: Secrets that stand in the sample itself.
SECRETS = {"google-lead-form": "k-demo-3f9c1b"}


def sender_of(tenant: Tenant, key: str, **more: Any) -> Sender:
    """Open a connection of a provider with a secret that its sample is proven by."""
    return connect(tenant, key, source="landing-pages", secret=SECRETS.get(key, SECRET), **more)


def first_sample(key: str) -> tuple[bytes, str]:
    """Return the bytes and the content type of a provider's first sample."""
    request = sample_request(providers()[key])
    return request.raw, request.headers["content-type"]


def push(sender: Sender, body: Any, content_type: str = "application/json", **more: str) -> HttpResponse:
    """Push a body as its sender would: proven, now."""
    raw, key = raw_of(body, content_type), sender.connection.provider
    secret, url = SECRETS.get(key, SECRET), f"http://testserver{sender.path}"
    headers = {**SIGNING[key](raw, secret, database_now(), url), **more}
    with patch("apps.connectors.web.views.outcome_within", _outcome_of(sender.tenant)):
        return sender.post(raw, headers=headers, content_type=content_type)


def _outcome_of(tenant: Tenant) -> Callable[[UUID, UUID, int], Submission | None]:
    """Let the worker do its work while the sender waits; tests have no worker beside them."""

    def outcome(organization_id: UUID, submission_id: UUID, seconds: int) -> Submission | None:
        tenant.drain()
        return outcome_within(organization_id, submission_id, 0)

    return outcome
