"""Turn the addresses in the environment into Django's and Celery's shapes."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PREPARED_FROM_USE = 2


def database_config(url: str) -> dict[str, Any]:
    """Return Django's settings for a `postgresql://user:password@host:port/name` address.

    A socket folder is given as `?host=/path`. Statements are prepared on the server from their third use
    on, which saves planning them again; `?prepare=0` turns that off, for a pooler that cannot. The time
    limits keep a stuck lock or a lost client from holding a connection for ever (RELIABILITY rule 13 of the
    invariants: no idle transaction).
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or (parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "server_side_binding": True,
            "prepare_threshold": None if query.get("prepare") == "0" else PREPARED_FROM_USE,
            "options": "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000 -c statement_timeout=30000",
        },
    }


def broker_transport() -> dict[str, Any]:
    """Return transport options that keep a frozen broker from holding a request.

    Half a second to connect and to answer: with the defaults a frozen broker held a publisher for
    more than 25 s.
    """
    return {
        "socket_connect_timeout": 0.5,
        "socket_timeout": 5.0,
        "retry_on_timeout": False,
        "visibility_timeout": 60,
        "health_check_interval": 10,
        "max_retries": 0,
    }
