"""The ASGI application: `GET /live/` is an endless answer of server-sent events; `/live/healthz` says it is there.

Frames: `hello` (the number of the last poke), `poke` (a number and opaque ids), `present` (ids of leads to which
somebody came or that somebody left), `beat` every two seconds (a
browser's script does not see comments, and must notice a dead stream), `bye` when the session ended. It knows no
other address and no other method.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from leadcrm.live.addresses import PATH, page_origins
from leadcrm.live.admission import Listener, admit
from leadcrm.live.hub import Hub, Stream

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BEAT_SECONDS, SEND_SECONDS = 2.0, 10.0
RETRY = b"retry: 2000\n\n"
BEAT, BYE = b"event: beat\ndata: 1\n\n", b"event: bye\ndata: 1\n\n"
#: Sign-ins looked up at the same time; each has a database connection of its own for that moment.
MOST_LOOKUPS = 4


class Live:
    """The application of one process."""

    def __init__(self, *, recheck_seconds: float = 30.0) -> None:
        self.hub = Hub(settings.CELERY_BROKER_URL)
        self._recheck_seconds = recheck_seconds
        self._origins = page_origins(settings.LEADCRM_BASE_URL, settings.ALLOWED_HOSTS)
        self._lookups = asyncio.Semaphore(MOST_LOOKUPS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the server's own start and end."""
        if scope["type"] == "lifespan":
            await self._live_along(receive, send)
        elif scope["type"] == "http":
            self.hub.start()
            await self._answer(scope, receive, send)

    async def _live_along(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.hub.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        if not validate_host(split_domain_port(headers.get("host", ""))[0], settings.ALLOWED_HOSTS):
            await _refuse(send, 400)
        elif scope["path"] == f"{PATH}healthz":
            await _refuse(send, 200 if self.hub.is_listening else 503)
        elif scope["path"] != PATH or scope["method"] != "GET":
            await _refuse(send, 404)
        elif origin and origin not in self._origins:
            await _refuse(send, 403)
        else:
            await self._open(parse_cookie(headers.get("cookie", "")), origin, receive, send)

    async def _open(self, cookies: dict[str, str], origin: str, receive: Receive, send: Send) -> None:
        session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        listener = await self._admitted(session_key) if session_key else None
        if listener is None:
            await _refuse(send, 401, origin)
        elif not self.hub.is_listening:
            await _refuse(send, 503, origin)
        elif self.hub.is_full_for(listener):
            await _refuse(send, 429, origin)
        else:
            stream = Stream(listener)
            work = await self.hub.join(stream)
            watcher = asyncio.create_task(_end_when_gone(stream, receive))
            try:
                await self._tell(stream, work, session_key, origin, send)
            except (OSError, TimeoutError):
                stream.end()
            finally:
                watcher.cancel()
                await self.hub.leave(stream)

    async def _tell(self, stream: Stream, work: int, session_key: str, origin: str, send: Send) -> None:
        """Send pokes and beats until the browser, the session or the broker is gone."""
        clock = asyncio.get_running_loop().time
        checked = clock()
        await send({"type": "http.response.start", "status": 200, "headers": _headers(origin, "text/event-stream")})
        await _send_part(send, RETRY + f'event: hello\ndata: {{"work":{work}}}\n\n'.encode())
        while not stream.is_ended:
            frames = await stream.next_frames(BEAT_SECONDS)
            if clock() - checked >= self._recheck_seconds:
                checked = clock()
                if await self._admitted(session_key) != stream.listener:
                    await _send_part(send, BYE)
                    break
            if not stream.is_ended:
                told = "".join(f"event: {event}\ndata: {data}\n\n" for event, data in frames)
                await _send_part(send, told.encode() or BEAT)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _admitted(self, session_key: str) -> Listener | None:
        async with self._lookups:
            return await sync_to_async(admit, thread_sensitive=False)(session_key)


async def _end_when_gone(stream: Stream, receive: Receive) -> None:
    with contextlib.suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
    stream.end()


async def _send_part(send: Send, body: bytes) -> None:
    """Send a frame; a browser that takes nothing for some seconds is gone."""
    await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), SEND_SECONDS)


async def _refuse(send: Send, status: int, origin: str = "") -> None:
    await send({"type": "http.response.start", "status": status, "headers": _headers(origin, "text/plain")})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _headers(origin: str, kind: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer; credentials are allowed for the asking page's own origin only."""
    found = {
        "content-type": f"{kind}; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-site",
        "vary": "Origin, Cookie",
    }
    if origin:
        found |= {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}
    return [(name.encode(), value.encode("latin-1")) for name, value in found.items()]
