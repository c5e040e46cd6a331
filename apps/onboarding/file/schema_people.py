"""The tenant file's parts about people: organization, roles, teams, people, parties, API keys."""

from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from apps.accounts.terms import Availability, FieldGroup, KeyMode, PartyKind, Permission, TeamFunction
from apps.onboarding.file.hours import known_zone
from apps.onboarding.file.part import Key, Name, Part

Zone = Annotated[str, AfterValidator(known_zone)]
Email = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class OrganizationPart(Part):
    """The tenant itself."""

    slug: Key
    """Short name in addresses; unique among all tenants and never changed."""
    name: Name
    """Name that people see."""
    zone: Zone = "America/Chicago"
    """Time zone by its IANA name."""
    region: Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Z]{2}$")] = "US"
    """Default country of phone numbers (ISO 3166-1 alpha-2)."""
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    """Further settings of the tenant."""


class RolePart(Part):
    """A job's rights."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    permissions: tuple[Permission, ...] = ()
    """What people with this role may do."""
    hidden_field_groups: tuple[FieldGroup, ...] = ()
    """Groups of fields that people with this role do not see."""
    read_only_field_groups: tuple[FieldGroup, ...] = ()
    """Groups of fields that people with this role see and do not change."""


class Coverage(Part):
    """What a team looks after."""

    locations: tuple[Key, ...] = ()
    """Offices, by key."""
    services: tuple[Key, ...] = ()
    """Services, by key."""


class TeamPart(Part):
    """A team that can own leads."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    function: TeamFunction
    """What the team is for."""
    covers: Coverage = Coverage()
    """Offices and services the team looks after."""


class PersonPart(Part):
    """Somebody who signs in."""

    email: Email
    """Sign-in address."""
    name: Name
    """Name that colleagues see."""
    role: Key
    """Role, by key."""
    party: Key | None = None
    """The agency whose person this is, by key; left out: a colleague. Such a person belongs to no team."""
    teams: tuple[Key, ...] = ()
    """Teams the person belongs to, by key."""
    leads: tuple[Key, ...] = ()
    """Those of the person's teams that they lead."""
    availability: Availability | None = None
    """The person's switch; left out, the file leaves it as it is."""
    cap: int = Field(default=50, ge=0, le=10_000)
    """How many open leads the person can carry."""
    skills: tuple[Annotated[str, StringConstraints(max_length=40)], ...] = ()
    """Languages and subjects the person can take."""
    shift: Key | None = None
    """Calendar whose hours the person works, by key; left out: whenever their switch says so."""


class PartyPart(Part):
    """An organisation around the tenant: agency, partner clinic, payer, employer, vendor."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    kind: PartyKind
    """What the organisation is to the tenant."""
    agreement: dict[str, JsonValue] = Field(default_factory=dict)
    """What was agreed."""


class ApiKeyPart(Part):
    """A program's credential; made where no active key of this name exists, shown once, never exported."""

    name: Name
    """Name of the key."""
    party: Key | None = None
    """The organisation whose key it is, by key; or `person`."""
    person: Email | None = None
    """The person whose key it is, by address; or `party`."""
    mode: KeyMode = KeyMode.LIVE
    """Live keys deliver leads; test keys deliver test leads."""
    scopes: tuple[Permission, ...]
    """What the key may do."""
    per_minute: int = Field(default=600, ge=1, le=100_000)
    """How many requests the key may make in a minute."""
