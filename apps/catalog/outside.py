"""Outside systems: set up, found, and the secret that signs what they are sent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from apps.accounts.saving import Saved, save_row
from apps.catalog.field_purposes import recorded_uses
from apps.catalog.field_uses import misused, sentence_of
from apps.catalog.models import OutsideSystem
from apps.catalog.terms import FieldUse, OutsideAdapter
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal
from apps.tenancy.stamps import settings_read

LEAST_SECRET = 16
#: The fields that a system may be set to hear of; what people wrote, and numbers of policies, never go.
PUSHED = (
    *("first_name", "last_name", "phone", "email", "postal_code", "city", "region", "date_of_birth"),
    *("preferred_language", "service", "location", "patient_type", "timeframe", "preferred_channel", "best_time"),
    *("appointment_type", "part_of_day"),
    *("payer", "source"),
)


def save_system(*, actor: Actor, key: str, values: Mapping[str, Any], secret: str = "") -> Saved[OutsideSystem]:
    """Create or change an outside system; a secret that is given takes the place of the one before.

    Refuses who may not change settings, a webhook without an https address, a secret that is too short to sign, and
    fields that no system hears or that are not recorded for its purpose.
    """
    problems = []
    if values.get("adapter") == OutsideAdapter.WEBHOOK:
        found = urlsplit(str(values.get("address", "")))
        if found.scheme != "https" or not found.hostname or found.username:
            sentence = "Write the address that hears of it, beginning with https:// and without a password."
            problems.append(Problem("/address", "not_https", sentence))
    elif values.get("address"):
        problems.append(Problem("/address", "no_address", "Who is told by hand has no address here."))
    problems += _misused(list(values.get("fields") or ()), FieldUse(values.get("purpose") or FieldUse.CARE))
    if secret and len(secret) < LEAST_SECRET:
        problems.append(Problem("/secret", "too_short", f"A secret has at least {LEAST_SECRET} characters."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    saved = save_row(OutsideSystem, actor=actor, find={"key": key}, values={"is_active": True, **values})
    if secret:
        sealed = seal(
            secret.encode(),
            organization_id=current_organization_id(),
            row_id=saved.row.id,
            column="catalog_outsidesystem.sealed_secret",
        )
        save_row(OutsideSystem, actor=actor, find={"key": key}, values={"sealed_secret": sealed})
    return saved


def _misused(fields: list[str], use: FieldUse) -> list[Problem]:
    allowed = recorded_uses()
    problems = [
        Problem("/fields", "not_pushed", f"“{name}” is told to no other system.")
        for name in fields
        if name not in PUSHED
    ]
    wrong = misused([name for name in fields if name in PUSHED], use, allowed)
    return problems + [Problem("/fields", "purpose", sentence_of(name, use, allowed)) for name in wrong]


def secret_of(system: OutsideSystem) -> bytes:
    """Return what signs the messages to a system; nothing where none was set."""
    if system.sealed_secret is None:
        return b""
    return unseal(
        bytes(system.sealed_secret),
        organization_id=current_organization_id(),
        row_id=system.id,
        column="catalog_outsidesystem.sealed_secret",
    )


@settings_read
def systems_by_key() -> dict[str, OutsideSystem]:
    """Return the outside systems in use."""
    return {row.key: row for row in OutsideSystem.rows().filter(is_active=True).order_by("key")}


def system_keys() -> frozenset[str]:
    """Return the outside systems that rules may name."""
    return frozenset(systems_by_key())


def system_of_key(api_key_id: UUID | None) -> OutsideSystem | None:
    """Return the system that reports by an API key."""
    rows = systems_by_key().values()
    return next((row for row in rows if api_key_id is not None and row.api_key_id == api_key_id), None)
