"""Rows of service levels: which policy, whose clock, warnings, breaches, escalations that run once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.leads.models import Lead, TimelineEntry
from apps.outreach.models import Message
from apps.policies.models import RuleSetVersion
from apps.sla import actions as sla
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy import outbox
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, send_in
from tests.rows.arranging import ask, change_rules, chicago, draft_rules, is_, page
from tests.words import saying

OpenBrowser = Callable[..., Client]
ROUTINE: dict[str, Any] = {
    "source": "landing-pages",
    "request__service": "cardiology",
    "request__timeframe": "",
    "request__preferred_channel": "email",
}
SAME_DAY: dict[str, Any] = {
    "id": "S-9",
    "name": "First call same business day",
    "meaning": "Partners are promised a call today.",
    "when": {"all": [is_("channel", "web_form"), is_("service", "dermatology"), is_("location", "oak-park")]},
    "clocks": [{"kind": "first_contact", "limit_open_days": 0, "clock": "business", "starts": "owned"}],
}


def after(minutes: float) -> datetime:
    """Return an instant so many minutes after nine."""
    return TUESDAY_NINE + timedelta(minutes=minutes)


def clock_of(tenant: Tenant, lead: Lead, kind: str = "first_contact") -> SlaTimer:
    """Return a clock of a lead."""
    with tenant.scope():
        found: SlaTimer = SlaTimer.rows().get(lead=lead, kind=kind)
        return found


def steps_done(tenant: Tenant, lead: Lead) -> list[tuple[datetime, str, str]]:
    """Return the escalations of the first-contact clock that happened: when due, what, about whom."""
    with tenant.scope():
        rows = Escalation.rows().filter(timer__lead=lead, timer__kind="first_contact", done_at__isnull=False)
        return [
            (row.at, row.do, row.member.user.name if row.member else "")
            for row in rows.select_related("member__user").exclude(step=0).order_by("at", "step")
        ]


def lights(client: Client, lead: Lead, at: datetime) -> dict[str, str]:
    """Return the state of each clock as the API shows it."""
    clocks = ask(client, "GET", f"/leads/{lead.id}", at=at).json()["clocks"]
    return {each["kind"]: each["light"] for each in clocks}


@pytest.mark.row("SL-01")
def test_the_most_specific_policy_wins(harbor: Tenant, client_as: OpenBrowser) -> None:
    def add_partner(document: dict[str, Any]) -> None:
        clocks = [{"kind": "first_contact", "limit_seconds": 600, "clock": "business", "starts": "owned"}]
        when = {"all": [is_("party", "brightpath"), is_("channel", "web_form"), is_("priority", "P1")]}
        document["policies"].append(
            {"id": "S-8", "name": "BrightPath", "meaning": "Agreed with BrightPath.", "when": when, "clocks": clocks}
        )

    change_rules(harbor, client_as, "sla", add_partner)
    by_phone = ROUTINE | {"source": "call", "capture_method": "call"}
    phone = make_lead(harbor, **(by_phone | {"request__service": "orthopedics"}))
    heart = make_lead(harbor, **by_phone)
    form = make_lead(harbor, **ROUTINE)
    urgent = make_lead(harbor, **(ROUTINE | {"request__timeframe": "asap"}))
    partner = make_lead(harbor, source="imaging-spring")
    found = [
        (clock_of(harbor, lead).policy_name, clock_of(harbor, lead).limit_seconds)
        for lead in (phone, heart, form, urgent, partner)
    ]
    assert found == [
        ("Phone", 900),
        ("Phone, cardiology", 300),
        ("Every lead", 1800),
        ("Hot lead", 300),
        ("BrightPath", 600),
    ]


@pytest.mark.row("SL-02")
def test_a_vague_rule_cannot_be_saved_a_concrete_one_can(harbor: Tenant, client_as: OpenBrowser) -> None:
    vague = SAME_DAY | {
        "clocks": [{"kind": "first_contact", "limit_seconds": "fast", "clock": "business", "starts": "owned"}]
    }
    refused = draft_rules(harbor, client_as, "sla", lambda document: document["policies"].append(vague))
    assert refused.status_code == 422
    assert "Give the limit in whole seconds, or in open days" in refused.content.decode()
    with harbor.scope():
        assert not RuleSetVersion.rows().filter(state="draft").exists()
    change_rules(harbor, client_as, "sla", lambda document: document["policies"].append(SAME_DAY))
    lead = make_lead(harbor, source="web-derm", request__service="dermatology", request__location="oak-park")
    clock = clock_of(harbor, lead)
    assert (clock.policy_name, clock.due_at) == ("First call same business day", chicago("2026-12-01 17:00"))


@pytest.mark.row("SL-03")
def test_five_minutes_from_friday_1658_end_on_monday_0803(harbor: Tenant, client_as: OpenBrowser) -> None:
    friday = chicago("2026-12-04 16:58")
    business = make_lead(harbor, at=friday)
    assert clock_of(harbor, business).due_at == chicago("2026-12-07 08:03")
    harbor.drain(chicago("2026-12-07 08:02") + timedelta(seconds=59))
    assert clock_of(harbor, business).breached_at is None
    harbor.drain(chicago("2026-12-07 08:03"))
    assert clock_of(harbor, business).breached_at == chicago("2026-12-07 08:03")

    def run_always(document: dict[str, Any]) -> None:
        for policy in document["policies"]:
            policy["clocks"] = [each | {"clock": "always"} for each in policy["clocks"]]

    change_rules(harbor, client_as, "sla", run_always)
    always = make_lead(harbor, at=friday)
    assert clock_of(harbor, always).due_at == chicago("2026-12-04 17:03")


@pytest.mark.row("SL-04")
def test_a_hot_lead_not_called_in_five_minutes_is_a_breach(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor)
    harbor.drain(after(5) - timedelta(seconds=1))
    assert clock_of(harbor, lead).breached_at is None
    harbor.drain(after(5))
    assert clock_of(harbor, lead).breached_at == after(5)
    ewa = client_as("ewa")
    assert "First contact was due and is late (Hot lead)" in page(ewa, f"/leads/{lead.id}/", at=after(6))
    assert f'id="lead-{lead.ref}"' in page(ewa, "/queue/?view=late", at=after(6))


@pytest.mark.row("SL-04")
def test_every_lead_is_warned_of_before_thirty_minutes_with_outer_limits(harbor: Tenant) -> None:
    lead = make_lead(harbor, **ROUTINE)
    clock = clock_of(harbor, lead)
    assert (clock.at_risk_at, clock.due_at) == (after(24), after(30))
    for day in ("2026-12-01 13:00", "2026-12-03 15:00"):
        outer = chicago(day)
        harbor.drain(outer - timedelta(seconds=1))
        assert outer not in [at for at, _, _ in steps_done(harbor, lead)]
        harbor.drain(outer)
        assert (outer, "alert") in [(at, do) for at, do, _ in steps_done(harbor, lead)]


@pytest.mark.row("SL-05")
def test_an_automatic_reply_never_ends_the_human_clock(harbor: Tenant, client_as: OpenBrowser) -> None:
    send_in(harbor, inquiry(), at=TUESDAY_NINE)
    replied = TUESDAY_NINE + timedelta(seconds=20)
    harbor.drain(replied)
    with harbor.scope():
        lead = Lead.rows().select_related("owner__user").get()
        sent = Message.rows().get(lead=lead)
        assert (sent.state, sent.finished_at) == ("sent", replied)
    assert clock_of(harbor, lead, "acknowledgement").met_at == replied
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert lights(owner, lead, after(1)) == {"acknowledgement": "met", "first_contact": "on_track"}
    tried = {"kind": "call", "outcome": "voicemail", "next_action_at": "2026-12-01T16:00:00Z"}
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", tried, at=after(2)).status_code == 201
    assert clock_of(harbor, lead).met_at is None
    talked = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", talked, at=after(3)).status_code == 201
    assert clock_of(harbor, lead).met_at == after(3)


@pytest.mark.row("SL-07")
def test_the_ladder_is_owner_then_lead_then_a_free_person(harbor: Tenant, client_as: OpenBrowser) -> None:
    leads = [make_lead(harbor, source="imaging-spring") for _ in range(2)]
    lead = next(each for each in leads if each.owner.user.name != "Ewa Nowak")
    owner = lead.owner.user.name
    for instant, happened in ((5, 1), (9.99, 1), (10, 2), (14.99, 2)):
        harbor.drain(after(instant))
        assert len(steps_done(harbor, lead)) == happened
    assert steps_done(harbor, lead) == [(after(5), "alert", owner), (after(10), "alert", "Ewa Nowak")]
    alerts = page(client_as("ewa"), "/", at=after(11))
    assert _alert(lead, "First contact late 6 min") in alerts
    harbor.drain(after(15))
    with harbor.scope():
        now = Lead.rows().select_related("owner__user", "owner_team").get(id=lead.id)
        story = TimelineEntry.rows().filter(lead=lead, kind="assigned").latest("at")
    assert now.owner.user.name != owner
    assert now.owner_team.key == "central-intake"
    assert story.sentence == f"Given to {now.owner.user.name}, because nobody made contact in time."
    assert lead.ref in page(client_as(now.owner.user.email.partition("@")[0]), "/", at=after(15))


@pytest.mark.row("SL-07")
def test_a_rung_may_name_another_team(harbor: Tenant, client_as: OpenBrowser) -> None:
    def tell_operations(document: dict[str, Any]) -> None:
        hot = next(each for each in document["policies"] if each["id"] == "S-1")
        hot["ladder"] = [{"after_seconds": 120, "do": "alert", "who": "operations"}]

    change_rules(harbor, client_as, "sla", tell_operations)
    lead = make_lead(harbor)
    harbor.drain(after(7))
    assert steps_done(harbor, lead) == [(after(7), "alert", "Ada Wells")]
    assert lead.ref in page(client_as("ada"), "/", at=after(7))


@pytest.mark.row("SL-08")
def test_leads_and_tasks_show_how_they_stand_and_the_list_follows(harbor: Tenant, client_as: OpenBrowser) -> None:
    routine = make_lead(harbor, **ROUTINE, request__location="elm-st")
    hot = make_lead(harbor, at=after(10))
    lena = client_as("lena")

    def order(at: datetime) -> bool:
        shown = page(lena, "/queue/?view=team", at=at)
        assert "data-due-at=2026-12-01T15:15:00Z" in shown
        assert 'data-live-url="/queue/?view=team' in shown
        return shown.index(f'id="row-{hot.id}"') < shown.index(f'id="row-{routine.id}"')

    def task_light(at: datetime) -> str:
        return str(ask(lena, "GET", f"/leads/{hot.id}/tasks", at=at).json()["results"][0]["light"])

    assert order(after(11))
    for minutes, light in ((11, "on_track"), (14, "at_risk"), (15, "breached")):
        assert lights(lena, hot, after(minutes))["first_contact"] == light
        assert task_light(after(minutes)) == light
    with harbor.scope():
        sla.pause_all(Lead.rows().get(id=routine.id), now=after(12))
    assert lights(lena, routine, after(40))["first_contact"] == "paused"
    talked = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    assert ask(lena, "POST", f"/leads/{hot.id}/activities", talked, at=after(14)).status_code == 201
    assert lights(lena, hot, after(20))["first_contact"] == "met"
    assert task_light(after(20)) == "on_track"
    with travelling(to=after(20)):
        shown = lena.get("/queue/?view=team").content.decode()
    assert shown.index(f'id="row-{routine.id}"') < shown.index(f'id="row-{hot.id}"')


@pytest.mark.row("SL-10")
def test_after_ten_minutes_without_a_worker_each_escalation_happens_once(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with travelling(to=after(5)):
        taken = outbox.claim(10, organization_id=harbor.organization_id)
    assert [each.kind for each in taken] == ["sla.tick"]

    def work() -> None:
        try:
            harbor.drain(after(15))
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    harbor.drain(after(15))
    once = steps_done(harbor, lead)
    assert [(at, do) for at, do, _ in once] == [
        (after(5), "alert"),
        (after(10), "alert"),
        (after(15), "reassign"),
    ]
    harbor.drain(after(16))
    assert steps_done(harbor, lead) == once
    with harbor.scope():
        assert TimelineEntry.rows().filter(lead=lead, kind="escalation").count() == 2
        assert TimelineEntry.rows().filter(lead=lead, kind="breach").count() == 1
        assert len(saying(TimelineEntry.rows().filter(lead=lead, kind="assigned"), sentence__startswith="Given")) == 1


@pytest.mark.row("SL-11")
def test_the_owner_is_warned_at_four_fifths_until_they_have_looked(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    alert = _alert(lead, "First contact due 09:05")
    harbor.drain(after(4) - timedelta(seconds=1))
    assert alert not in page(owner, "/", at=after(4))
    harbor.drain(after(4))
    assert alert in page(owner, "/", at=after(4))
    page(client_as("ewa"), f"/leads/{lead.id}/", at=after(4.2))
    assert alert in page(owner, "/", at=after(4.2))
    page(owner, f"/leads/{lead.id}/", at=after(4.5))
    assert alert not in page(owner, "/", at=after(4.6))
    with harbor.scope():
        assert Escalation.rows().get(timer__lead=lead, step=0).seen_at == after(4.5)


def _alert(lead: Lead, sentence: str) -> str:
    return f'<a href="/leads/{lead.id}/"><span class="ref">{lead.ref}</span></a><span>{sentence}</span>'
