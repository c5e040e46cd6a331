"""The shape of the tenant file's sections about senders: connections, and numbers that stand for advertisements."""

from typing import Annotated, Literal

from pydantic import JsonValue, StringConstraints

from apps.onboarding.file.part import Key, Name, Part

Label = Annotated[str, StringConstraints(max_length=100)]


class ConnectionPart(Part):
    """An address for one sending system. Its token and secrets are never in a file: `apply --json` prints the address,
    the admin takes the secrets."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    provider: Key
    """Sending system, as the admin lists them."""
    source: Key
    """Lead source of what comes here, by key."""
    mapping: dict[str, str] = {}
    """The sender's names and our fields, where they differ from the sender's usual ones."""
    settings: dict[str, JsonValue] = {}
    """Settings of this sender."""
    consent_version: Annotated[str, StringConstraints(max_length=20)] = ""
    """Wording that the sender's form shows, where the sender does not tell."""
    consent_channels: tuple[Literal["call", "text", "email"], ...] = ()
    """Channels that wording covers."""


class TrackingNumberPart(Part):
    """A phone number that stands for one advertisement or place."""

    number: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
    """Number in E.164."""
    label: Label = ""
    """Advertisement."""
    keyword: Label = ""
    """Search word it is bought for."""
    campaign: Key | None = None
    """Campaign, by key."""
    location: Key | None = None
    """Office, by key."""
