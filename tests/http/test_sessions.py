"""When a session ends, and what a sign-in needs."""

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage

from apps.accounts.models import User
from leadcrm.http import sessions
from leadcrm.http.scoping import public
from leadcrm.http.sessions import SecondFactorMiddleware, SessionLimitsMiddleware, SessionVerdict, judge

T0 = 1_800_000_000


class Session(dict):
    """A session in memory."""

    session_key = "k"

    def flush(self):
        self.clear()


def page(request):
    raise AssertionError


def sign_in_page(request):
    raise AssertionError


sign_in_page.__module__ = "allauth.account.views"
open_page = public(lambda request: None)


@pytest.fixture
def ask(rf, site, monkeypatch):
    """Return `(path, session, at, ...)` -> (answer of the limits, request)."""

    site.AXES_ENABLED = False

    def run(
        session,
        *,
        at=T0,
        path="/queue/",
        view=page,
        method="get",
        middleware=SessionLimitsMiddleware,
        **headers,
    ):
        monkeypatch.setattr(sessions.time, "time", lambda: at)
        request = getattr(rf, method)(path, headers=headers)
        request.session = session
        request.user = User(email="ana@harbor.example")
        request._messages = FallbackStorage(request)
        return middleware(lambda _: None).process_view(request, view, (), {}), request

    return run


@pytest.mark.parametrize(
    ("opened", "seen", "verdict"),
    [
        (0, 0, SessionVerdict.OPEN),
        (-900, -900, SessionVerdict.OPEN),
        (-901, -901, SessionVerdict.IDLE),
        (-43_200, -10, SessionVerdict.OPEN),
        (-43_201, -10, SessionVerdict.TOO_OLD),
        (-43_201, -5_000, SessionVerdict.TOO_OLD),
    ],
)
def test_limits(opened, seen, verdict):
    assert judge(opened=opened, seen=seen, now=0, idle=900, absolute=43_200) is verdict


def test_the_first_request_starts_both_clocks(ask):
    session = Session()
    assert ask(session)[0] is None
    assert session == {"opened_at": T0, "seen_at": T0}


def test_an_idle_person_is_signed_out_with_a_sentence_and_the_way_back(ask):
    answer, request = ask(Session(opened_at=T0, seen_at=T0), at=T0 + 901, path="/leads/x/?tab=2")
    assert answer["Location"] == "/accounts/login/?next=/leads/x/%3Ftab%3D2"
    assert [str(each) for each in request._messages] == ["You were signed out after 15 minutes without activity."]
    assert "opened_at" not in request.session


@pytest.mark.ux(23)
def test_activity_keeps_a_session_but_a_polling_page_does_not(ask):
    session = Session(opened_at=T0, seen_at=T0)
    ask(session, at=T0 + 800)
    assert session["seen_at"] == T0 + 800
    ask(session, at=T0 + 1600, **{"X-Leadcrm-Poll": "1"})
    assert session["seen_at"] == T0 + 800
    answer, _ = ask(session, at=T0 + 1701, **{"X-Leadcrm-Poll": "1"})
    assert answer.status_code == 302


def test_twelve_hours_end_a_busy_session(ask):
    answer, _ = ask(Session(opened_at=T0, seen_at=T0 + 43_200), at=T0 + 43_201)
    assert answer.status_code == 302


@pytest.mark.parametrize(("path", "headers"), [("/api/v1/leads", {}), ("/queue/", {"HX-Request": "true"})])
def test_programs_and_open_pages_get_401(ask, path, headers):
    answer, _ = ask(Session(opened_at=T0, seen_at=T0), at=T0 + 901, path=path, **headers)
    assert answer.status_code == 401


def test_pages_for_anybody_and_sign_in_itself_are_not_blocked(ask):
    ended = Session(opened_at=T0, seen_at=T0)
    assert ask(ended, at=T0 + 901, view=open_page)[0] is None
    assert ask(ended, at=T0 + 901, view=sign_in_page)[0] is None


def test_without_a_second_factor_only_its_set_up_is_open(ask, monkeypatch):
    monkeypatch.setattr(sessions, "is_mfa_enabled", lambda user, types: False)
    gate = {"middleware": SecondFactorMiddleware}
    assert ask(Session(), **gate)[0]["Location"] == "/accounts/2fa/totp/activate/"
    refused = ask(Session(), path="/api/v1/leads", **gate)[0]
    assert (refused.status_code, b'"second_factor"' in refused.content) == (403, True)
    assert ask(Session(), view=sign_in_page, **gate)[0] is None
    assert ask(Session(), view=open_page, **gate)[0] is None


def test_the_second_factor_is_looked_up_once_a_minute_and_after_a_change(ask, monkeypatch):
    asked = []
    monkeypatch.setattr(sessions, "is_mfa_enabled", lambda user, types: asked.append(types) or True)
    session, gate = Session(), {"middleware": SecondFactorMiddleware}
    for at in (T0, T0 + 60, T0 + 61):
        assert ask(session, at=at, **gate)[0] is None
    assert len(asked) == 2
    ask(session, at=T0 + 62, view=sign_in_page, **gate)
    ask(session, at=T0 + 63, **gate)
    assert len(asked) == 3
