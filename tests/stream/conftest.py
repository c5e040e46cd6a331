"""The stream's application without a server: one connection is a task, its frames are a list."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.test import Client

from leadcrm.live.application import Live

ORIGIN = "http://127.0.0.1:8000"


class Listening:
    """One open connection."""

    def __init__(self, live: Live, cookie: str, origin: str = ORIGIN) -> None:
        self.status, self.headers, self.text, self.is_over = 0, {}, "", False
        self._gone = asyncio.Event()
        self._heard = asyncio.Event()
        sent = [(b"host", b"127.0.0.1:8001"), (b"origin", origin.encode()), (b"cookie", cookie.encode())]
        scope = {"type": "http", "path": "/live/", "method": "GET", "headers": sent}
        self.task = asyncio.create_task(live(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message["body"].decode()
            self.is_over = not message["more_body"]
        self._heard.set()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until the frames say so."""
        while not holds():
            self._heard.clear()
            await asyncio.wait_for(self._heard.wait(), 10)

    async def until_open(self) -> None:
        """Wait for the first frame, or for the refusal."""
        await self.until(lambda: self.is_over or "event: hello" in self.text)

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        self._gone.set()
        await asyncio.wait_for(self.task, 10)

    @property
    def pokes(self) -> list[dict[str, Any]]:
        """Return what the pokes said."""
        frames = [frame.split("\n") for frame in self.text.split("\n\n")]
        return [json.loads(lines[1].removeprefix("data: ")) for lines in frames if lines[0] == "event: poke"]


def cookie_of(browser: Client) -> str:
    """Return the cookie of a signed-in browser."""
    return f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}"


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Live], Coroutine[Any, Any, None]]], None]:
    """Run a test's coroutine with an application that hears the broker; it is ended afterwards."""
    monkeypatch.setattr(settings, "LEADCRM_BASE_URL", ORIGIN)

    def run(test: Callable[[Live], Coroutine[Any, Any, None]], *, recheck_seconds: float = 30.0) -> None:
        async def whole() -> None:
            live = Live(recheck_seconds=recheck_seconds)
            live.hub.start()
            try:
                while not live.hub.is_listening:
                    await asyncio.sleep(0.01)
                await asyncio.wait_for(test(live), 30)
            finally:
                await live.hub.stop()
                await sync_to_async(connections.close_all)()

        def alone() -> None:
            try:
                asyncio.run(whole())
            finally:
                connections.close_all()

        # A thread of its own: where a browser test ran before, this one has a running loop.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(alone).result()

    return run
