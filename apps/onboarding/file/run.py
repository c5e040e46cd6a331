"""One application of a tenant file: who applies, and what has come of it so far."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.onboarding.terms import Changes, Fault, FileRefused, Path
from apps.tenancy.actor import Actor
from apps.tenancy.errors import LeadcrmError


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An API key that was just made; shown this once."""

    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class AppliedUser:
    """A person of the file; `initial_password` only where the user was made just now."""

    email: str
    initial_password: str = ""


@dataclass(slots=True)
class Run:
    """What the sections share while a file is applied."""

    actor: Actor
    now: datetime
    changes: Changes = field(default_factory=Changes)
    ids: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    secrets: list[NewSecret] = field(default_factory=list)
    users: list[AppliedUser] = field(default_factory=list)

    def note(self, section: str, word: str, key: str, row_id: UUID, effect: str) -> None:
        """Note what became of one row."""
        self.changes.note(effect, word, key)
        self.ids[section][key] = str(row_id)


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Name the place of the file that an action refuses."""
    place: Path = path
    try:
        yield
    except LeadcrmError as error:
        raise FileRefused((Fault(place, error.detail),)) from error
