"""`make run`: everything from nothing in one terminal, and all of it gone again on Ctrl-C.

Order: secrets, PostgreSQL, Valkey, migrations as the owner, demo tenants, web, event stream, worker,
beat, simulator. The data stays; a second start takes seconds.
"""

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from leadcrm.stack import output
from leadcrm.stack.addresses import Addresses, own_addresses, variables
from leadcrm.stack.binaries import find_programs
from leadcrm.stack.broker import Broker, start_broker
from leadcrm.stack.database import Cluster, Passwords, prepare_home, start_cluster
from leadcrm.stack.keys import load_secrets
from leadcrm.stack.places import Places, StackError, make_folder, own_home, places_of, read_json, write_json
from leadcrm.stack.ports import free_port, is_free
from leadcrm.stack.processes import Service
from leadcrm.stack.supervisor import Supervisor, run_once, start_logged
from leadcrm.stack.welcome import banner, wait_for_web

LOG_LIMIT = 5_000_000


class StopRequested(BaseException):
    """Somebody asked us to end: Ctrl-C, a terminal that closed, or the system."""


def main() -> int:
    """Run until a signal; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    places = places_of()
    supervisor = Supervisor(places.run)
    try:
        with _only_one(places):
            try:
                _start_all(places, supervisor)
                supervisor.watch()
            finally:
                _ignore_signals()
                supervisor.end()
    except StopRequested:
        output.say("stopped; the data is kept")
    except StackError as problem:
        output.say(str(problem))
        return 1
    except PermissionError as problem:
        output.say(f"{problem.filename} belongs to another user. Run as that user, or remove {places.data}.")
        return 1
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    """End once; a second Ctrl-C does not cut the end short."""
    _ignore_signals()
    raise StopRequested


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _only_one(places: Places) -> Iterator[None]:
    """Hold the checkout's lock; the kernel lets go of it however we end."""
    for folder in (places.data, places.run, places.logs):
        make_folder(folder)
    path = places.run / "lock"
    with path.open("a+") as file:
        path.chmod(0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise StackError(f"leadcrm already runs from this checkout (process {file.read().strip()}).") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _start_all(places: Places, supervisor: Supervisor) -> None:
    host, port = os.environ.get("LEADCRM_HOST", "127.0.0.1"), _web_port()
    if left := supervisor.end_leftovers():
        output.say(f"ended {left} processes that an earlier run left")
    if not is_free(port, host):
        raise StackError(f"Port {port} is taken. Stop what uses it, or choose another one: make run PORT=8001")
    places = _with_own_home(places)
    keys = load_secrets(places.secrets_file)
    addresses = _start_services(places, supervisor, keys)
    stream_port = _stream_port(places, port)
    environment = variables(addresses, keys, port) | {
        "LEADCRM_LIVE_URL": os.environ.get("LEADCRM_LIVE_URL") or f":{stream_port}/live/"
    }
    _remember(places, addresses, environment, port, stream_port)
    runtime = {name: value for name, value in environment.items() if name != "DATABASE_OWNER_URL"}
    runtime = {**_inherited(), **runtime, "PYTHONUNBUFFERED": "1", "LEADCRM_LOG_FORMAT": "plain"}
    make_folder(places.data / "static")
    _prepare(places.root, runtime, addresses)
    _start_programs(places, supervisor, runtime, host, (port, stream_port))
    wait_for_web(host, port)
    for text in banner(places.data / "demo.json", port):
        output.say(text)


def _with_own_home(places: Places) -> Places:
    own = own_home(places)
    if own.services != places.services:
        output.say(f"{places.services} is the data of an earlier checkout at this path; it is left alone,")
        output.say("and can be removed when nobody needs it")
    return own


def _web_port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"PORT is {text!r}; it has to be a number from 1 to 65535.")
    return int(text)


def _stream_port(places: Places, web_port: int) -> int:
    """Return the port of the event stream: the one of the last start, or that after the web's, while it is free."""
    remembered = read_json(places.stack_file).get("ports", {}).get("stream")
    return free_port(remembered if isinstance(remembered, int) and remembered != web_port else web_port + 1)


def _inherited() -> dict[str, str]:
    """Return the person's environment without what would make a child the owner."""
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_OWNER_URL", "LEADCRM_ROLE"}}


def _start_services(places: Places, supervisor: Supervisor, keys: dict[str, str]) -> Addresses:
    """Start what the environment does not name; ports of an earlier start are kept while they are free."""
    given = own_addresses(os.environ)
    if given.database_url and given.redis_url:
        return given
    before = read_json(places.stack_file).get("ports", {})
    make_folder(places.services.parent)
    home = prepare_home(places.services, places.account)
    programs = find_programs(home, places.account)
    if not given.database_url:
        cluster = Cluster(
            home,
            programs.postgres,
            places.account,
            _port_or_other(before.get("postgres")),
            Passwords(keys["postgres_superuser"], keys["postgres_owner"], keys["postgres_runtime"]),
            _log(places, "postgres"),
        )
        output.say("starting PostgreSQL" if cluster.data.is_dir() else "making and starting PostgreSQL")
        supervisor.add("postgres", lambda: start_cluster(cluster), is_service=True)
        given = given.with_database(cluster.owner_url, cluster.runtime_url, cluster.port)
    if not given.redis_url:
        broker = Broker(
            home,
            programs.valkey,
            places.account,
            _port_or_other(before.get("valkey")),
            keys["valkey"],
            _log(places, "valkey"),
        )
        output.say("starting Valkey")
        supervisor.add("valkey", lambda: start_broker(broker), is_service=True)
        given = given.with_broker(broker.url, broker.port)
    return given


def _port_or_other(remembered: object) -> int:
    return free_port(remembered if isinstance(remembered, int) else None)


def _log(places: Places, name: str) -> Path:
    path = places.logs / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path


def _remember(places: Places, addresses: Addresses, environment: dict[str, str], port: int, stream: int) -> None:
    content = {
        "web": f"http://127.0.0.1:{port}",
        "ports": addresses.ports | {"stream": stream},
        "environment": environment,
    }
    write_json(places.stack_file, content)


def _prepare(root: Path, environment: dict[str, str], addresses: Addresses) -> None:
    manage = [sys.executable, str(root / "manage.py")]
    output.say("bringing the database up to date")
    owner = {**environment, "DATABASE_OWNER_URL": addresses.owner_url}
    run_once("migrate", [*manage, "migrate", "--no-input"], owner, root)
    if environment["LEADCRM_DEMO"] == "1":
        output.say("making the demo tenants, where they are missing")
        run_once("demo", [*manage, "demo", "--apply"], environment, root)


def _start_programs(
    places: Places, supervisor: Supervisor, environment: dict[str, str], host: str, ports: tuple[int, int]
) -> None:
    python, root = sys.executable, places.root
    schedule = str(places.data / "celerybeat-schedule")
    quiet = ["-W", "ignore:You're running the worker with superuser"] if os.geteuid() == 0 else []
    celery = [python, *quiet, "-m", "celery", "--quiet", "-A", "leadcrm"]
    commands: dict[str, list[str]] = {
        "web": [
            *[python, "-m", "granian", "leadcrm.wsgi:application", "--interface", "wsgi", "--no-ws"],
            *["--host", host, "--port", str(ports[0]), "--workers", "2", "--blocking-threads", "4"],
            *["--respawn-failed-workers", "--workers-kill-timeout", "5"],
        ],
        "stream": [
            *[python, "-m", "granian", "leadcrm.live.asgi:application", "--interface", "asgi", "--no-ws"],
            *["--host", host, "--port", str(ports[1]), "--workers", "1", "--workers-kill-timeout", "2"],
        ],
        "worker": [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "INFO"],
        "beat": [*celery, "beat", "-s", schedule, "--pidfile=", "-l", "INFO"],
    }
    if environment["LEADCRM_DEMO"] == "1" and os.environ.get("LEADCRM_SIMULATE", "1") != "0":
        commands["simulate"] = [python, str(root / "manage.py"), "simulate"]
    for name, command in commands.items():
        output.say(f"starting {name}")
        supervisor.add(name, _starter(name, command, environment, root))


def _starter(name: str, command: list[str], environment: dict[str, str], root: Path) -> Callable[[], Service]:
    return lambda: start_logged(name, command, environment, root)


if __name__ == "__main__":
    sys.exit(main())
