"""Words of health taken through the product (goal S11): readable only where somebody may read them."""

import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.test import Client

from apps.capture.models import Submission
from bench.clients import Client as Program
from bench.clients import post_headers
from bench.ground import Ground, served, working
from bench.tables import limit, table
from tests import canaries
from tests.cast import Tenant
from tests.doors import sign_in
from tests.leads_made import inquiry

PAGE = Path(__file__).with_name("canaries.md")
CLIENTS, LOOK_SECONDS = 4, 1.0
#: Posts go in groups; after so long no further group is sent, and the page says how many went the whole way.
GROUP, PATIENCE_SECONDS = 250, 3_600.0
#: One lead in so many goes on through the doors of staff, with something said at each.
GOES_ON = 1_000
#: What somebody who may not read health details is given: lists, files, reports, the figures of the process.
WITHOUT_GRANT = (
    "/queue/?view=all",
    "/queue/leads.csv?view=all",
    "/reports/",
    "/quality/",
    "/duplicates/",
    "/api/v1/leads",
)


@dataclass(slots=True)
class Found:
    """Where a canary was readable, by place; `said` is how many were told."""

    leads: int
    said: int = 0
    looks: int = 0
    places: dict[str, list[str]] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)

    def add(self, place: str, hits: list[str]) -> None:
        """Keep where they were found."""
        self.places.setdefault(place, []).extend(hits)


def measure(place: Ground, tenant: Tenant, leads: int) -> Found:
    """Take the leads through, look everywhere, and write the page."""
    found, stop = Found(leads), threading.Event()
    client_as = cache(lambda name: sign_in(tenant.user(name)))
    for number in range(max(1, leads // GOES_ON)):
        found.said += len(canaries.tell(tenant, client_as, number)[1]) + len(
            canaries.tell_on(tenant, client_as, number)
        )
    print(f"{found.said:,} said by staff", flush=True)
    looking = threading.Thread(target=_look_at_broker, args=(found, stop))
    looking.start()
    try:
        with served(place, "leadcrm.wsgi:application") as port, working(place):
            found.leads = _take_through(tenant, port, leads)
            found.add("figures of the process", _in_text("/metrics", _get(Client(), "/metrics")))
    finally:
        stop.set()
        looking.join()
    found.said += found.leads
    _look(place, tenant, found, client_as)
    PAGE.write_text(_page(found), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return found


def _take_through(tenant: Tenant, port: int, leads: int) -> int:
    """Post in groups and let the worker take each in; return how many went the whole way before patience ended."""
    headers, done, began = post_headers(tenant.keys["bp-1"]), 0, time.monotonic()

    def post(numbers: range) -> None:
        program = Program(port, headers)
        for number in numbers:
            text = f"{canaries.MARK}{number}post: type 2 diabetes since June"
            program.send("POST", "/api/v1/leads", json.dumps(inquiry(request__message=text)).encode(), 202)
        program.close()

    while done < leads and time.monotonic() - began < PATIENCE_SECONDS:
        group = range(done, min(done + GROUP, leads))
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(post, (group[each::CLIENTS] for each in range(CLIENTS))))
        _wait(tenant)
        done = group.stop
        print(f"{done:,} went the whole way, {time.monotonic() - began:.0f} s", flush=True)
    return done


def _wait(tenant: Tenant) -> None:
    """Wait until the worker has taken every post in."""
    while True:
        with tenant.scope():
            if not Submission.rows().exclude(state="processed").exists():
                return
        time.sleep(1)


def _look_at_broker(found: Found, stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        found.looks += 1
        found.add("broker and cache", canaries.readable_in_broker())


def _look(place: Ground, tenant: Tenant, found: Found, client_as: Callable[[str], Client]) -> None:
    found.add("broker and cache", canaries.readable_in_broker())
    found.add("tables, row by row as a dump writes them", canaries.readable_in_tables(tenant))
    logs, outbox = list(place.folder.glob("*.log")), Path(os.environ["LEADCRM_OUTBOX_DIR"])
    sent = [each for each in outbox.rglob("*") if each.is_file()]
    for name, paths in (("logs", logs), ("mails and texts that went out", sent)):
        found.add(name, _in_files(paths))
        found.read[name] = sum(each.stat().st_size for each in paths)
    for path in WITHOUT_GRANT:
        found.add("pages, files and answers without the grant", _in_text(path, _get(client_as("cleo"), path)))


def _get(client: Client, path: str) -> bytes:
    answer = client.get(path)
    if answer.status_code not in (200, 403):
        raise RuntimeError(f"{path}: {answer.status_code}")
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _in_text(name: str, content: bytes) -> list[str]:
    return [name] if canaries.MARK.encode() in content else []


def _in_files(paths: list[Path]) -> list[str]:
    return [path.name for path in paths if canaries.MARK.encode() in path.read_bytes()]


def _page(found: Found) -> str:
    hits = {name: sorted(set(where)) for name, where in found.places.items()}
    return "\n\n".join(
        [
            "# Words of health where they may not be",
            "Written by `make bench PART=canaries`; one run on one machine.",
            table(
                ("where", "target", "measured", "met"),
                [limit(f"canaries readable in: {name}", 0, len(where)) for name, where in hits.items()],
            ),
            f"{found.leads:,} inquiries come by the API with a canary in the message; web, worker and beat run, and"
            f" the broker was looked through {found.looks:,} times meanwhile. Beside them, for one in {GOES_ON}, three"
            " leads go on through the doors of staff, with a canary in notes, calls, visits, handoffs, tasks, wishes,"
            f" reasons, verdicts, transfers and the closing: {found.said:,} canaries in all.",
            "Looked through: " + "; ".join(f"{name}, {size:,} bytes" for name, size in found.read.items()) + ".",
            *(f"- {name}: {', '.join(where)}" for name, where in hits.items() if where),
            "",
        ]
    )
