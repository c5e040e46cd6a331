"""Matching at size: how long one arrival waits for its person, as a tenant grows, and a file taken in row by row.

People are written by COPY, with a number, an address and the keys that the product files them under. The floor is
the same number of look-ups by primary key on the same connection.
"""

import datetime as dt
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.db import connection, transaction

from apps.identity.actions import find_or_make_person
from apps.identity.filing import keys_of
from apps.identity.names import name_key
from apps.identity.seeking import find_person, seek
from apps.identity.terms import DraftIdentity
from apps.leads.models import Person
from apps.leads.terms import ContactValue, PersonSketch
from apps.tenancy.clock import database_now
from apps.tenancy.ids import new_id
from bench.clients import share
from bench.copies import FIRST_NAMES, LAST_NAMES
from bench.ground import Ground
from bench.walls import walls_down
from tests.cast import Tenant

STEPS = (10_000, 100_000, 1_000_000)
ARRIVALS, WARM, BATCH = 200, 40, 20_000
TOWNS = tuple(f"{LAST_NAMES[n]} {end}" for n in range(0, 900, 9) for end in ("Park", "Grove", "Falls"))
_TABLES = ("leads_person", "leads_contactpoint", "identity_matchkey")


@dataclass(frozen=True, slots=True)
class MatchFigure:
    """A tenant of so many people: milliseconds to say who an arrival is, then with the writing; the floor."""

    people: int
    p50_ms: float
    p95_ms: float
    whole_p50_ms: float
    whole_p95_ms: float
    floor_p95_ms: float
    candidates: float
    plan: str


def measure(place: Ground, tenant: Tenant, most: int) -> list[MatchFigure]:
    """Let the tenant grow and match the same kinds of arrivals at each step; nothing of them stays."""
    figures, first = [], 0
    for step in (each for each in STEPS if each <= most):
        _populate(place, tenant, first, step)
        first = step
        figures.append(_figure(tenant, step))
    return figures


def sketch_of(number: int) -> PersonSketch:
    """Return person number n, always the same one: names as common as names are, a town of three hundred."""
    chance = random.Random(number)
    last = LAST_NAMES[min(int(chance.expovariate(1 / 150)), len(LAST_NAMES) - 1)]
    town = chance.randrange(len(TOWNS))
    return PersonSketch(
        first_name=chance.choice(FIRST_NAMES),
        last_name=last,
        date_of_birth=dt.date(1935, 1, 1) + dt.timedelta(days=chance.randrange(29_000)),
        language="en",
        city=TOWNS[town],
        region="IL",
        postal_code=f"{60000 + town * 3 + chance.randrange(3):05}",
        zone="America/Chicago",
        points=(
            ContactValue("phone", f"+1{2_000_000_000 + number * 7919 % 7_999_999_999}", "", "valid"),
            ContactValue("email", f"p{number}@example.com", "", "valid"),
        ),
    )


def _arrivals(people: int) -> Iterator[PersonSketch]:
    """Yield in turn: the same number again, only name and birthday with a slip, and somebody new."""
    chance = random.Random(7)
    for turn in range(WARM + ARRIVALS):
        known = sketch_of(chance.randrange(people))
        if turn % 3 == 0:
            yield known
        elif turn % 3 == 1:
            yield replace(known, last_name=known.last_name[:-1] + "x", points=())
        else:
            yield sketch_of(10_000_000 + turn)


def _figure(tenant: Tenant, people: int) -> MatchFigure:
    taken, whole, floor, found = [], [], [], []
    with tenant.scope():
        ids = list(Person.rows().values_list("id", flat=True)[:ARRIVALS])
        for sketch in _arrivals(people):
            now = database_now()
            with transaction.atomic():
                began = time.perf_counter()
                find_person(sketch, known_ids={}, now=now)
                taken.append(1000 * (time.perf_counter() - began))
            with transaction.atomic():
                began = time.perf_counter()
                find_or_make_person(sketch, known_ids={}, said_at=now, now=now)
                whole.append(1000 * (time.perf_counter() - began))
                transaction.set_rollback(True)
            began = time.perf_counter()
            Person.rows().filter(id=ids[len(taken) % len(ids)]).values_list("id").get()
            floor.append(1000 * (time.perf_counter() - began))
            found.append(len(seek(sketch)[1]))
        plan = _plan(keys_of(_identity(sketch)))
    counted = found[WARM:]
    return MatchFigure(
        people,
        share(taken[WARM:], 0.5),
        share(taken[WARM:], 0.95),
        share(whole[WARM:], 0.5),
        share(whole[WARM:], 0.95),
        share(floor[WARM:], 0.95),
        sum(counted) / len(counted),
        plan,
    )


def _plan(keys: list[int]) -> str:
    """Return how the database walks to a key, as the runtime role behind its wall."""
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (COSTS OFF) SELECT person_id FROM identity_matchkey"
            " WHERE organization_id = current_setting('leadcrm.organization_id')::uuid AND key = %s"
            " ORDER BY person_id DESC LIMIT 20",
            [keys[0]],
        )
        return " / ".join(row[0].strip() for row in cursor.fetchall())


def _identity(sketch: PersonSketch) -> DraftIdentity:
    names = ("first_name", "last_name", "date_of_birth", "postal_code", "city", "region")
    return DraftIdentity(**{name: getattr(sketch, name) for name in names})


def _populate(place: Ground, tenant: Tenant, first: int, last: int) -> None:
    with psycopg.connect(place.owner_url, autocommit=True) as owner, walls_down(owner, _TABLES):
        for start in range(first, last, BATCH):
            _copy(owner, tenant, range(start, min(start + BATCH, last)))
        for table in _TABLES:
            owner.execute(f"ANALYZE {table}")  # type: ignore[call-overload]


def _copy(owner: "psycopg.Connection[Any]", tenant: Tenant, numbers: range) -> None:
    organization, now = tenant.organization_id, dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    people, points, keys = [], [], []
    for number in numbers:
        sketch, own = sketch_of(number), new_id()
        first, last = sketch.first_name, sketch.last_name
        people.append(
            (own, organization, first, last, name_key(first, last), sketch.date_of_birth)
            + ("en", sketch.city, "IL", sketch.postal_code, sketch.zone, "[]", "{}", False, False, now)
        )
        points += [
            (new_id(), organization, own, each.kind, each.value, each.value, "valid", "self", True, False, now)
            for each in sketch.points
        ]
        keys += [(new_id(), organization, own, key) for key in keys_of(_identity(sketch))]
    _write(
        owner,
        "leads_person (id, organization_id, first_name, last_name, name_key, date_of_birth, language, city,"
        " region, postal_code, zone, prior_values, said_at, is_organization, is_test, created_at)",
        people,
    )
    _write(
        owner,
        "leads_contactpoint (id, organization_id, person_id, kind, value, typed, validity, belongs_to, is_primary,"
        " is_shared, created_at)",
        points,
    )
    _write(owner, "identity_matchkey (id, organization_id, person_id, key)", keys)


def _write(owner: "psycopg.Connection[Any]", into: str, rows: list[tuple[Any, ...]]) -> None:
    with owner.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:  # type: ignore[call-overload]
        for row in rows:
            copy.write_row(row)


def peak_megabytes() -> float:
    """Return the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
