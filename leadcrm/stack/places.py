"""Where the stack keeps things: the checkout's `.data`, and a home for services that may not run as root.

A folder that exists already keeps its permissions, whoever made it. What we make is private.
"""

import hashlib
import json
import os
import pwd
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_STATE = Path("/var/lib")
# Ids that no distribution hands out to people or services by itself, inside the 65,536 that
# containers usually map.
FIRST_OWN_ID, OWN_IDS = 50_000, 9_000
HOME_FILE = "home"


class StackError(Exception):
    """The stack cannot go on; the text is for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """The numeric user and group that a service runs as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """The folders of one checkout, and the account of its database where we are root."""

    root: Path
    data: Path
    services: Path
    account: Account | None

    @property
    def run(self) -> Path:
        """Return the folder of process records."""
        return self.data / "run"

    @property
    def logs(self) -> Path:
        """Return the folder of the services' own logs."""
        return self.data / "log"

    @property
    def secrets_file(self) -> Path:
        """Return the file of the keys and passwords; without it the data of the services cannot be opened."""
        return self.data / "secrets.json"

    @property
    def stack_file(self) -> Path:
        """Return the file that says what runs where."""
        return self.data / "stack.json"


def places_of(root: Path = ROOT) -> Places:
    """Return the places of a checkout; nothing is created.

    Root gets a home outside the checkout, which an unprivileged account can reach even when the
    checkout lies in a private folder. Its name carries a digest of the checkout's path, so that two
    checkouts never meet, unless `.data/home` names another. Anybody else keeps everything under `.data`.
    """
    data = root / ".data"
    if os.geteuid() != 0:
        return Places(root, data, data / "services", None)
    named = data / HOME_FILE
    name = named.read_text(encoding="utf-8").strip() if named.exists() else f"leadcrm-{digest_of(root)}"
    parent = SYSTEM_STATE if os.access(SYSTEM_STATE, os.W_OK) else Path(tempfile.gettempdir())
    return Places(root, data, parent / name, own_account(name))


def own_home(places: Places) -> Places:
    """Return the places with a services' home that this checkout's secrets open.

    A checkout that was deleted with its `.data` leaves its home behind. A new one at the same path takes
    another, remembers it in `.data/home`, and touches nothing of the old.
    """
    is_left_over = places.services.exists() and not places.secrets_file.exists()
    if not is_left_over:
        return places
    name = f"leadcrm-{digest_of(places.root)}-{secrets.token_hex(3)}"
    write_private(places.data / HOME_FILE, f"{name}\n")
    return places_of(places.root)


def digest_of(path: Path) -> str:
    """Return a short stable name for a path."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def own_account(name: str) -> Account | None:
    """Return an account of our own for a name, or None where we are not root.

    PostgreSQL refuses to run as root. `nobody` is shared with strangers' services; an id without an
    entry in the user list is not.
    """
    if os.geteuid() != 0:
        return None
    start = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
    for step in range(OWN_IDS):
        number = FIRST_OWN_ID + (start + step) % OWN_IDS
        try:
            pwd.getpwuid(number)
        except KeyError:
            return Account(number, number)
    raise StackError("No free user id for the database. Run as a normal user, or set DATABASE_URL.")


def named_account(fallback: Account) -> Account:
    """Return an unprivileged account that has a name; `initdb` insists on one."""
    people = sorted((entry for entry in pwd.getpwall() if entry.pw_uid != 0), key=lambda entry: -entry.pw_uid)
    for entry in sorted(people, key=lambda entry: entry.pw_name != "nobody"):
        return Account(entry.pw_uid, entry.pw_gid)
    return fallback


def make_folder(path: Path, mode: int = 0o700, account: Account | None = None) -> Path:
    """Make a folder of ours; one that exists is left as it is, unless it is somebody else's trap.

    Parents are made private as well. Refuses a symbolic link or a folder of another user in a
    place where others can write.
    """
    if not path.parent.exists():
        make_folder(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        mine = {0, os.geteuid(), account.uid if account else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in mine:
            raise StackError(f"{path} exists and is not ours. Remove it, then try again.") from None
        return path
    path.chmod(mode)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable for nobody else."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def write_json(path: Path, content: Any) -> None:
    """Write a private JSON file in one step."""
    write_private(path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file's object; an absent or broken file is an empty one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
