"""How fast past leads are replayed under a draft: every lead of a grown tenant, as the worker does it, part by part."""

import time
from dataclasses import dataclass

from apps.flows.impact import runs
from apps.flows.models import ReplayRun
from apps.policies.actions import save_draft
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from tests.cast import Tenant

#: What an approval asks for in a large tenant: 30 days of 4,000 leads.
LEADS, MOST_SECONDS = 30 * 4_000, 60


@dataclass(frozen=True, slots=True)
class ReplayFigure:
    """So many leads judged again under old and new rules, in so many seconds of the wall."""

    leads: int
    changed: int
    seconds: float

    @property
    def seconds_for_30_days(self) -> float:
        """What 30 days of 4,000 leads take at this speed."""
        return self.seconds * LEADS / self.leads if self.leads else 0.0


def measure(tenant: Tenant) -> ReplayFigure:
    """Replay all leads of a year under a draft that sends one service elsewhere; counting them is part of it."""
    began = time.monotonic()
    with tenant.scope():
        now, document = database_now(), live_document("routing", database_now())
        layer = next(each for each in document["layers"] if each["key"] == "location")
        when, then = {"field": "service", "op": "is", "value": "imaging"}, {"queue": "nurse-line"}
        rule = {"id": "R-999", "name": "Measured", "meaning": "Measured", "when": when, "then": then}
        layer["rules"] = [rule, *layer["rules"]]
        draft = save_draft(actor=tenant.actor("cleo"), kind="routing", document=document, reason="Measured", now=now)
        run = runs.start(actor=tenant.actor("cleo"), version=draft, now=now, days=runs.MOST_DAYS)
        outbox.cancel(runs.PART, run.id)
    while run.state == "running":
        with tenant.scope():
            runs.play_part(run.id, now)
            outbox.cancel(runs.PART, run.id)
            run = ReplayRun.rows().get(id=run.id)
    return ReplayFigure(run.tally["total"], run.tally["changed"], time.monotonic() - began)
