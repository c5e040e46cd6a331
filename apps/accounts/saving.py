"""Saving one keyed row of a tenant's set-up: created, updated or left, and audited.

The one way in which settings change, whether a person edits them in admin or a tenant file brings
them. Rows that already say what is wanted are not touched and leave no audit entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.tenancy.models import TenantModel

Row = TypeVar("Row", bound=TenantModel)


class Change(StrEnum):
    """What saving did to a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Saved(Generic[Row]):
    """A row after saving, and which of its fields were changed."""

    row: Row
    change: Change
    fields: tuple[str, ...] = ()


def require_settings(actor: Actor, word: str) -> None:
    """Refuse actors who may not change the set-up."""
    if not actor.may(Permission.SETTINGS_WRITE):
        raise Refused(
            "Only people who may change settings can do this. Ask your tenant's administrator.",
            action=f"{word}.save",
            object_type=word,
        )


def save_row(
    model: type[Row],
    *,
    actor: Actor,
    find: Mapping[str, Any],
    values: Mapping[str, Any],
    also: Mapping[str, Any] | None = None,
) -> Saved[Row]:
    """Create the row that `find` names, or bring it up to `values`; audit what changed by field name.

    `also` is used at creation only. Refuses actors without `settings:write`.
    """
    word = model._meta.model_name or ""
    require_settings(actor, word)
    row = model.rows().select_for_update().filter(**find).first()
    if row is None:
        row = model(**find, **values, **(also or {}))
        row.save(force_insert=True)
        ledger.record(actor=actor, action=f"{word}.create", object_type=word, object_id=row.id)
        return Saved(row, Change.CREATED)
    changed = tuple(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return Saved(row, Change.UNCHANGED)
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=list(changed))
    ledger.record(actor=actor, action=f"{word}.update", object_type=word, object_id=row.id, fields=changed)
    return Saved(row, Change.UPDATED, changed)


def switch_off(
    model: type[Row], *, actor: Actor, keep: set[Any], key: str = "key", flag: str = "is_active"
) -> list[Row]:
    """Deactivate the active rows whose key is not to be kept; return them. Nothing is deleted."""
    word = model._meta.model_name or ""
    require_settings(actor, word)
    rows = list(model.rows().filter(**{flag: True}).exclude(**{f"{key}__in": keep}).order_by("id"))
    for row in rows:
        setattr(row, flag, False)
        row.save(update_fields=[flag])
        ledger.record(actor=actor, action=f"{word}.deactivate", object_type=word, object_id=row.id, fields=[flag])
    return rows
