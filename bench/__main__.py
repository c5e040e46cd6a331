"""Run all measurements and write `bench/results.md`; `python -m bench rules` measures what it says of rules alone.

`python -m bench clocks` measures running clocks in bulk into `bench/clocks.md`; SIZE is the number of clocks there.
`python -m bench stops` lets senders and opt-outs race into `bench/stops.md`; SIZE is the number of races there.
`python -m bench keys` rotates a tenant's keys over SIZE sealed rows while posts go on, into `bench/keys.md`.
`python -m bench canaries` takes SIZE leads with words of health through the product and looks for them everywhere else,
into `bench/canaries.md`. `python -m bench screens` lets one tenant grow to SIZE leads and measures its pages and keys,
into `bench/screens.md`. `python -m bench sealing` tells what sealing and the read log cost, into `bench/sealing.md`.
`python -m bench next` lets fifty people ask SIZE times for the next lead at once, into `bench/next.md`.
`python -m bench hours` asks at SIZE instants whether somebody may be called, against an oracle, into `bench/hours.md`.

One tenant grows to SIZE leads, measured at each step.
"""

import importlib
import os
import sys
import time
from pathlib import Path

from bench.ground import Ground, forget_what_is_due, ground

LEAST, USUAL, RULES, CLOCKS = 10_000, 100_000, "rules", "clocks"
STOPS, RACES, HOURS, INSTANTS = "stops", 5_000, "hours", 1_000_000
KEYS, CANARIES, SEALING, NEXT, SCREENS = "keys", "canaries", "sealing", "next", "screens"
#: What each part is measured with, and the least it can be.
SIZES = {KEYS: (100_000, 1_000), CANARIES: (10_000, 20), SEALING: (200, 20), NEXT: (20, 2)}
#: The rules alone are measured on a month of 4,000 leads a day; copies make no exact number.
RULES_AT = 121_000
RESULTS = Path(__file__).with_name("results.md")


def main(parts: list[str]) -> int:
    """Measure; a target that is missed is a figure in the page, not an error."""
    if parts not in ([], [RULES], [CLOCKS], [STOPS], [HOURS], [KEYS], [CANARIES], [SEALING], [NEXT], [SCREENS]):
        names = ", ".join((RULES, CLOCKS, STOPS, HOURS, SCREENS, *SIZES))
        print(f"There is no part {' '.join(parts)!r}; name one of {names}, or nothing for all.")
        return 2
    sizes = {RULES: (RULES_AT, LEAST), STOPS: (RACES, 100), HOURS: (INSTANTS, LEAST), **SIZES}
    usual, least = sizes.get(parts[0], (USUAL, LEAST)) if parts else (USUAL, LEAST)
    size = os.environ.get("SIZE") or str(usual)
    if not size.isdigit() or int(size) < least:
        print(f"SIZE is {size!r}; it has to be a number, {least} or more.")
        return 2
    if parts == [HOURS]:
        importlib.import_module("bench.hours").measure(int(size))
        return 0
    with ground() as place:
        if parts == [CLOCKS]:
            _measure_clocks(place, int(size))
        elif parts == [SCREENS]:
            screens, _ = _modules("screens")
            screens.measure(place, _Rules(place).population(), int(size))
        elif parts == [STOPS]:
            _measure_stops(int(size))
        elif parts and parts[0] in SIZES:
            part, cast = _modules(parts[0])
            part.measure(place, _tenant(cast), int(size))
        elif parts:
            _measure_rules(place, int(size))
        else:
            _measure(place, int(size))
    return 0


def _measure(place: Ground, size: int) -> None:
    """Import what needs Django only now, when its addresses are known."""
    capture, pipeline, report, sizes, visible, cast = _modules("capture", "pipeline", "report", "sizes", "visible")
    tenants, say = [_tenant(cast) for _ in range(4)], _Saying()
    rules = _Rules(place)
    say("deciding and fair distribution")
    rules.decide(tenants[3])
    say("pipeline")
    leads_per_second = pipeline.measure(place, tenants[0])
    say("capture")
    posts = capture.measure(place, tenants[1])
    forget_what_is_due()
    say("from the post to an owner")
    delay = visible.measure(place, tenants[2])
    forget_what_is_due()
    say(f"one tenant up to {size:,} leads")
    population = rules.population()
    grown = sizes.measure(place, population, size)
    say("replay of past leads")
    report.write(report.Results(posts, leads_per_second, delay, grown, rules.replay(population)), RESULTS)
    say("written to bench/results.md")
    print(RESULTS.read_text(encoding="utf-8").partition("## Capture")[0])
    say("clocks in bulk")
    _measure_clocks(place, size)


def _measure_clocks(place: Ground, size: int) -> None:
    clocks, crowd, _ = _modules("clocks", "crowd")
    clocks.measure(place, crowd.crowded_tenant(), size, max(1_000, size // 10))


def _measure_stops(size: int) -> None:
    stops, cast = _modules("stops")
    stops.measure(_tenant(cast), size)


def _measure_rules(place: Ground, size: int) -> None:
    report, cast = _modules("report")
    rules, say = _Rules(place), _Saying()
    say("deciding and fair distribution")
    rules.decide(_tenant(cast))
    say(f"one tenant of {size:,} leads")
    population = rules.population()
    population.grow_to(size)
    say("replay of past leads")
    report.write_rules(rules.replay(population), RESULTS)
    say("written to bench/results.md")


class _Rules:
    """Measures what the page says of rules, in two steps: what needs few leads, and the replay of many."""

    def __init__(self, place: Ground) -> None:
        self.place = place

    def decide(self, tenant) -> None:  # type: ignore[no-untyped-def]
        deciding, fairness, _ = _modules("deciding", "fairness")
        self.decided, self.fair = deciding.measure(), fairness.measure(tenant)
        forget_what_is_due()

    def population(self):  # type: ignore[no-untyped-def]
        population, crowd, _ = _modules("population", "crowd")
        return population.found_population(self.place, crowd.crowded_tenant())

    def replay(self, population):  # type: ignore[no-untyped-def]
        rules_report, replaying, _ = _modules("rules_report", "replaying")
        return rules_report.RuleFigures(self.decided, self.fair, replaying.measure(population.tenant))


class _Saying:
    """Tells what is measured, and since when."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, what: str) -> None:
        print(f"{time.monotonic() - self.began:5.0f} s  {what}", flush=True)


def _modules(*names: str):  # type: ignore[no-untyped-def]
    """Return parts of the bench, and the tests' cast last."""
    return [importlib.import_module(name) for name in (*(f"bench.{each}" for each in names), "tests.cast")]


def _tenant(cast):  # type: ignore[no-untyped-def]
    """Make a tenant whose keys may post as fast as they can."""
    from apps.accounts.models import ApiKey

    tenant = cast.new_tenant("harbor")
    with tenant.scope():
        ApiKey.rows().update(per_minute=10_000_000)
    return tenant


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
