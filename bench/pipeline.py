"""The pipeline: leads per second of one worker process, beside the same number of rows inserted bare."""

import cProfile
import io
import pstats
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from apps.leads.models import Lead
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from apps.tenancy.ids import new_id
from apps.tenancy.models import Wakeup
from apps.tenancy.wake import draining
from bench.ground import ROOT, Ground
from bench.statements import Statements, counted
from tests.cast import Tenant
from tests.leads_made import inquiry, send_in

LEADS, COUNTED, PROFILED, ROUNDS = 300, 20, 30, 3
BATCH = 10
PROFILE_LINES = 20
PLACE = re.compile(r"/\S*:\d+\(.*")
LIBRARY = re.compile(r".*(site-packages/|lib/python3\.\d+/)")
BARE = (
    "INSERT INTO leads_timelineentry (id, organization_id, lead_id, at, kind, sentence_sealed, actor_label, event_id)"
    " VALUES (%s, %s, %s, now(), 'note', 'As long as the lines of a story are, sealed.'::bytea, 'bench', %s)"
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a lead, as far as measured: its rate, what it asks of the database, and the bare rate."""

    name: str
    per_second: float
    bare_per_second: float
    statements: float
    rows: float
    by_verb: dict[str, float]

    @property
    def ratio(self) -> float:
        """Leads per second for one group of as many bare rows."""
        return self.per_second / self.bare_per_second


@dataclass(frozen=True, slots=True)
class PipelineFigures:
    """Both ways, and where the time of the intake goes."""

    ways: tuple[Way, Way]
    profile: str
    repeated: list[tuple[float, str]]


def measure(place: Ground, tenant: Tenant) -> PipelineFigures:
    """Take in, count, time in turns with the bare rows, profile. The first third is acknowledged too."""
    _receive(tenant, COUNTED)
    _intake(tenant, COUNTED)
    _rest(tenant)
    _receive(tenant, COUNTED)
    with counted() as intake:
        _intake(tenant, COUNTED)
    with counted() as rest:
        _rest(tenant)
    rows = round(intake.rows_written / COUNTED)
    more = round(rest.rows_written / COUNTED)
    seconds = {"intake": 0.0, "rest": 0.0, "bare": 0.0, "bare_more": 0.0}
    part = LEADS // ROUNDS
    for number in range(ROUNDS):
        _receive(tenant, part)
        seconds["intake"] += _timed(lambda: _intake(tenant, part))
        seconds["bare"] += _bare(place, tenant, part, rows)
        if number == 0:
            seconds["rest"] = _timed(lambda: _rest(tenant))
            seconds["bare_more"] = _bare(place, tenant, part, rows + more)
        else:
            Wakeup.objects.filter(organization_id=tenant.organization_id).delete()
    both = Statements()
    for each in (intake, rest):
        both.by_verb.update(each.by_verb)
        both.rows_written += each.rows_written
    ways = (
        _way("intake only", LEADS / seconds["intake"], LEADS / seconds["bare"], intake),
        _way(
            "with acknowledgement",
            1 / (seconds["intake"] / LEADS + seconds["rest"] / part),
            part / seconds["bare_more"],
            both,
        ),
    )
    repeated = [(count / COUNTED, text) for text, count in intake.by_text.most_common(12)]
    return PipelineFigures(ways, _profile(tenant), repeated)


def intakes_per_second(tenant: Tenant) -> float:
    """Return how many leads one process takes in, in a tenant that has many already."""
    _receive(tenant, COUNTED + LEADS // ROUNDS)
    _run_intakes(tenant, COUNTED)
    seconds = _timed(lambda: _run_intakes(tenant, LEADS // ROUNDS))
    return LEADS // ROUNDS / seconds


def _way(name: str, rate: float, bare: float, statements: Statements) -> Way:
    verbs = {verb: count / COUNTED for verb, count in statements.by_verb.most_common()}
    return Way(name, rate, bare, statements.total / COUNTED, statements.rows_written / COUNTED, verbs)


def _receive(tenant: Tenant, count: int) -> None:
    for _ in range(count):
        send_in(tenant, inquiry(source="imaging-spring"), at=database_now())


def _intake(tenant: Tenant, count: int) -> None:
    """Run the intakes: they were asked for before anything that they ask for, so they are claimed first."""
    with draining():
        for _ in range(count // BATCH):
            outbox.run_due(BATCH, organization_id=tenant.organization_id)
    left = Wakeup.objects.filter(organization_id=tenant.organization_id, kind="intake.process").count()
    if left:
        raise RuntimeError(f"{left} intakes were not run.")


def _run_intakes(tenant: Tenant, count: int) -> None:
    for _ in range(count // BATCH):
        outbox.run_due(BATCH, organization_id=tenant.organization_id)


def _rest(tenant: Tenant) -> None:
    with draining():
        while outbox.run_due(BATCH, organization_id=tenant.organization_id):
            pass


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _bare(place: Ground, tenant: Tenant, leads: int, rows: int) -> float:
    """Insert `rows` rows one by one in one transaction per lead, as the runtime role behind its wall."""
    organization_id = str(tenant.organization_id)
    with tenant.scope():
        lead_id = Lead.rows().values_list("id", flat=True)[:1].get()
    with psycopg.connect(place.runtime_url) as connection:
        began = time.perf_counter()
        for _ in range(leads):
            with connection.transaction():
                connection.execute("SELECT set_config('leadcrm.organization_id', %s, true)", [organization_id])
                for _ in range(rows):
                    connection.execute(BARE, [new_id(), organization_id, lead_id, new_id()])
        return time.perf_counter() - began


def _profile(tenant: Tenant) -> str:
    _receive(tenant, PROFILED)
    profile = cProfile.Profile()
    profile.runcall(_intake, tenant, PROFILED)
    _rest(tenant)
    parts = []
    for order, own in (("cumulative", r"apps/"), ("tottime", "")):
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats(order).print_stats(*([own] if own else []), PROFILE_LINES)
        lines = text.getvalue().splitlines()
        start = next(place for place, line in enumerate(lines) if line.lstrip().startswith("ncalls"))
        parts.append("\n".join(_shortened(line) for line in lines[start:] if line.strip()))
    return "\n\n".join(parts)


def _shortened(line: str) -> str:
    """Name files from the project or the library on; where this machine keeps them is nobody's business."""
    found = PLACE.search(line)
    if found is None:
        return line
    path = found[0]
    for start in (f"{ROOT}/.venv/", f"{ROOT}/"):
        path = path.replace(start, "")
    return line[: found.start()] + LIBRARY.sub("", path)
