"""Words of retention."""

from enum import StrEnum


class HoldScope(StrEnum):
    """What is held."""

    PERSON = "person"
    LEAD = "lead"
    CLASS = "class"


class Because(StrEnum):
    """Why a run erases: the schedule says so, or a person asked for it."""

    SCHEDULE = "schedule"
    REQUEST = "request"


class RunState(StrEnum):
    """Where a run stands."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    RUNNING = "running"
    DONE = "done"


class ItemState(StrEnum):
    """What became of a lead in a run."""

    WAITING = "waiting"
    ERASED = "erased"
    LEFT = "left"


class Left(StrEnum):
    """Why a lead that is old enough stays."""

    OPEN = "open"
    CONVERTED = "converted"
    HELD = "held"
    YOUNGER = "younger"
