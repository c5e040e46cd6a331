"""Ids in addresses: one spelling only, so that a lead has one address."""

from uuid import UUID

from django.urls import register_converter
from django.urls.converters import UUIDConverter


class CanonicalUUID(UUIDConverter):
    """Lower-case, with hyphens; every other spelling is no address of ours."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value: str) -> UUID:
        """Return the id."""
        return UUID(value)


def register() -> None:
    """Make `<canonical_uuid:…>` known to Django's paths."""
    register_converter(CanonicalUUID, "canonical_uuid")
