"""Columns whose words only the application can read: sealed as they are stored, opened when they are looked at.

A row keeps what the database gave until somebody reads the attribute, so a list that shows no words opens none. Words
cannot be searched, compared or updated in the database: the only question it can answer is whether there are any
(`note__isnull`). Empty words are stored as NULL.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import JSONObject
from django.db.models.query_utils import DeferredAttribute

from apps.tenancy.sealing import seal, unseal


class CannotCompare(TypeError):
    """Somebody asked the database for the words of a sealed column."""


def seal_for(row: Any, column: str, plain: bytes) -> bytes:
    """Seal bytes for a bytes column of a row."""
    place = f"{row._meta.db_table}.{column}"
    return seal(plain, organization_id=row.organization_id, row_id=row.pk, column=place)


def opened_of(row: Any, column: str) -> bytes:
    """Open a bytes column of a row; raises CannotUnseal."""
    place = f"{row._meta.db_table}.{column}"
    return unseal(bytes(getattr(row, column)), organization_id=row.organization_id, row_id=row.pk, column=place)


class _Opening(DeferredAttribute):
    """Opens what the database gave at the first look; what the program sets stays as it is."""

    field: "SealedTextField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        kept, name = super().__get__(instance, cls), self.field.attname
        if isinstance(kept, bytes | memoryview):
            plain = self.field.opened(instance, bytes(kept))
            instance.__dict__[f"{name} as stored"] = (bytes(kept), plain)
            kept = self.field.read(plain)
        elif kept is None:
            kept = self.field.read(b"")
        instance.__dict__[name] = kept
        return kept

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedTextField(models.Field):  # type: ignore[type-arg]
    """A text of a tenant's row, sealed for its column and row."""

    descriptor_class = _Opening
    empty_strings_allowed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"null": True, "blank": True, "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what the class always sets."""
        name, path, args, kwargs = super().deconstruct()
        for each in ("null", "blank", "editable"):
            kwargs.pop(each, None)
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        """Return the type of the column: bytes."""
        return "BinaryField"

    def get_default(self) -> Any:
        """Return no words, as the database keeps them."""
        return None

    def read(self, plain: bytes) -> Any:
        """Turn opened bytes into the attribute's value."""
        return plain.decode()

    def written(self, value: Any) -> bytes:
        """Turn the attribute's value into the bytes to seal; nothing is b""."""
        return str(value).encode() if value else b""

    def opened(self, instance: Any, kept: bytes) -> bytes:
        """Unseal what the database gave for a row."""
        return unseal(kept, organization_id=instance.organization_id, row_id=instance.pk, column=self._place(instance))

    def pre_save(self, model_instance: Any, add: bool) -> bytes | None:
        """Seal the words; those that nobody changed stay as they are stored."""
        kept = model_instance.__dict__.get(self.attname)
        if kept is None or isinstance(kept, bytes | memoryview):
            return None if kept is None else bytes(kept)
        plain, stored = self.written(kept), model_instance.__dict__.get(f"{self.attname} as stored")
        if not plain:
            return None
        if stored is not None and stored[1] == plain:
            return bytes(stored[0])
        owner, row_id = model_instance.organization_id, model_instance.pk
        return seal(plain, organization_id=owner, row_id=row_id, column=self._place(model_instance))

    def get_lookup(self, lookup_name: str) -> Any:
        """Let nothing be asked but whether there are words, and, by a trigger (`df`), whether they are as they were."""
        if lookup_name not in ("isnull", "df"):
            raise CannotCompare(f"{self.name} is sealed: the database can tell isnull, not {lookup_name}.")
        return super().get_lookup(lookup_name)

    def get_prep_value(self, value: Any) -> Any:
        """Refuse words in an update: the database could not seal them."""
        if value is None or isinstance(value, bytes):
            return value
        raise CannotCompare(f"{self.name} is sealed: set it on a row that is then saved.")

    def _place(self, instance: Any) -> str:
        return f"{instance._meta.db_table}.{self.column}"


class SealedJSONField(SealedTextField):
    """A JSON object of a tenant's row, sealed as one; {} where there is none."""

    def read(self, plain: bytes) -> Any:
        """Turn opened bytes into the object."""
        return json.loads(plain) if plain else {}

    def written(self, value: Any) -> bytes:
        """Turn the object into the bytes to seal; an empty one is b""."""
        return json.dumps(value, ensure_ascii=False).encode() if value else b""


class _Opened(models.JSONField):
    """A row as JSON in which the sealed words are opened as it is read."""

    def __init__(self, table: str, sealed: Mapping[str, SealedTextField]) -> None:
        super().__init__()
        self.table, self.sealed = table, sealed

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Read the JSON, then open: bytes stand there as PostgreSQL writes them, `\\x` and hex."""
        row = super().from_db_value(value, expression, connection)
        place = {"organization_id": UUID(row.pop(_OWNER)), "row_id": UUID(row.pop(_ROW))}
        for name, field in self.sealed.items():
            kept, column = row[name], f"{self.table}.{field.column}"
            row[name] = field.read(unseal(bytes.fromhex(kept[2:]), column=column, **place) if kept else b"")
        return row


_OWNER, _ROW = "sealed for", "sealed in"


def shown_as_json(model: type[models.Model], **names: str) -> JSONObject:
    """Return what a subquery tells of a row, by the names wanted: its own sealed words come opened."""
    fields = {field.name: field for field in model._meta.concrete_fields if isinstance(field, SealedTextField)}
    sealed = {name: fields[wanted] for name, wanted in names.items() if wanted in fields}
    if not sealed:
        return JSONObject(**names)
    shown = JSONObject(**names, **{_OWNER: "organization_id", _ROW: "id"})
    shown.output_field = _Opened(model._meta.db_table, sealed)  # type: ignore[misc]
    return shown
