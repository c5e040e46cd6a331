"""`make test` and `make lint`: every check in order, with its time; the first that fails ends the run.

The services start once and every step uses them. Nothing is left out because something is missing:
a browser that is not there and cannot be installed is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from leadcrm.stack.keys import new_master_key, new_password
from leadcrm.stack.places import ROOT, StackError
from leadcrm.stack.testing import start_test_stack

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_NAME = "LEADCRM_CHROMIUM"
Step = tuple[str, list[str]]


def main(arguments: list[str]) -> int:
    """Run the checks; return 0 only when all of them passed. What follows `test` goes to pytest."""
    what, extra = (arguments[0], arguments[1:]) if arguments else ("test", [])
    try:
        if what == "lint":
            return _run(static_steps(), _keys())
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
        return _run([*static_steps(), *live_steps(extra)], {**_keys(), **services})
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


def live_steps(extra: list[str]) -> list[Step]:
    """Return the checks that need the services."""
    manage = [sys.executable, "manage.py"]
    return [
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        ("tests", [sys.executable, "-m", "pytest", "-n", "2", *extra]),
    ]


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


def _run(steps: list[Step], environment: Mapping[str, str]) -> int:
    begun = time.monotonic()
    # Journeys start our processes dozens of times: what was compiled once is kept, whatever the shell says.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for name, command in steps:
        print(f"--- {name}: {' '.join(command)}", flush=True)
        started = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env={**inherited, **environment}, check=False).returncode
        word = "passed" if status == 0 else f"FAILED with status {status}"
        print(f"--- {name}: {word} in {time.monotonic() - started:.1f} s", flush=True)
        if status != 0:
            return status if 0 < status < 256 else 1
    print(f"--- all {len(steps)} checks passed in {time.monotonic() - begun:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
