"""JSON is read strictly: RELIABILITY 1.3, each row of the table that concerns JSON."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import UnsupportedMediaType

from apps.tenancy.errors import Invalid
from leadcrm.http.parsers import BadJSON, StrictJSONParser, depth_of, read_json

LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, width=32)
WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))
VALUES = st.recursive(
    LEAVES.filter(lambda each: each not in (float("inf"), float("-inf"))) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_reads_what_was_written(value, ascii_only):
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "duplicate_key", "/a/b"),
        (b'[{"x/y": 1, "x/y": 1}]', "duplicate_key", "/0/x~1y"),
        (b'{"a": NaN}', "not_a_number", "/a"),
        (b'{"a": [0, -Infinity]}', "not_a_number", "/a/1"),
        (b'{"a": 1e999}', "number_range", "/a"),
        (b'{"a": 9223372036854775808}', "number_range", "/a"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number_range", "/a"),
        (b'{"a": "\xff"}', "not_utf8", ""),
        ('{"a": 1}'.encode("utf-16"), "not_utf8", ""),
        (b'{"a": }', "not_json", ""),
        (b"\xef\xbb\xbf{}", "not_json", ""),
        (b'{"a": 1} {"a": 2}', "not_json", ""),
        (b"[" * 33 + b"]" * 33, "too_deep", ""),
        (b"[" * 100_000, "too_deep", ""),
        (b'{"a":' * 20_000, "too_deep", ""),
        (json.dumps({str(n): 0 for n in range(1001)}).encode(), "too_many_keys", ""),
        (json.dumps({"a": [0] * 10_001}).encode(), "too_many_items", "/a"),
        (b"", "not_json", ""),
    ],
)
def test_refuses_what_has_no_single_meaning(text, code, pointer):
    with pytest.raises(BadJSON) as caught:
        read_json(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.pointer) == (code, pointer)
    assert caught.value.status_code == 400


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (rb'{"person": {"name": "Maria\u0000"}}', "/person/name"),
        (rb'{"answers": ["ok", "\ud800"]}', "/answers/1"),
        (rb'{"k\u0000": 1}', "/k�"),
    ],
)
def test_names_the_field_that_cannot_be_stored(text, pointer):
    with pytest.raises(Invalid) as caught:
        read_json(text)
    assert [each.pointer for each in caught.value.problems] == [pointer]


def test_a_surrogate_pair_is_one_character():
    assert read_json(rb'"\ud83d\ude00"') == "😀"


@pytest.mark.parametrize(
    ("text", "depth"),
    [(b'"[[[["', 0), (b'{"a": "\\"[["}', 1), (b'["[", {"]": []}]', 3), (b'"never ends [[[', 0), (b"\\[", 1)],
)
def test_depth_ignores_brackets_in_strings(text, depth):
    assert depth_of(text) == depth


def test_the_scan_stays_linear_on_a_string_that_never_ends():
    started = time.perf_counter()
    depth_of(b'"' + b'\\"' * 500_000)
    depth_of(b'"' * 999_999)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize("charset", ["utf-7", "latin-1", "nonsense"])
def test_another_charset_is_refused(charset):
    with pytest.raises(UnsupportedMediaType):
        StrictJSONParser().parse(None, f"application/json; charset={charset}", {})


def test_through_the_door(visitor):
    answer = visitor.post("/api/v1/echo", b'{"a": 1, "a": 2}', content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"pointer": "/a", "code": "duplicate_key", "detail": "The key stands twice in one object."}
    ]
    wrong = visitor.post("/api/v1/echo", b"{}", content_type="application/json; charset=utf-7")
    assert wrong.status_code == 415
    nul = visitor.post("/api/v1/echo", rb'{"a": "\u0000"}', content_type="application/json")
    assert (nul.status_code, nul.json()["errors"][0]["pointer"]) == (422, "/a")
    fine = visitor.post("/api/v1/echo", b'{"a": "\xc3\xa9"}', content_type="application/json; charset=UTF-8")
    assert fine.json() == {"got": {"a": "é"}}


def test_the_batch_address_takes_more_keys(visitor):
    body = json.dumps([{str(n): 0 for n in range(30)} for _ in range(50)])
    assert visitor.post("/api/v1/echo", body, content_type="application/json").status_code == 400
    assert visitor.post("/api/v1/leads/batch", body, content_type="application/json").status_code == 200
