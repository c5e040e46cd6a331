"""Each expected error has one status for every door; a fault tells nothing."""

import pytest
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.test import RequestFactory
from pydantic import BaseModel
from rest_framework import exceptions as drf

from apps.tenancy.errors import Refused
from leadcrm.http.errors import BadCredential, TooManyRequests, as_refusal, document, pointer_to, shown


class DatabaseSaid(Exception):
    def __init__(self, sqlstate, text):
        super().__init__(text)
        self.sqlstate = sqlstate


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refused", 403, "no_permission"),
        ("conflict", 409, "conflict"),
        ("invalid", 422, "invalid"),
        ("absent", 404, "not_found"),
        ("denied", 403, "no_permission"),
        ("fault", 500, "fault"),
    ],
)
def test_page_and_program_get_one_verdict(visitor, name, status, code):
    page, program = visitor.get(f"/failing/{name}"), visitor.get(f"/api/v1/failing/{name}")
    assert (page.status_code, program.status_code) == (status, status)
    body = program.json()
    assert program["Content-Type"] == "application/problem+json"
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert f"{code}: {body['detail']}".replace("'", "&#x27;") in page.content.decode()
    for text in (page.content.decode(), program.content.decode()):
        assert "maria" not in text and "tenant" not in text and "secret" not in text


def test_problems_are_listed(visitor):
    body = visitor.get("/api/v1/failing/invalid").json()
    assert body["errors"] == [{"pointer": "/a~1b", "code": "wrong", "detail": "Not so."}]


@pytest.mark.ux(22)
def test_every_404_is_byte_equal(visitor):
    bodies = {visitor.get(path).content for path in ("/api/v1/failing/absent", "/api/v1/nowhere", "/api/v1/leads/7")}
    assert len(bodies) == 1
    assert visitor.get("/nowhere").content == visitor.get("/failing/absent").content


def test_a_wrong_method_is_a_problem_document(visitor):
    answer = visitor.delete("/api/v1/echo")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_part_of_a_page_gets_the_sentence_alone(visitor):
    answer = visitor.get("/failing/refused", headers={"HX-Request": "true"})
    assert answer.content.decode() == "Owned by Elm Calls since 14 Nov."
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_a_trigger_of_ours_is_a_refusal_with_its_sentence():
    error = caused(ProgrammingError(), DatabaseSaid("42501", "leadcrm: only the owning team changes owner"))
    refusal = as_refusal(error)
    assert refusal is not None
    assert (refusal.detail, refusal.code) == ("Only the owning team changes owner.", "locked")
    assert shown(error).status == 403


@pytest.mark.parametrize(
    "error",
    [
        caused(ProgrammingError(), DatabaseSaid("42501", "new row violates row-level security policy")),
        caused(ProgrammingError(), DatabaseSaid("42P01", "leadcrm: x")),
        IntegrityError("duplicate key (email)=(maria@example.com)"),
        ValueError("x"),
    ],
)
def test_other_failures_are_faults(error):
    assert as_refusal(error) is None
    assert shown(error) is None


def test_a_silent_database_is_503_with_a_time_to_come_back():
    what = shown(OperationalError("connection to 10.0.0.7 failed"))
    assert (what.status, what.headers) == (503, {"Retry-After": "5"})
    assert "10.0.0.7" not in what.detail


def test_headers_of_credential_and_limit():
    assert shown(BadCredential()).headers == {"WWW-Authenticate": "Bearer"}
    assert shown(TooManyRequests(17)).headers == {"Retry-After": "17"}
    assert shown(drf.Throttled(wait=9)).headers == {"Retry-After": "9"}


class Shape(BaseModel):
    age: int
    names: list[str]


def test_pydantic_names_places_without_values():
    with pytest.raises(ValueError) as caught:
        Shape.model_validate({"age": "maria@example.com", "names": ["a", 1]})
    what = shown(caught.value)
    assert what.status == 422
    assert [each.pointer for each in what.problems] == ["/age", "/names/1"]
    assert "maria" not in str(what)


@pytest.mark.parametrize(
    ("detail", "pointers"),
    [
        ({"person": {"email": ["bad"]}}, ["/person/email"]),
        ({"items": [{}, {"a": ["bad", "worse"]}]}, ["/items/1/a", "/items/1/a"]),
        ({"non_field_errors": ["bad"]}, [""]),
        (["bad"], [""]),
    ],
)
def test_framework_errors_get_pointers(detail, pointers):
    assert [each.pointer for each in shown(drf.ValidationError(detail)).problems] == pointers


def test_model_errors_get_pointers():
    long = ModelValidationError("%(n)s chars", code="long", params={"n": 3})
    error = ModelValidationError({"name": long, "__all__": "bad"})
    found = [(each.pointer, each.code, each.detail) for each in shown(error).problems]
    assert found == [("/name", "long", "3 chars"), ("", "invalid", "bad")]
    assert [each.detail for each in shown(ModelValidationError("whole")).problems] == ["whole"]


def test_the_document_carries_the_request_id():
    request = RequestFactory().get("/")
    request.request_id = "abc-12345"
    assert document(request, shown(Refused("No.")))["request_id"] == "abc-12345"


def test_pointers_escape():
    assert pointer_to("a/b", "~", 0) == "/a~1b/~0/0"
