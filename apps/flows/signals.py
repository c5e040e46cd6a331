"""The signs that scoring reads of a lead today: from the catalog, from the words, from what is on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.catalog.providers import slot_days
from apps.catalog.queries import locations_by_key, offered, services_by_key, services_today
from apps.flows.consistency import offer_today
from apps.qualification.consistency import services_named
from apps.qualification.decisions import eligibility_by_age
from apps.qualification.signals import Coverage, Surroundings, fit_signs, signs_in_words
from apps.qualification.terms import Eligibility
from apps.routing.decisions.offices import distance_km
from apps.routing.decisions.outlook import Outlook, slot_outlook
from apps.routing.decisions.providers import ESTABLISHED
from apps.routing.providers import provider_facts
from apps.routing.terms import Place
from apps.tenancy.organizations import current_organization


def place_at(latitude: float | None, longitude: float | None) -> Place | None:
    """Return a point on the earth; None where nobody knows it."""
    return Place(latitude, longitude) if latitude is not None and longitude is not None else None


def signs_of(facts: Mapping[str, Any], words: str, *, place: Place | None, now: datetime) -> dict[str, Any]:
    """Return the signs that stand in the facts and in the words, by the catalog of today."""
    service, today = str(facts.get("service") or ""), now.astimezone(ZoneInfo(current_organization().zone)).date()
    named = services_named(words, offer_today()) if words else ()
    stated = Coverage.STATED.value if facts.get("payer") else None
    return {
        **fit_signs(_surroundings(facts, service, place)),
        **outlook_of(facts, service, now).as_facts(now),
        **signs_in_words(words, today, service=service, named=named),
        "coverage": facts.get("coverage") or stated,
        "is_referral": facts.get("lead_class") == "referral" or facts.get("channel") == "referral",
    }


def outlook_of(facts: Mapping[str, Any], service: str, now: datetime) -> Outlook:
    """Return how soon the service can be had at the office asked for, or at any; one query at most."""
    return slot_outlook(
        provider_facts(service, now) if service else (),
        service=service,
        office_key=str(facts.get("requested_location") or ""),
        days=slot_days(service),
        is_established=facts.get("patient_type") == ESTABLISHED,
        now=now,
    )


def _surroundings(facts: Mapping[str, Any], service: str, place: Place | None) -> Surroundings:
    open_ones = [row for row in locations_by_key().values() if row.is_available]
    where = offered()
    fitting = [row for row in open_ones if not service or service in where.get(row.key, frozenset())]
    asked = facts.get("requested_location")
    at_asked = any(row.key == asked for row in fitting) if asked else bool(fitting)
    distances = [distance_km(place, Place(row.latitude, row.longitude)) for row in fitting] if place else []
    return Surroundings(
        is_offered=service in services_today() and bool(fitting) if service else None,
        is_location_open=at_asked if service or asked else None,
        nearest_km=min(distances, default=None),
        by_age=_by_age(service, facts.get("age")),
    )


def _by_age(service: str, age: int | None) -> Eligibility | None:
    row = services_by_key().get(service)
    return eligibility_by_age(age, row.min_age, row.max_age) if row is not None and age is not None else None
