"""Providers as routing sees them at an instant: where each gives what, and the first slot that is still ahead."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.catalog.models import OpenSlots, Provider
from apps.catalog.providers import is_stale, places_of, providers_by_key, slots_of
from apps.catalog.queries import services_by_key
from apps.routing.terms import OpenAt, ProviderFact


def provider_facts(service: str, now: datetime) -> tuple[ProviderFact, ...]:
    """Return the providers that give a service today, or all for a service nobody knows; one query at most."""
    known = service if service in services_by_key() else ""
    rows = [row for row in providers_by_key().values() if not known or known in row.services]
    wanted = [known] if known else sorted({each for row in rows for each in row.services})
    return facts_from(rows, slots_of(wanted), now, service=known)


def facts_from(
    rows: Sequence[Provider], told: Sequence[OpenSlots], now: datetime, *, service: str = ""
) -> tuple[ProviderFact, ...]:
    """Return providers with what was told of their slots; of one service, or of all that they give."""
    found: Mapping[tuple[str, str, str], OpenSlots] = {
        (each.provider.key, each.location.key, each.service.key): each for each in told
    }
    return tuple(
        ProviderFact(
            key=row.key,
            name=row.name,
            skills=frozenset(each.casefold() for each in row.skills),
            takes_new=row.takes_new_patients,
            places=tuple(
                _open_at(office, given, found.get((row.key, office, given)), now)
                for office, given in places_of(row)
                if not service or given == service
            ),
        )
        for row in rows
    )


def _open_at(office: str, service: str, told: OpenSlots | None, now: datetime) -> OpenAt:
    if told is None:
        return OpenAt(office, service)
    ahead = next((each for each in told.starts if each > now), None)
    return OpenAt(office, service, ahead, told.heard_at, is_stale(told.heard_at, now))
