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


def measure(place: Ground, tenant: Tenant, rounds: int) -> dict[str, float]:
    """Open the page of a lead with a story again and again, each way in turn; return the medians in milliseconds."""
    client_as = lambda name: sign_in(tenant.user(name))  # noqa: E731
    lead_id, _ = canaries.tell(tenant, client_as)
    forget_what_is_due()
    browser, path = client_as("sam"), f"/leads/{lead_id}/?show=all"
    taken: dict[str, list[float]] = {"as it is": [], "without sealing": [], "without the log": [], "without both": []}
    known: dict[bytes, bytes] = {}
    for number in range(rounds + WARM):
        for name, own in taken.items():
            seconds = _opened(browser, path, name, known)
            if number >= WARM:
                own.append(1000 * seconds)
    found = {name: statistics.median(own) for name, own in taken.items()}
    PAGE.write_text(_page(found, rounds), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return found


def _opened(browser: Client, path: str, way: str, known: dict[bytes, bytes]) -> float:
    """Return the seconds of one look at the page."""
    with ExitStack() as ways:
        if way in ("without sealing", "without both"):
            ways.enter_context(_without_sealing(known))
        if way in ("without the log", "without both"):
            ways.enter_context(_without_log())
        began = time.perf_counter()
        answer = browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return time.perf_counter() - began


def _page(found: dict[str, float], rounds: int) -> str:
    share = found["without both"] / found["as it is"]
    return "\n\n".join(
        [
            "# What sealing and the read log cost",
            "Written by `make bench PART=sealing`; one run on one machine.",
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.0f} over the five minutes before the end.",
            table(
                ("what", "target", "measured", "met"),
                [
                    (
                        "the page of a lead: looks a second with both, beside none of both",
                        f">= {LEAST_SHARE}",
                        f"{share:.2f}",
                        met(share >= LEAST_SHARE),
                    )
                ],
            ),
            table(
                ("way", "ms in the middle", "beside none of both"),
                [(name, f"{each:.1f}", f"{each / found['without both']:.2f}") for name, each in found.items()],
            ),
            f"One lead with notes, a call and a visit, its whole page {rounds} times each way, in turn, in one process."
            " Without sealing, opened values are found in a table by what is stored; without the log, nothing of the"
            " look is noted. The page is read by its owner, who may read the details.",
            "",
        ]
    )
