"""Keys between tenant tables."""

from typing import Any

from django.db import models


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A reference that cannot cross tenants.

    Django's own constraint would look at the id alone and so accept (and betray) another tenant's
    row. This field asks for none; `protection` adds FOREIGN KEY (organization_id, column)
    REFERENCES target (organization_id, id) and an index that starts with the organization.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        self.indexed = kwargs.pop("indexed", True)
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what the class always sets."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        if not self.indexed:
            kwargs["indexed"] = False
        return name, path, args, kwargs
