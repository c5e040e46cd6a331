"""The open streams of this process, and the one subscription to the broker that feeds them all.

A stream that is not read gathers ids and forgets them past a limit ("any"), so it cannot grow. When the broker
is lost every stream is ended: a page that hears nothing must know it, and asks by itself until there is one again.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter
from typing import Any
from uuid import UUID

import redis
import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from apps.tenancy.pokes import MOST_NAMED, channel_of
from leadcrm.live.admission import Listener

MOST_STREAMS = 6
GATHER_SECONDS = 0.1
PING_SECONDS, LOST_SECONDS, AGAIN_SECONDS = 2.0, 5.0, 1.0
#: Held open so that the subscription lives before the first listener comes; nobody publishes on it.
_OWN_CHANNEL = "leadcrm:pokes:-"
log = structlog.get_logger("live")


class Stream:
    """What one browser has not been told yet."""

    def __init__(self, listener: Listener) -> None:
        self.listener, self.is_ended = listener, False
        self._ids: set[str] | None = set()
        self._present: set[str] = set()
        self._work = 0
        self._changed = asyncio.Event()

    def tell(self, work: int, ids: list[str] | None) -> None:
        """Add a poke to what waits; None, or too many, means any lead."""
        self._work = max(self._work, work)
        if ids is None or self._ids is None or len(self._ids) + len(ids) > MOST_NAMED:
            self._ids = None
        else:
            self._ids.update(ids)
        self._changed.set()

    def tell_presence(self, ids: list[str]) -> None:
        """Add leads to which somebody came, or that somebody left; past a limit pages find out by themselves."""
        if len(self._present) < MOST_NAMED:
            self._present.update(ids)
        self._changed.set()

    def end(self) -> None:
        """Let the stream finish."""
        self.is_ended = True
        self._changed.set()

    async def next_frames(self, seconds: float) -> list[tuple[str, str]]:
        """Return what has gathered: event and JSON of each frame; none when nothing came in this time."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return []
        if not self.is_ended:
            await asyncio.sleep(GATHER_SECONDS)
        frames: list[tuple[str, dict[str, Any]]] = []
        if self._work:
            ids = None if self._ids is None else sorted(self._ids)
            frames.append(("poke", {"work": self._work, "ids": ids}))
        if self._present:
            frames.append(("present", {"ids": sorted(self._present)}))
        self._ids, self._work, self._present = set(), 0, set()
        if not self.is_ended:
            self._changed.clear()
        return [(event, json.dumps(data, separators=(",", ":"))) for event, data in frames]


class Hub:
    """All streams of this process by tenant."""

    def __init__(self, broker_url: str) -> None:
        self._broker_url = broker_url
        self._streams: dict[UUID, set[Stream]] = {}
        self._per_user: Counter[UUID] = Counter()
        self._last: dict[UUID, int] = {}
        self._channels: Any = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_listening(self) -> bool:
        """True while the broker is heard."""
        return self._channels is not None

    def start(self) -> None:
        """Begin to listen; harmless when it has begun."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen_for_ever())

    async def stop(self) -> None:
        """End everything."""
        self._end_all()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def is_full_for(self, listener: Listener) -> bool:
        """Say whether a person has as many streams as one person may have."""
        return self._per_user[listener.user_id] >= MOST_STREAMS

    async def join(self, stream: Stream) -> int:
        """Let a stream hear its tenant. Return the number of the last poke, or now for who is the first to hear."""
        listener = stream.listener
        self._per_user[listener.user_id] += 1
        mates = self._streams.setdefault(listener.organization_id, set())
        mates.add(stream)
        if len(mates) == 1 and self._channels is not None:
            await self._channels.subscribe(channel_of(listener.organization_id))
        return self._last.setdefault(listener.organization_id, time.time_ns() // 1_000_000)

    async def leave(self, stream: Stream) -> None:
        """Take a stream out; the last one of a tenant ends the subscription to its channel."""
        listener = stream.listener
        self._per_user[listener.user_id] -= 1
        if not self._per_user[listener.user_id]:
            del self._per_user[listener.user_id]
        mates = self._streams[listener.organization_id]
        mates.discard(stream)
        if not mates:
            del self._streams[listener.organization_id]
            self._last.pop(listener.organization_id, None)
            if self._channels is not None:
                with contextlib.suppress(redis.RedisError, OSError):
                    await self._channels.unsubscribe(channel_of(listener.organization_id))

    async def _listen_for_ever(self) -> None:
        is_lost = False
        while True:
            try:
                await self._listen()
            except (redis.RedisError, OSError, TimeoutError) as error:
                if not is_lost:
                    log.warning("broker_lost", error=type(error).__name__)
                is_lost = True
            else:
                is_lost = False
            self._end_all()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        """Hand on what is published until the broker is silent for too long, or raises."""
        client = redis.asyncio.Redis.from_url(self._broker_url, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0))
        channels = client.pubsub()
        try:
            await asyncio.wait_for(channels.subscribe(_OWN_CHANNEL), LOST_SECONDS)
            self._channels = channels
            for organization_id in list(self._streams):
                await channels.subscribe(channel_of(organization_id))
            await self._hand_on(channels)
        finally:
            self._channels = None
            with contextlib.suppress(redis.RedisError, OSError, TimeoutError):
                await asyncio.wait_for(channels.aclose(), 1.0)  # type: ignore[no-untyped-call]
                await asyncio.wait_for(client.aclose(), 1.0)

    async def _hand_on(self, channels: Any) -> None:
        clock = asyncio.get_running_loop().time
        heard = asked = clock()
        while clock() - heard < LOST_SECONDS:
            message = await channels.get_message(timeout=PING_SECONDS)
            if message is not None:
                heard = clock()
                if message["type"] == "message":
                    self._tell(message)
            if clock() - max(heard, asked) >= PING_SECONDS:
                asked = clock()
                await asyncio.wait_for(channels.ping(), LOST_SECONDS)
        raise TimeoutError

    def _tell(self, message: dict[str, Any]) -> None:
        organization_id = UUID(message["channel"].decode().rpartition(":")[2])
        told, streams = json.loads(message["data"]), self._streams.get(organization_id, ())
        if "present" in told:
            for stream in streams:
                stream.tell_presence(told["present"])
            return
        self._last[organization_id] = told["work"]
        for stream in streams:
            stream.tell(told["work"], told["ids"])

    def _end_all(self) -> None:
        for mates in self._streams.values():
            for stream in mates:
                stream.end()
