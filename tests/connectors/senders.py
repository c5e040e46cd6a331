"""Senders as tests play them: a connection at a tenant, and requests as the provider makes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.connectors import providers
from apps.connectors.addresses import add_secret, open_connection
from apps.connectors.models import Connection, Hook, HookEvent
from apps.connectors.queries import token_of
from apps.leads.models import Lead
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.vendors_made import name_vendor

SECRET = "k-demo-3f9c1b-long-enough"
SAMPLES = Path(providers.__file__).parent


@dataclass(frozen=True)
class Sender:
    """A provider's system that pushes to one connection."""

    tenant: Tenant
    connection: Connection
    path: str

    def post(
        self,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        part: str = "",
    ) -> HttpResponse:
        """Push a body: bytes as they are, a form's fields urlencoded, anything else as JSON."""
        raw = raw_of(body, content_type)
        path = f"{self.path}{part}/" if part else self.path
        answer: HttpResponse = Client().post(path, data=raw, content_type=content_type, headers=dict(headers or {}))
        return answer

    def get(self, query: str = "", headers: Mapping[str, str] | None = None) -> HttpResponse:
        """Ask the address, as handshakes do."""
        answer: HttpResponse = Client().get(f"{self.path}{query}", headers=dict(headers or {}))
        return answer

    def hooks(self) -> list[Hook]:
        """Return what was kept, oldest first."""
        with self.tenant.scope():
            return list(Hook.rows().filter(connection=self.connection).order_by("received_at", "id"))

    def submissions(self) -> list[Submission]:
        """Return what became of it after the worker ran, oldest first."""
        self.tenant.drain()
        with self.tenant.scope():
            ids = HookEvent.rows().filter(connection=self.connection, submission_id__isnull=False)
            rows = Submission.rows().filter(id__in=ids.values("submission_id")).select_related("source")
            return list(rows.order_by("stored_at", "id"))

    def lead(self) -> Lead:
        """Return the one lead that the sender's events have opened."""
        (lead_id,) = {each.lead_id for each in self.submissions() if each.lead_id}
        with self.tenant.scope():
            return Lead.rows().select_related("person", "campaign", "service").get(id=lead_id)


def raw_of(body: Any, content_type: str) -> bytes:
    """Return a body's bytes."""
    if isinstance(body, bytes):
        return body
    if content_type.startswith("application/x-www-form-urlencoded"):
        return urlencode(body, doseq=True).encode()
    return json.dumps(body).encode()


def connect(tenant: Tenant, provider: str, *, source: str = "web-imaging", secret: str = SECRET, **more: Any) -> Sender:
    """Open a connection at the tenant; `secret=""` leaves it without one."""
    with tenant.scope():
        key = f"{provider}-{Connection.rows().filter(provider=provider).count() + 1}"
    name_vendor(tenant, key, ("connection", key))
    with tenant.scope():
        row = open_connection(
            actor=tenant.system,
            key=key,
            name=provider,
            provider=provider,
            source=Source.rows().get(key=source),
            **more,
        )
        if secret:
            add_secret(actor=tenant.system, row=row, secret=secret, now=database_now())
        return Sender(tenant, row, f"/hooks/{provider}/{token_of(row)}/")


def sample(provider: str, name: str) -> Any:
    """Return a provider's sample payload."""
    return json.loads((SAMPLES / provider.replace("-", "_") / "samples" / f"{name}.json").read_text(encoding="utf-8"))
