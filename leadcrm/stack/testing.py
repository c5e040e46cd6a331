"""A PostgreSQL and a Valkey for one test run, in a folder that goes away with it.

Addresses in LEADCRM_TEST_DATABASE_OWNER_URL, LEADCRM_TEST_DATABASE_URL and LEADCRM_TEST_REDIS_URL
win: the processes of one parallel run share one pair of services this way.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from leadcrm.stack.binaries import find_programs, is_open
from leadcrm.stack.broker import Broker, start_broker
from leadcrm.stack.database import TEST_SETTINGS, Cluster, Passwords, prepare_home, start_cluster
from leadcrm.stack.keys import new_password
from leadcrm.stack.places import StackError, own_account, write_json
from leadcrm.stack.ports import free_port
from leadcrm.stack.processes import Service, identify, is_alive, read_record

OWNER_NAME, RUNTIME_NAME, REDIS_NAME = (
    "LEADCRM_TEST_DATABASE_OWNER_URL",
    "LEADCRM_TEST_DATABASE_URL",
    "LEADCRM_TEST_REDIS_URL",
)
PREFIX, RECORD = "leadcrm-test-", "run.json"


@dataclass(frozen=True)
class TestStack:
    """The addresses of the services of one test run, and how to end what was started for it."""

    __test__ = False  # not a class of tests

    owner_url: str
    runtime_url: str
    redis_url: str
    stop: Callable[[], None]

    def environment(self) -> dict[str, str]:
        """Return the variables that make another process use these services."""
        return {OWNER_NAME: self.owner_url, RUNTIME_NAME: self.runtime_url, REDIS_NAME: self.redis_url}


def start_test_stack() -> TestStack:
    """Start both services, or take the ones that the environment names.

    Refuses a half-named database: one role's address without the other's. A run that is killed
    takes its services with it; the next run removes the folder it left.
    """
    owner, runtime, redis_url = (os.environ.get(name, "") for name in (OWNER_NAME, RUNTIME_NAME, REDIS_NAME))
    if bool(owner) != bool(runtime):
        raise StackError(f"Set both {OWNER_NAME} and {RUNTIME_NAME}, or neither.")
    with ExitStack() as undo:
        if not (owner and redis_url):
            home = _new_home()
            undo.callback(shutil.rmtree, home, ignore_errors=True)
            account = own_account(home.name)
            prepare_home(home / "services", account)
            programs = find_programs(home / "services", account)
            if not owner:
                cluster = Cluster(
                    home / "services",
                    programs.postgres,
                    account,
                    free_port(),
                    Passwords(new_password(), new_password(), new_password()),
                    home / "postgres.log",
                )
                undo.callback(start_cluster(cluster, TEST_SETTINGS).stop)
                owner, runtime = cluster.owner_url, cluster.runtime_url
            if not redis_url:
                broker = Broker(
                    home / "services",
                    programs.valkey,
                    account,
                    free_port(),
                    new_password(),
                    home / "valkey.log",
                )
                undo.callback(start_broker(broker).stop)
                redis_url = broker.url
        return TestStack(owner, runtime, redis_url, undo.pop_all().close)


def _parent() -> Path:
    """Return the place for temporary folders; for root one that the services' account can enter too."""
    places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    if os.geteuid() != 0:
        return places[0]
    for place in places:
        if place.is_dir() and is_open(place):
            return place
    raise StackError("No temporary folder can be entered by an unprivileged account; run as a normal user.")


def _new_home() -> Path:
    """Make a folder for this run, and remove those of runs that ended without doing so."""
    parent = _parent()
    for left in parent.glob(f"{PREFIX}*"):
        record = read_record(left / RECORD) if left.lstat().st_uid == os.geteuid() else None
        if record is not None and not is_alive(record):
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # Private files in a folder that the services' account may pass through.
    home.chmod(0o711)
    me = identify(os.getpid())
    if me is not None:
        write_json(home / RECORD, asdict(me))
    return home


class TestBroker:
    """A Valkey of one test that may be killed and started again; it keeps its address and its data."""

    __test__ = False  # not a class of tests

    def __init__(self, broker: Broker, home: Path) -> None:
        self._broker, self._home = broker, home
        self._service: Service | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return self._broker.url

    def start(self) -> None:
        """Start it, or start it again."""
        self._service = start_broker(self._broker)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._service is not None:
            self._service.process.kill()
            self._service.process.wait(timeout=10)

    def stop(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)


def start_test_broker() -> TestBroker:
    """Start a Valkey beside the run's own one."""
    home = _new_home()
    account = own_account(home.name)
    prepare_home(home / "services", account)
    programs = find_programs(home / "services", account)
    broker = TestBroker(
        Broker(home / "services", programs.valkey, account, free_port(), new_password(), home / "valkey.log"), home
    )
    broker.start()
    return broker
