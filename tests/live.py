"""The product as it runs: a real web server, a real worker and beat, over the services of this process."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 30.0


class Live:
    """Web, stream, worker and beat as child processes; `at` shifts their clock to an instant."""

    def __init__(self, folder: Path, variables: dict[str, str] | None = None) -> None:
        self.folder, self.variables = folder, variables or {}
        self.port, self.stream_port = _free_port(), _free_port()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
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
        module = [sys.executable, "-m"]
        celery = [*module, "celery", "-A", "leadcrm"]
        commands = {
            "web": [
                *module,
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
                *[*module, "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(self.stream_port)],
                *["--no-ws", "--workers", "1", "leadcrm.live.asgi:application"],
            ],
            "worker": [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "warning"],
            "beat": [*celery, "beat", "-s", str(self.folder / "beat"), "-l", "warning"],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                commands[name], cwd=ROOT, env=self._environment(), stdout=log, stderr=log, start_new_session=True
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
