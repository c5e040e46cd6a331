"""A file taken in row by row: checking, capture and the whole intake with matching; rows per second and memory."""

import csv
import io
import random
import time
from dataclasses import dataclass

from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.imports.actions import confirm, open_run, set_plan
from apps.imports.models import ImportRun
from apps.imports.terms import ImportKind, Plan
from apps.leads.models import Lead, Person
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from bench.copies import FIRST_NAMES, LAST_NAMES
from bench.matching import peak_megabytes
from tests.cast import Tenant

COLUMNS = {
    "First name": "person.first_name",
    "Last name": "person.last_name",
    "Phone": "person.phone",
    "E-mail": "person.email",
    "ZIP": "person.postal_code",
    "Service": "request.service",
}
#: Every tenth row is a person of an earlier row, who asks again.
REPEATS_EVERY = 10


@dataclass(frozen=True, slots=True)
class ImportFigure:
    """One file: rows, seconds to check and to take in, megabytes held at the quarter and at the end."""

    rows: int
    check_seconds: float
    take_seconds: float
    people: int
    leads: int
    memory_early: float
    memory_late: float


def measure(tenant: Tenant, rows: int) -> ImportFigure:
    """Bring a file in as a colleague does; one process does all the work that it leaves."""
    with tenant.scope():
        actor, now = tenant.actor("ada"), database_now()
        source = Source.rows().get(key="imaging-spring")
        run = open_run(
            actor=actor, kind=ImportKind.CALLING_LIST, file_name="bench.csv", raw=_file(rows), source=source, now=now
        )
        plan = Plan(columns=COLUMNS, basis="file", channels=("call",), text_version="v4", evidence="Bench")
        before = Person.rows().count()
        set_plan(actor=actor, run_id=run.id, plan=plan)
    began = time.perf_counter()
    _work_off(tenant)
    checked = time.perf_counter()
    with tenant.scope():
        confirm(actor=actor, run_id=run.id, takes_duplicates=True, now=database_now())
    early = 0.0
    for quarter in (1, 2, 3, 4):
        held = _until(tenant, rows * quarter // 4)
        early = early or held
        print(f"import: {quarter} of 4 after {time.perf_counter() - checked:.0f} s, {held:.0f} MB", flush=True)
    _work_off(tenant)
    done = time.perf_counter()
    with tenant.scope():
        state = ImportRun.rows().get(id=run.id).state
        people, leads = Person.rows().count() - before, Lead.rows().count()
    if state != "done":
        raise RuntimeError(f"The import is {state}.")
    return ImportFigure(rows, checked - began, done - checked, people, leads, early, peak_megabytes())


def _work_off(tenant: Tenant) -> None:
    """Do what is due by the clock of the run, which is not the wall's."""
    while outbox.run_due(organization_id=tenant.organization_id):
        pass


def _until(tenant: Tenant, rows: int) -> float:
    """Work until so many rows are worked on, or nothing is left; return the most memory held by then."""
    while outbox.run_due(organization_id=tenant.organization_id):
        with tenant.scope():
            if Submission.rows().exclude(state="received").count() >= rows:
                break
    return peak_megabytes()


def _file(rows: int) -> bytes:
    text, chance = io.StringIO(), random.Random(3)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number in range(rows):
        known = chance.randrange(number) if number and number % REPEATS_EVERY == 0 else number
        own = random.Random(known)
        first, last = own.choice(FIRST_NAMES), own.choice(LAST_NAMES)
        place = [f"773{2_000_000 + known:07}", f"i{known}@example.com", f"60{known % 900:03}"]
        writer.writerow([first, last, *place, "Imaging"])
    return text.getvalue().encode()
