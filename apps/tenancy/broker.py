"""The broker as a plain key-value server, for the few words that are not Celery's: pokes and pending hints."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_SECONDS = 0.25


@cache
def broker() -> "redis.Redis":
    """Return the client of this process; it reconnects by itself, after a fork too. Any call may raise."""
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_connect_timeout=SOCKET_SECONDS,
        socket_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )
