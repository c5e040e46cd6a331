"""Many people of one team, and what each gets who asks for the next best lead at the same moment."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier

from django.db import connection
from django.test import Client

from apps.accounts.actions import Place, save_person
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import sign_in


@dataclass(frozen=True, slots=True)
class Press:
    """What one person got: the answer's status, where it led, and how long it took in seconds."""

    status: int
    led_to: str
    seconds: float


def crowd_in(tenant: Tenant, team: str, like: str, count: int) -> list[Client]:
    """Put so many new people into a team, with the role of somebody who is in it; return their signed-in browsers."""
    browsers = []
    with tenant.scope():
        known = tenant.member(like)
        for number in range(count):
            email = f"crowd-{number}@{tenant.user(like).email.partition('@')[2]}"
            saved = save_person(
                actor=tenant.system,
                email=email,
                name=f"Colleague {number}",
                role=known.role,
                places=[Place(tenant.team(team))],
                skills=known.skills,
            )
            browsers.append(sign_in(saved.membership.user))
    return browsers


def press_at_once(browsers: Sequence[Client], at: datetime | None = None) -> list[Press]:
    """Let everybody press `n` at one moment, each on a connection of their own."""
    line = Barrier(len(browsers))

    def press(browser: Client) -> Press:
        try:
            with travelling(to=at):
                line.wait(60)
                began = time.perf_counter()
                answer = browser.post("/start/")
            return Press(answer.status_code, str(answer.headers.get("Location", "")), time.perf_counter() - began)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(browsers)) as pool:
        return list(pool.map(press, browsers))
