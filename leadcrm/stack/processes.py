"""Processes of ours: start one that ends with us, prove later that it is still the same, end it.

A process number alone proves nothing, since numbers are used again. Identity is the number, the
moment the kernel started it, and the boot it belongs to.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from leadcrm.stack.places import Account, read_json, write_json

LAUNCHER = Path(__file__).with_name("launch.py")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Identity:
    """One process for all time: its number, its start in kernel ticks, and the boot."""

    pid: int
    ticks: int
    boot: str


@dataclass(frozen=True)
class _Stat:
    name: str
    state: str
    parent: int
    group: int
    session: int
    ticks: int


def launch(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    output: IO[bytes] | int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start a command in a session of its own that is told to end when this process dies.

    Call it from a thread that lives as long as the service: the kernel watches the thread.
    """
    who = (account.uid, account.gid) if account else (-1, -1)
    before = [sys.executable, "-I", "-S", str(LAUNCHER), *map(str, (int(death_signal), os.getpid(), *who))]
    return subprocess.Popen(
        [*before, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
    )


@dataclass(frozen=True)
class Service:
    """A child of ours with a name and the signal that ends it well."""

    name: str
    process: "subprocess.Popen[bytes]"
    stop_signal: signal.Signals = signal.SIGTERM

    def stop(self, seconds: float = 10.0) -> None:
        """End the child and wait for it; by force when it takes too long."""
        self.ask()
        self.wait_or_kill(seconds)

    def ask(self) -> None:
        """Send the signal that ends the child well, if it still runs."""
        if self.process.poll() is None:
            send([self.process.pid], self.stop_signal)

    def wait_or_kill(self, seconds: float) -> None:
        """Wait for the end that was asked for, and force it when the time is over."""
        try:
            self.process.wait(timeout=max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)


def service_environment() -> dict[str, str]:
    """Return the few variables that a service needs; none of ours, which hold secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/"}


def hand_file(path: Path, account: Account | None) -> None:
    """Give a file to the services' account, where there is one."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def end_tenants(folder: Path, *, first: signal.Signals = signal.SIGTERM, seconds: float = 5.0) -> int:
    """End processes that an earlier run left working in a service's folder; return how many there were.

    Both services change into their data folder, which holds nobody else's process.
    """
    there = _tenants(folder)
    for sent in (first, signal.SIGKILL):
        send(_tenants(folder), sent)
        deadline = time.monotonic() + seconds
        while _tenants(folder) and time.monotonic() < deadline:
            time.sleep(0.02)
    return len(there)


def identify(pid: int) -> Identity | None:
    """Return the identity of a living process, or None when it is gone or a zombie."""
    found = _stat(pid)
    return None if found is None else Identity(pid, found.ticks, _boot())


def is_alive(identity: Identity) -> bool:
    """Say whether exactly this process still runs."""
    return identify(identity.pid) == identity


def started_at(identity: Identity) -> float:
    """Return the process's start as a Unix time."""
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - uptime + identity.ticks / TICKS_PER_SECOND


def name_of(pid: int) -> str:
    """Return the short name that the kernel has for a process, or an empty text."""
    found = _stat(pid)
    return found.name if found else ""


def members_of(session: Identity) -> list[int]:
    """Return the living processes of the session that this process led.

    The kernel does not hand out the number of a session that has members, so while the leader is
    ours, or is gone and every member is younger than it was, the session is still ours.
    """
    if session.boot != _boot():
        return []
    leader = _stat(session.pid)
    if leader is not None and leader.ticks != session.ticks:
        return []
    return [pid for pid, found in _all() if found.session == session.pid and found.ticks >= session.ticks]


def end_session(session: Identity, *, first: signal.Signals = signal.SIGTERM, seconds: float = 3.0) -> int:
    """End what is left of a session, politely and then by force; return how many there were."""
    there = members_of(session)
    for sent in (first, signal.SIGKILL):
        send(members_of(session), sent)
        deadline = time.monotonic() + seconds
        while members_of(session) and time.monotonic() < deadline:
            time.sleep(0.02)
    return len(there)


def send(pids: Sequence[int], sent: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sent)


def write_record(path: Path, identity: Identity) -> None:
    """Remember a service's process for the next start."""
    write_json(path, asdict(identity))


def read_record(path: Path) -> Identity | None:
    """Return the process that an earlier start remembered, if the record is whole."""
    content: dict[str, Any] = read_json(path)
    try:
        return Identity(int(content["pid"]), int(content["ticks"]), str(content["boot"]))
    except (KeyError, ValueError, TypeError):
        return None


def _tenants(folder: Path) -> list[int]:
    found = []
    for pid, _ in _all():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cwd").readlink() == folder.resolve():
                found.append(pid)
    return found


def _all() -> Iterator[tuple[int, _Stat]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := _stat(int(entry.name))) is not None:
            yield int(entry.name), found


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may hold brackets and spaces itself.
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    if fields[0] in "ZX":
        return None
    return _Stat(
        name=head.partition("(")[2],
        state=fields[0],
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        ticks=int(fields[19]),
    )


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
