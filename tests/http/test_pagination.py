"""Keyset pages: cursors are opaque, signed, bound; the condition is the one an index can walk."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import ApiKey
from apps.tenancy.errors import Invalid
from leadcrm.http.pagination import Cursor, KeysetPagination, binding_of, decode, page_size_of, rows_after

AT = datetime(2026, 11, 20, 15, 0, 0, 123456, tzinfo=UTC)
HERE = "/api/v1/leads?"


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_comes_back_exactly(at, row_id):
    cursor = Cursor(at, row_id)
    assert decode(cursor.encode(HERE), HERE) == cursor


@pytest.mark.parametrize("text", ["", "x", "WyJ4Il0:bad:sig", Cursor(AT, UUID(int=1)).encode("/api/v1/other?")])
def test_a_foreign_cursor_is_refused(text):
    with pytest.raises(Invalid) as caught:
        decode(text, HERE)
    assert caught.value.problems[0].pointer == "/cursor"


@pytest.mark.parametrize(("text", "size"), [(None, 50), ("1", 1), ("200", 200)])
def test_page_size(text, size):
    assert page_size_of(text) == size


@pytest.mark.parametrize("text", ["0", "201", "-1", "", "٣", "1e2", "5000"])
def test_a_page_size_out_of_range_is_refused(text):
    with pytest.raises(Invalid):
        page_size_of(text)


def test_a_cursor_is_bound_to_the_filters_but_not_to_the_page():
    bound = binding_of("/l", {"stage": "new", "cursor": "abc", "page_size": "5"})
    assert bound == binding_of("/l", {"stage": "new"}) != binding_of("/l", {"stage": "won"})


def test_the_condition_uses_the_index_and_breaks_ties_by_id():
    rows = rows_after(ApiKey._base_manager.all(), Cursor(AT, UUID(int=7)), "created_at")
    where = str(rows.query).split("WHERE", 1)[1]
    assert '"created_at" <= ' in where
    assert "NOT (" in where and '"id" >= ' in where


def test_the_answer_shape():
    paginator = KeysetPagination()
    assert paginator.get_paginated_response([1]).data == {"results": [1], "next_cursor": None}
    schema = paginator.get_paginated_response_schema({"type": "array"})
    assert set(schema["required"]) == set(paginator.get_paginated_response([]).data)


def test_only_a_queryset_can_be_cut():
    with pytest.raises(TypeError):
        KeysetPagination().paginate_queryset([1, 2], SimpleNamespace())
