"""The ground to measure on: services of one run, a migrated database, tenants of the cast, the served product."""

import logging
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import django
import psycopg
from psycopg import sql

from leadcrm import celery_app
from leadcrm.stack.ports import free_port
from leadcrm.stack.processes import Service, launch
from leadcrm.stack.testing import start_test_stack

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "leadcrm_bench"
#: A Tuesday at nine in Chicago: the offices are open, so that every lead goes the whole way.
OPEN_HOURS = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
WEB_PROCESSES, WEB_THREADS = 2, 4
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Ground:
    """Where the run happens: both roles' addresses of the one database, and a folder that goes away."""

    owner_url: str
    runtime_url: str
    folder: Path


@contextmanager
def ground() -> Iterator[Ground]:
    """Start the services, migrate a fresh database as the owner, and make Django use it as the runtime role."""
    stack = start_test_stack()
    try:
        with tempfile.TemporaryDirectory(prefix="leadcrm-bench-") as name:
            owner_url, runtime_url = _in_bench(stack.owner_url), _in_bench(stack.runtime_url)
            _recreate(stack.owner_url)
            os.environ.update(
                DJANGO_SETTINGS_MODULE="leadcrm.settings.test",
                DATABASE_OWNER_URL=owner_url,
                DATABASE_URL=runtime_url,
                REDIS_URL=f"{stack.redis_url.rsplit('/', 1)[0]}/1",
                LEADCRM_OUTBOX_DIR=str(Path(name) / "outbox"),
                LEADCRM_CLOCK_SHIFT_SECONDS=str(OPEN_HOURS.timestamp() - time.time()),
            )
            migrate = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
            subprocess.run(migrate, cwd=ROOT, env=dict(os.environ), check=True)
            with (Path(name) / "own.log").open("a", encoding="utf-8") as log:
                _set_up(log)
                yield Ground(owner_url, runtime_url, Path(name))
    finally:
        stack.stop()


def forget_what_is_due() -> None:
    """Each part starts without the work that the one before it left."""
    import redis
    from django.conf import settings

    from apps.tenancy.models import Wakeup

    Wakeup.objects.all().delete()
    redis.Redis.from_url(settings.CELERY_BROKER_URL).flushdb()


def _set_up(log: TextIO) -> None:
    """Become a process of the product, as its worker does; its log goes to a file, as a service's does."""
    django.setup()
    celery_app.loader.import_default_modules()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(log)


def _in_bench(url: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{DATABASE}"


def _recreate(owner_url: str) -> None:
    with psycopg.connect(f"{owner_url.rsplit('/', 1)[0]}/postgres", autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        # The test stack never plans twice, as its tables are small; here the product's own way is measured.
        connection.execute(sql.SQL("ALTER DATABASE {} SET plan_cache_mode = 'auto'").format(name))


@contextmanager
def served(place: Ground, application: str) -> Iterator[int]:
    """Serve a WSGI application as `make run` serves the product; yield its port."""
    port = free_port()
    command = [
        *[sys.executable, "-m", "granian", application, "--interface", "wsgi", "--no-ws"],
        *["--host", "127.0.0.1", "--port", str(port), "--log-level", "error"],
        *["--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS)],
    ]
    with running(place, "web", command):
        _wait_for(port)
        yield port


@contextmanager
def working(place: Ground) -> Iterator[None]:
    """Run a worker with two processes and the beat, as `make run` does."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "leadcrm"]
    worker = [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "warning"]
    beat = [*celery, "beat", "-s", str(place.folder / "beat"), "--pidfile=", "-l", "warning"]
    with running(place, "worker", worker), running(place, "beat", beat):
        yield


@contextmanager
def running(place: Ground, name: str, command: list[str]) -> Iterator[None]:
    """Run a process of the product, as the runtime role, for the time of the block."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
    with (place.folder / f"{name}.log").open("ab") as log:
        process = launch(command, environment=environment, folder=ROOT, output=log)
    try:
        yield
    finally:
        Service(name, process).stop()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise TimeoutError("The web server did not answer.")
