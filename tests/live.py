"""The product as it runs: a real web server, a real worker and beat, over the services of this process.

They are forked from a product that is loaded once. Where services of other addresses are wanted, or other
variables, they are started as the product starts them.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 30.0


class Forked:
    """A process that was forked from the product that this test process keeps loaded (`tests.preloaded`)."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        loaded = _loaded()
        assert loaded.stdin is not None and loaded.stdout is not None
        loaded.stdin.write(json.dumps({"command": command, "environment": environment, "log": str(log)}) + "\n")
        loaded.stdin.flush()
        self.pid = int(loaded.stdout.readline())
        self._handle = os.pidfd_open(self.pid)

    def wait(self) -> None:
        """Wait until it has ended."""
        select.select([self._handle], [], [])
        os.close(self._handle)


@cache
def _loaded() -> subprocess.Popen[str]:
    """Return the loaded product that waits to be forked; it ends with this process."""
    command = [sys.executable, "-m", "tests.preloaded"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "leadcrm.settings.test"}
    loaded = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(loaded.communicate)
    return loaded


class Live:
    """Web, stream, worker and beat as child processes; `at` shifts their clock to an instant."""

    def __init__(self, folder: Path, variables: dict[str, str] | None = None) -> None:
        self.folder, self.variables = folder, variables or {}
        self.port, self.stream_port = _free_port(), _free_port()
        self.children: dict[str, Forked | subprocess.Popen[bytes]] = {}
        self.shift = 0.0

    @property
    def url(self) -> str:
        """The address of the web server."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, at: datetime | None = None, worker: bool = True) -> None:
        """Start everything and wait until the web server answers."""
        self.shift = (at.timestamp() - time.time()) if at else 0.0
        self.start_one("web")
        self.start_one("stream")
        if worker:
            self.start_one("worker")
            self.start_one("beat")
        wait_until(lambda: self.answers(f"{self.url}/healthz"), "the web server")
        wait_until(self.streams, "the event stream")

    def start_one(self, name: str) -> None:
        """Start one process."""
        celery = ["celery", "-A", "leadcrm"]
        commands = {
            "web": [
                "granian",
                "--interface",
                "wsgi",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
                "--workers",
                "1",
                "--blocking-threads",
                "4",
                "leadcrm.wsgi:application",
            ],
            "stream": [
                *["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(self.stream_port)],
                *["--no-ws", "--workers", "1", "leadcrm.live.asgi:application"],
            ],
            "worker": [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "warning"],
            "beat": [*celery, "beat", "-s", str(self.folder / "beat"), "-l", "warning"],
        }
        log = self.folder / f"{name}.log"
        if not self.variables:
            self.children[name] = Forked(commands[name], self._environment(), log)
            return
        with log.open("ab") as written:
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", *commands[name]],
                cwd=ROOT,
                env=self._environment(),
                stdout=written,
                stderr=written,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End one process and its children at once, as a power cut would."""
        child = self.children.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def stop(self) -> None:
        """End everything."""
        for name in list(self.children):
            self.kill(name)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "leadcrm.settings.test",
            "LEADCRM_CLOCK_SHIFT_SECONDS": str(self.shift),
            "LEADCRM_OUTBOX_DIR": str(self.folder / "outbox"),
            "LEADCRM_BASE_URL": self.url,
            "LEADCRM_LIVE_URL": f":{self.stream_port}/live/",
            **self.variables,
        }

    def streams(self) -> bool:
        """Say whether the event stream is there and hears the broker."""
        return self.answers(f"http://127.0.0.1:{self.stream_port}/live/healthz")

    def answers(self, address: str) -> bool:
        """Say whether an address answers well."""
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def wait_until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first true answer; fail with the name of what did not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := holds():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
