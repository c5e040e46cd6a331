"""In which order a list of leads stands, and how one goes on from a row of it: before and after, by keyset."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.leads.models import Lead


@dataclass(frozen=True, slots=True)
class Order:
    """A column and a direction; the id breaks ties. Rows without a value come last, whichever way it goes."""

    column: str
    newest_first: bool = False
    may_be_empty: bool = True

    def of(self, rows: QuerySet[Lead], *, backwards: bool = False) -> QuerySet[Lead]:
        """Return rows in this order, or in its mirror image."""
        column = F(self.column)
        if self.newest_first is backwards:
            ordered = column.asc(nulls_last=True) if not backwards else column.asc(nulls_first=True)
            return rows.order_by(ordered, "id")
        ordered = column.desc(nulls_last=True) if not backwards else column.desc(nulls_first=True)
        return rows.order_by(ordered, "-id")

    def value_of(self, lead: Lead) -> datetime | None:
        """Return what a row stands by."""
        found: datetime | None = getattr(lead, self.column)
        return found

    def after(self, value: datetime | None, lead_id: UUID) -> Q:
        """Return the condition of the rows behind a place."""
        way = "lt" if self.newest_first else "gt"
        if value is None:
            return Q(**{f"{self.column}__isnull": True, f"id__{way}": lead_id})
        behind = Q(**{f"{self.column}__{way}": value}) | Q(**{self.column: value, f"id__{way}": lead_id})
        if self.may_be_empty:
            return behind | Q(**{f"{self.column}__isnull": True})
        return behind & Q(**{f"{self.column}__{way}e": value})  # where the index begins to be read

    def before(self, value: datetime | None, lead_id: UUID) -> Q:
        """Return the condition of the rows in front of a place."""
        way = "gt" if self.newest_first else "lt"
        if value is None:
            return Q(**{f"{self.column}__isnull": False}) | Q(**{f"{self.column}__isnull": True, f"id__{way}": lead_id})
        ahead = Q(**{f"{self.column}__{way}": value}) | Q(**{self.column: value, f"id__{way}": lead_id})
        return ahead & Q(**{f"{self.column}__{way}e": value})


#: The orders that a list may be asked for, by the word in its address; "" is by the clock.
ORDERS = {"": Order("due_at"), "captured": Order("captured_at", newest_first=True, may_be_empty=False)}


def order_of(word: str) -> Order:
    """Return an order by its word; a word nobody knows is the clock."""
    return ORDERS.get(word, ORDERS[""])
