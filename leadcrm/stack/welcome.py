"""The first thing to read after a start: the address, who can sign in, and how to get a second factor."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leadcrm.stack import output
from leadcrm.stack.places import read_json

WEB_SECONDS, SHOWN_USERS = 60.0, 12


def wait_for_web(host: str, port: int) -> None:
    """Wait until the web process answers; say so when it does not, and go on: the supervisor retries."""
    address = f"http://{'127.0.0.1' if host in {'', '0.0.0.0', '::'} else host}:{port}/healthz"
    deadline = time.monotonic() + WEB_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            # It answers; what it answers is in its own lines.
            return
        except OSError:
            time.sleep(0.2)
    output.say(f"no answer from {address} within {WEB_SECONDS:.0f} s; the lines of web above say why")


def banner(demo_file: Path, port: int) -> Iterator[str]:
    """Return the lines of the welcome; without a demo only the address."""
    yield ""
    yield f"leadcrm is at http://127.0.0.1:{port}"
    users = [(tenant, user) for tenant, user in _users(read_json(demo_file)) if user.get("password")]
    if users:
        yield ""
        width = max(len(str(user.get("email", ""))) for _, user in users[:SHOWN_USERS])
        for tenant, user in users[:SHOWN_USERS]:
            email = str(user.get("email", ""))
            yield f"  {email:<{width}}  {user['password']}  {_role_of(user)} {tenant}".rstrip()
        if len(users) > SHOWN_USERS:
            yield f"  and {len(users) - SHOWN_USERS} more in .data/demo.json"
        yield "A six-digit code is asked for:  .venv/bin/python manage.py demo --code EMAIL"
    yield "Ctrl-C stops everything; the data is kept."
    yield ""


def _users(demo: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for user in demo.get("users", []):
        yield str(user.get("tenant", "")), user
    for tenant in demo.get("tenants", []):
        if isinstance(tenant, dict):
            for user in tenant.get("users", []):
                yield str(tenant.get("slug") or tenant.get("name", "")), user


def _role_of(user: dict[str, Any]) -> str:
    roles = user.get("roles") or user.get("role") or ""
    return ", ".join(map(str, roles)) if isinstance(roles, list) else str(roles)
