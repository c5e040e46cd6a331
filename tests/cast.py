"""The cast of the requirements, made from the demo's own tenant files under fresh names."""

import os
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from apps.accounts.actors import actor_of_user
from apps.accounts.models import Membership, Team, User
from apps.onboarding.file.applying import apply
from apps.onboarding.file.reading import read_file
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.clock import travelling
from apps.tenancy.scope import tenant_scope
from tests.copied import Mould, copy_of, mould_of

ROOT = Path(__file__).resolve().parent.parent
FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
_moulds: dict[str, Mould] = {}


@dataclass(frozen=True)
class Tenant:
    """A tenant of the cast: its scope, its people by first name, its keys by name."""

    slug: str
    organization_id: UUID
    keys: dict[str, str]
    domain: str

    def scope(self) -> AbstractContextManager[None]:
        """Work as this tenant."""
        return tenant_scope(self.organization_id)

    def user(self, name: str) -> User:
        """Return a person's sign-in."""
        return User.objects.get(email=f"{name}@{self.domain}")

    def actor(self, name: str, door: Door = Door.PAGE) -> Actor:
        """Return a person as an actor; call inside the scope."""
        found = actor_of_user(self.user(name), door)
        assert found is not None
        return found

    @property
    def system(self) -> Actor:
        """Return the product itself as an actor."""
        return system_actor(self.organization_id)

    def member(self, name: str) -> Membership:
        """Return a person's place in the tenant; call inside the scope."""
        return Membership.rows().select_related("user").get(user__email=f"{name}@{self.domain}")

    def team(self, key: str) -> Team:
        """Return a team; call inside the scope."""
        return Team.rows().get(key=key)

    def drain(self, at: datetime | None = None) -> int:
        """Run what is due, now or at an instant, until nothing is; return how many wake-ups ran."""
        total = 0
        with travelling(to=at):
            while claimed := outbox.run_due(organization_id=self.organization_id):
                total += claimed
        return total


def new_tenant(name: str) -> Tenant:
    """Make a tenant of the cast under a fresh slug and mail domain; the first of a kind is made, others copied."""
    mark = _mark()
    if name not in _moulds:
        made = made_tenant(name, _mark())
        # What a file asks for is done now: of a tenant that nobody drains, nothing may wait.
        made.drain()
        _moulds[name] = mould_of(made.organization_id, made.domain.removesuffix(".example"), made.keys)
    organization_id, keys = copy_of(_moulds[name], mark)
    return Tenant(f"{name}-{mark}", organization_id, keys, f"{mark}.example")


def made_tenant(name: str, mark: str) -> Tenant:
    """Make a tenant of the cast by the actions of its file."""
    slug, domain = f"{name}-{mark}", f"{mark}.example"
    text = (ROOT / "demo" / f"{name}.yaml").read_text(encoding="utf-8")
    text = text.replace(f"@{name}.example", f"@{domain}").replace(f"slug: {name}-", f"slug: {slug}-")
    return _made(text.replace(f"slug: {name}\n", f"slug: {slug}\n"), slug, domain, has_suite=False)


def named_tenant(name: str) -> Tenant:
    """Make a tenant of the cast under its own name, once in a database."""
    return _made((ROOT / "demo" / f"{name}.yaml").read_text(encoding="utf-8"), name, f"{name}.example")


def _mark() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', '')}{secrets.token_hex(4)}"


def _made(text: str, slug: str, domain: str, *, has_suite: bool = True) -> Tenant:
    reading = read_file(text, f"{slug}.yaml")
    assert reading.file is not None, reading.faults
    file = reading.file
    if not has_suite and file.rules is not None:
        # The demo's test leads would refuse what tests of other things change in the rules.
        file = file.model_copy(update={"rules": file.rules.model_copy(update={"suite": None})})
    # The rules must rule at every instant that a test plays at, whenever the suite is run.
    with travelling(to=FOUNDED):
        applied = apply(file)
    return Tenant(slug, applied.organization_id, {each.name: each.secret for each in applied.secrets}, domain)
