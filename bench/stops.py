"""Messages and opt-outs at the same moment (goal R8): how many calls begin after the opt-out was kept. None may."""

import os
from pathlib import Path

from apps.tenancy.clock import database_now
from bench.clients import share
from bench.ground import forget_what_is_due
from bench.tables import limit, table
from tests.cast import Tenant
from tests.leads_made import consent, make_lead
from tests.stop_races import SPREAD_SECONDS, Raced, race

PAGE = Path(__file__).with_name("stops.md")
PHONE, MOST_STOP_MS = "+13125550177", 1_000
#: So many races are run with one lead; its story grows with each.
A_LEAD = 100


def measure(tenant: Tenant, races: int) -> None:
    """Let them race and write the page."""
    whole = Raced()
    for n in range(0, races, A_LEAD):
        phone = f"+1312{5_550_000 + n // A_LEAD:07d}"
        lead = make_lead(tenant, person__phone=phone, consent=[consent("text"), consent("email")], at=database_now())
        forget_what_is_due()
        found = race(tenant, lead, phone, min(A_LEAD, races - n), seed=n)
        whole.sent, whole.stopped = whole.sent + found.sent, whole.stopped + found.stopped
        whole.late += found.late
        whole.stop_seconds += found.stop_seconds
        print(
            f"{n + A_LEAD:,} races: {whole.sent:,} sent, {whole.stopped:,} stopped, {len(whole.late)} late", flush=True
        )
    PAGE.write_text(_page(whole), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _page(found: Raced) -> str:
    slowest = 1000 * max(found.stop_seconds)
    return "\n\n".join(
        [
            "# Messages and opt-outs at the same moment",
            "Written by `make bench PART=stops`; one run on one machine.",
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.0f} over the five minutes before the end.",
            table(
                ("what", "target", "measured", "met"),
                [
                    limit(
                        f"calls to the provider that began after the opt-out was kept, of {len(found.stop_seconds):,}",
                        0,
                        len(found.late),
                    ),
                    limit("the slowest opt-out, ms from its word to its commit", MOST_STOP_MS, slowest),
                ],
            ),
            f"Two threads with connections of their own begin together, one up to {1000 * SPREAD_SECONDS:.0f} ms after"
            " the other, at random: one sends a text, the other keeps a STOP of its receiver's number. The provider"
            " is a stand-in that notes when its call begins; the STOP's time is taken right after its commit.",
            table(
                ("came of it", "races"),
                [
                    ("sent before the STOP", f"{found.sent:,}"),
                    ("not sent", f"{found.stopped:,}"),
                ],
            ),
            f"Opt-outs took {1000 * share(found.stop_seconds, 0.5):.0f} ms at the middle and"
            f" {1000 * share(found.stop_seconds, 0.95):.0f} ms for 19 of 20.",
            "",
        ]
    )
