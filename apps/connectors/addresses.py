"""The addresses of senders and the secrets that prove them: opened, changed, added, retired."""

import hashlib
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.accounts.saving import require_settings
from apps.audit import ledger
from apps.catalog.models import Source
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import require_standing, standing_of
from apps.connectors.decisions.consent_fields import setting_problems
from apps.connectors.decisions.mapping import problems_of
from apps.connectors.models import Connection, ConnectionSecret
from apps.connectors.providers import providers
from apps.connectors.terms import SecretPurpose
from apps.tenancy.actor import Actor
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealed_fields import seal_for

HOOK_ADDRESS = "hook"
MOST_ACTIVE_SECRETS, SHORTEST_SECRET = 2, 8


def open_connection(
    *,
    actor: Actor,
    key: str,
    name: str,
    provider: str,
    source: Source,
    settings: Mapping[str, Any] | None = None,
    consent_version: str = "",
    consent_channels: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
) -> Connection:
    """Make an address for a sender; its token is 192 random bits. It is switched on where its vendor is in order.

    Refuses actors without `settings:write`, providers nobody knows, and mappings to fields that do not exist.
    """
    require_settings(actor, "connection")
    _check(provider, mapping or {}, settings or {})
    if Connection.rows().filter(key=key).exists():
        raise Conflict(f"“{key}” exists already.", code="taken")
    row = Connection(id=new_id(), key=key, name=name, provider=provider, source=source)
    row.is_active = standing_of(UseKind.CONNECTION, key, now=database_now()).allowed
    row.settings, row.mapping = dict(settings or {}), dict(mapping or {})
    row.consent_version, row.consent_channels = consent_version, list(consent_channels)
    token = randomness.token_urlsafe(24)
    row.sealed_token = seal_for(row, "sealed_token", token.encode())
    row.save(force_insert=True)
    Address.objects.create(
        kind=HOOK_ADDRESS, key=digest_of(token), organization_id=current_organization_id(), row_id=row.id
    )
    ledger.record(
        actor=actor,
        action="connection.create",
        object_type="connection",
        object_id=row.id,
        detail={"source": source.key},
    )
    return row


def change_connection(*, actor: Actor, row: Connection, values: Mapping[str, Any]) -> Connection:
    """Change a connection; a new mapping is a new version of it. Refuses as `open_connection` does.

    Refuses to switch one on whose vendor has no agreement in order (row PH-09).
    """
    require_settings(actor, "connection")
    if values.get("is_active") and not row.is_active:
        require_standing(UseKind.CONNECTION, row.key, now=database_now())
    _check(row.provider, values.get("mapping", {}), values.get("settings", {}))
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if "mapping" in changed:
        row.mapping_version += 1
        changed.append("mapping_version")
    if changed:
        row.save(update_fields=changed)
        ledger.record(
            actor=actor, action="connection.change", object_type="connection", object_id=row.id, fields=changed
        )
    return row


def add_secret(
    *, actor: Actor, row: Connection, secret: str, now: datetime, purpose: str = SecretPurpose.PROOF
) -> ConnectionSecret:
    """Add a secret. Refuses a third active one of its purpose, an unknown purpose, and one too short to be a secret."""
    require_settings(actor, "connection")
    secret = secret.strip()
    if purpose not in (providers()[row.provider].purposes or (SecretPurpose.PROOF,)):
        raise Invalid("The purpose.", (Problem("/purpose", "unknown", "This sender has no such secret."),))
    if len(secret) < SHORTEST_SECRET:
        raise Invalid("Too short.", (Problem("/secret", "too_short", f"At least {SHORTEST_SECRET} characters."),))
    if row.secrets.filter(retired_at__isnull=True, purpose=purpose).count() >= MOST_ACTIVE_SECRETS:
        raise Conflict("Two secrets are active already. Retire one first.", code="two_secrets")
    made = ConnectionSecret(id=new_id(), connection=row, hint=secret[-4:], added_at=now, purpose=purpose)
    made.sealed = seal_for(made, "sealed", secret.encode())
    made.save(force_insert=True)
    ledger.record(actor=actor, action="connection.add_secret", object_type="connection", object_id=row.id)
    return made


def retire_secret(*, actor: Actor, row: Connection, secret_id: UUID, now: datetime) -> None:
    """End a secret at once."""
    require_settings(actor, "connection")
    if not row.secrets.filter(id=secret_id, retired_at__isnull=True).update(retired_at=now):
        raise NotFound
    ledger.record(actor=actor, action="connection.retire_secret", object_type="connection", object_id=row.id)


def count_refusal(row: Connection, now: datetime) -> None:
    """Count a request that proved nothing; of it nothing else is kept."""
    Connection.rows().filter(id=row.id).update(refused_count=F("refused_count") + 1, last_refused_at=now)


def digest_of(token: str) -> str:
    """Return what the global book holds of an address's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check(provider: str, mapping: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    problems = [Problem("/mapping", "unknown_target", each) for each in problems_of(mapping)]
    problems += [Problem("/settings", "unknown_channel", each) for each in setting_problems(settings)]
    if provider in providers():
        found = providers()[provider].setting_problems(settings)
        problems += [Problem("/settings", "unusable", each) for each in found]
    else:
        problems.append(Problem("/provider", "unknown", f"There is no provider “{provider}”."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
