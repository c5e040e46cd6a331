"""Words of the playbook: its chapters, and what stands in them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Move:
    """One step between two stages, by their keys; `starts` may be "*", any open stage."""

    starts: tuple[str, ...]
    to: str
    event: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Target:
    """One limit of a service level, in words."""

    policy: str
    clock: str
    limit: str


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One stage: what has happened when a lead is here, who owns it, what it needs, what follows."""

    key: str
    label: str
    is_open: bool
    meanings: tuple[str, ...] = ()
    owner: str = ""
    gate: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    next_stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One pipeline with its stages in order, the moves between them by label, and why its leads end."""

    key: str
    name: str
    person_word: str
    stages: tuple[StageEntry, ...]
    moves: tuple[Move, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One service level: for whom, what by when, and who is told when it is missed."""

    id: str
    name: str
    meaning: str
    who: str
    targets: tuple[Target, ...]
    ladder: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """One queue: the team that answers, its people, its hours, and what happens outside them."""

    name: str
    team: str
    people: tuple[str, ...]
    place: str
    hours: tuple[str, ...]
    method: str
    longest_wait: str
    after_hours: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One line of rules in words."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class RuleText:
    """Rules of one kind in words, with the version they are from."""

    title: str
    version: str
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """One set of rules in force: since when, who approved it, and why it changed."""

    name: str
    number: int
    since: datetime | None
    approver: str
    author: str
    reason: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """One ownership policy: whose leads, which model, who owns from when, who answers for what, and its sections.

    `number` is its own version, `since` when it began to rule so. `consent` says where consent is kept, and who
    maintains it (row CN-08).
    """

    id: str
    name: str
    model: str
    rules: str
    number: int
    since: datetime | None
    owners: tuple[tuple[str, str], ...]
    matrix: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, str], ...]
    consent: str


@dataclass(frozen=True, slots=True)
class Book:
    """The whole document."""

    ways: tuple[Way, ...]
    levels: tuple[Level, ...]
    desks: tuple[Desk, ...]
    rules: tuple[RuleText, ...]
    versions: tuple[InForce, ...] = field(default=())
    agreements: tuple[Agreement, ...] = ()
