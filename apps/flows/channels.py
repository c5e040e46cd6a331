"""Setting up a channel with the service level that its leads are usually under."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.accounts.saving import Saved
from apps.catalog import actions as catalog
from apps.catalog.models import Channel
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem


def save_channel(*, actor: Actor, key: str, values: Mapping[str, Any], now: datetime) -> Saved[Channel]:
    """Create or update a channel. Refuses a service level that does not rule now, and what the catalog refuses."""
    policy = str(values.get("sla_policy", ""))
    if policy and policy not in service_levels(now):
        sentence = f"There is no service level “{policy}”."
        raise Invalid(sentence, (Problem("/sla_policy", "unknown_policy", sentence),))
    return catalog.save_channel(actor=actor, key=key, values=values)


def service_levels(now: datetime) -> dict[str, str]:
    """Return the names of the service levels in force, by id."""
    rows = map(as_document, as_items(live_document("sla", now).get("policies")))
    return {as_text(row.get("id")): as_text(row.get("name")) for row in rows if row.get("is_active") is not False}
