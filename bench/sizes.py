"""One tenant as it grows: capture, pipeline and pages measured at each size, on one database."""

import time
from dataclasses import dataclass

from bench.capture import posts_per_second
from bench.ground import Ground, forget_what_is_due
from bench.pages import PageFigure
from bench.pages import measure as measure_pages
from bench.pipeline import intakes_per_second
from bench.population import Population

SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class AtSize:
    """What was measured with so many leads, and how long it took to grow to them."""

    leads: int
    grown_in_seconds: float
    posts_per_second: float
    leads_per_second: float
    pages: list[PageFigure]


def sizes_up_to(largest: int) -> list[int]:
    """Return the sizes to measure: each step below the largest, and the largest."""
    return [*(each for each in SIZES if each < largest), largest]


def measure(place: Ground, population: Population, largest: int) -> list[AtSize]:
    """Let one tenant grow to each size and measure it there; the pages come first, on what the copy left."""
    found = []
    for size in sizes_up_to(largest):
        began = time.monotonic()
        leads = population.grow_to(size)
        grown = time.monotonic() - began
        print(f"       {leads:,} leads after {grown:.0f} s", flush=True)
        pages = measure_pages(place, population.tenant)
        rate = intakes_per_second(population.tenant)
        forget_what_is_due()
        posts = posts_per_second(place, population.tenant)
        forget_what_is_due()
        found.append(AtSize(leads, grown, posts, rate, pages))
    return found
