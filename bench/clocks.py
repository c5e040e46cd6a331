"""Running clocks in bulk: how soon after their due time they are worked on; how fast a team's leads change hands."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from apps.accounts.models import Team
from apps.flows.leaving import PART, move_team
from apps.flows.models import TeamMove
from apps.leads.models import Lead
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from bench.clients import share
from bench.ground import Ground, forget_what_is_due
from bench.tables import limit, met, table
from bench.walls import walls_down
from tests.cast import Tenant
from tests.leads_made import make_lead

PAGE = Path(__file__).with_name("clocks.md")
TIMERS, MOST_LATE_SECONDS = 100_000, 2.0
#: How many clocks come due a second, one stretch after the other: the first is 100,000 within an hour, the last is
#: 100,000 within a minute.
RATES = (28, 250, 500, 1_000, 1_667)
STRETCH_SECONDS, REST_SECONDS, LATER_SECONDS = 15.0, 15.0, 7_200.0
MOVED, MOST_MOVE_SECONDS = 10_000, 60.0
#: As often as the beat wakes the worker.
BEAT_SECONDS = 1.0
TABLES = (
    *("leads_lead", "leads_task", "ownership_spell", "ownership_leadteamgrant", "sla_slatimer", "sla_escalation"),
    "tenancy_wakeup",
)


@dataclass(frozen=True, slots=True)
class Swept:
    """How late the clocks of one stretch were worked on, in seconds after their due time, counted to the commit."""

    rate: int
    timers: int
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """All stretches of one run: clocks that ran when it began, and clocks that were past due at its end."""

    running: int
    stretches: list[Swept]
    missed: int


@dataclass(frozen=True, slots=True)
class Moved:
    """How long it took to hand over so many leads of a team, with grants, tasks, clocks, story and audit."""

    leads: int
    wall: float


def measure(place: Ground, tenant: Tenant, timers: int = TIMERS, moved: int = MOVED) -> None:
    """Measure both and write the page."""
    swept = sweep(place, tenant, timers)
    print(*swept.stretches, sep="\n", flush=True)
    forget_what_is_due()
    hands = move(place, tenant, moved)
    forget_what_is_due()
    PAGE.write_text(_page(swept, hands), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def sweep(place: Ground, tenant: Tenant, count: int) -> Sweep:
    """Let so many clocks run, a part of them come due ever faster, and one worker do what is due."""
    seed = make_lead(tenant, source="imaging-spring", at=database_now())
    forget_what_is_due()
    stretches, later = _planned(count)
    begins = database_now() + timedelta(seconds=10 + count / 1_000)
    _copies(place, tenant, seed, begins, [each for stretch in stretches for each in stretch] + later)
    if database_now() > begins:
        raise RuntimeError("The first clocks came due before all of them were there.")
    late = _worked_on(tenant, sum(map(len, stretches)), begins + timedelta(seconds=stretches[-1][-1]))
    with tenant.scope():
        due = SlaTimer.rows().filter(due_at__lte=max(each[0] for each in late), met_at__isnull=True)
        missed = due.filter(breached_at__isnull=True).count()
    found = []
    for rate, stretch in zip(RATES, stretches, strict=True):
        start, end = (begins + timedelta(seconds=each) for each in (stretch[0] - 0.1, stretch[-1] + 0.1))
        seconds = [each.total_seconds() for due_at, each in late if start < due_at < end]
        found.append(Swept(rate, len(seconds), share(seconds, 0.5), share(seconds, 0.95), max(seconds)))
    return Sweep(count, found, missed)


def _planned(count: int) -> tuple[list[list[float]], list[float]]:
    """Return when clocks come due, in seconds from the first: those of each stretch, and those that only run."""
    length = STRETCH_SECONDS * count / TIMERS
    stretches = [
        [place * (length + REST_SECONDS) + n / rate for n in range(1, max(int(length * rate), 1) + 1)]
        for place, rate in enumerate(RATES)
    ]
    left = count - sum(map(len, stretches))
    return stretches, [stretches[-1][-1] + LATER_SECONDS * (1 + n / left) for n in range(left)]


def _worked_on(tenant: Tenant, count: int, last: datetime) -> list[tuple[datetime, timedelta]]:
    """Do what is due as one worker that is woken each second; return for each wake-up when it was due and how late."""
    late: list[tuple[datetime, timedelta]] = []
    together, alone = outbox.run_together, outbox.run

    def many(wakeups: Sequence[outbox.Wakeup]) -> list[outbox.Wakeup]:
        left = together(wakeups)
        now, ids = database_now(), {each.id for each in left}
        late.extend((each.due_at, now - each.due_at) for each in wakeups if each.id not in ids)
        return left

    def one(wakeup: outbox.Wakeup) -> bool:
        done = alone(wakeup)
        late.append((wakeup.due_at, database_now() - wakeup.due_at))
        return done

    outbox.run_together, outbox.run = many, one  # type: ignore[assignment]
    try:
        while len(late) < count and database_now() < last + timedelta(minutes=5):
            if not outbox.run_due(organization_id=tenant.organization_id):
                time.sleep(BEAT_SECONDS)
    finally:
        outbox.run_together, outbox.run = together, alone  # type: ignore[assignment]
    return late


def move(place: Ground, tenant: Tenant, count: int) -> Moved:
    """Hand the open leads of one team to another, as the page for a team that leaves does; one worker does it."""
    seed = make_lead(tenant, source="imaging-spring", at=database_now())
    forget_what_is_due()
    _copies(place, tenant, seed, database_now() + timedelta(hours=1), [each * 600 / count for each in range(count)])
    with tenant.scope():
        team = Lead.rows().select_related("owner_team").get(id=seed.id).owner_team
        target = Team.rows().filter(is_active=True, function="intake").exclude(id=team.id).order_by("key")[0]
        before = Lead.rows().filter(owner_team=team, closed_at__isnull=True).count()
        forget_what_is_due()
        began = time.monotonic()
        asked = move_team(
            actor=tenant.system, from_key=team.key, to_key=target.key, reason="The team leaves", now=database_now()
        )
    while outbox.run_due(organization_id=tenant.organization_id):
        pass
    wall = time.monotonic() - began
    with tenant.scope():
        done = TeamMove.rows().get(id=asked.id)
        if done.ended_at is None or done.moved != before:
            raise RuntimeError(f"{done.moved} of {before} leads were moved.")
    return Moved(before, wall)


def _copies(place: Ground, tenant: Tenant, seed: Lead, begins: datetime, due_in: Sequence[float]) -> None:
    """Copy a lead with its owner's spell, grants, tasks and clock of first contact, due so many seconds after then."""
    count = len(due_in)
    with tenant.scope():
        timer = SlaTimer.rows().get(lead=seed, kind="first_contact")
        steps = Escalation.rows().filter(timer=timer).count()
        first = Lead.rows().order_by("-number").values_list("number", flat=True)[0] + 1
    if not steps:
        raise RuntimeError("The seed's clock has no ladder.")
    with psycopg.connect(place.owner_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('leadcrm.organization_id', %s, false)", [str(tenant.organization_id)])
        connection.execute("SET synchronous_commit = off")
        with walls_down(connection, TABLES):
            connection.execute(
                "CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS lead, gen_random_uuid() AS timer,"
                " %s::timestamptz + make_interval(secs => s) AS due"
                " FROM unnest(%s::float8[]) WITH ORDINALITY AS d(s, n)",
                [begins, list(due_in)],
            )
            _copy(connection, "leads_lead", "s.id = %s", seed.id, {"id": "m.lead", "number": f"{first} + m.n"})
            for name, column in (
                ("leads_task", "lead_id"),
                ("ownership_spell", "lead_id"),
                ("ownership_leadteamgrant", "content_object_id"),
            ):
                _copy(connection, name, f"s.{column} = %s", seed.id, {"id": "gen_random_uuid()", column: "m.lead"})
            clock = {"id": "m.timer", "lead_id": "m.lead", "due_at": "m.due", "at_risk_noted_at": "s.started_at"}
            _copy(connection, "sla_slatimer", "s.id = %s", timer.id, clock)
            step = {"id": "gen_random_uuid()", "timer_id": "m.timer", "at": f"s.at + (m.due - '{timer.due_at}')"}
            _copy(connection, "sla_escalation", "s.timer_id = %s", timer.id, step)
            connection.execute(
                "INSERT INTO tenancy_wakeup (organization_id, kind, row_id, due_at, attempts, last_error, created_at)"
                " SELECT %s, 'sla.tick', timer, due, 0, '', now() FROM made",
                [tenant.organization_id],
            )
        connection.execute(
            "UPDATE tenancy_counter SET value = %s WHERE name = 'lead' AND organization_id = %s",
            [first + count + 1, tenant.organization_id],
        )
        connection.execute("VACUUM (ANALYZE)")


def _copy(
    connection: "psycopg.Connection[tuple[object, ...]]", name: str, which: str, key: object, new: dict[str, str]
) -> None:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
        " AND (identity_generation IS NULL OR column_name = ANY(%s)) ORDER BY ordinal_position",
        [name, list(new)],
    ).fetchall()
    columns = [str(row[0]) for row in found]
    # Sealed words are bound to the seed's row: a copy's could not be opened.
    empty = {each: "NULL" for each in columns if each.endswith("_sealed")}
    values = [
        sql.SQL(cast(LiteralString, (empty | new)[each])) if each in empty | new else sql.Identifier("s", each)
        for each in columns
    ]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS s CROSS JOIN made AS m WHERE ").format(
            sql.Identifier(name),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(values),
            sql.Identifier(name),
        )
        + sql.SQL(which),  # type: ignore[arg-type]
        [key],
    )


def _page(swept: Sweep, moved: Moved) -> str:
    usual = swept.stretches[0]
    return "\n\n".join(
        [
            "# Clocks in bulk",
            "Written by `make bench PART=clocks`; one run on one machine.",
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.0f} over the five minutes before the end.",
            table(
                ("what", "target", "measured", "met"),
                [
                    limit(
                        f"{swept.running:,} clocks run, {usual.rate} due a second: the latest, s after its due time",
                        MOST_LATE_SECONDS,
                        usual.longest,
                    ),
                    limit(
                        f"{MOVED:,} leads handed to another team, s, by the pace of {moved.leads:,}",
                        MOST_MOVE_SECONDS,
                        moved.wall * MOVED / moved.leads,
                    ),
                ],
            ),
            "## Sweeping",
            "One process runs what is due and is woken each second. At its due time each clock is breached, its lead's "
            "story says so, its owner is alerted, and it asks for its next instant. Lateness is counted to the commit."
            f" {swept.running:,} clocks run; they come due in stretches, each faster than the one before: 28 a second"
            " are 100,000 within an hour, 1,667 a second are 100,000 within a minute."
            f" Past due and not worked on at the end: {swept.missed}.",
            table(
                ("due a second", "clocks", "p50 s", "p95 s", "longest s", f"within {MOST_LATE_SECONDS:g} s"),
                [
                    (
                        f"{each.rate:,}",
                        f"{each.timers:,}",
                        *_seconds(each.p50, each.p95, each.longest),
                        met(each.longest <= MOST_LATE_SECONDS),
                    )
                    for each in swept.stretches
                ],
            ),
            "## Handing over",
            f"All open leads of a team that leaves, {PART} in a transaction: spell, owner, grants, tasks, story,"
            " ledger of each; clocks run on. From the request to the end of the last part, one process.",
            table(("leads", "wall s", "ms per lead"), [(f"{moved.leads:,}", *_seconds(moved.wall, _each(moved)))]),
            "",
        ]
    )


def _each(moved: Moved) -> float:
    return 1000 * moved.wall / max(moved.leads, 1)


def _seconds(*values: float) -> tuple[str, ...]:
    return tuple(f"{each:,.2f}" for each in values)
