"""The tenant file's part about vendors: what each does for the tenant, its agreement, its certificates."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from apps.onboarding.file.part import Key, Name, Part, Text

Use = Annotated[str, StringConstraints(pattern=r"^(texts|mail|(connection|system|agency) [a-z0-9][a-z0-9_-]*)$")]


class AgreementPart(Part):
    """A business associate agreement."""

    state: Literal["draft", "executed", "ended"]
    """How far it is; only an executed one counts."""
    signed_on: date | None = None
    """The day it was signed."""
    effective_on: date | None = None
    """The first day on which it holds."""
    expires_on: date | None = None
    """The last day on which it holds; left out, it holds until it is ended."""
    permitted_uses: bool = True
    """Whether it lists permitted uses and disclosures."""
    safeguards: bool = True
    """Whether encryption and access control are agreed."""
    notice_days: int | None = Field(default=None, ge=0, le=3650)
    """Days within which a breach is reported; at most 60 are lawful."""
    subcontractors: bool = True
    """Whether subcontractors are bound to the same terms."""
    access_and_amendment: bool = True
    """Whether access and amendment of a person's record are supported."""
    termination: bool = True
    """Whether it can be terminated, with data back or destroyed."""
    note: Text = ""
    """Where it is filed."""


class CertificatePart(Part):
    """A certificate of a vendor."""

    kind: Literal["hitrust", "soc2_ii", "other"]
    """Which one."""
    expires_on: date
    """The last day on which it holds."""


class VendorPart(Part):
    """Somebody who does a service for the tenant."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    service: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    """What it does for the tenant."""
    touches_phi: bool = True
    """Whether it may see protected health information; then it needs an agreement."""
    owner: str | None = None
    """Who answers for it and hears when the agreement ends, by e-mail."""
    agreement: AgreementPart | None = None
    """The agreement that counts."""
    certificates: tuple[CertificatePart, ...] = ()
    """What it showed."""
    uses: tuple[Use, ...] = ()
    """What it carries: "connection KEY", "system KEY", "agency KEY", "texts", "mail"."""
