"""The network as plain JSON and back, so that a stored decision can be replayed as it was made."""

from collections.abc import Mapping
from datetime import datetime

from apps.policies.decisions.documents import Document, as_document, as_items, as_number, as_text, as_texts, as_whole
from apps.routing.terms import Network, Office, OpenAt, Place, ProviderFact, QueueFact


def network_as_json(network: Network) -> dict[str, object]:
    """Return the network as plain JSON."""
    place = network.place
    return {
        "offices": [
            {
                "key": office.key,
                "name": office.name,
                "latitude": office.latitude,
                "longitude": office.longitude,
                "services": sorted(office.services),
                "is_available": office.is_available,
                "specialties": sorted(office.specialties),
                "unavailable_because": office.unavailable_because,
                "fallback_key": office.fallback_key,
            }
            for office in network.offices
        ],
        "queues": [_queue_as_json(queue) for queue in network.queues],
        "skills": list(network.skills),
        "providers": None if network.providers is None else [_provider_as_json(each) for each in network.providers],
        "at": network.at.isoformat() if network.at else None,
        "place": None if place is None else {"latitude": place.latitude, "longitude": place.longitude},
    }


def network_from_json(data: Mapping[str, object]) -> Network:
    """Return the network that was stored. What cannot be read becomes empty, closed or unavailable."""
    offices = tuple(_office(as_document(item)) for item in as_items(data.get("offices")))
    queues = tuple(_queue(as_document(item)) for item in as_items(data.get("queues")))
    place, kept = as_document(data.get("place")), data.get("providers")
    return Network(
        offices,
        queues,
        _place(place) if place else None,
        as_texts(data.get("skills")),
        providers_from_json(kept),
        _instant(data.get("at")),
    )


def providers_from_json(kept: object) -> tuple[ProviderFact, ...] | None:
    """Return the providers that were stored; None where a decision did not keep any."""
    return None if kept is None else tuple(_provider(as_document(item)) for item in as_items(kept))


def _provider_as_json(provider: ProviderFact) -> dict[str, object]:
    return {
        "key": provider.key,
        "name": provider.name,
        "skills": sorted(provider.skills),
        "takes_new": provider.takes_new,
        "places": [
            {
                "office_key": place.office_key,
                "service": place.service,
                "next_at": place.next_at.isoformat() if place.next_at else None,
                "heard_at": place.heard_at.isoformat() if place.heard_at else None,
                "is_stale": place.is_stale,
            }
            for place in provider.places
        ],
    }


def _provider(data: Document) -> ProviderFact:
    places = [as_document(item) for item in as_items(data.get("places"))]
    return ProviderFact(
        key=as_text(data.get("key")),
        name=as_text(data.get("name")),
        skills=frozenset(as_texts(data.get("skills"))),
        takes_new=data.get("takes_new") is True,
        places=tuple(
            OpenAt(
                office_key=as_text(place.get("office_key")),
                service=as_text(place.get("service")),
                next_at=_instant(place.get("next_at")),
                heard_at=_instant(place.get("heard_at")),
                is_stale=place.get("is_stale") is True,
            )
            for place in places
        ),
    )


def _queue_as_json(queue: QueueFact) -> dict[str, object]:
    return {
        "key": queue.key,
        "name": queue.name,
        "team_key": queue.team_key,
        "location_key": queue.location_key,
        "tag": queue.tag,
        "method": queue.method,
        "is_active": queue.is_active,
        "is_open": queue.is_open,
        "opens_at": queue.opens_at.isoformat() if queue.opens_at else None,
        "after_hours_key": queue.after_hours_key,
        "max_wait_seconds": queue.max_wait_seconds,
        "open_leads": queue.open_leads,
        "capacity": queue.capacity,
        "overflow_key": queue.overflow_key,
        "batch_at": queue.batch_at.isoformat() if queue.batch_at else None,
        "channels": list(queue.channels),
    }


def _place(data: Document) -> Place:
    return Place(float(as_number(data.get("latitude")) or 0), float(as_number(data.get("longitude")) or 0))


def _office(data: Document) -> Office:
    place = _place(data)
    return Office(
        key=as_text(data.get("key")),
        name=as_text(data.get("name")),
        latitude=place.latitude,
        longitude=place.longitude,
        services=frozenset(as_texts(data.get("services"))),
        is_available=data.get("is_available") is True,
        specialties=frozenset(as_texts(data.get("specialties"))),
        unavailable_because=as_text(data.get("unavailable_because")),
        fallback_key=as_text(data.get("fallback_key")) or None,
    )


def _queue(data: Document) -> QueueFact:
    return QueueFact(
        key=as_text(data.get("key")),
        name=as_text(data.get("name")),
        team_key=as_text(data.get("team_key")),
        location_key=as_text(data.get("location_key")) or None,
        tag=as_text(data.get("tag")),
        method=as_text(data.get("method")),
        is_active=data.get("is_active") is True,
        is_open=data.get("is_open") is True,
        opens_at=_instant(data.get("opens_at")),
        after_hours_key=as_text(data.get("after_hours_key")) or None,
        max_wait_seconds=int(as_number(data.get("max_wait_seconds")) or 0),
        open_leads=as_whole(data.get("open_leads")) or 0,
        capacity=as_whole(data.get("capacity")),
        overflow_key=as_text(data.get("overflow_key")) or None,
        batch_at=_instant(data.get("batch_at")),
        channels=as_texts(data.get("channels")),
    )


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(as_text(value))
    except ValueError:
        return None
