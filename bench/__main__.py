"""Run all measurements and write `bench/results.md`. SIZE is the number of leads for the pages."""

import importlib
import os
import sys
import time
from pathlib import Path

from bench.ground import Ground, ground

RESULTS = Path(__file__).with_name("results.md")


def main() -> int:
    """Measure; a target that is missed is a figure in the page, not an error."""
    size = os.environ.get("SIZE", "10000")
    if not size.isdigit() or int(size) < 20:
        print(f"SIZE is {size!r}; it has to be a number of leads, 20 or more.")
        return 2
    with ground() as place:
        _measure(place, int(size))
    return 0


def _measure(place: Ground, size: int) -> None:
    """Import what needs Django only now, when its addresses are known."""
    capture, pages, pipeline, population, report, visible, cast = (
        importlib.import_module(name)
        for name in (
            *("bench.capture", "bench.pages", "bench.pipeline", "bench.population", "bench.report", "bench.visible"),
            "tests.cast",
        )
    )
    tenants = [_tenant(cast) for _ in range(4)]
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)

    say("pipeline")
    leads_per_second = pipeline.measure(place, tenants[0])
    say("capture")
    posts = capture.measure(place, tenants[1])
    _forget_what_is_due()
    say("from the post to an owner")
    delay = visible.measure(place, tenants[2])
    _forget_what_is_due()
    say(f"making {size:,} leads")
    making = time.monotonic()
    leads = population.populate(place, tenants[3], size)
    made = time.monotonic() - making
    say("pages")
    shown = pages.measure(place, tenants[3])
    report.write(report.Results(posts, leads_per_second, delay, leads, made, shown), RESULTS)
    say("written to bench/results.md")
    print(RESULTS.read_text(encoding="utf-8").partition("## Capture")[0])


def _tenant(cast):  # type: ignore[no-untyped-def]
    """Make a tenant whose keys may post as fast as they can."""
    from apps.accounts.models import ApiKey

    tenant = cast.new_tenant("harbor")
    with tenant.scope():
        ApiKey.rows().update(per_minute=10_000_000)
    return tenant


def _forget_what_is_due() -> None:
    """Each part starts without the work that the one before it left."""
    import redis
    from django.conf import settings

    from apps.tenancy.models import Wakeup

    Wakeup.objects.all().delete()
    redis.Redis.from_url(settings.CELERY_BROKER_URL).flushdb()


if __name__ == "__main__":
    sys.exit(main())
