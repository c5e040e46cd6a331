"""What sealing and the read log cost on the page of a lead: beside the same page without either, in the same run."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.test import Client

from apps.audit import ledger
from apps.consent import queries as consent
from apps.privacy import details
from apps.tenancy import sealed_fields
from apps.tenancy.sealing import unseal
from bench.ground import Ground, forget_what_is_due
from bench.tables import met, table
from tests import canaries
from tests.cast import Tenant
from tests.doors import sign_in

PAGE = Path(__file__).with_name("sealing.md")
LEAST_SHARE, WARM = 0.8, 5
WAYS = ("as it is", "without sealing", "without the log", "without both")
OPENERS = (sealed_fields, details, consent)


@contextmanager
def _without_sealing(known: dict[bytes, bytes]) -> Iterator[None]:
    """Find opened values in a table instead of opening them."""

    def found(sealed: bytes, **place: Any) -> bytes:
        own = bytes(sealed)
        if own not in known:
            known[own] = unseal(own, **place)
        return known[own]

    with ExitStack() as stack:
        for module in OPENERS:
            stack.enter_context(mock.patch.object(module, "unseal", found))
        yield


@contextmanager
def _without_log() -> Iterator[None]:
    with mock.patch.object(ledger, "record_read", lambda **_: None):
        yield


def measure(place: Ground, tenant: Tenant, rounds: int) -> dict[str, tuple[float, float]]:
    """Open the page of a lead again and again, each way in turn; return medians in ms: clock, process."""
    client_as = lambda name: sign_in(tenant.user(name))  # noqa: E731
    lead_id, _ = canaries.tell(tenant, client_as)
    forget_what_is_due()
    browser, path = client_as("sam"), f"/leads/{lead_id}/?show=all"
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    known: dict[bytes, bytes] = {}
    for number in range(rounds + WARM):
        for turn in range(len(WAYS)):
            name = WAYS[(number + turn) % len(WAYS)]
            both = _opened(browser, path, name, known)
            if number >= WARM:
                taken[name].append(both)
    found = {
        name: (1000 * statistics.median(wall for wall, _ in own), 1000 * statistics.median(busy for _, busy in own))
        for name, own in taken.items()
    }
    PAGE.write_text(_page(found, rounds), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return found


def _opened(browser: Client, path: str, way: str, known: dict[bytes, bytes]) -> tuple[float, float]:
    """Return the seconds of one look at the page: by the clock, and of this process's work."""
    with ExitStack() as ways:
        if way in ("without sealing", "without both"):
            ways.enter_context(_without_sealing(known))
        if way in ("without the log", "without both"):
            ways.enter_context(_without_log())
        began, busy = time.perf_counter(), time.process_time()
        answer = browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return time.perf_counter() - began, time.process_time() - busy


def _page(found: dict[str, tuple[float, float]], rounds: int) -> str:
    floor = found["without both"]
    shares = [floor[each] / found["as it is"][each] for each in range(2)]
    return "\n\n".join(
        [
            "# What sealing and the read log cost",
            "Written by `make bench PART=sealing`; one run on one machine.",
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.0f} over the five minutes before the end.",
            table(
                ("what", "target", "measured", "met"),
                [
                    (
                        f"the page of a lead without both, beside as it is, {how}",
                        f">= {LEAST_SHARE}",
                        f"{each:.2f}",
                        met(each >= LEAST_SHARE),
                    )
                    for how, each in zip(("by the clock", "work of the process"), shares, strict=True)
                ],
            ),
            table(
                ("way", "ms by the clock", "beside none of both", "ms of the process", "beside none of both"),
                [
                    (name, f"{wall:.1f}", f"{wall / floor[0]:.2f}", f"{busy:.1f}", f"{busy / floor[1]:.2f}")
                    for name, (wall, busy) in found.items()
                ],
            ),
            f"One lead with notes, a call and a visit, its whole page {rounds} times each way, in turn, in one process;"
            " medians. Without sealing, opened values are found in a table by what is stored; without the log, nothing"
            " of the look is noted. The page is read by its owner, who may read the details.",
            "",
        ]
    )
