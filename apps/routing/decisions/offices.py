"""Choosing an office: the one asked for, one known for the service, or the nearest that offers it and is available."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from apps.routing.terms import Alternative, Network, Office, OfficeMode, Place

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """The office and why; None when none can be named. `others` are the offices passed over.

    `stands_in_for` is the office that fits best and takes no leads now: then this one is its fallback (row HC-10).
    """

    office: Office | None
    reason: str
    others: tuple[Alternative, ...] = ()
    stands_in_for: Office | None = None


def distance_km(a: Place, b: Place) -> float:
    """Return the great-circle distance by the haversine formula (R. W. Sinnott, Sky and Telescope, 1984).

    The earth is taken as a ball with the IUGG mean radius, which is off by 0.6 % at most.
    """
    rise = radians(b.latitude - a.latitude) / 2
    turn = radians(b.longitude - a.longitude) / 2
    chord = sin(rise) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(turn) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))


def choose_office(mode: str, service: str, requested: str, network: Network) -> OfficeChoice:
    """Choose an office for a lead.

    Only an office that is available and offers the service qualifies; for an unknown service all do. The
    office asked for wins if it qualifies and the mode allows. Otherwise, where the mode prefers specialists, the
    nearest office that is known for the service; else the nearest one; of two equally near the one whose key comes
    first. Distance is measured from the lead's place or, without one, from the office asked for. With neither
    there is no choice.

    Where the office that would win is not available, or lacks what a rule asks for (row RT-15), the one that its
    catalog entry names takes its place, else the next that would win; either is marked as its fallback.
    """
    if mode not in set(OfficeMode):
        return _named(mode, service, network)
    offering = [office for office in network.offices if _offers(office, service)]
    best = _best(mode, service, requested, offering, network)
    if isinstance(best, str):
        return OfficeChoice(None, best, _unfit(network, service))
    office, reason, others = best
    if not _obstacle(office, service):
        return OfficeChoice(office, reason, _unfit(network, service) + others)
    return _instead(office, mode, service, requested, network)


_Best = tuple[Office, str, tuple[Alternative, ...]]


def _best(mode: str, service: str, requested: str, offices: Sequence[Office], network: Network) -> _Best | str:
    """Return which of these offices wins, why, and why the farther ones do not; or why none can be named."""
    asked = next((office for office in network.offices if office.key == requested), None)
    if mode != OfficeMode.NEAREST and asked in offices and asked is not None:
        return asked, "the office asked for", ()
    origin = network.place or (asked.place if asked else None)
    if origin is None:
        return "no place and no office asked for"
    if not offices:
        return "no available office offers the service"
    wants_known = mode == OfficeMode.REQUESTED_OR_SPECIALTY

    def rank(office: Office) -> tuple[bool, float, str]:
        return wants_known and service not in office.specialties, distance_km(origin, office.place), office.key

    first, *rest = sorted(offices, key=rank)
    distance = rank(first)[1]
    is_known = wants_known and service in first.specialties
    others = tuple(
        Alternative("office", each.key, each.name, _why_after(each, rank(each), first, distance, is_known=is_known))
        for each in rest
        if not _obstacle(each, service)
    )
    return first, f"known for the service, {distance:.1f} km" if is_known else f"nearest, {distance:.1f} km", others


def _why_after(office: Office, rank: tuple[bool, float, str], first: Office, distance: float, *, is_known: bool) -> str:
    if is_known and rank[0]:
        return f"{rank[1]:.1f} km away; {first.name} is known for the service"
    return f"{rank[1]:.1f} km away, {first.name} {distance:.1f} km"


def _instead(best: Office, mode: str, service: str, requested: str, network: Network) -> OfficeChoice:
    """Choose who stands in for the office that fits best and is not available."""
    because = f"fallback: {best.name} {_obstacle(best, service)}"
    named = next((each for each in network.offices if each.key == best.fallback_key), None)
    if named is not None and not _obstacle(named, service):
        return OfficeChoice(named, f"{because}; it takes its leads", _unfit(network, service), best)
    left = [office for office in network.offices if not _obstacle(office, service)]
    found = _best(mode, service, requested, left, network)
    if isinstance(found, str):
        return OfficeChoice(None, found, _unfit(network, service))
    office, reason, others = found
    return OfficeChoice(office, f"{because}; {reason}", _unfit(network, service) + others, best)


def _named(key: str, service: str, network: Network) -> OfficeChoice:
    office = next((office for office in network.offices if office.key == key), None)
    if office is None:
        return OfficeChoice(None, f"there is no office “{key}”")
    obstacle = _obstacle(office, service)
    if not obstacle:
        return OfficeChoice(office, "named by the rule")
    lost = (Alternative("office", key, office.name, obstacle),)
    stand_in = next((each for each in network.offices if each.key == office.fallback_key), None)
    is_shut = not office.is_available or bool(office.lacks)
    if is_shut and stand_in is not None and not _obstacle(stand_in, service):
        return OfficeChoice(stand_in, f"fallback: {office.name} {obstacle}; it takes its leads", lost, office)
    return OfficeChoice(None, f"{office.name} {obstacle}", lost)


def _unfit(network: Network, service: str) -> tuple[Alternative, ...]:
    return tuple(
        Alternative("office", office.key, office.name, obstacle)
        for office in network.offices
        if (obstacle := _obstacle(office, service))
    )


def _offers(office: Office, service: str) -> bool:
    return not service or service in office.services


def _obstacle(office: Office, service: str) -> str:
    if not office.is_available:
        return f"is not available ({office.unavailable_because})" if office.unavailable_because else "is not available"
    return office.lacks if _offers(office, service) else "does not offer the service"
