"""What the demo made, kept in a private file, because passwords and keys are stored nowhere else."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

FILE_NAME = "demo.json"


@dataclass(slots=True)
class DemoUser:
    """Somebody who can sign in to a demo tenant."""

    email: str
    name: str
    tenant: str
    role: str
    teams: list[str]
    password: str
    totp_secret: str


@dataclass(slots=True)
class DemoKey:
    """A program's key of a demo tenant."""

    name: str
    tenant: str
    party: str
    mode: str
    secret: str
    scopes: list[str]
    sources: list[str]


@dataclass(slots=True)
class Demo:
    """Everything a newcomer, a simulator or a test from outside needs to know."""

    base_url: str = ""
    tenants: list[dict[str, str]] = field(default_factory=list)
    users: list[DemoUser] = field(default_factory=list)
    api_keys: list[DemoKey] = field(default_factory=list)
    forms: list[dict[str, Any]] = field(default_factory=list)
    hooks: list[dict[str, str]] = field(default_factory=list)

    def user(self, email: str) -> DemoUser | None:
        """Return the user of an address."""
        return next((user for user in self.users if user.email == email.lower()), None)

    def key(self, tenant: str, name: str) -> DemoKey | None:
        """Return a tenant's key by name."""
        return next((key for key in self.api_keys if (key.tenant, key.name) == (tenant, name)), None)

    def as_json(self) -> dict[str, Any]:
        """Return what `demo --json` prints and the file holds."""
        return asdict(self)


def data_folder() -> Path:
    """Return the folder of local data: LEADCRM_DATA_DIR, else `.data` of the checkout."""
    return Path(os.environ.get("LEADCRM_DATA_DIR") or Path(settings.ROOT) / ".data")


def read_demo() -> Demo:
    """Return what an earlier run kept; nothing where there was none or the file is not ours."""
    try:
        content = json.loads((data_folder() / FILE_NAME).read_text(encoding="utf-8"))
        return Demo(
            base_url=content["base_url"],
            tenants=content["tenants"],
            users=[DemoUser(**each) for each in content["users"]],
            api_keys=[DemoKey(**each) for each in content["api_keys"]],
            forms=content["forms"],
            hooks=content["hooks"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Demo()


def write_demo(demo: Demo) -> Path:
    """Keep what the demo made, readable for nobody else; replaced in one step."""
    folder = data_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE_NAME}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(demo.as_json(), file, indent=2, ensure_ascii=False)
        file.write("\n")
    return Path(name).replace(folder / FILE_NAME)
