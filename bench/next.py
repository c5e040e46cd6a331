"""Fifty people ask for the next best lead at the same moment: how often two get the same one. Never may it be."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

from apps.leads.models import Lead
from apps.ownership.actions import assign
from apps.tenancy.clock import database_now
from bench.clients import share
from bench.ground import Ground, forget_what_is_due
from bench.tables import limit, table
from tests.cast import Tenant
from tests.leads_made import consent, make_lead
from tests.presses import Press, crowd_in, press_at_once

PAGE = Path(__file__).with_name("next.md")
PEOPLE, LEADS, TEAM = 50, 60, "central-intake"


def measure(place: Ground, tenant: Tenant, rounds: int) -> None:
    """Let fifty press so many times, every second time for fewer leads than people, and write the page."""
    leads = {f"/leads/{_unowned(tenant)}/" for _ in range(LEADS)}
    forget_what_is_due()
    browsers = crowd_in(tenant, TEAM, "ewa", PEOPLE)
    doubles, errors, taken, alone = 0, 0, list[float](), list[float]()
    for number in range(rounds):
        scarce = number % 2 == 1
        _give_back(tenant, LEADS - PEOPLE // 2 if scarce else 0)
        got = press_at_once(browsers)
        doubles, errors = doubles + _doubles(got, leads), errors + sum(each.status != 303 for each in got)
        taken += [each.seconds for each in got]
    _give_back(tenant)
    for browser in browsers:
        alone += [each.seconds for each in press_at_once([browser])]
    PAGE.write_text(_page(rounds, doubles, errors, taken, alone), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _unowned(tenant: Tenant) -> str:
    """Return a lead in the queue of a team that nobody has yet and that may be mailed."""
    now = database_now()
    lead = make_lead(tenant, consent=[consent("email")], at=now)
    with tenant.scope():
        row = Lead.rows().get(id=lead.id)
        assign(row, team=tenant.team(TEAM), member=None, queue=None, trigger="bench", actor=tenant.system, now=now)
    return str(lead.id)


def _give_back(tenant: Tenant, kept: int = 0) -> None:
    """End all leases, but let so many leads be held by somebody who does not press."""
    with tenant.scope():
        Lead.rows().update(lease_until=None, leased_by=None)
        ids = list(Lead.rows().order_by("id").values_list("id", flat=True)[:kept])
        until = database_now() + timedelta(hours=1)
        Lead.rows().filter(id__in=ids).update(leased_by=tenant.member("gus"), lease_until=until)


def _doubles(got: list[Press], leads: set[str]) -> int:
    return sum(count - 1 for place, count in Counter(each.led_to for each in got).items() if place in leads)


def _page(rounds: int, doubles: int, errors: int, taken: list[float], alone: list[float]) -> str:
    floor = share(alone, 0.5)
    return "\n\n".join(
        [
            "# Fifty people and the next best lead",
            "Written by `make bench PART=next`; one run on one machine.",
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.0f} over the five minutes before the end.",
            table(
                ("what", "target", "measured", "met"),
                [
                    limit(f"leads that two got, of {len(taken):,} presses", 0, doubles),
                    limit("answers that were an error", 0, errors),
                ],
            ),
            f"{rounds} times {PEOPLE} signed-in people press `n` at one moment, each through the whole door on a"
            f" connection of their own: for {LEADS} leads, and every second time for half as many as there are people.",
            table(
                ("time of an answer", "all at once, ms", "one alone, ms", "ratio"),
                [
                    (name, f"{1000 * share(taken, part):,.0f}", f"{1000 * share(alone, part):,.0f}",
                     f"{share(taken, part) / share(alone, part):.1f}")
                    for name, part in (("middle", 0.5), ("19 of 20", 0.95))
                ],
            ),
            f"One core at most serves each press here: {PEOPLE} at once cannot be faster than"
            f" {PEOPLE / (os.cpu_count() or 1):.0f} times {1000 * floor:.0f} ms.",
            "",
        ]
    )  # fmt: skip
