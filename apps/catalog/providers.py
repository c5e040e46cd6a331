"""Providers and their open slots: set up, told by a scheduling system or a person, and read (rows RT-15, SC-07)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.accounts.saving import Saved, require_settings, save_row, switch_off
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.models import OpenSlots, Provider
from apps.catalog.outside import system_of_key
from apps.catalog.queries import locations_by_key, offered, services_by_key
from apps.catalog.visiting_hours import MOST_LINES, as_kept, read_hours
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import settings_read
from apps.tenancy.writing import insert

#: Unless the tenant's settings say otherwise: a first slot is wanted within so many days, and what was told so many
#: hours ago is relied on no more.
USUAL_DAYS, STALE_HOURS = 14, 24
MOST_STARTS = 500
#: A sender's clock may be ahead of ours by so much.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Heard:
    """Which slots are open, by key of provider, office and service; `at` is the instant it is true of."""

    provider: str
    office: str
    service: str
    starts: tuple[datetime, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of what was told: places of it whose slots changed, stayed as they are, or were told later before."""

    changed: tuple[int, ...]
    same: tuple[int, ...]
    older: tuple[int, ...]


def save_provider(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Provider]:
    """Create or update a provider; one that was switched off is on again.

    Refuses one who gives no service or sits at no office, keys that the catalog does not have, and a service that
    none of the offices offers. Visiting hours that the values leave out stay; refused are those that cannot be.
    """
    require_settings(actor, "provider")
    if problems := tuple(_provider_problems(values)):
        raise Invalid(problems[0].detail, problems)
    skills = [" ".join(each.split()) for each in values.get("skills", ()) if each.strip()]
    hours = {"visiting_hours": list(map(as_kept, read_hours(each)))} if (each := values.get("visiting_hours")) else {}
    kept = {"is_active": True, **values, "skills": skills, **hours}
    return save_row(Provider, actor=actor, find={"key": key}, values=kept)


def switch_off_providers(*, actor: Actor, keep: set[str]) -> list[Provider]:
    """Switch off the providers whose key is not to be kept; return them."""
    return switch_off(Provider, actor=actor, keep=keep)


def take_slots(*, actor: Actor, told: Sequence[Heard], now: datetime) -> Taken:
    """Keep which slots are open: each part says all there are of one provider at one office for one service.

    Refuses whoever is neither a person who may change settings nor the key of an outside system. Raises Invalid naming
    every part that the catalog does not have, of which then none is kept. What is older than what was told before
    changes nothing. Slots that are past are left out.
    """
    heard_from = _teller(actor)
    if problems := tuple(_slot_problems(told, now)):
        raise Invalid(problems[0].detail, problems)
    who, rows = providers_by_key(), _locked(told)
    found: dict[str, list[int]] = {"changed": [], "same": [], "older": []}
    for place, part in enumerate(told):
        ids = who[part.provider].id, locations_by_key()[part.office].id, services_by_key()[part.service].id
        starts = sorted({each for each in part.starts if each > now})
        row = rows.get(ids)
        if row is not None and part.at < row.heard_at:
            found["older"].append(place)
            continue
        is_same = row is not None and [each for each in row.starts if each > now] == starts
        found["same" if is_same else "changed"].append(place)
        rows[ids] = _keep(row, ids, starts, part.at, heard_from)
    _record(actor, [told[place] for place in found["changed"]])
    return Taken(tuple(found["changed"]), tuple(found["same"]), tuple(found["older"]))


@settings_read
def providers_by_key() -> dict[str, Provider]:
    """Return the providers in use, by key."""
    return {row.key: row for row in Provider.rows().filter(is_active=True).order_by("key")}


def places_of(provider: Provider) -> list[tuple[str, str]]:
    """Return where a provider gives what today, as (office, service): only what the office offers."""
    there = offered()
    return [
        (office, service)
        for office in provider.offices
        for service in provider.services
        if service in there.get(office, frozenset())
    ]


def slots_of(services: Sequence[str]) -> list[OpenSlots]:
    """Return what was told last of these services, of every provider in use; no query where none gives any."""
    ids = [services_by_key()[key].id for key in services if key in services_by_key()]
    if not ids or not any(set(row.services) & set(services) for row in providers_by_key().values()):
        return []
    rows = OpenSlots.rows().filter(service_id__in=ids, provider__is_active=True)
    return list(rows.select_related("provider", "location", "service"))


def expertise() -> list[str]:
    """Return the skills of the providers in use, by name."""
    return sorted({skill for row in providers_by_key().values() for skill in row.skills}, key=str.casefold)


def slot_days(service: str) -> int:
    """Return within how many days a first slot of a service is wanted: its own number, the tenant's, else 14."""
    row = services_by_key().get(service)
    return (row.slot_days if row is not None else None) or _setting("slot_days", USUAL_DAYS)


def is_stale(heard_at: datetime, now: datetime) -> bool:
    """Say whether slots were told too long ago to rely on: the setting `slots_stale_hours`, else 24 hours."""
    return now - heard_at > timedelta(hours=_setting("slots_stale_hours", STALE_HOURS))


def _setting(name: str, usual: int) -> int:
    held = current_organization().settings.get(name)
    return held if isinstance(held, int) and not isinstance(held, bool) and held > 0 else usual


def _teller(actor: Actor) -> str:
    system = system_of_key(actor.id)
    if system is not None:
        return system.name
    if actor.is_agency:
        raise NotFound
    if not actor.may(Permission.SETTINGS_WRITE):
        sentence = "Only a scheduling system, by the key that its record names, and people who change settings do this."
        raise Refused(sentence, action="slots.take", object_type="openslots")
    return actor.label


def _provider_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    services, offices = list(values.get("services", ())), list(values.get("offices", ()))
    if not services:
        yield Problem("/services", "missing", "Name what the provider is seen for.")
    if not offices:
        yield Problem("/offices", "missing", "Name where the provider sees people.")
    for name, keys, known in (("services", services, services_by_key()), ("offices", offices, locations_by_key())):
        for key in keys:
            if key not in known:
                yield Problem(f"/{name}", "unknown", f"There is no “{key}”. Choose from: {', '.join(sorted(known))}.")
    there = offered()
    for key in services:
        row = services_by_key().get(key)
        if row is not None and offices and not any(key in there.get(office, ()) for office in offices):
            yield Problem("/services", "not_offered_there", f"None of these offices offers {row.name}.")
    yield from _hours_problems(values.get("visiting_hours") or [], services, offices)


def _hours_problems(lines: Sequence[Any], services: Sequence[str], offices: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with visiting hours: each line names a service and an office of the provider's own."""
    if len(lines) > MOST_LINES:
        yield Problem("/visiting_hours", "too_many", f"At most {MOST_LINES} lines.")
    for place, line in enumerate(lines):
        where = f"/visiting_hours/{place}"
        try:
            (hours,) = read_hours([line])
        except ValueError as error:
            yield Problem(where, "not_hours", str(error))
            continue
        if hours.service not in services or hours.office not in offices:
            sentence = f"They do not give {hours.service} at {hours.office}: name both above first."
            yield Problem(where, "not_given_there", sentence)
        elif hours.service not in offered().get(hours.office, frozenset()):
            yield Problem(where, "not_offered_there", f"{hours.office} does not offer {hours.service} today.")


def _slot_problems(told: Sequence[Heard], now: datetime) -> Iterator[Problem]:
    known = {key: places_of(row) for key, row in providers_by_key().items()}
    seen = set[tuple[str, str, str]]()
    for place, part in enumerate(told):
        where, name = f"/items/{place}", (part.provider, part.office, part.service)
        if part.provider not in known:
            yield Problem(f"{where}/provider", "unknown_provider", f"There is no provider “{part.provider}”.")
        elif (part.office, part.service) not in known[part.provider]:
            pairs = ", ".join(f"{service} at {office}" for office, service in known[part.provider]) or "nothing today"
            sentence = f"{part.provider} does not give {part.service} at {part.office}. They give: {pairs}."
            yield Problem(f"{where}/service", "not_given_there", sentence)
        if name in seen:
            yield Problem(where, "twice", "The same provider, office and service stand here twice.")
        seen.add(name)
        if part.at > now + AHEAD:
            yield Problem(f"{where}/as_of", "in_the_future", "It cannot be true of a time that has not come.")
        if len(part.starts) > MOST_STARTS:
            yield Problem(f"{where}/starts", "too_many", f"At most {MOST_STARTS} slots of each.")


def _locked(told: Sequence[Heard]) -> dict[tuple[UUID, UUID, UUID], OpenSlots]:
    """Return what is kept of these providers; whoever else tells of one of them waits until the commit."""
    keys = {part.provider for part in told}
    held = list(Provider.rows().select_for_update().filter(key__in=keys).order_by("id").values_list("id", flat=True))
    rows = OpenSlots.rows().filter(provider_id__in=held)
    return {(row.provider_id, row.location_id, row.service_id): row for row in rows}


def _keep(
    row: OpenSlots | None, ids: tuple[UUID, UUID, UUID], starts: list[datetime], at: datetime, heard_from: str
) -> OpenSlots:
    if row is None:
        provider, location, service = ids
        row = OpenSlots(id=new_id(), provider_id=provider, location_id=location, service_id=service)
        row.starts, row.heard_at, row.heard_from = starts, at, heard_from[:200]
        insert(row)
        return row
    row.starts, row.heard_at, row.heard_from = starts, at, heard_from[:200]
    row.save(update_fields=["starts", "heard_at", "heard_from"])
    return row


def _record(actor: Actor, changed: Sequence[Heard]) -> None:
    """Note in the ledger whose slots changed; a feed that tells the same again is no news."""
    if changed:
        providers = sorted({part.provider for part in changed})
        ledger.record(
            actor=actor,
            action="slots.take",
            object_type="openslots",
            object_id=None,
            fields=["starts"],
            detail={"providers": providers},
        )
