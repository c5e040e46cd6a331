"""Read what was held while a vendor's agreement was not in order (row PH-09)."""

from datetime import datetime
from uuid import UUID

from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import standing_of
from apps.connectors.actions import read_again
from apps.connectors.models import Connection, Hook
from apps.connectors.terms import HookState
from apps.flows.vendors import READ_HELD, uses_of
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

#: So many deliveries are read in one transaction; the rest follow in the next.
AT_ONCE = 20


@outbox.handler(READ_HELD)
def read_held(vendor_id: UUID, now: datetime) -> None:
    """Read the next deliveries that were held at a vendor's connections, the oldest first, until none is left."""
    keys = uses_of(vendor_id, UseKind.CONNECTION)
    open_now = [key for key in keys if standing_of(UseKind.CONNECTION, key, now=now).allowed]
    rows = Connection.rows().filter(key__in=open_now)
    held = Hook.rows().filter(connection__in=rows, state=HookState.HELD)
    found = list(held.select_related("connection__source").order_by("received_at", "id")[: AT_ONCE + 1])
    actor = system_actor(current_organization_id(), "vendors")
    for hook in found[:AT_ONCE]:
        read_again(actor=actor, hook=hook, now=now)
    if len(found) > AT_ONCE:
        outbox.enqueue(READ_HELD, vendor_id)
