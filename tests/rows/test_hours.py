"""Rows of hours, queues and fallbacks: closed days, other routes at night, fair turns, no silent wait."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.terms import Availability
from apps.leads.models import Lead, Task
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, send_in
from tests.rows.arranging import (
    add_location_rules,
    add_queue,
    add_team,
    change_rules,
    chicago,
    give_calendar,
    is_,
    keep_calendar,
    page,
    rule,
    set_availability,
)

OpenBrowser = Callable[..., Client]
UNKNOWN = {
    "source": "landing-pages",
    "request__service": "naturopathy",
    "request__location": "",
    "request__timeframe": "",
}
CALM = {"source": "landing-pages", "request__service": "cardiology"}


def first_contact_due(tenant: Tenant, lead: Lead) -> datetime:
    """Return by when a person must have been in touch."""
    with tenant.scope():
        due_at: datetime = SlaTimer.rows().get(lead=lead, kind="first_contact").due_at
        return due_at


def owners_of(tenant: Tenant, leads: list[Lead]) -> Counter[str]:
    """Return how many of these leads each person has, by first name."""
    with tenant.scope():
        rows = Lead.rows().filter(id__in=[lead.id for lead in leads]).select_related("owner__user")
        return Counter(row.owner.user.name.split()[0] if row.owner else "" for row in rows)


@pytest.mark.row("HC-01")
def test_the_clock_stands_still_on_a_closed_day(harbor: Tenant, client_as: OpenBrowser) -> None:
    eve = chicago("2026-12-24 16:58")
    keep_calendar(harbor, client_as, "clinic", holidays=["2026-11-26"])
    open_on_christmas = make_lead(harbor, at=eve)
    assert first_contact_due(harbor, open_on_christmas) == chicago("2026-12-25 08:03")
    keep_calendar(harbor, client_as, "clinic", holidays=["2026-11-26", "2026-12-25"])
    closed_on_christmas = make_lead(harbor, at=eve)
    assert first_contact_due(harbor, closed_on_christmas) == chicago("2026-12-28 08:03")


@pytest.mark.row("HC-01")
def test_each_queue_keeps_hours_in_a_zone_of_its_own(harbor: Tenant, client_as: OpenBrowser) -> None:
    keep_calendar(harbor, client_as, "east", zone="America/New_York", hours=("10:00", "17:00"))
    give_calendar(harbor, client_as, "oak-calls", "east")
    afternoon = chicago("2026-12-01 16:30")
    elm = make_lead(harbor, at=afternoon, **CALM, request__location="elm-st")
    oak = make_lead(harbor, at=afternoon, **CALM, request__location="oak-park")
    assert (elm.queue.key, oak.queue.key) == ("elm-calls", "after-hours-intake")
    assert first_contact_due(harbor, elm) == chicago("2026-12-01 16:35")
    assert first_contact_due(harbor, oak) == chicago("2026-12-02 09:05")


@pytest.mark.row("HC-02")
def test_nights_weekends_and_holidays_have_another_route(harbor: Tenant) -> None:
    day = make_lead(harbor, at=chicago("2026-12-01 10:00"))
    saturday = make_lead(harbor, at=chicago("2026-12-05 20:00"))
    night = make_lead(harbor, at=chicago("2026-12-08 22:30"))
    holiday = make_lead(harbor, at=chicago("2026-12-25 10:00"))
    assert day.queue.key == "elm-calls"
    for lead in (saturday, night, holiday):
        assert (lead.queue.key, lead.owner_team.name) == ("after-hours-intake", "After-hours Intake")
    assert first_contact_due(harbor, saturday) == chicago("2026-12-07 08:05")
    assert first_contact_due(harbor, night) == chicago("2026-12-09 08:05")
    assert first_contact_due(harbor, holiday) == chicago("2026-12-28 08:05")


@pytest.mark.row("HC-04")
def test_a_shared_queue_gives_leads_to_whoever_is_next_across_offices(harbor: Tenant, client_as: OpenBrowser) -> None:
    add_team(harbor, "schedulers", "Schedulers", "ana", "ben")
    add_queue(harbor, client_as, "schedulers", "Schedulers of all offices", "schedulers")
    anywhere = rule("R-49", is_("service", "cardiology"), {"queue": "schedulers"})
    change_rules(harbor, client_as, "routing", add_location_rules(anywhere))
    leads = [make_lead(harbor, **CALM, request__location="elm-st") for _ in range(6)]
    assert {lead.queue.key for lead in leads} == {"schedulers"}
    assert owners_of(harbor, leads) == {"Ana": 3, "Ben": 3}
    set_availability(harbor, client_as, "ana", Availability.AWAY)
    more = [make_lead(harbor, **CALM, request__location="elm-st") for _ in range(2)]
    assert owners_of(harbor, more) == {"Ben": 2}


@pytest.mark.row("HC-05")
def test_thirty_parallel_leads_are_ten_for_each_of_three(harbor: Tenant, client_as: OpenBrowser) -> None:
    def work() -> None:
        try:
            harbor.drain(TUESDAY_NINE)
        finally:
            connection.close()

    def run(count: int) -> Counter[str]:
        with harbor.scope():
            before = set(Lead.rows().values_list("id", flat=True))
        for _ in range(count):
            send_in(harbor, inquiry(), at=TUESDAY_NINE)
        workers = [Thread(target=work) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
        with harbor.scope():
            return owners_of(harbor, list(Lead.rows().exclude(id__in=before)))

    assert run(30) == {"Ana": 10, "Eli": 10, "Lena": 10}
    set_availability(harbor, client_as, "eli", Availability.AWAY)
    assert run(6) == {"Ana": 3, "Lena": 3}


@pytest.mark.row("HC-09")
def test_with_everybody_away_the_queue_keeps_the_lead_with_alert_and_deadline(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    for name in ("ana", "eli", "lena"):
        set_availability(harbor, client_as, name, Availability.AWAY)
    lead = make_lead(harbor)
    assert (lead.owner, lead.owner_team.key, lead.queue.key) == (None, "elm-calls", "elm-calls")
    with harbor.scope():
        clock = SlaTimer.rows().get(lead=lead, kind="acceptance")
        assert clock.due_at == TUESDAY_NINE + timedelta(minutes=15)
        assert Task.rows().get(lead=lead).team_id == lead.owner_team_id
    within_five = TUESDAY_NINE + timedelta(minutes=5)
    harbor.drain(within_five - timedelta(seconds=1))
    with harbor.scope():
        alert = Escalation.rows().get(timer=clock, done_at__isnull=False)
        assert (alert.member.user.name, alert.done_at <= within_five) == ("Lena Hart", True)
    assert f"/leads/{lead.id}/" in page(client_as("lena"), "/", at=within_five)
    assert "Acceptance due 09:15" in page(client_as("lena"), "/", at=within_five)
    with travelling(to=within_five):
        assert client_as("ana").post(f"/leads/{lead.id}/claim/").status_code == 303
    with harbor.scope():
        assert SlaTimer.rows().get(id=clock.id).met_at == within_five


@pytest.mark.row("HC-09")
def test_a_day_queue_that_opens_with_nobody_there_has_the_alert_too(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=chicago("2026-12-05 20:00"))
    assert lead.owner.user.name in ("Abe Kim", "Zoe Frey")
    for name in ("ana", "eli", "lena"):
        set_availability(harbor, client_as, name, Availability.AWAY)
    opening = chicago("2026-12-07 08:00")
    harbor.drain(opening)
    with harbor.scope():
        clock = SlaTimer.rows().get(lead=lead, kind="acceptance")
        assert clock.due_at == opening + timedelta(minutes=15)
        assert Escalation.rows().get(timer=clock, done_at=opening).member.user.name == "Lena Hart"
    assert lead.ref in page(client_as("lena"), "/queue/?view=unassigned", at=opening)


@pytest.mark.row("EX-05")
def test_an_unknown_specialty_goes_to_general_intake_for_a_look_by_a_person(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, **UNKNOWN)
    assert (lead.queue.name, lead.owner_team.key, lead.service) == ("General Intake", "central-intake", None)
    why = page(client_as("ewa"), f"/leads/{lead.id}/why/", at=TUESDAY_NINE)
    assert "General Intake: no rule named a queue" in why
    assert lead.ref in page(client_as("gus"), "/queue/?queue=general-intake", at=TUESDAY_NINE)
    with harbor.scope():
        teams = set(Task.rows().filter(lead=lead, state="open").values_list("team_id", flat=True))
        assert teams == {lead.owner_team_id}


@pytest.mark.row("EX-06")
def test_a_fallback_waits_thirty_minutes_and_then_tells_the_supervisor(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, **UNKNOWN)
    limit = TUESDAY_NINE + timedelta(minutes=30)

    def alerts() -> list[tuple[datetime, str]]:
        with harbor.scope():
            rows = Escalation.rows().filter(timer__lead=lead, timer__kind="acceptance", do="alert")
            done = rows.filter(done_at__isnull=False, at__gte=limit).select_related("member__user")
            return [(row.at, row.member.user.name) for row in done]

    harbor.drain(limit - timedelta(seconds=1))
    assert alerts() == []
    harbor.drain(limit)
    assert alerts() == [(limit, "Ewa Nowak")]
    assert f"/leads/{lead.id}/" in page(client_as("ewa"), "/", at=limit)
    story = page(client_as("ewa"), f"/leads/{lead.id}/", at=limit)
    assert "alerted Ewa Nowak" in story
    assert "Acceptance was due and is late" in story
