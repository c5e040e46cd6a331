"""Words of partners: what became of a delivery as its sender is told, and how such results are counted."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Result(StrEnum):
    """The five things that can have become of a delivery."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HELD = "held"
    REJECTED = "rejected"


#: The clause of an agreement that says who logs contacts: “agency”, or “client”; without it the client alone does.
LOGGED_BY = "contacts_logged_by"


class LogCode(StrEnum):
    """Whether an agency logs contacts on a lead of its own."""

    OK = "ok"
    CLIENT_LOGS_ONLY = "client_logs_only"


class Mode(StrEnum):
    """Live deliveries count; test deliveries are kept apart from them."""

    LIVE = "live"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of one day had one result for one reason."""

    day: date
    result: Result
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A period in numbers. A duplicate is not taken, so it stands among the rejected, under its own name."""

    accepted: int
    rejected: tuple[tuple[str, int], ...]
    held: int
    received: int

    @property
    def rejected_count(self) -> int:
        """Everything that was not taken."""
        return sum(count for _, count in self.rejected)

    @property
    def judged(self) -> int:
        """Everything that has an outcome."""
        return self.accepted + self.rejected_count + self.held

    @property
    def rate_percent(self) -> int | None:
        """The share that was accepted, of those with an outcome; None without any."""
        return round(100 * self.accepted / self.judged) if self.judged else None


@dataclass(frozen=True, slots=True)
class PayloadLine:
    """One value of a body that was sent; `value` is empty where it is not shown again."""

    path: str
    value: str
    is_hidden: bool = False
