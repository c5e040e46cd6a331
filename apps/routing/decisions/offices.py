"""Choosing an office: the one asked for, or the nearest of those that offer the service and are available."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from apps.routing.terms import Alternative, Network, Office, OfficeMode, Place

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """The office and why; None when none can be named. `others` are the offices passed over."""

    office: Office | None
    reason: str
    others: tuple[Alternative, ...] = ()


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
    office asked for wins if it qualifies and the mode allows. Otherwise the nearest one; of two equally near
    the one whose key comes first. Distance is measured from the lead's place or, without one, from the
    office asked for. With neither there is no choice.
    """
    if mode not in set(OfficeMode):
        return _named(mode, service, network)
    qualified = [office for office in network.offices if not _obstacle(office, service)]
    asked = next((office for office in network.offices if office.key == requested), None)
    if mode == OfficeMode.REQUESTED_OR_NEAREST and asked in qualified:
        return OfficeChoice(asked, "the office asked for", _unfit(network, service))
    origin = network.place or (asked.place if asked else None)
    if origin is None:
        return OfficeChoice(None, "no place and no office asked for", _unfit(network, service))
    if not qualified:
        return OfficeChoice(None, "no available office offers the service", _unfit(network, service))
    ranked = sorted(
        ((distance_km(origin, office.place), office.key, office) for office in qualified),
        key=lambda entry: entry[:2],
    )
    distance, _, nearest = ranked[0]
    farther = tuple(
        Alternative("office", office.key, office.name, f"{km:.1f} km away, {nearest.name} {distance:.1f} km")
        for km, _, office in ranked[1:]
    )
    return OfficeChoice(nearest, f"nearest, {distance:.1f} km", _unfit(network, service) + farther)


def _named(key: str, service: str, network: Network) -> OfficeChoice:
    office = next((office for office in network.offices if office.key == key), None)
    if office is None:
        return OfficeChoice(None, f"there is no office “{key}”")
    obstacle = _obstacle(office, service)
    if not obstacle:
        return OfficeChoice(office, "named by the rule")
    return OfficeChoice(None, f"{office.name} {obstacle}", (Alternative("office", key, office.name, obstacle),))


def _unfit(network: Network, service: str) -> tuple[Alternative, ...]:
    return tuple(
        Alternative("office", office.key, office.name, obstacle)
        for office in network.offices
        if (obstacle := _obstacle(office, service))
    )


def _obstacle(office: Office, service: str) -> str:
    if not office.is_available:
        return "is not available"
    return "does not offer the service" if service and service not in office.services else ""
