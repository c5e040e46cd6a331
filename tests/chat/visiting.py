"""A visitor of the chat and the person who accepts, for the tests of conversations."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.chat.models import Chat
from apps.tenancy.clock import travelling
from tests.cast import Tenant

#: A Tuesday in Chicago, nine o'clock.
OPENED = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
ACCEPTED = OPENED + timedelta(minutes=2)
KNEE = "I would like to see somebody for knee pain"


class Visitor:
    """Somebody at the public page, without scripts and without cookies."""

    def __init__(self, tenant: Tenant, view: str = "") -> None:
        self.client, self.path = Client(enforce_csrf_checks=True), f"/chat/{tenant.slug}-chat/{view}"
        self.page = self.client.get(self.path)

    @property
    def text(self) -> str:
        return self.page.content.decode()

    def send(self, **values: Any) -> HttpResponse:
        hidden = dict(re.findall(r'name="(token|nonce)"[^>]* value="([^"]*)"', self.text))
        self.page = self.client.post(self.path, {**hidden, **values}, headers={"user-agent": "Probe"})
        assert not self.client.cookies
        return self.page

    def say(self, text: str, at: datetime = OPENED) -> HttpResponse:
        with travelling(to=at):
            return self.send(text=text)

    def leave(self, at: datetime = OPENED, **values: Any) -> HttpResponse:
        with travelling(to=at):
            return self.send(act="contact", **values)


def the_chat(tenant: Tenant) -> Chat:
    """Return the only conversation."""
    with tenant.scope():
        return Chat.rows().get()


def accept(browser: Client, chat: Chat, at: datetime = ACCEPTED) -> HttpResponse:
    """Accept a conversation at an instant."""
    with travelling(to=at):
        return browser.post(f"/chats/{chat.id}/accept/")
