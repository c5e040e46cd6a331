"""Capture: posts per second through the served product, beside a server that only stores the bytes."""

from dataclasses import dataclass
from statistics import mean

from django.conf import settings

from bench import floor
from bench.clients import Load, closed_loop, post_headers
from bench.ground import Ground, served
from tests.cast import Tenant
from tests.leads_made import inquiry

CLIENTS = (1, 4, 16)
ROUNDS, SECONDS, WARM_SECONDS = 2, 2.5, 1.0


@dataclass(frozen=True, slots=True)
class CaptureFigure:
    """Both servers under one number of clients."""

    clients: int
    product: Load
    floor: Load

    @property
    def ratio(self) -> float:
        """The product's posts per second for one of the floor's."""
        return self.product.per_second / self.floor.per_second


def measure(place: Ground, tenant: Tenant) -> list[CaptureFigure]:
    """Post to both in turns, so that a busy moment of the machine meets both."""
    floor.make_table(place.owner_url, settings.LEADCRM_RUNTIME_ROLE)
    headers = post_headers(tenant.keys["bp-1"])
    with served(place, "leadcrm.wsgi:application") as product, served(place, "bench.floor:application") as bare:

        def post(port: int, clients: int, seconds: float) -> Load:
            return closed_loop(
                port,
                "/api/v1/leads",
                headers,
                lambda: inquiry(source="imaging-spring"),
                clients=clients,
                seconds=seconds,
            )

        for port in (product, bare):
            post(port, max(CLIENTS), WARM_SECONDS)
        figures = []
        for clients in CLIENTS:
            turns = [(post(product, clients, SECONDS), post(bare, clients, SECONDS)) for _ in range(ROUNDS)]
            figures.append(CaptureFigure(clients, _mean([each[0] for each in turns]), _mean([e[1] for e in turns])))
        return figures


def posts_per_second(place: Ground, tenant: Tenant) -> float:
    """Return how fast four clients post to the product alone."""
    headers = post_headers(tenant.keys["bp-1"])
    with served(place, "leadcrm.wsgi:application") as port:
        for seconds in (WARM_SECONDS, ROUNDS * SECONDS):
            load = closed_loop(
                port, "/api/v1/leads", headers, lambda: inquiry(source="imaging-spring"), clients=4, seconds=seconds
            )
    return load.per_second


def _mean(loads: list[Load]) -> Load:
    return Load(
        mean(each.per_second for each in loads),
        mean(each.p50_ms for each in loads),
        mean(each.p95_ms for each in loads),
    )
