"""Keeps the children of `make run` alive: start in order, restart what died, end in reverse order."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leadcrm.stack import output
from leadcrm.stack.places import StackError
from leadcrm.stack.processes import (
    Identity,
    Service,
    end_session,
    identify,
    launch,
    members_of,
    read_record,
    send,
    write_record,
)

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_SECONDS = 1.0, 30.0, 60.0
POLL_SECONDS, END_SECONDS = 0.25, 8.0


def pause_after(failures: int) -> float:
    """Return how long to wait before the next start: doubling, and never more than half a minute."""
    return float(min(FIRST_PAUSE * 2 ** max(failures - 1, 0), LONGEST_PAUSE))


@dataclass
class Child:
    """One long-running process, how to start it again, and how often it has failed."""

    name: str
    start: Callable[[], Service]
    is_service: bool
    service: Service | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0


@dataclass
class Supervisor:
    """The running children of one checkout."""

    records: Path
    children: list[Child] = field(default_factory=list)

    def add(self, name: str, start: Callable[[], Service], *, is_service: bool = False) -> None:
        """Start a child now, and again whenever it dies. A first start that fails is the caller's.

        The embedded services find their own leftovers by their data folder; the others are recorded.
        """
        child = Child(name, start, is_service)
        self.children.append(child)
        self._start(child)

    def watch(self) -> None:
        """Restart what dies, for ever; a signal's exception ends it."""
        while True:
            for child in self.children:
                self._look_after(child, time.monotonic())
            time.sleep(POLL_SECONDS)

    def end(self) -> None:
        """End the newest child first; the services go last, once nobody talks to them any more.

        Nothing hangs the end: who has not ended after some seconds is killed. The queue is in the
        database, so a killed worker's row is taken up again by the next one.
        """
        programs = [child for child in reversed(self.children) if not child.is_service]
        for child in programs:
            if child.service is not None:
                output.line(child.name, "ending")
                child.service.ask()
        deadline = time.monotonic() + END_SECONDS
        for child in programs:
            if child.service is not None:
                child.service.wait_or_kill(deadline - time.monotonic())
            self._sweep(child)
        for child in reversed(self.children):
            if child.is_service and child.service is not None:
                output.line(child.name, "ending")
                child.service.stop()
        self.children.clear()

    def end_leftovers(self) -> int:
        """End what a killed supervisor's children left behind; return how many processes there were."""
        left: list[Identity] = []
        for path in sorted(self.records.glob("*.json")):
            record = read_record(path)
            if record is not None and members_of(record):
                left.append(record)
            path.unlink(missing_ok=True)
        return sum(end_session(record, seconds=END_SECONDS) for record in left)

    def _look_after(self, child: Child, now: float) -> None:
        if child.service is not None:
            status = child.service.process.poll()
            if status is None:
                return
            self._note_death(child, status, now)
        if now < child.next_start:
            return
        try:
            self._start(child)
        except (StackError, OSError) as problem:
            child.failures += 1
            child.next_start = now + pause_after(child.failures)
            output.line(child.name, f"did not start: {problem}")

    def _note_death(self, child: Child, status: int, now: float) -> None:
        """Sweep up what the dead child left running, then plan its next start."""
        self._sweep(child)
        child.service = None
        child.failures = 1 if now - child.started > HEALTHY_SECONDS else child.failures + 1
        pause = pause_after(child.failures)
        child.next_start = now + pause
        output.line(child.name, f"ended with {_status_words(status)}; starting again in {pause:.0f} s")

    def _start(self, child: Child) -> None:
        child.service = child.start()
        child.started = time.monotonic()
        identity = None if child.is_service else identify(child.service.process.pid)
        if identity is not None:
            write_record(self._record(child), identity)

    def _sweep(self, child: Child) -> None:
        """End what a child that has ended left in its session, and forget it."""
        record = read_record(self._record(child))
        if record is not None:
            end_session(record, seconds=1.0)
        self._record(child).unlink(missing_ok=True)

    def _record(self, child: Child) -> Path:
        return self.records / f"{child.name}.json"


def start_logged(name: str, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> Service:
    """Start a command of the project whose output goes to the terminal behind its name."""
    process = launch(command, environment=environment, folder=folder, output=subprocess.PIPE)
    if process.stdout is not None:
        output.follow(name, process.stdout)
    return Service(name, process)


def run_once(name: str, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> None:
    """Run a command to its end; refuse to go on when it fails."""
    process = launch(command, environment=environment, folder=folder, output=subprocess.PIPE)
    try:
        pump = output.follow(name, process.stdout) if process.stdout is not None else None
        status = process.wait()
        if pump is not None:
            pump.join(timeout=2.0)
    finally:
        if process.poll() is None:
            send([process.pid], signal.SIGTERM)
    if status != 0:
        raise StackError(f"{name} ended with {_status_words(status)}; its lines above say why.")


def _status_words(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    return f"signal {signal.Signals(-status).name}"
