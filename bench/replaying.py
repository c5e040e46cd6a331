"""How fast past leads are replayed under a draft: the last ones of a grown tenant, part by part as the worker does."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import connection

from apps.flows.impact import runs
from apps.flows.models import ReplayRun
from apps.leads.models import Lead
from apps.policies.actions import save_draft
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document
from apps.privacy.models import HealthDetail
from apps.routing.models import RoutingDecision
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from apps.tenancy.sealing import seal
from bench.lives import WRITTEN
from tests.cast import Tenant

#: What an approval asks for where 30 days bring 4,000 leads, and where each of them does.
ASKED: Mapping[int, str] = {4_000: "30 days with 4,000 leads in all", 30 * 4_000: "30 days with 4,000 leads each"}
MOST_SECONDS = 60
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class ReplayFigure:
    """So many leads of a tenant of a size judged again under old and new rules, fewer than asked where it has fewer.

    `seconds` are of the wall; `cpu_seconds` are processor time of this process and of its database connection.
    """

    asked: int
    leads: int
    of: int
    changed: int
    seconds: float
    cpu_seconds: float
    database_seconds: float
    parts: int
    longest_part: float

    @property
    def cpu_asked(self) -> float:
        """The processor time that as many leads as were asked for take at this speed."""
        return self.cpu_seconds * self.asked / self.leads


def measure(tenant: Tenant) -> list[ReplayFigure]:
    """Replay the last leads, as many as are asked for or there are, under a draft that sends one service elsewhere."""
    _write_again(tenant)
    with tenant.scope():
        total = Lead.rows().count()
        draft = _draft(tenant)
    return [_figure(tenant, draft, number, total) for number in ASKED]


def _figure(tenant: Tenant, draft: RuleSetVersion, number: int, total: int) -> ReplayFigure:
    began, own, theirs, longest, parts = time.monotonic(), time.process_time(), _database_seconds(), 0.0, 0
    with tenant.scope():
        now = database_now()
        run = runs.start(actor=tenant.actor("cleo"), version=draft, now=now, last=number)
        outbox.cancel(runs.PART, run.id)
    while run.state == "running":
        at = time.monotonic()
        with tenant.scope():
            runs.play_part(run.id, now)
            outbox.cancel(runs.PART, run.id)
            run = ReplayRun.rows().get(id=run.id)
        parts, longest = parts + 1, max(longest, time.monotonic() - at)
    seconds, database = time.monotonic() - began, _database_seconds() - theirs
    cpu = time.process_time() - own + database
    return ReplayFigure(number, run.tally["total"], total, run.tally["changed"], seconds, cpu, database, parts, longest)


def _draft(tenant: Tenant) -> RuleSetVersion:
    now = database_now()
    document = live_document("routing", now)
    layer = next(each for each in document["layers"] if each["key"] == "location")
    when, then = {"field": "service", "op": "is", "value": "imaging"}, {"queue": "nurse-line"}
    rule = {"id": "R-999", "name": "Measured", "meaning": "Measured", "when": when, "then": then}
    layer["rules"] = [rule, *layer["rules"]]
    return save_draft(actor=tenant.actor("cleo"), kind="routing", document=document, reason="Measured", now=now)


def _write_again(tenant: Tenant) -> None:
    """Seal what the copied leads' people wrote: a sealed text is bound to its row, so that no copy has one."""
    with tenant.scope():
        rows = RoutingDecision.rows().exclude(heard=None).values_list("lead_id", "heard", "decided_at")
        heard = {UUID(each): (lead_id, at) for lead_id, ids, at in rows.iterator() for each in ids}
        missing = heard.keys() - set(HealthDetail.rows().values_list("id", flat=True))
        details = (
            HealthDetail(
                id=each,
                subject_id=heard[each][0],
                kind="message",
                sealed=seal(
                    WRITTEN.encode(),
                    organization_id=tenant.organization_id,
                    row_id=each,
                    column="privacy_healthdetail.sealed",
                ),
                created_at=heard[each][1],
            )
            for each in missing
        )
        HealthDetail.objects.bulk_create(details, batch_size=BATCH)


def _database_seconds() -> float:
    """Return the processor time of the database's side of this process's connection; both are on one machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
