"""Pages by key, not by number: the next page starts after the last row seen.

Rows that arrive while a program reads can neither shift a page nor repeat a row, and page 1,000
costs as much as page 1. The cursor is signed and bound to its address and filters; it holds no
more than a time and an id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from apps.tenancy.errors import Invalid, Problem

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after which a page starts."""

    at: datetime
    id: UUID

    def encode(self, bound_to: str) -> str:
        """Return the opaque text."""
        return signing.dumps([self.at.isoformat(), self.id.hex], salt=_salt(bound_to))


def decode(text: str, bound_to: str) -> Cursor:
    """Return the cursor of a text; raise Invalid for one we did not make for this list."""
    try:
        at, row_id = signing.loads(text, salt=_salt(bound_to))
    except signing.BadSignature as error:
        problem = Problem("/cursor", "bad_cursor", "Take next_cursor from the previous page.")
        raise Invalid("The cursor is not one of this list's. Start without it.", (problem,)) from error
    return Cursor(datetime.fromisoformat(at), UUID(row_id))


def page_size_of(text: str | None) -> int:
    """Return how many rows a page has; raise Invalid outside 1 to 200."""
    if text is None:
        return PAGE_SIZE
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE_SIZE:
        return int(text)
    raise Invalid(
        f"page_size is a number from 1 to {MAX_PAGE_SIZE}.",
        (Problem("/page_size", "out_of_range", f"Use 1 to {MAX_PAGE_SIZE}."),),
    )


class KeysetPagination(BasePagination):
    """Newest first, by time and id. A view may name another time column as `cursor_time_field`.

    Answers `{"results": [...], "next_cursor": text or null}`; `?cursor=` and `?page_size=` ask on.
    """

    page_size = PAGE_SIZE

    def __init__(self) -> None:
        self.next_cursor: str | None = None

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: Any | None = None
    ) -> list[Any]:
        """Return one page; one row more is read, to know whether there is a next one."""
        if not isinstance(queryset, QuerySet):
            raise TypeError("a keyset page is cut from a queryset")
        column = getattr(view, "cursor_time_field", "created_at")
        size = page_size_of(request.query_params.get("page_size"))
        bound_to = binding_of(request.path, request.query_params.dict())
        ordered = queryset.order_by(f"-{column}", "-id")
        text = request.query_params.get("cursor")
        if text:
            ordered = rows_after(ordered, decode(text, bound_to), column)
        rows = list(ordered[: size + 1])
        page, more = rows[:size], len(rows) > size
        self.next_cursor = None
        if more:
            last = page[-1]
            self.next_cursor = Cursor(getattr(last, column), last.id).encode(bound_to)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the cursor of the next one."""
        return Response({"results": data, "next_cursor": self.next_cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page for OpenAPI."""
        return {
            "type": "object",
            "required": ["results", "next_cursor"],
            "properties": {"results": schema, "next_cursor": {"type": ["string", "null"]}},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the query parameters for OpenAPI."""
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "required": False, "schema": size},
        ]


def rows_after(queryset: QuerySet[Any], cursor: Cursor, column: str) -> QuerySet[Any]:
    """Narrow a newest-first list to the rows after the cursor.

    `column <= at` stands apart because an index can use it; the pair alone would scan.
    """
    earlier = queryset.filter(**{f"{column}__lte": cursor.at})
    return earlier.exclude(**{column: cursor.at, "id__gte": cursor.id})


def binding_of(path: str, query: dict[str, str]) -> str:
    """Return what a cursor is bound to: the address and its filters, without the page itself."""
    filters: Sequence[tuple[str, str]] = sorted(
        (name, value) for name, value in query.items() if name not in ("cursor", "page_size")
    )
    return f"{path}?{urlencode(filters)}"


def _salt(bound_to: str) -> str:
    return f"leadcrm.cursor:{bound_to}"
