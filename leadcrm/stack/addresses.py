"""Where the database and the broker are, given by the person or started by us, and what children are told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from leadcrm.stack import output
from leadcrm.stack.places import StackError


@dataclass(frozen=True)
class Addresses:
    """The addresses of both services; a port only where the service is ours."""

    owner_url: str = ""
    database_url: str = ""
    redis_url: str = ""
    database_port: int | None = None
    broker_port: int | None = None

    def with_database(self, owner_url: str, database_url: str, port: int) -> "Addresses":
        """Return the addresses with our own database in them."""
        return replace(self, owner_url=owner_url, database_url=database_url, database_port=port)

    def with_broker(self, redis_url: str, port: int) -> "Addresses":
        """Return the addresses with our own broker in them."""
        return replace(self, redis_url=redis_url, broker_port=port)

    @property
    def ports(self) -> dict[str, int]:
        """Return the ports to try again at the next start."""
        found = {"postgres": self.database_port, "valkey": self.broker_port}
        return {name: port for name, port in found.items() if port is not None}


def own_addresses(environment: Mapping[str, str]) -> Addresses:
    """Return the addresses that the person gave.

    Refuses an owner's address without the runtime role's. One role for both is allowed and said:
    row-level security still holds for it, unless it is a superuser.
    """
    owner, database = environment.get("DATABASE_OWNER_URL", ""), environment.get("DATABASE_URL", "")
    if owner and not database:
        raise StackError("DATABASE_OWNER_URL is set without DATABASE_URL. Set both, or neither.")
    if database and not owner:
        output.say(
            "DATABASE_OWNER_URL is not set: migrations run as the role of DATABASE_URL."
            " Give the two roles separate addresses on a server."
        )
    return Addresses(owner or database, database, environment.get("REDIS_URL", ""))


def variables(addresses: Addresses, keys: Mapping[str, str], port: int) -> dict[str, str]:
    """Return the variables of our commands; keys that the person exported win over the generated ones."""
    role = unquote(urlsplit(addresses.database_url).username or "")
    own = {
        "LEADCRM_SECRET_KEY": keys["LEADCRM_SECRET_KEY"],
        "LEADCRM_MASTER_KEY": keys["LEADCRM_MASTER_KEY"],
        "LEADCRM_DEBUG": "0",
        "LEADCRM_DEMO": "1",
        **({"LEADCRM_RUNTIME_ROLE": role} if role else {}),
    }
    return {
        **{name: os.environ.get(name) or value for name, value in own.items()},
        "DATABASE_URL": addresses.database_url,
        "DATABASE_OWNER_URL": addresses.owner_url,
        "REDIS_URL": addresses.redis_url,
        "PORT": str(port),
    }
