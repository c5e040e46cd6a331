"""How soon somebody can be seen: the first open slot of a service at an office, and where one is sooner (row SC-07)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from apps.routing.terms import OpenAt, ProviderFact


class Slots(StrEnum):
    """What is known of the open slots: one in time, none in time, told too long ago, never told, nobody gives it."""

    IN_TIME = "in_time"
    LATE = "late"
    STALE = "stale"
    UNKNOWN = "unknown"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Soonest:
    """A first open slot: with whom, at which office (its key), and when."""

    provider: str
    office_key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of the slots within `days`; `elsewhere` is a sooner slot at another office.

    `heard_at` is when slots were told last, where they are stale.
    """

    state: Slots
    days: int
    soonest: Soonest | None = None
    elsewhere: Soonest | None = None
    heard_at: datetime | None = None

    def as_facts(self, now: datetime) -> dict[str, object]:
        """Return what rules look at: whole days until the first slot, and whether one is in time; unknown is None."""
        known = {Slots.IN_TIME: True, Slots.LATE: False}
        return {
            "next_slot_days": (self.soonest.at - now).days if self.soonest else None,
            "slot_in_time": known.get(self.state),
        }


def slot_outlook(
    providers: Iterable[ProviderFact],
    *,
    service: str,
    office_key: str,
    days: int,
    is_established: bool,
    now: datetime,
) -> Outlook:
    """Say how soon a service can be had at an office ("" for any), and where it is sooner.

    Who takes no new patients counts for established ones alone. What is stale counts as no slot; where nothing fresh
    was told, nobody knows, and it is said so instead of guessed.
    """
    found = [
        (provider, place)
        for provider in providers
        if provider.takes_new or is_established
        for place in provider.places
        if place.service == service
    ]
    here = [(provider, place) for provider, place in found if not office_key or place.office_key == office_key]
    if not here:
        return Outlook(Slots.NOBODY, days, elsewhere=_soonest(found, now))
    soonest = _soonest(here, now)
    other = _soonest([each for each in found if each not in here], now)
    elsewhere = other if other is not None and (soonest is None or other.at < soonest.at) else None
    fresh = [place for _, place in here if place.heard_at is not None and not place.is_stale]
    heard = [place.heard_at for _, place in here if place.heard_at is not None]
    if not fresh:
        return Outlook(Slots.STALE if heard else Slots.UNKNOWN, days, None, elsewhere, max(heard, default=None))
    in_time = soonest is not None and soonest.at <= now + timedelta(days=days)
    return Outlook(Slots.IN_TIME if in_time else Slots.LATE, days, soonest, elsewhere)


def _soonest(found: Sequence[tuple[ProviderFact, OpenAt]], now: datetime) -> Soonest | None:
    slots = [
        Soonest(provider.name, place.office_key, place.next_at)
        for provider, place in found
        if place.next_at is not None and place.next_at > now and not place.is_stale
    ]
    return min(slots, key=lambda each: (each.at, each.office_key, each.provider), default=None)
