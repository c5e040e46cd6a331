"""Words of quality: the checks of a run, how one ended, where a run stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Check(StrEnum):
    """What a run looks for. The word is kept with every fix item."""

    MISSING_REQUIRED = "missing_required"
    DUPLICATES = "duplicates"
    MISSING_ATTRIBUTION = "missing_attribution"
    NO_NEXT_ACTION = "no_next_action"
    INACTIVE_OWNER = "inactive_owner"
    OWNER_MISMATCH = "owner_mismatch"
    STAGE_OWNER = "stage_owner"
    UNMAPPED_VALUE = "unmapped_value"
    UNKNOWN_SOURCE = "unknown_source"
    INVALID_PHONE = "invalid_phone"
    STALE_CONTACT = "stale_contact"
    CONSENT_EVIDENCE = "consent_evidence"
    DISAGREES = "disagrees"
    HELD_LONG = "held_long"
    NO_INQUIRY = "no_inquiry"


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Result:
    """How one check of a run ended: a count, or the name of the error. A failed check has no count, never zero.

    `before` is the last count known before a failure.
    """

    count: int | None
    error: str = ""
    before: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the result as a run keeps it."""
        return {"count": self.count, "error": self.error, "before": self.before}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a check stands now: what is open of what the last run found, whose most of it is, and since when.

    `error` says that the last run could not make the check; then the count is the one before. `trend` holds the
    last count of each day, oldest first.
    """

    check: Check
    count: int
    owner: str = ""
    owner_count: int = 0
    oldest_at: datetime | None = None
    error: str = ""
    trend: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How the leads of a source stand: open ones, findings, phones that cannot work, and findings by day.

    `excluded` counts the inquiries of the last 30 days that became no lead, `blank` those of them with nothing in them.
    """

    name: str
    leads: int
    findings: int
    phones: int
    invalid_phones: int
    trend: tuple[int, ...] = ()
    excluded: int = 0
    blank: int = 0

    @property
    def invalid_percent(self) -> int | None:
        """The share of phones that cannot work, in whole percent; None without any phone."""
        return round(100 * self.invalid_phones / self.phones) if self.phones else None


@dataclass(frozen=True, slots=True)
class Overview:
    """The page: when it was computed, how each check and each source stands, whether a run is waiting."""

    computed_at: datetime | None
    is_waiting: bool
    standings: tuple[Standing, ...] = ()
    sources: tuple[SourceStanding, ...] = ()
    stale_days: int = 0
    reach: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """True where every check was made and found nothing."""
        return all(each.count == 0 and not each.error for each in self.standings)
