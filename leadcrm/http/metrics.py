"""Counters and gauges for Prometheus.

Counters live in this process: with several web processes a scrape sees the one that answered, so
run one process with threads per scraped address. Gauges are read from the database and agree
everywhere. Labels are route names, never addresses: addresses hold ids.
"""

from collections.abc import Iterator

from django.db.models import Count, Min
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.tenancy.clock import database_now
from apps.tenancy.models import Wakeup

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)

_requests = CollectorRegistry(auto_describe=True)
_count = Counter("leadcrm_requests", "Answers by route and status.", ["method", "route", "status"], registry=_requests)
_seconds = Histogram(
    "leadcrm_request_seconds", "Time to answer by route.", ["route"], registry=_requests, buckets=BUCKETS
)


def observe(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer."""
    _count.labels(method if method in METHODS else "other", route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


class OutboxCollector(Collector):
    """Reads how far the sweeper is behind, at the moment of the scrape."""

    def collect(self) -> Iterator[Metric]:
        """Yield due wake-ups, the age of the oldest, and parked ones by kind."""
        now = database_now()
        due = Wakeup.objects.filter(parked_at__isnull=True, due_at__lte=now)
        found = due.aggregate(count=Count("id"), oldest=Min("due_at"))
        age = (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0
        yield GaugeMetricFamily("leadcrm_wakeups_due", "Wake-ups that are due.", value=found["count"])
        yield GaugeMetricFamily("leadcrm_wakeups_oldest_due_seconds", "Age of the oldest due one.", value=age)
        parked = GaugeMetricFamily("leadcrm_wakeups_parked", "Wake-ups that failed too often.", labels=["kind"])
        rows = Wakeup.objects.filter(parked_at__isnull=False).values_list("kind").annotate(Count("id"))
        for kind, count in rows:
            parked.add_metric([kind], count)
        yield parked


_outbox = CollectorRegistry(auto_describe=False)
_outbox.register(OutboxCollector())


def exposition() -> bytes:
    """Return the scrape text: counters of this process, then the outbox gauges."""
    return generate_latest(_requests) + generate_latest(_outbox)
