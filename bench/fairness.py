"""Fair distribution under parallel load: leads that many workers take in at once, given to a team of three."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

from django.db import connection

from apps.accounts.models import Membership
from apps.leads.models import Lead
from apps.ownership.models import Spell
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, send_in

WORKERS = 6
#: More than anybody gets here: whoever is full is passed over, and that is no matter of fairness.
CAP = 100_000


@dataclass(frozen=True, slots=True)
class FairFigure:
    """So many leads at once: how many each person got, and how many leads nobody has, or several had so far."""

    leads: int
    shares: tuple[int, ...]
    not_once: int

    @property
    def spread(self) -> int:
        """The most that one person got above another."""
        return max(self.shares, default=0) - min(self.shares, default=0)


def measure(tenant: Tenant, counts: tuple[int, ...] = (30, 1000)) -> list[FairFigure]:
    """Send each number of leads of one office and let all workers drain at once."""
    with tenant.scope():
        Membership.rows().update(open_lead_cap=CAP)
    return [_figure(tenant, each) for each in counts]


def _figure(tenant: Tenant, count: int) -> FairFigure:
    with tenant.scope():
        before = set(Lead.rows().values_list("id", flat=True))
    for _ in range(count):
        send_in(tenant, inquiry(), at=TUESDAY_NINE)
    workers = [Thread(target=_drain, args=(tenant,)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tenant.drain(TUESDAY_NINE + timedelta(minutes=1))
    with tenant.scope():
        leads = Lead.rows().exclude(id__in=before)
        shares = Counter(leads.exclude(owner=None).values_list("owner_id", flat=True))
        spells = Counter(Spell.rows().filter(lead__in=leads).values_list("lead_id", flat=True))
        missing = count - sum(shares.values())
    wrong = missing + sum(number != 1 for number in spells.values())
    return FairFigure(count, tuple(sorted(shares.values())), wrong)


def _drain(tenant: Tenant) -> None:
    try:
        tenant.drain(TUESDAY_NINE)
    finally:
        connection.close()
