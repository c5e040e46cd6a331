"""`make test` and `make lint`: every check, with its time; the first that fails ends the run.

The services start once and every step uses them. The checks that read the source run beside the tests:
they fill the minute in which the schema is made. Nothing is left out because something is missing: a browser
that is not there and cannot be installed is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from leadcrm.stack.beside import Beside, Step, said
from leadcrm.stack.keys import new_master_key, new_password
from leadcrm.stack.places import ROOT, StackError
from leadcrm.stack.testing import start_test_stack

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_NAME = "LEADCRM_CHROMIUM"


def main(arguments: list[str]) -> int:
    """Run the checks; return 0 only when all of them passed. What follows `test` goes to pytest."""
    what, extra = (arguments[0], arguments[1:]) if arguments else ("test", [])
    # Journeys start our processes dozens of times: what was compiled once is kept, whatever the shell says.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**inherited, **_keys()}
    try:
        if what == "lint":
            return _run(static_steps(), environment)
        if what != "test":
            raise StackError(f"{what!r} is not a check; there are: test, lint.")
        browser = find_browser()
        stack = start_test_stack()
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 2
    services = {
        **stack.environment(),
        "DATABASE_URL": stack.runtime_url,
        "DATABASE_OWNER_URL": stack.owner_url,
        "REDIS_URL": stack.redis_url,
        BROWSER_NAME: browser,
    }
    try:
        with Beside([*static_steps(), *schema_steps()], environment | services) as beside:
            return _run(test_steps(extra), environment | services, beside)
    except KeyboardInterrupt:
        return 130
    finally:
        stack.stop()


def static_steps() -> list[Step]:
    """Return the checks that read the source only."""
    module = [sys.executable, "-m"]
    return [
        ("lint", [*module, "ruff", "check", "."]),
        ("format", [*module, "ruff", "format", "--check", "."]),
        ("types", [*module, "mypy"]),
        ("imports", [str(Path(sys.executable).with_name("lint-imports"))]),
        ("templates", [*module, "djlint", "templates", "--lint", "--quiet"]),
    ]


def schema_steps() -> list[Step]:
    """Return the checks that read the source and ask the services."""
    return [("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"])]


def test_steps(extra: list[str]) -> list[Step]:
    """Return what is run in sight: the tests, in two processes that end together."""
    return [("tests", [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *extra])]


def find_browser() -> str:
    """Return a Chromium's path; as root on Debian install it first where it is missing."""
    wanted = os.environ.get(BROWSER_NAME)
    for name in (wanted,) if wanted else BROWSERS:
        if found := shutil.which(name):
            return found
    if wanted:
        raise StackError(f"{BROWSER_NAME} names {wanted}, which cannot be run.")
    apt = shutil.which("apt-get")
    if os.geteuid() == 0 and apt:
        print("Chromium is missing; installing it with apt-get.", flush=True)
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run([apt, *command], check=False, env=environment)
        if found := shutil.which("chromium"):
            return found
    raise StackError(
        "The browser tests need Chromium. Install it (Debian: apt-get install chromium),"
        f" or set {BROWSER_NAME} to its path."
    )


def _keys() -> dict[str, str]:
    return {"LEADCRM_SECRET_KEY": new_password(), "LEADCRM_MASTER_KEY": new_master_key()}


def _run(steps: list[Step], environment: Mapping[str, str], beside: Beside | None = None) -> int:
    """Run steps one after the other, each in sight; return the first status that is not 0.

    Steps beside them run at the same time, out of sight. What one that failed said comes last, to be seen.
    """
    begun, status, count = time.monotonic(), 0, len(steps)
    for name, command in steps:
        print(f"--- {name}: {' '.join(command)}", flush=True)
        started = time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
            if beside is not None:
                beside.ends(process)
            status = process.wait()
        print(said(name, status, started), flush=True)
        if status != 0:
            break
    if beside is not None:
        status, count = beside.outcome(status), count + len(beside.steps)
    if status == 0:
        print(f"--- all {count} checks passed in {time.monotonic() - begun:.0f} s", flush=True)
    return status if 0 <= status < 256 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
