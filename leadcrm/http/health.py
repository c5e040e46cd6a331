"""Addresses for machines that watch: alive, ready, measured. None of them shows a person's data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from apps.tenancy.clock import database_now
from apps.tenancy.models import Wakeup
from leadcrm.http.metrics import exposition
from leadcrm.http.scoping import public

#: A due wake-up older than this means that no worker drains the outbox (it does so every 5 s).
LATE_SECONDS = 60.0
BROKER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Outbox:
    """How far the sweeper is behind."""

    lag_seconds: float
    due: int
    parked: int


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; asks nothing else."""
    return JsonResponse({"status": "alive"})


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Say what works: 200 while leads are captured and worked off, 503 otherwise.

    A dead broker alone is `degraded` with 200: capture goes on, and taking the web away would lose
    what the outbox keeps. If nothing is drained any more, the lag says so within a minute.
    """
    body = readiness(read_outbox, ping_broker)
    return JsonResponse(body, status=503 if body["status"] == "down" else 200)


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Show Prometheus text to this machine itself or to the holder of the token; others get 404.

    A request that a proxy passed on comes from loopback too, but says so in its headers.
    """
    if not may_scrape(request):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def readiness(outbox: Callable[[], Outbox | None], broker: Callable[[], bool]) -> dict[str, Any]:
    """Return the document of `/readyz` from the two questions."""
    found, broker_ok = outbox(), broker()
    worker_ok = found is not None and found.lag_seconds <= LATE_SECONDS
    status = "down" if not worker_ok else "ready" if broker_ok else "degraded"
    return {
        "status": status,
        "database": "ok" if found else "failed",
        "broker": "ok" if broker_ok else "failed",
        "worker": "unknown" if found is None else "ok" if worker_ok else "late",
        "sweeper_lag_seconds": round(found.lag_seconds, 1) if found else None,
        "due": found.due if found else None,
        "parked": found.parked if found else None,
    }


def read_outbox() -> Outbox | None:
    """Return the outbox's state, or None when the database does not answer."""
    try:
        now = database_now()
        due = Q(parked_at__isnull=True, due_at__lte=now)
        found = Wakeup.objects.aggregate(
            oldest=Min("due_at", filter=due),
            due=Count("id", filter=due),
            parked=Count("id", filter=Q(parked_at__isnull=False)),
        )
    except DatabaseFailure:
        return None
    lag = (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    return Outbox(lag, found["due"], found["parked"])


def ping_broker() -> bool:
    """Say whether the broker answers within half a second."""
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def may_scrape(request: HttpRequest) -> bool:
    """Say whether the asker may read the metrics. An unset token admits nobody."""
    token = getattr(settings, "LEADCRM_METRICS_TOKEN", "")
    offered = request.headers.get("Authorization", "")
    if token and constant_time_compare(offered, f"Bearer {token}"):
        return True
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"))
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not passed_on
