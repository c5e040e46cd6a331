"""How long a sign-in lasts, and what it needs: two limits and a second factor.

The limits follow the automatic log-off of 45 CFR 164.312(a)(2)(iii): idle and absolute, on the
server. They end a session, never a page that anybody may open.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from apps.accounts.sign_ins import ENDED_BECAUSE
from apps.tenancy.errors import LeadcrmError
from leadcrm.http.errors import answer_for
from leadcrm.http.scoping import bearer_of, is_api, is_fragment, is_public, is_sign_in

OPENED, SEEN, FACTOR = "opened_at", "seen_at", "second_factor_at"
FACTOR_TRUSTED_SECONDS = 60
#: A page that refreshes itself says so; it must not keep an empty chair signed in.
POLL_HEADER = "X-Leadcrm-Poll"

Next = Callable[[HttpRequest], HttpResponse]


class SessionVerdict(StrEnum):
    """What the limits say of a session."""

    OPEN = "open"
    IDLE = "idle"
    TOO_OLD = "too_old"


class SignInNeeded(LeadcrmError):
    """Nobody is signed in, or no longer."""

    code, status = "sign_in", 401

    def __init__(self, detail: str = "Sign in to go on.") -> None:
        super().__init__(detail)


class SecondFactorNeeded(LeadcrmError):
    """Signed in with a password only, by somebody who has no second factor yet."""

    code, status = "second_factor", 403

    def __init__(self) -> None:
        super().__init__("Set up your second factor first.")


def judge(*, opened: float, seen: float, now: float, idle: float, absolute: float) -> SessionVerdict:
    """Say whether a session goes on: the absolute limit is looked at first."""
    if now - opened > absolute:
        return SessionVerdict.TOO_OLD
    return SessionVerdict.IDLE if now - seen > idle else SessionVerdict.OPEN


def sign_in_answer(request: HttpRequest, detail: str) -> HttpResponse:
    """Send a person to the sign-in page and back; a program or an open page gets 401.

    An open page keeps what was typed and shows the sentence; only a GET is worth returning to.
    """
    if is_api(request) or is_fragment(request):
        response = answer_for(request, SignInNeeded(detail))
        response["WWW-Authenticate"] = "Bearer" if is_api(request) else "Session"
        return response
    target = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return redirect_to_login(target, reverse("account_login"))


class SessionLimitsMiddleware:
    """End sessions that were idle or open too long."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let a live session pass; sign the others out with a sentence."""
        if is_public(view) or bearer_of(request) is not None or not request.user.is_authenticated:
            return None
        ended = self._ended(request)
        if ended is None:
            return None
        verdict, sentence = ended
        setattr(request, ENDED_BECAUSE, verdict.value)
        logout(request)
        if not (is_api(request) or is_fragment(request)):
            messages.info(request, sentence)
        return None if is_sign_in(view) else sign_in_answer(request, sentence)

    def _ended(self, request: HttpRequest) -> tuple[SessionVerdict, str] | None:
        now, session = time.time(), request.session
        idle, absolute = settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS
        opened, seen = session.get(OPENED, now), session.get(SEEN, now)
        verdict = judge(opened=opened, seen=seen, now=now, idle=idle, absolute=absolute)
        if verdict is SessionVerdict.IDLE:
            return verdict, f"You were signed out after {idle // 60} minutes without activity."
        if verdict is SessionVerdict.TOO_OLD:
            return verdict, f"You were signed out after {absolute // 3600} hours. Sign in again to go on."
        if OPENED not in session:
            session[OPENED] = session[SEEN] = int(now)
        elif now - seen > min(30, idle / 10) and POLL_HEADER not in request.headers:
            session[SEEN] = int(now)
        return None


class SecondFactorMiddleware:
    """Keep people without a second factor at the place where they set it up.

    Who has one is asked for it by the sign-in library, at sign-in; the only sign-in is that
    library's (see `leadcrm.urls`). The answer is believed for a minute, to spare a query.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Send the person to the set-up page; programs and fragments get 403."""
        if is_sign_in(view):
            request.session.pop(FACTOR, None)
            return None
        if is_public(view) or bearer_of(request) is not None or not request.user.is_authenticated:
            return None
        if self._has_factor(request):
            return None
        if is_api(request) or is_fragment(request):
            return answer_for(request, SecondFactorNeeded())
        return HttpResponseRedirect(reverse("mfa_activate_totp"))

    def _has_factor(self, request: HttpRequest) -> bool:
        now = time.time()
        if now - request.session.get(FACTOR, 0) <= FACTOR_TRUSTED_SECONDS:
            return True
        if not is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return False
        request.session[FACTOR] = int(now)
        return True
