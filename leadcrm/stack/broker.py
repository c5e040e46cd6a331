"""The embedded Valkey: append-only, so that a kill loses at most the last second of wake-ups."""

import time
from dataclasses import dataclass
from pathlib import Path

import redis

from leadcrm.stack.places import Account, StackError, make_folder, write_private
from leadcrm.stack.processes import Service, end_tenants, hand_file, launch, service_environment

START_SECONDS = 20.0


@dataclass(frozen=True)
class Broker:
    """One Valkey of ours."""

    home: Path
    program: Path
    account: Account | None
    port: int
    password: str
    log: Path

    @property
    def data(self) -> Path:
        """Return the folder with the append-only file."""
        return self.home / "valkey"

    @property
    def url(self) -> str:
        """Return the address for Celery and the rate limits."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def start_broker(broker: Broker) -> Service:
    """End what an earlier run left, start Valkey and wait until it answers.

    The password stands in a private file, not in the process list.
    """
    make_folder(broker.data, 0o700, broker.account)
    end_tenants(broker.data)
    configuration = broker.data / "valkey.conf"
    lines = [
        *("bind 127.0.0.1", f"port {broker.port}", f"requirepass {broker.password}", f'dir "{broker.data}"'),
        *("daemonize no", "appendonly yes", "appendfsync everysec", 'save ""', "maxmemory-policy noeviction"),
    ]
    write_private(configuration, "\n".join(lines) + "\n")
    hand_file(configuration, broker.account)
    with broker.log.open("ab") as log:
        process = launch(
            [broker.program, configuration],
            environment=service_environment(),
            folder=broker.data,
            account=broker.account,
            output=log,
        )
    service = Service("valkey", process)
    try:
        _wait(broker, service)
    except BaseException:
        service.stop()
        raise
    return service


def _wait(broker: Broker, service: Service) -> None:
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis.from_url(broker.url, socket_timeout=2) as client:
        while True:
            if service.process.poll() is not None:
                raise StackError(f"Valkey ended with status {service.process.returncode}; see {broker.log}.")
            try:
                client.ping()
            except redis.RedisError as problem:
                if time.monotonic() > deadline:
                    raise StackError(f"Valkey does not answer: {problem}; see {broker.log}.") from None
                time.sleep(0.05)
            else:
                return
