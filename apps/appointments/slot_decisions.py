"""Which of the times that a provider could see somebody are free still, and how a free time is named. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_STAMP = "%Y%m%dT%H%MZ"
NOON = 12


class PartOfDay(StrEnum):
    """The half of a day that somebody prefers for a visit (row AP-12)."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a provider sees people at an office for a service; `zone` is the office's wall clock."""

    provider: str
    who: str
    office: str
    service: str
    starts_at: datetime
    minutes: int
    places: int
    zone: str
    source: str

    @property
    def key(self) -> str:
        """The slot's own name: provider, office and start. What for is the lead's to say."""
        return f"{self.provider}.{self.office}.{self.starts_at.astimezone(UTC):{_STAMP}}"

    @property
    def place_key(self) -> str:
        """When and where, without saying with whom."""
        return f"{self.office}.{self.starts_at.astimezone(UTC):{_STAMP}}"

    @property
    def ends_at(self) -> datetime:
        """When the visit ends."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def part(self) -> PartOfDay:
        """The half of the office's day in which it begins."""
        return PartOfDay.MORNING if self.starts_at.astimezone(ZoneInfo(self.zone)).hour < NOON else PartOfDay.AFTERNOON


@dataclass(frozen=True, slots=True)
class Busy:
    """A booked visit: with whom, where, and when; a visit without a provider takes a place of everybody there."""

    provider: str
    office: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SlotName:
    """What a slot's key says."""

    provider: str
    office: str
    starts_at: datetime


def read_key(key: str) -> SlotName | None:
    """Return what a slot's key says; None where it is none."""
    parts = key.split(".")
    if len(parts) != 3 or not all(parts):
        return None
    try:
        start = datetime.strptime(parts[2], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return SlotName(parts[0], parts[1], start)


def free_of(slots: Iterable[Slot], busy: Sequence[Busy]) -> list[Slot]:
    """Return the slots with a place left, each with how many, first to last; one per provider, office and start."""
    found: dict[tuple[datetime, str, str], Slot] = {}
    for slot in slots:
        left = slot.places - sum(_takes(each, slot) for each in busy)
        if left > 0:
            found.setdefault((slot.starts_at, slot.provider, slot.office), replace(slot, places=left))
    return [found[key] for key in sorted(found)]


def preferred_first(slots: Sequence[Slot], part: str) -> list[Slot]:
    """Return the slots of the preferred half of the day before the others."""
    return sorted(slots, key=lambda each: part not in ("", each.part)) if part in set(PartOfDay) else list(slots)


def _takes(visit: Busy, slot: Slot) -> bool:
    with_them = visit.provider in (slot.who, slot.provider) if visit.provider else visit.office == slot.office
    return with_them and visit.starts_at < slot.ends_at and slot.starts_at < visit.ends_at
