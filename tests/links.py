"""Links in mails and texts as people follow them, and the pages behind them."""

import re
from datetime import datetime
from typing import Any

from django.core import mail
from django.http import HttpResponse
from django.test import Client

from apps.tenancy.clock import travelling

LINK = re.compile(r"https?://\S+?(/c/[\w-]+/)")


def links_in(text: str) -> list[str]:
    """Return the links of ours in a text, as paths."""
    return LINK.findall(text)


def links_mailed(address: str) -> list[str]:
    """Return the links that were mailed to somebody, oldest first."""
    return [each for message in mail.outbox if address in message.to for each in links_in(str(message.body))]


def follow(path: str, at: datetime, data: dict[str, Any] | None = None) -> HttpResponse:
    """Open a page behind a link as anybody's browser does, or answer it."""
    client = Client()
    with travelling(to=at):
        answer: HttpResponse = client.get(path) if data is None else client.post(path, data)
    assert not answer.cookies, "no page behind a link sets a cookie"
    return answer


def text_of(answer: HttpResponse) -> str:
    """Return a page's text."""
    return str(answer.content.decode())
