"""Words of compliance: what a breach case goes through, who does what in it, what letters there are."""

from enum import StrEnum

#: 45 CFR 164.404(b): without unreasonable delay, and no later than 60 days after the discovery.
NOTIFY_WITHIN_DAYS = 60
#: Days after the discovery on which everybody who handles breaches is warned; the last one is the day itself.
WARN_ON_DAYS = (45, 55, 60)
#: 45 CFR 164.406 and 164.408: from so many persons on, the Secretary hears at once, and of one State the media.
MANY = 500


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    NO_BREACH = "no_breach"
    NOTIFIED = "notified"


class Factor(StrEnum):
    """The four factors of the risk assessment of 45 CFR 164.402(2)."""

    NATURE = "nature"
    RECIPIENT = "recipient"
    ACQUIRED = "acquired"
    MITIGATED = "mitigated"


class Risk(StrEnum):
    """How much a factor speaks for harm."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Part(StrEnum):
    """Who does a task of a case."""

    PRIVACY = "privacy officer"
    SECURITY = "security"
    COUNSEL = "counsel"
    COMMUNICATIONS = "communications"


class Letter(StrEnum):
    """Who a draft is for."""

    PERSON = "person"
    SECRETARY = "secretary"
    MEDIA = "media"
    ENTITY = "entity"


class Unusual(StrEnum):
    """What is unusual about how somebody read."""

    VOLUME = "volume"
    AFTER_HOURS = "after_hours"
    EXPORT = "export"
    SURNAME = "surname"
