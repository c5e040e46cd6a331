"""The doors as tests use them: a signed-in browser without JavaScript, and a program with a key."""

import json
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import User


def sign_in(user: User) -> Client:
    """Return a browser in which the person has signed in with both factors."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["second_factor_at"] = int(time.time())
    session.save()
    return client


def ask(browser: Client, method: str, path: str, body: Any = None) -> HttpResponse:
    """Ask the REST API as the person signed in in a browser."""
    data = "" if body is None else json.dumps(body)
    answer: HttpResponse = browser.generic(method, f"/api/v1{path}", data, "application/json")
    return answer


class Api:
    """A program that speaks to the REST API with one key."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client()

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Send a GET."""
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """Send a POST with a JSON body."""
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """Send a PATCH with a JSON body."""
        return self._send("patch", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        send = getattr(self.client, method)
        answer: HttpResponse = send(
            f"/api/v1{path}", data=data, content_type="application/json", headers=self._headers(headers)
        )
        return answer

    def _headers(self, extra: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in extra.items()}
        return {"authorization": f"Bearer {self.secret}", **named}
