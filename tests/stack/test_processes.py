"""Children: they end with their parent, are recognised for certain, and are started again in good time."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leadcrm.stack.processes import (
    Identity,
    Service,
    end_session,
    end_tenants,
    identify,
    is_alive,
    launch,
    members_of,
    read_record,
    write_record,
)
from leadcrm.stack.supervisor import LONGEST_PAUSE, Supervisor, pause_after

PARENT = """
import sys, time
from pathlib import Path
from leadcrm.stack.processes import launch
child = launch(["sleep", "60"], environment={"PATH": "/usr/bin:/bin"}, folder=Path("/"))
print(child.pid, flush=True)
time.sleep(60)
"""
PATHS = {"PATH": "/usr/bin:/bin"}


def _sleeper(folder: Path = Path("/")) -> "subprocess.Popen[bytes]":
    return launch(["sleep", "60"], environment=PATHS, folder=folder)


def _wait_until_gone(pid: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while identify(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return identify(pid) is None


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        # The launcher has to have become the service before the death counts.
        deadline = time.monotonic() + 5
        while Path(f"/proc/{child}/comm").read_text().strip() != "sleep" and time.monotonic() < deadline:
            time.sleep(0.02)
        parent.kill()
        parent.wait()
        assert _wait_until_gone(child)
    finally:
        parent.stdout.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_a_service_that_ignores_its_signal_is_killed() -> None:
    stubborn = launch(
        [
            sys.executable,
            "-c",
            "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
        ],
        environment=PATHS,
        folder=Path("/"),
        output=subprocess.PIPE,
    )
    assert stubborn.stdout is not None
    with stubborn.stdout:
        stubborn.stdout.readline()
        Service("stubborn", stubborn).stop(0.2)
    assert stubborn.returncode == -signal.SIGKILL


def test_a_reused_number_is_not_the_same_process(tmp_path: Path) -> None:
    child = _sleeper()
    try:
        me = identify(child.pid)
        assert me is not None and is_alive(me)
        assert not is_alive(Identity(me.pid, me.ticks - 1, me.boot))
        assert members_of(Identity(me.pid, me.ticks, "another boot")) == []
        write_record(tmp_path / "child.json", me)
        assert read_record(tmp_path / "child.json") == me
        assert end_session(me) == 1
    finally:
        child.kill()
        child.wait()
    assert not is_alive(me)


def test_leftovers_are_found_by_the_folder_they_work_in(tmp_path: Path) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    ours.mkdir()
    other.mkdir()
    inside, outside = _sleeper(ours), _sleeper(other)
    try:
        assert end_tenants(ours, seconds=2) == 1
        assert inside.wait(timeout=2) != 0
        assert outside.poll() is None
    finally:
        for child in (inside, outside):
            child.kill()
            child.wait()


def test_a_next_start_ends_what_a_killed_supervisor_left(tmp_path: Path) -> None:
    child = _sleeper()
    try:
        identity = identify(child.pid)
        assert identity is not None
        write_record(tmp_path / "web.json", identity)
        (tmp_path / "beat.json").write_text("{ cut")
        assert Supervisor(tmp_path).end_leftovers() == 1
        assert list(tmp_path.iterdir()) == []
    finally:
        child.kill()
        child.wait()


def test_all_children_end_newest_first_and_their_records_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(tmp_path)
    started: list[Service] = []

    def start(name: str) -> Service:
        started.append(Service(name, _sleeper()))
        return started[-1]

    supervisor.add("postgres", lambda: start("postgres"), is_service=True)
    supervisor.add("web", lambda: start("web"))
    supervisor.add("worker", lambda: start("worker"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.json", "worker.json"]
    supervisor.end()
    assert all(service.process.returncode is not None for service in started)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["worker", "web", "postgres"]
    assert list(tmp_path.iterdir()) == []


def test_the_pause_before_a_restart_doubles_up_to_a_limit() -> None:
    assert [pause_after(count) for count in range(1, 8)] == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
