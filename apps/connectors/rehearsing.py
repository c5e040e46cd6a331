"""The test button of a connection: the provider's own sample goes the whole way as a test lead."""

import json
from dataclasses import replace
from datetime import datetime
from importlib import resources
from urllib.parse import urlencode

from apps.accounts.saving import require_settings
from apps.audit import ledger
from apps.connectors.actions import Intake, take_events
from apps.connectors.decisions.bodies import json_object
from apps.connectors.models import Connection
from apps.connectors.providers import providers
from apps.connectors.terms import HookRequest, HookState, Provider, Unmappable
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id

FORM_TYPE = "application/x-www-form-urlencoded"


def try_sample(*, actor: Actor, row: Connection, now: datetime) -> Intake:
    """Send the provider's sample through the connection, as a test lead of its own. Asks no proof: we send it.

    Refuses actors without `settings:write`.
    """
    require_settings(actor, "connection")
    provider = providers()[row.provider]
    request = sample_request(provider)
    ledger.record(actor=actor, action="connection.try", object_type="connection", object_id=row.id)
    try:
        events = [provider.fetched(json_object(request))] if provider.fetched else provider.read(request)
    except Unmappable as problem:
        return Intake(HookState.UNMAPPED, problem=str(problem))
    mark = new_id().hex
    tries = [
        replace(each, key=f"try:{mark}:{place}", object_id=f"try-{mark}-{place}", is_test=True)
        for place, each in enumerate(events)
    ]
    return take_events(row, request, tries, now)


def sample_request(provider: Provider) -> HookRequest:
    """Return the request that the provider's first sample is."""
    folder = resources.files(f"apps.connectors.providers.{provider.key.replace('-', '_')}") / "samples"
    body = json.loads((folder / f"{provider.sample}.json").read_text(encoding="utf-8"))
    is_form = provider.body_type == FORM_TYPE
    raw = urlencode(body, doseq=True).encode() if is_form else json.dumps(body).encode()
    return HookRequest("POST", "", {"content-type": provider.body_type}, {}, raw)
