"""The secrets that `make run` makes once for a checkout: `.data/secrets.json`, for its owner only."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

from leadcrm.stack.places import StackError, read_json, write_json

MASTER_KEY_BYTES = 32


def new_password() -> str:
    """Return a password that needs no quoting in an address, a file or SQL."""
    return secrets.token_hex(24)


def new_master_key() -> str:
    """Return a fresh AES-256 key in base64."""
    return base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode()


_MAKERS: dict[str, Callable[[], str]] = {
    "LEADCRM_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "LEADCRM_MASTER_KEY": new_master_key,
    "postgres_superuser": new_password,
    "postgres_owner": new_password,
    "postgres_runtime": new_password,
    "valkey": new_password,
}


def load_secrets(path: Path) -> dict[str, str]:
    """Return the checkout's secrets; make the file, or what is missing from it.

    Refuses a file that is there and cannot be read: a new master key would make every sealed text
    unreadable for good.
    """
    found = read_json(path)
    if path.exists() and not found:
        raise StackError(f"{path} is damaged or not ours. Restore it: sealed data cannot be read without it.")
    wanted = {name: str(found.get(name) or make()) for name, make in _MAKERS.items()}
    if wanted != found:
        write_json(path, wanted)
    return wanted
