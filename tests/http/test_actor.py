"""From credential to actor to scope: who is let in, and what is undone. The database is played."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.decorators import api_view

from apps.accounts.keys import Quota
from apps.tenancy.actor import Actor, ActorKind, Door
from apps.tenancy.errors import Conflict, Refused
from leadcrm.http import actor as door
from leadcrm.http.scoping import own_scope, public

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
HARBOR, LAKESIDE = UUID(int=1), UUID(int=2)


class Stage:
    """Plays scope, clock, seats and keys; remembers what was committed, undone and refused."""

    def __init__(self):
        self.log, self.open, self.undo = [], None, False
        self.seats, self.members = [HARBOR], {HARBOR}
        self.ended, self.last_used_at = False, NOW - timedelta(seconds=59)
        self.remaining = 5

    @contextmanager
    def scope(self, organization_id):
        assert self.open is None
        self.open, self.undo = organization_id, False
        try:
            yield
            self.log.append("rollback" if self.undo else "commit")
        except Refused:
            self.log.append("refused")
            raise
        except Exception:
            self.log.append("rollback")
            raise
        finally:
            self.open = None

    def actor(self, user, door_used, request_id):
        if self.open not in self.members:
            return None
        return Actor(ActorKind.USER, self.open, "Ana", UUID(int=5), door=door_used, request_id=request_id)

    def use(self, secret):
        assert self.open is None
        if secret != "lk_live_good":
            return None
        quota = Quota(6, self.remaining, 42)
        return SimpleNamespace(
            id=UUID(int=9),
            organization_id=HARBOR,
            at=NOW,
            membership_id=None,
            quota=quota,
            is_usable=not self.ended,
            last_used_at=self.last_used_at,
        )

    def set_rollback(self, undo):
        self.undo = undo


@pytest.fixture
def stage(monkeypatch, site):
    played = Stage()
    monkeypatch.setattr(door, "tenant_scope", played.scope)
    monkeypatch.setattr(door, "scope_opened_at", lambda: NOW)
    monkeypatch.setattr(door.transaction, "set_rollback", played.set_rollback)
    monkeypatch.setattr(door.actors, "organizations_of", lambda user: played.seats)
    monkeypatch.setattr(door.actors, "actor_of_user", played.actor)
    monkeypatch.setattr(
        door.actors,
        "actor_of_key",
        lambda key, request_id: Actor(
            ActorKind.API_KEY, HARBOR, "BrightPath", key.id, door=Door.API, request_id=request_id
        ),
    )
    monkeypatch.setattr(door.keys, "use", played.use)
    monkeypatch.setattr(door.keys, "note_use", lambda key: played.log.append("noted"))
    monkeypatch.setattr(door.keys, "note_refusal", lambda key, request_id: played.log.append("key refused"))
    return played


@pytest.fixture
def ask(stage, rf):
    """Send one request through the middleware alone, as Django's handler would."""

    def run(view, path="/queue/", *, signed_in=True, session=None, **headers):
        def get_response(request):
            answer = middleware.process_view(request, view, (), {})
            return answer if answer is not None else view(request)

        middleware = door.ActorMiddleware(get_response)
        request = rf.get(path, headers=headers)
        request.request_id = "run-00000001"
        request.session = {} if session is None else session
        request.user = SimpleNamespace(is_authenticated=signed_in)
        return middleware(request), request

    return run


def page(request):
    return HttpResponse(f"{request.actor.label} {request.actor.door}")


def refusing(request):
    raise Refused("Owned by Elm Calls.")


def clashing(request):
    raise Conflict("A colleague was faster.")


def unfit(request):
    return HttpResponse("The form has errors.", status=422)


def streaming(request):
    return StreamingHttpResponse([])


@api_view(["GET"])
def api_refusing(request):
    assert request.auth.label == "BrightPath"
    raise Refused("Not with this key.")


@pytest.mark.parametrize(
    ("path", "door_used"), [("/queue/", "page"), ("/admin/leads/", "admin"), ("/api/v1/leads", "api")]
)
def test_a_member_is_let_in_at_their_door(ask, stage, path, door_used):
    answer, request = ask(page, path)
    assert answer.content.decode() == f"Ana {door_used}"
    assert (request.organization_id, request.now) == (HARBOR, NOW)
    assert stage.log == ["commit"]


@pytest.mark.parametrize(
    ("view", "status", "log"),
    [(refusing, 403, "refused"), (clashing, 409, "rollback"), (unfit, 422, "rollback")],
)
def test_an_answer_of_400_or_more_changes_nothing(ask, stage, view, status, log):
    answer, _ = ask(view)
    assert (answer.status_code, stage.log) == (status, [log])


def test_a_fault_goes_on_to_django(ask, stage):
    with pytest.raises(TypeError, match="mark it @own_scope"):
        ask(streaming)
    assert stage.log == ["rollback"]


def test_the_organization_worked_in_last_is_tried_first_and_checked_again(ask, stage):
    stage.seats, stage.members = [HARBOR, LAKESIDE], {HARBOR, LAKESIDE}
    session = {"organization_id": str(LAKESIDE)}
    assert ask(page, session=session)[1].organization_id == LAKESIDE
    stage.members = {HARBOR}
    assert ask(page, session=session)[1].organization_id == HARBOR
    assert session == {"organization_id": str(HARBOR)}


@pytest.mark.parametrize("seats", [[], [LAKESIDE]])
def test_without_a_seat_there_is_a_page_that_says_so(ask, stage, seats):
    stage.seats, session = seats, {}
    answer, request = ask(page, session=session)
    assert answer.content.startswith(b"403 no_seat: Your account has no active place")
    assert (request.actor, session) == (None, {})


def test_marked_views_run_outside_the_scope(ask, stage):
    @own_scope
    def own(request):
        assert stage.open is None
        return HttpResponse(request.actor.label)

    @public
    def anybody(request):
        return HttpResponse(str(request.actor))

    assert ask(own)[0].content == b"Ana"
    assert ask(anybody)[0].content == b"None"
    assert stage.log == ["commit"]


def test_a_key_is_let_in_and_told_what_is_left(ask, stage):
    answer, _ = ask(page, "/api/v1/leads", Authorization="Bearer lk_live_good")
    assert answer.content == b"BrightPath api"
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    assert [answer[name] for name in names] == ["6", "5", "42"]
    assert stage.log == ["commit"]


def test_the_time_of_use_is_noted_once_a_minute(ask, stage):
    stage.last_used_at = NOW - timedelta(seconds=60)
    ask(page, "/api/v1/leads", Authorization="Bearer lk_live_good")
    assert stage.log == ["noted", "commit", "commit"]


def test_a_key_over_its_limit_waits_and_the_use_is_counted(ask, stage):
    stage.remaining = -1
    answer, _ = ask(page, "/api/v1/leads", Authorization="Bearer lk_live_good")
    assert (answer.status_code, answer["Retry-After"], answer["RateLimit-Remaining"]) == (429, "42", "0")
    assert stage.log == []


@pytest.mark.parametrize("header", ["Bearer lk_live_wrong", "Basic YTpi", "Bearer ", "lk_live_good"])
def test_a_wrong_key_is_401_even_beside_a_session(ask, header):
    answer, request = ask(page, "/api/v1/leads", Authorization=header)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b'"bad_credential"' in answer.content
    assert request.actor is None


def test_a_key_that_ended_looks_like_an_unknown_one(ask, stage):
    unknown, _ = ask(page, "/api/v1/leads", Authorization="Bearer lk_live_wrong")
    stage.ended = True
    ended, _ = ask(page, "/api/v1/leads", Authorization="Bearer lk_live_good")
    assert ended.content == unknown.content
    assert "key refused" in stage.log


def test_a_refusal_in_an_api_view_reaches_the_scope(ask, stage):
    answer, _ = ask(api_refusing, "/api/v1/leads", Authorization="Bearer lk_live_good")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert stage.log == ["refused"]


def test_a_key_does_not_open_pages(ask):
    answer, _ = ask(page, "/queue/", signed_in=False, Authorization="Bearer lk_live_good")
    assert answer["Location"] == "/accounts/login/?next=/queue/"
