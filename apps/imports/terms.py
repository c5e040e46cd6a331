"""Words of imports: what a file is, where a run stands, what became of a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ImportKind(StrEnum):
    """What the rows are; the word is the capture method of their inquiries. Rows of opt-outs are no inquiries."""

    CALLING_LIST = "import"
    EVENT_SCAN = "event"
    REFERRALS = "referral"
    OPT_OUTS = "opt_out"


class RunState(StrEnum):
    """Where a run stands. Nothing is taken in before somebody confirms a checked run."""

    OPEN = "open"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    DISCARDED = "discarded"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowState(StrEnum):
    """What a row is good for, or what became of it."""

    READY = "ready"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    TAKEN = "taken"
    LEFT = "left"
    WITHDRAWN = "withdrawn"
    UNJOINED = "unjoined"
    KEPT = "kept"


#: The column of an event's list that says when the person came to the stand; it is the instant of the inquiry.
CHECKED_IN = "checked_in_at"


class SheetError(ValueError):
    """The file is no sheet that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's header and rows; every row has as many cells as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        """Return the number of rows without the header."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is read: each column's target, and on what the permission to contact rests.

    `basis_column` says row by row whether the person agreed; without one `basis` ("file") says it for all rows.
    `inquiry_only` limits what was agreed to the row's own inquiry (row CN-11).
    `event_at` (ISO 8601 with its offset) is when an event was whose list has no column of check-ins.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""
    basis_column: str = ""
    channels: Sequence[str] = ()
    text_version: str = ""
    evidence: str = ""
    event: str = ""
    event_at: str = ""
    inquiry_only: bool = False

    @property
    def happened_at(self) -> datetime | None:
        """When the event was, as it was stated for the whole list."""
        return datetime.fromisoformat(self.event_at) if self.event_at else None
