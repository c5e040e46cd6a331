"""Texts people agree to: consent wording."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.saving import Change, Saved, require_settings
from apps.audit import ledger
from apps.consent.models import ConsentWording
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict


def save_wording(*, actor: Actor, find: Mapping[str, Any], text: str) -> Saved[ConsentWording]:
    """Add a consent wording. Refuses another text under the same version: people agreed to the old one."""
    row = ConsentWording.rows().filter(**find).first()
    if row is None:
        require_settings(actor, "consentwording")
        row = ConsentWording(**find, text=text)
        row.save(force_insert=True)
        ledger.record(actor=actor, action="consentwording.create", object_type="consentwording", object_id=row.id)
        return Saved(row, Change.CREATED)
    if row.text != text:
        raise Conflict(
            f"Version {row.version} has another text already, and texts once used are never changed: "
            "give the new text a new version."
        )
    return Saved(row, Change.UNCHANGED)
