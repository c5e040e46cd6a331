"""Who acts: a person, an API key, or the system itself."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """The three kinds of actor a ledger row can name."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


class Door(StrEnum):
    """The path by which an act came in; stored with every audit entry."""

    PAGE = "page"
    API = "api"
    ADMIN = "admin"
    COMMAND = "command"
    WORKER = "worker"
    FORM = "form"
    HOOK = "hook"


@dataclass(frozen=True, slots=True)
class Actor:
    """An identity with its tenant and rights, passed to every action instead of a request.

    `id` is the user's or key's id; None only for the system. `party_id` is set for an agency's key or person.
    `permissions` are words such as `lead:claim`; "*" stands for the system's own acts. `availability` is the
    switch of a person, empty for everybody else.
    """

    kind: ActorKind
    organization_id: UUID
    label: str
    id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    team_ids: frozenset[UUID] = frozenset()
    led_team_ids: frozenset[UUID] = frozenset()
    membership_id: UUID | None = None
    party_id: UUID | None = None
    door: Door = Door.PAGE
    request_id: str = ""
    hidden_fields: frozenset[str] = field(default_factory=frozenset)
    read_only_fields: frozenset[str] = field(default_factory=frozenset)
    is_test_key: bool = False
    availability: str = ""

    def may(self, permission: str) -> bool:
        """Say whether the actor holds a permission."""
        return "*" in self.permissions or permission in self.permissions

    @property
    def fixed_fields(self) -> frozenset[str]:
        """The groups of fields that the actor's role does not edit: what it does not see, and what it only sees."""
        return self.hidden_fields | self.read_only_fields

    @property
    def is_system(self) -> bool:
        """True for leadcrm's own acts (routing, timers, sweeps)."""
        return self.kind is ActorKind.SYSTEM

    @property
    def is_agency(self) -> bool:
        """True for a key or a person that belongs to a party outside the organization."""
        return self.party_id is not None


def system_actor(organization_id: UUID, label: str = "leadcrm", door: Door = Door.WORKER) -> Actor:
    """Return the actor under whose name the product acts on its own."""
    return Actor(ActorKind.SYSTEM, organization_id, label, permissions=frozenset({"*"}), door=door)
