"""A tenant of any size: some leads go the whole way, then the database copies them with all that hangs on them.

It grows in steps on one database. Closed copies spread over a year; the open ones, about three of a hundred, came in
the last days, and one in seven of them is late. The owner of the tables copies with triggers, foreign keys and row
security put aside; all three stand again before anything is measured.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg

from apps.leads.models import Lead
from apps.tenancy.clock import database_now
from bench.copies import Seeds, copied_tables, keep_seeds, statements
from bench.ground import Ground
from bench.lives import SEEDS, first_leads, is_left_open
from bench.walls import walls_down
from tests.cast import Tenant

OPEN_SHARE = 0.03
COPIES_PER_COMMIT, WRITERS = 20, 2
YEAR, LATELY = timedelta(days=365), timedelta(days=10)
#: What was still to come for an open seed comes for a copy between so much earlier and so much later.
EARLIER, LATER = timedelta(hours=30), timedelta(hours=90)
#: A copy's id starts with a multiple of so many milliseconds and its own number, so that no two copies share one.
GRAIN = 10_000
COPY = (
    "CREATE TABLE bench_copy (place int PRIMARY KEY, n bigint NOT NULL, is_open bool NOT NULL, shift interval NOT NULL,"
    " apart interval NOT NULL, late interval NOT NULL, prefix text NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of all open or of all closed seeds: how much earlier its leads came, and how far apart."""

    number: int
    is_open: bool
    shift: timedelta
    apart: timedelta
    late: timedelta


@dataclass
class Population:
    """One tenant's leads, how many copies were made of the open and of the closed seeds, and the last one's number."""

    place: Ground
    seeds: Seeds
    tenant: Tenant
    made: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    last: int = 0

    def grow_to(self, size: int) -> int:
        """Copy until there are about `size` leads; return how many there are."""
        with _owner(self.place, self.tenant) as connection:
            # Leads that came by themselves since have taken numbers.
            taken = connection.execute("SELECT max(number) FROM leads_lead").fetchone()
            self.last = max(self.last, -(-int(str((taken or [0])[0])) // SEEDS))
            planned = sorted(self._planned(size), key=lambda each: each.shift, reverse=True)
            connection.execute("TRUNCATE bench_copy")
            with connection.cursor() as cursor:
                rows = [self._row(place, each) for place, each in enumerate(planned)]
                cursor.executemany("INSERT INTO bench_copy VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
            connection.execute("ANALYZE bench_copy")
            with walls_down(connection, [model._meta.db_table for model in copied_tables()]):
                starts = range(0, len(planned), COPIES_PER_COMMIT)
                with ThreadPoolExecutor(WRITERS) as pool:
                    for done in [pool.submit(self._write, starts[at::WRITERS]) for at in range(WRITERS)]:
                        done.result()
            connection.execute("UPDATE tenancy_counter SET value = %s WHERE name = 'lead'", [(self.last + 1) * SEEDS])
            connection.execute("VACUUM (ANALYZE)")
        with self.tenant.scope():
            count: int = Lead.rows().count()
            return count

    def _write(self, starts: Sequence[int]) -> None:
        """Copy the planned copies from each start on, one commit for each."""
        with _owner(self.place, self.tenant) as connection:
            for first in starts:
                with connection.transaction():
                    for statement in statements(self.seeds, first, first + COPIES_PER_COMMIT - 1):
                        connection.execute(statement)

    def _planned(self, size: int) -> Iterator[Copy]:
        for is_open, share, reach in ((True, OPEN_SHARE, LATELY), (False, 1 - OPEN_SHARE, YEAR)):
            own = sum(is_left_open(at) is is_open for at in range(SEEDS))
            count = max(round(size * share / own) - 1 - self.made[is_open], 0)
            for at in range(count):
                self.last += 1
                # Of the open leads most are young.
                part = (at / count) ** (2 if is_open else 1)
                late = (self.last * 37 % 100) / 100 * (EARLIER + LATER) - EARLIER
                yield Copy(self.last, is_open, part * reach, reach / count / SEEDS, late)
                self.made[is_open] += 1

    def _row(self, place: int, copy: Copy) -> tuple[object, ...]:
        at = int((self.seeds.base - copy.shift).timestamp() * 1000) // GRAIN * GRAIN + copy.number
        prefix = f"{at:012x}"
        return place, copy.number, copy.is_open, copy.shift, copy.apart, copy.late, f"{prefix[:8]}-{prefix[8:]}"


def found_population(place: Ground, tenant: Tenant) -> Population:
    """Let the first leads of an empty tenant go the whole way; return what grows from them."""
    first_leads(tenant)
    with tenant.scope():
        found = Seeds(tenant.organization_id, SEEDS, database_now())
        numbers = list(Lead.rows().order_by("number").values_list("number", flat=True))
    if numbers != list(range(1, SEEDS + 1)):
        raise RuntimeError(f"{len(numbers)} leads came of {SEEDS} inquiries.")
    with _owner(place, tenant) as connection:
        keep_seeds(connection, found, [at + 1 for at in range(SEEDS) if is_left_open(at)])
        connection.execute(COPY)
    return Population(place, found, tenant)


def _owner(place: Ground, tenant: Tenant) -> "psycopg.Connection[tuple[object, ...]]":
    """Return a connection of the tables' owner that works as the tenant."""
    connection = psycopg.connect(place.owner_url, autocommit=True)
    connection.execute("SELECT set_config('leadcrm.organization_id', %s, false)", [str(tenant.organization_id)])
    connection.execute("SET synchronous_commit = off")
    return connection
