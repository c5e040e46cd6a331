"""Run all measurements and write `bench/results.md`. One tenant grows to SIZE leads, measured at each step."""

import importlib
import os
import sys
import time
from pathlib import Path

from bench.ground import Ground, forget_what_is_due, ground

LEAST = 10_000
RESULTS = Path(__file__).with_name("results.md")


def main() -> int:
    """Measure; a target that is missed is a figure in the page, not an error."""
    size = os.environ.get("SIZE", "100000")
    if not size.isdigit() or int(size) < LEAST:
        print(f"SIZE is {size!r}; it has to be a number of leads, {LEAST} or more.")
        return 2
    with ground() as place:
        _measure(place, int(size))
    return 0


def _measure(place: Ground, size: int) -> None:
    """Import what needs Django only now, when its addresses are known."""
    capture, deciding, fairness, pipeline, report, sizes, visible, cast = (
        importlib.import_module(name)
        for name in (
            *(
                "bench.capture",
                "bench.deciding",
                "bench.fairness",
                "bench.pipeline",
                "bench.report",
                "bench.sizes",
                "bench.visible",
            ),
            "tests.cast",
        )
    )
    tenants = [_tenant(cast) for _ in range(4)]
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)

    say("deciding")
    decided = deciding.measure()
    say("fair distribution")
    fair = fairness.measure(tenants[3])
    forget_what_is_due()
    say("pipeline")
    leads_per_second = pipeline.measure(place, tenants[0])
    say("capture")
    posts = capture.measure(place, tenants[1])
    forget_what_is_due()
    say("from the post to an owner")
    delay = visible.measure(place, tenants[2])
    forget_what_is_due()
    say(f"one tenant up to {size:,} leads")
    grown = sizes.measure(place, size)
    report.write(report.Results(posts, leads_per_second, delay, grown, decided, fair), RESULTS)
    say("written to bench/results.md")
    print(RESULTS.read_text(encoding="utf-8").partition("## Capture")[0])


def _tenant(cast):  # type: ignore[no-untyped-def]
    """Make a tenant whose keys may post as fast as they can."""
    from apps.accounts.models import ApiKey

    tenant = cast.new_tenant("harbor")
    with tenant.scope():
        ApiKey.rows().update(per_minute=10_000_000)
    return tenant


if __name__ == "__main__":
    sys.exit(main())
