"""From a post to an owner: how long until a lead is owned in the database, at a steady rate."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg

from bench.clients import Client, post_headers, share
from bench.ground import Ground, served, working
from tests.cast import Tenant
from tests.leads_made import inquiry

PER_SECOND, SECONDS, SENDERS = 20, 20, 8
POLL_SECONDS, PATIENCE_SECONDS, WARM_POSTS = 0.01, 20.0, 20
OWNED = (
    "SELECT s.id::text FROM capture_submission s"
    " JOIN leads_lead l ON l.organization_id = s.organization_id AND l.id = s.lead_id"
    " WHERE s.organization_id = %s AND s.id = ANY(%s) AND l.owner_team_id IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Delay:
    """How long posts took to get an owner, in milliseconds; the clock starts when the post was to be sent."""

    posts: int
    p50_ms: float
    p95_ms: float
    longest_ms: float
    without_owner: int


class _Watch:
    """Asks the database again and again which of the posts have an owner."""

    def __init__(self, place: Ground, tenant: Tenant) -> None:
        self._organization_id = str(tenant.organization_id)
        self._url = place.runtime_url
        self._sent: dict[str, float] = {}
        self._lock = threading.Lock()
        self.delays: list[float] = []
        self.without_owner = 0

    def add(self, submission_id: str, began: float) -> None:
        with self._lock:
            self._sent[submission_id] = began

    def run(self, expected: int, deadline: float) -> None:
        """Look until every post has its owner; at the deadline the others count with their age so far."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("SELECT set_config('leadcrm.organization_id', %s, false)", [self._organization_id])
            while len(self.delays) < expected and time.perf_counter() < deadline:
                time.sleep(POLL_SECONDS)
                self._look(connection)
        with self._lock:
            self.without_owner = len(self._sent)
            self.delays += [1000 * (time.perf_counter() - began) for began in self._sent.values()]

    def _look(self, connection: "psycopg.Connection[tuple[str]]") -> None:
        with self._lock:
            waiting = list(self._sent)
        if not waiting:
            return
        found = connection.execute(OWNED, [self._organization_id, waiting]).fetchall()
        seen_at = time.perf_counter()
        with self._lock:
            self.delays += [1000 * (seen_at - self._sent.pop(each)) for (each,) in found]


def measure(place: Ground, tenant: Tenant) -> Delay:
    """Post at a fixed rate, whatever the answers take, with a real web server, worker and beat."""
    with served(place, "leadcrm.wsgi:application") as port, working(place):
        _post_evenly(place, tenant, port, WARM_POSTS)
        watch = _post_evenly(place, tenant, port, PER_SECOND * SECONDS)
    delays = watch.delays
    return Delay(len(delays), share(delays, 0.5), share(delays, 0.95), max(delays), watch.without_owner)


def _post_evenly(place: Ground, tenant: Tenant, port: int, posts: int) -> _Watch:
    watch, own = _Watch(place, tenant), threading.local()
    headers = post_headers(tenant.keys["bp-1"])
    began = time.perf_counter() + 0.2

    def post(number: int) -> None:
        due = began + number / PER_SECOND
        if not hasattr(own, "client"):
            own.client = Client(port, headers)
        body = json.dumps(inquiry(source="imaging-spring")).encode()
        time.sleep(max(due - time.perf_counter(), 0))
        watch.add(json.loads(own.client.send("POST", "/api/v1/leads", body, 202))["id"], due)

    with ThreadPoolExecutor(SENDERS + 1) as pool:
        looking = pool.submit(watch.run, posts, began + posts / PER_SECOND + PATIENCE_SECONDS)
        for sent in [pool.submit(post, number) for number in range(posts)]:
            sent.result()
        looking.result()
    return watch
