"""Words of vendors: what they do for us, what an agreement must provide, and whether it holds (rows PH-08, PH-09)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

#: So long a vendor may take at most to report a breach of unsecured data (45 CFR 164.410(b)).
MOST_NOTICE_DAYS = 60
#: So many days ahead the owner hears that an agreement ends.
WARN_DAYS = 30
#: So long what an update found at work goes on without an agreement.
GRACE_DAYS = 60


class UseKind(TextChoices):
    """What a vendor may carry for us."""

    CONNECTION = "connection", _("Sender")
    SYSTEM = "system", _("Outside system")
    TEXTS = "texts", _("Text messages")
    MAIL = "mail", _("Mail")
    AGENCY = "agency", _("Agency deliveries")


class AgreementState(TextChoices):
    """How far an agreement is."""

    DRAFT = "draft", _("Draft")
    EXECUTED = "executed", _("Executed")
    ENDED = "ended", _("Ended")


class CertificateKind(TextChoices):
    """Certificates that the register knows."""

    HITRUST = "hitrust", "HITRUST"
    SOC2_II = "soc2_ii", "SOC 2 Type II"
    OTHER = "other", _("Other")


class StandingCode(StrEnum):
    """Why something may run, or may not."""

    OK = "ok"
    OWN = "own"
    NO_PHI = "no_phi"
    GRACE = "grace"
    NOT_NAMED = "vendor_missing"
    SWITCHED_OFF = "vendor_off"
    NO_AGREEMENT = "baa_missing"
    NOT_YET = "baa_not_yet"
    EXPIRED = "baa_expired"
    PROVISIONS = "baa_provisions"


@dataclass(frozen=True, slots=True)
class AgreementFact:
    """An agreement as the rules see it; a state other than executed holds nothing."""

    state: str
    signed_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    permitted_uses: bool = False
    safeguards: bool = False
    notice_days: int | None = None
    subcontractors: bool = False
    access_and_amendment: bool = False
    termination: bool = False


@dataclass(frozen=True, slots=True)
class VendorFact:
    """A vendor as the rules see it."""

    name: str
    touches_phi: bool = True
    is_active: bool = True
    grace_until: date | None = None
    agreements: tuple[AgreementFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Provision:
    """One thing an agreement must provide: whether it does, and what is wrong where it does not."""

    key: str
    holds: bool
    says: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a vendor may carry PHI on a day, why, and until when; `name` is the vendor's, "" where none is named."""

    allowed: bool
    code: StandingCode
    sentence: str
    name: str = ""
    until: date | None = None
