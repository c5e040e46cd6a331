"""The screens at size (UX checks 19 and 20): times, statements and bytes of pages, and what a hand feels on them."""

import os
from pathlib import Path

from bench import hands, pages
from bench.clients import share
from bench.ground import Ground
from bench.population import Population
from bench.report import HOT_KILOBYTES, PAGES, machine
from bench.tables import limit, table
from tests.cast import Tenant

PAGE = Path(__file__).with_name("screens.md")
MOST_SHIFT, MOST_INTERACTION_MS, MOST_PAINT_MS = 0.02, 200, 100


def measure(place: Ground, population: Population, size: int) -> None:
    """Grow the tenant, ask its pages two hundred times each, press keys on them, and write the page."""
    leads = population.grow_to(size)
    figures = pages.measure(place, population.tenant)
    felt = hands.measure(place, population.tenant, population.tenant.user("lena"))
    PAGE.write_text(_page(leads, figures, felt, population.tenant), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _page(leads: int, figures: list[pages.PageFigure], felt: hands.Hands, tenant: Tenant) -> str:
    hot = [each for each in figures if each.budget == pages.HOT]
    _, most_ms, most_statements = PAGES[pages.HOT]
    painted = [each for page in felt.felt for each in page.painted_ms]
    shift = max(felt.shifts.values())
    targets = [
        limit("slowest hot page, p95, ms", most_ms, max(each.p95_ms for each in hot)),
        limit("statements of the hot page that asks most", most_statements, max(each.statements for each in hot)),
        limit("kilobytes of the largest hot page", HOT_KILOBYTES, max(each.kilobytes for each in hot)),
        limit("from a key to the paint, 95 of 100, ms", MOST_PAINT_MS, _of_presses(felt, painted, 0.95)),
        limit("interaction to next paint (INP), ms", MOST_INTERACTION_MS, hands.interaction_ms(felt.felt)),
        ("layout shift while updates stream in", f"<= {MOST_SHIFT}", f"{shift:.4f}", _yes(shift <= MOST_SHIFT)),
    ]
    return "\n\n".join(
        [
            "# Screens at size",
            "Written by `make bench PART=screens`; one run on one machine, browser and servers on the same cores.",
            machine(),
            f"{leads:,} leads, three of a hundred open; {_crowd(tenant)}. Load average"
            f" {os.getloadavg()[1]:.1f} over the five minutes before the end.",
            table(("what", "target", "measured", "met"), targets),
            "## Pages",
            f"Each is asked {pages.REQUESTS} times, one at a time, on a kept connection, as the reader named.",
            table(
                ("class", "page", "p50 ms", "p95 ms", "statements", "kB"),
                [
                    (each.budget, each.name, f"{each.p50_ms:.0f}", f"{each.p95_ms:.0f}", str(each.statements),
                     str(each.kilobytes))
                    for each in figures
                ],
            ),
            "## Keys",
            "A real browser presses them as a person does and tells when the page was painted; it tells nothing of"
            f" those that took less than {hands.LEAST_MS} ms.",
            table(
                ("page and keys", "presses", "told of", "middle ms", "slowest ms"),
                [
                    (each.page, str(each.presses), str(len(each.painted_ms)),
                     f"{_of_presses(hands.Hands([each], {}, 0), each.painted_ms, 0.5):.0f}",
                     f"{max(each.painted_ms, default=hands.LEAST_MS):.0f}")
                    for each in felt.felt
                ],
            ),
            "## Updates",
            f"{felt.updates} changes of leads on the first page arrived in"
            f" {hands.STREAM_SECONDS * len(felt.shifts)} s while the hand rested.",
            table(("page", "layout shift"), [(name, f"{moved:.4f}") for name, moved in felt.shifts.items()]),
            "",
        ]
    )  # fmt: skip


def _of_presses(felt: hands.Hands, painted: list[float], part: float) -> float:
    """Return a share of all presses; those the browser told nothing of took its least."""
    silent = sum(each.presses for each in felt.felt) - len(painted)
    return share([*painted, *[float(hands.LEAST_MS)] * max(silent, 0)], part)


def _crowd(tenant: Tenant) -> str:
    from apps.accounts.models import Membership
    from apps.catalog.models import Queue

    with tenant.scope():
        people = Membership.rows().filter(is_active=True).count()
        return f"{Queue.rows().count()} queues, {people} people"


def _yes(is_met: bool) -> str:
    return "yes" if is_met else "**no**"
