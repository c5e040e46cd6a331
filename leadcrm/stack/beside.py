"""Checks that run beside others: a line for each that passed; what one that failed said is kept for the end."""

import subprocess
import threading
import time
from collections.abc import Mapping
from signal import SIGINT
from types import TracebackType
from typing import Any

from leadcrm.stack.places import ROOT

Step = tuple[str, list[str]]


def said(name: str, status: int, started: float) -> str:
    """Return the line that says how a check ended and how long it took."""
    word = "passed" if status == 0 else f"FAILED with status {status}"
    return f"--- {name}: {word} in {time.monotonic() - started:.1f} s"


class Beside:
    """Steps that run one after the other in a thread of their own; the first that fails ends what runs in sight."""

    def __init__(self, steps: list[Step], environment: Mapping[str, str]) -> None:
        self.steps = steps
        self._environment = environment
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._lock = threading.Lock()
        self._in_sight: subprocess.Popen[Any] | None = None
        self._running: subprocess.Popen[str] | None = None
        self._status, self._last_words, self._over = 0, "", threading.Event()

    def __enter__(self) -> "Beside":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the step that runs, and start no other."""
        with self._lock:
            self._over.set()
            if self._running is not None:
                self._running.terminate()
        self._thread.join()

    def ends(self, process: "subprocess.Popen[Any]") -> None:
        """Name the process in sight, which a failure beside it interrupts; at once where one was already seen."""
        with self._lock:
            self._in_sight = process
            if self._status != 0:
                process.send_signal(SIGINT)

    def outcome(self, status: int) -> int:
        """Return the status of everything: of a failure beside, which is shown, or else what happened in sight.

        After a failure in sight nothing is waited for.
        """
        with self._lock:
            self._in_sight = None
        if status == 0:
            self._thread.join()
        if self._status != 0:
            print(self._last_words, flush=True)
        return self._status or status

    def _run(self) -> None:
        for name, command in self.steps:
            started = time.monotonic()
            with self._lock:
                if self._over.is_set():
                    return
                self._running = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=self._environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            output, _ = self._running.communicate()
            status = self._running.returncode
            with self._lock:
                if self._over.is_set():
                    return
                line = said(f"{name}, beside", status, started)
                if status == 0:
                    print(f"\n{line}", flush=True)
                    continue
                self._status, self._last_words = status, f"--- {' '.join(command)}\n{output}{line}"
                if self._in_sight is not None:
                    self._in_sight.send_signal(SIGINT)
                return
