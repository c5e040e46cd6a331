"""Pages at size: how long the queue and a lead take through the served product, and what they ask."""

import time
from dataclasses import dataclass

from django.db.models import Count

from apps.accounts.actors import actor_of_user
from apps.accounts.models import TeamMembership, User
from apps.accounts.terms import Permission
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Door
from bench.clients import Client, share
from bench.ground import WEB_PROCESSES, WEB_THREADS, Ground, served
from bench.statements import counted
from tests.cast import Tenant
from tests.doors import sign_in

#: Every thread of the web server opens its connection and plans its statements once; that is no page's time.
REQUESTS, WARM_REQUESTS = 200, 3 * WEB_PROCESSES * WEB_THREADS
#: The class of hot work, of boards, and of the panels of reports (UX 2.0).
HOT, BOARD, REPORT = "A", "B", "C"


@dataclass(frozen=True, slots=True)
class PageFigure:
    """One page for one reader: times in milliseconds, and statements of one request. Each class has its own limits."""

    budget: str
    name: str
    p50_ms: float
    p95_ms: float
    statements: int
    kilobytes: int


def measure(place: Ground, tenant: Tenant) -> list[PageFigure]:
    """Ask one page after another on a kept connection, signed in."""
    figures = []
    with served(place, "leadcrm.wsgi:application") as port:
        for sees, user in (("every lead", tenant.user("ada")), ("the leads of one team", _member_of_busiest(tenant))):
            for page, paths in _pages(tenant, user).items():
                figures.append(_figure(port, user, HOT, f"{page}, for who sees {sees}", paths))
        for name, (budget, path) in FIGURES.items():
            figures.append(_figure(port, tenant.user("lena"), budget, name, [path]))
    return figures


#: Sums over many leads, for a team's lead.
FIGURES = {
    "board": (BOARD, "/board/"),
    "reports, the frame": (BOARD, "/reports/"),
    "funnel of 30 days": (REPORT, "/reports/funnel/"),
    "speed of 30 days": (REPORT, "/reports/speed/"),
}


def _figure(port: int, user: User, budget: str, name: str, paths: list[str]) -> PageFigure:
    browser = sign_in(user)
    browser.get(paths[-1])
    with counted() as statements:
        answer = browser.get(paths[0])
    if answer.status_code != 200:
        raise RuntimeError(f"{paths[0]}: {answer.status_code}")
    cookie = "; ".join(f"{key}={morsel.value}" for key, morsel in browser.cookies.items())
    taken = _times(port, cookie, paths)
    size = round(len(answer.content) / 1024)
    return PageFigure(budget, name, share(taken, 0.5), share(taken, 0.95), statements.total, size)


def _member_of_busiest(tenant: Tenant) -> User:
    """Return somebody who sees the leads of one team only: the team that owns most."""
    with tenant.scope():
        opened = Lead.rows().filter(closed_at__isnull=True)
        teams = opened.values("owner_team").annotate(n=Count("id")).order_by("-n").values_list("owner_team", "n")
        for team_id, _ in teams:
            for row in TeamMembership.rows().filter(team_id=team_id).select_related("membership__user"):
                actor = actor_of_user(row.membership.user, Door.PAGE)
                if actor is not None and not actor.may(Permission.LEAD_VIEW_ALL):
                    found: User = row.membership.user
                    return found
    raise RuntimeError("Everybody sees every lead.")


def _pages(tenant: Tenant, user: User) -> dict[str, list[str]]:
    with tenant.scope():
        actor = actor_of_user(user, Door.PAGE)
        opened = visible_leads(actor).filter(closed_at__isnull=True).order_by("due_at", "id")
        ids = list(opened.values_list("id", flat=True)[:REQUESTS])
    return {
        "queue": ["/queue/"],
        "late leads": ["/queue/?view=late"],
        "my work": ["/"],
        "lead": [f"/leads/{each}/" for each in ids],
    }


def _times(port: int, cookie: str, paths: list[str]) -> list[float]:
    client, taken = Client(port, {"Cookie": cookie}), []
    for number in range(WARM_REQUESTS + REQUESTS):
        began = time.perf_counter()
        client.send("GET", paths[number % len(paths)], None, 200)
        taken.append(1000 * (time.perf_counter() - began))
    client.close()
    return taken[WARM_REQUESTS:]
