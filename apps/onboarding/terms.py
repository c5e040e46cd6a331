"""Words of onboarding: places in a file, faults, and what applying changed."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

#: A place in the file: keys and list positions from the top.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a place of the file; `line` 0 where it is not known yet."""

    path: Path
    sentence: str
    line: int = 0

    @property
    def place(self) -> str:
        """Return the place as people write it: `people[2].email`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text or "file"


class Effect(StrEnum):
    """What applying did to one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DEACTIVATED = "deactivated"


@dataclass(slots=True)
class Changes:
    """What applying did, row by row; unchanged rows are only counted."""

    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, effect: str, word: str, key: str) -> None:
        """Note what happened to one row."""
        self.counts[effect] += 1
        if effect != Effect.UNCHANGED:
            self.lines.append(f"{effect} {word} {key}")

    @property
    def is_empty(self) -> bool:
        """True when every row said already what the file says."""
        return not self.lines

    @property
    def sentence(self) -> str:
        """Return the counts in words."""
        return ", ".join(f"{self.counts[effect]} {effect}" for effect in Effect)


class FileRefused(Exception):
    """The file has faults; nothing was changed."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults
