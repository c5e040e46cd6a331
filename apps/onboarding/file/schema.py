"""The shape of a tenant file, from which its JSON Schema and its reference are made.

A section that is left out is left alone when the file is applied; a section that is there says all
there is: rows that it does not name are deactivated where the row can be.
"""

from typing import Annotated, Any, Literal

from pydantic import JsonValue, StringConstraints

from apps.onboarding.file.part import Key, Name, Part, Text
from apps.onboarding.file.schema_catalog import (
    CalendarPart,
    CampaignPart,
    LocationPart,
    QueuePart,
    ServicePart,
    SourcePart,
)
from apps.onboarding.file.schema_people import (
    ApiKeyPart,
    OrganizationPart,
    PartyPart,
    PersonPart,
    RolePart,
    TeamPart,
)

Language = Annotated[str, StringConstraints(min_length=2, max_length=8)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Channel = Literal["call", "text", "email"]
Document = dict[str, JsonValue]


class StagePart(Part):
    """Where a lead can be."""

    key: Key
    """Stable name, used by rules."""
    label: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Word that people see."""
    is_open: bool = True
    """False for a stage in which nothing is left to do."""
    next_actions: tuple[JsonValue, ...] = ()
    """What is proposed to do here."""


class ClosureReasonPart(Part):
    """Why a lead can end."""

    key: Key
    """Stable name, used by reports."""
    label: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Words that people see."""


class PipelinePart(Part):
    """A kind of way; its stages in order."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    person_word: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "Potential patient"
    """What people are called in it."""
    requires_phone: bool = False
    """True where only a lead with a phone number is routed."""
    closure_reasons: tuple[ClosureReasonPart, ...] = ()
    """Reasons for closing."""
    stages: tuple[StagePart, ...]
    """The stages, first to last."""


class FormPart(Part):
    """A public form."""

    slug: Key
    """Last part of its address; unique among all tenants."""
    title: Name
    """Heading."""
    intro: Text = ""
    """Text below the heading."""
    source: Key
    """Source its leads get, by key."""
    what_happens_next: Text = ""
    """What the person is told to expect; needed before publishing."""
    services: tuple[Key, ...] = ()
    """Services to choose from, by key."""
    consent_version: Annotated[str, StringConstraints(max_length=20)] = ""
    """Version of the consent wording shown; needed before publishing."""
    is_published: bool = False
    """True when people can fill it in."""


class WordingPart(Part):
    """A text people agree to. Once used it never changes: a new text is a new version."""

    channel: Channel
    """What it permits."""
    purpose: Annotated[str, StringConstraints(max_length=20)] = "care_inquiry"
    """What for."""
    version: Version
    """Version of the text."""
    language: Language = "en"
    """Language of the text."""
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """The text itself."""


class TemplatePart(Part):
    """A message's text; `{word}` places are filled at sending."""

    key: Key
    """Stable name of the message."""
    channel: Literal["email", "text"] = "email"
    """How it is sent."""
    language: Language = "en"
    """Language of the text."""
    subject: Annotated[str, StringConstraints(max_length=200)] = ""
    """Subject of an e-mail."""
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """The text itself."""


class RulesPart(Part):
    """The tenant's rule documents, one per kind."""

    validity: Document | None = None
    """What makes a lead valid, held or excluded."""
    duplicates: Document | None = None
    """Which keys, in which window, make a second arrival a duplicate."""
    scoring: Document | None = None
    """Fit and intent."""
    routing: Document | None = None
    """Layers of rules that choose queue, priority and office."""
    ownership: Document | None = None
    """Who may change what, and who owns next."""
    gates: Document | None = None
    """Moves between stages, the event behind each, and what must be known."""
    sla: Document | None = None
    """By when, and who hears of it if not."""
    contact: Document | None = None
    """Quiet hours, consent and limits."""


class TenantFile(Part):
    """A whole tenant as one reviewable file."""

    organization: OrganizationPart
    """The tenant itself."""
    roles: tuple[RolePart, ...] | None = None
    """Jobs and their rights."""
    parties: tuple[PartyPart, ...] | None = None
    """Organisations around the tenant."""
    calendars: tuple[CalendarPart, ...] | None = None
    """Opening hours."""
    locations: tuple[LocationPart, ...] | None = None
    """Offices."""
    services: tuple[ServicePart, ...] | None = None
    """Services and where they are offered."""
    teams: tuple[TeamPart, ...] | None = None
    """Teams that can own leads."""
    people: tuple[PersonPart, ...] | None = None
    """People who sign in."""
    queues: tuple[QueuePart, ...] | None = None
    """Where routing puts leads."""
    campaigns: tuple[CampaignPart, ...] | None = None
    """Campaigns."""
    sources: tuple[SourcePart, ...] | None = None
    """Lead sources."""
    pipelines: tuple[PipelinePart, ...] | None = None
    """Ways and their stages."""
    wordings: tuple[WordingPart, ...] | None = None
    """Consent texts."""
    forms: tuple[FormPart, ...] | None = None
    """Public forms."""
    templates: tuple[TemplatePart, ...] | None = None
    """Texts of messages."""
    api_keys: tuple[ApiKeyPart, ...] | None = None
    """Credentials of programs."""
    rules: RulesPart | None = None
    """The tenant's rules."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a tenant file, for editors that complete and check it."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | TenantFile.model_json_schema() | {"title": "leadcrm tenant file"}
