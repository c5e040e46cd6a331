"""How each sender proves itself, for tests that go through all of them: provider key to the headers of a request."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import HttpResponse

from apps.capture.models import Submission
from apps.capture.waiting import outcome_within
from apps.connectors.decisions.proofs import base64_digest, hex_digest
from apps.connectors.providers import providers
from apps.connectors.rehearsing import sample_request
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, raw_of, sample

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


def _callrail(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"Signature": base64_digest(secret, raw, "sha1")}


def _meta(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hex_digest(secret, raw)}"}


def _twilio(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    """Sign as the vendor's own validator says, by code of our own for the test alone."""
    try:
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=500)
    except ValueError:
        pairs = []
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    return {"X-Twilio-Signature": base64_digest(secret, text.encode("utf-8", "replace"), "sha1")}


def _calendly(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    return {"Calendly-Webhook-Signature": f"t={stamp},v1={hex_digest(secret, stamp.encode() + b'.' + raw)}"}


def _calcom(raw: bytes, secret: str, now: datetime, url: str) -> dict[str, str]:
    return {"X-Cal-Signature-256": hex_digest(secret, raw)}


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
    "boberdoo": _header,
    "leadspedia": _header,
    "leadexec": _header,
    "intercom": _intercom,
    "chatwoot": _chatwoot,
    "tawk": _tawk,
    "callrail": _callrail,
    "calltrackingmetrics": _header,
    "meta-lead-ads": _meta,
    "twilio-voice": _twilio,
    "twilio-sms": _twilio,
    "calendly": _calendly,
    "calcom": _calcom,
    "email-events": _header,
    "inbound-email": _header,
}
#: Senders whose sample is no inquiry by itself: it only names what is asked for, or tells of what we sent.
NO_INQUIRY = frozenset({"meta-lead-ads", "email-events"})
#: Senders that know a number and no name.
NAMELESS = frozenset({"callrail", "calltrackingmetrics", "twilio-voice", "twilio-sms"})
#: Secrets that stand in the sample itself.
SECRETS = {"google-lead-form": "k-demo-3f9c1b"}


def sender_of(tenant: Tenant, key: str, **more: Any) -> Sender:
    """Open a connection of a provider with a secret that its sample is proven by."""
    return connect(tenant, key, source="landing-pages", secret=SECRETS.get(key, SECRET), **more)


def first_sample(key: str) -> tuple[bytes, str]:
    """Return the bytes and the content type of a provider's first sample."""
    if key == "meta-lead-ads":
        return json.dumps(sample(key, "notice")).encode(), "application/json"
    request = sample_request(providers()[key])
    if key == "callrail":
        now = database_now().isoformat()
        times = {"timestamp": now, "start_time": now, "created_at": now}
        return json.dumps(json.loads(request.raw) | times).encode(), "application/json"
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
