"""What every answer carries, and that an unmarked view is closed."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from django.test import Client

from apps.tenancy.actor import Actor, ActorKind
from leadcrm.http.context import frame, shell
from leadcrm.http.scoping import bearer_of

PATHS = (
    "/f/open/",
    "/nowhere",
    "/api/v1/nowhere",
    "/failing/fault",
    "/staff",
    "/healthz",
    "/accounts/login/",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(visitor, path):
    answer = visitor.get(path, headers={"Accept": "text/html"})
    assert len(answer["X-Request-Id"]) == 36
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer.get("Cache-Control") == (None if path == "/f/open/" else "no-store")


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ("agency-run-0042", True),
        ("short", False),
        ("x" * 65, False),
        ("with space 123", False),
        ("line\nfeed12345", False),
    ],
)
def test_only_a_plain_request_id_is_taken(visitor, offered, taken):
    answer = visitor.get("/healthz", headers={"X-Request-Id": offered})
    assert (answer["X-Request-Id"] == offered) is taken


def test_an_unmarked_page_sends_a_visitor_to_sign_in(visitor):
    for path in ("/staff", "/stream"):
        answer = visitor.get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    assert visitor.post("/staff")["Location"] == "/accounts/login/?next=/"


def test_a_fragment_and_a_program_get_401(visitor):
    assert visitor.get("/staff", headers={"HX-Request": "true"}).status_code == 401
    answer = visitor.get("/api/v1/staff")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "not_authenticated"


def test_other_sign_in_forms_lead_to_the_one_way_in(visitor):
    for path in ("/admin/login/", "/accounts/signup/"):
        assert visitor.get(f"{path}?next=/x")["Location"] == "/accounts/login/?next=/x"
    for path in ("/accounts/email/", "/accounts/confirm-email/"):
        assert visitor.get(path).status_code == 404


def test_an_open_page_has_no_actor(visitor):
    assert visitor.get("/f/open/").content == b"actor None"


def test_a_form_without_its_token_gets_the_page(site):
    answer = Client(enforce_csrf_checks=True).post("/echo", {"a": "b"})
    assert answer.status_code == 403
    assert answer.content.startswith(b"403 csrf: This form was open too long")


@pytest.mark.parametrize(
    ("path", "header", "found"),
    [
        ("/api/v1/leads", "Bearer lk_live_x", "lk_live_x"),
        ("/api/v1/leads", "bearer  lk_live_x ", "lk_live_x"),
        ("/api/v1/leads", "Basic abc", ""),
        ("/api/v1/leads", "Bearer", ""),
        ("/api/v1/leads", "Bearer " + "x" * 201, ""),
        ("/api/v1/leads", None, None),
        ("/queue/", "Bearer lk_live_x", None),
    ],
)
def test_only_the_api_reads_a_bearer_key(rf, path, header, found):
    headers = {"Authorization": header} if header else {}
    assert bearer_of(rf.get(path, headers=headers)) == found


def test_the_frame_asks_nothing_until_a_template_shows_it(rf, site):
    request = rf.get("/queue/")
    request.session = {}
    request.user = SimpleNamespace(key_mode="letters")
    request.actor = Actor(ActorKind.USER, UUID(int=1), "Ana", permissions=frozenset({"lead:view"}))
    assert shell(request)["actor"].label == "Ana"
    found = frame(request, request.actor, SimpleNamespace(name="Harbor Health"))
    assert (found["tenant_name"], found["user_name"], found["team_name"]) == ("Harbor Health", "Ana", "")
    assert "shell" not in shell(rf.get("/"))
