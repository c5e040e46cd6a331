"""Inquiries as agencies send them, and leads made from them through the capture's own door."""

import itertools
from datetime import UTC, datetime
from typing import Any

from apps.accounts.actors import actor_of_key
from apps.accounts.models import ApiKey
from apps.capture.actions import Envelope, Receipt, receive
from apps.capture.models import Submission
from apps.catalog.queries import source_or_unknown
from apps.leads.models import Lead
from apps.tenancy.clock import database_now, travelling
from tests.cast import Tenant

#: A Tuesday at nine in Chicago, when Harbor Health is open.
TUESDAY_NINE = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def consent(channel: str, state: str = "granted", **more: Any) -> dict[str, Any]:
    """Return one consent entry."""
    return {
        "channel": channel,
        "purpose": "care_inquiry",
        "state": state,
        "text": "I agree.",
        "text_version": "v4",
        **more,
    }


def inquiry(**changes: Any) -> dict[str, Any]:
    """Return a complete inquiry of a new person; dotted names change parts: `person__first_name="Ann"`."""
    number = next(_numbers)
    body: dict[str, Any] = {
        "external_id": f"t-{number}",
        "source": "web-imaging",
        "capture_method": "web_form",
        "person": {
            "first_name": "Maria",
            "last_name": "Lopez",
            "email": f"maria{number}@example.com",
            "phone": f"+1312555{100 + number % 100:04d}" if number < 100 else f"+1773{2000000 + number}",
            "postal_code": "60614",
            "city": "Chicago",
            "region": "IL",
            "preferred_language": "en",
        },
        "request": {
            "service": "imaging",
            "location": "elm-st",
            "patient_type": "new",
            "timeframe": "within_week",
            "message": "",
            "preferred_channel": "call",
        },
        "consent": [consent("call"), consent("email")],
        "attribution": {},
    }
    for name, value in changes.items():
        part, _, key = name.partition("__")
        if key:
            body[part] = {**body[part], key: value}
        else:
            body[part] = value
    return body


def send_in(tenant: Tenant, body: dict[str, Any], *, at: datetime | None = None, key: str = "bp-1") -> Receipt:
    """Take an inquiry in, as the API does, at an instant."""
    with travelling(to=at), tenant.scope():
        now = database_now()
        row = ApiKey.rows().select_related("party").get(name=key)
        source = source_or_unknown(str(body.get("source", "")))
        envelope = Envelope(
            source=source,
            source_typed=str(body.get("source", "")),
            payload=body,
            capture_method=str(body.get("capture_method", "api")),
            event_at=now,
            received_at=now,
            external_id=str(body.get("external_id") or ""),
            party_id=row.party_id if source.party_id else None,
        )
        return receive(actor=actor_of_key(row), envelope=envelope, now=now)


def processed(tenant: Tenant, receipt: Receipt, *, at: datetime | None = None) -> Submission:
    """Let the intake work and return the submission with its outcome."""
    tenant.drain(at)
    with tenant.scope():
        row: Submission = Submission.rows().get(id=receipt.submission_id)
        return row


def make_lead(tenant: Tenant, *, at: datetime | None = TUESDAY_NINE, **changes: Any) -> Lead:
    """Return a lead that went the whole way; `at` is when it came."""
    row = processed(tenant, send_in(tenant, inquiry(**changes), at=at), at=at)
    assert row.lead_id is not None, (row.verdict, row.reasons)
    return reload(tenant, row.lead_id)


def reload(tenant: Tenant, lead_id: Any) -> Lead:
    """Read a lead anew with what tests look at."""
    with tenant.scope():
        found: Lead = (
            Lead.rows()
            .select_related("person", "stage", "owner_team", "owner__user", "queue", "service", "location", "source")
            .get(id=lead_id)
        )
        return found
