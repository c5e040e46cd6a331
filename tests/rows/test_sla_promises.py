"""Rows of what a service level promises beside its clocks: attempts, pauses, who tracks it, intake and routing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Notice
from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.exceptions.models import ExceptionItem
from apps.flows.sweeps import sweep
from apps.leads.models import Lead, Task, TimelineEntry
from apps.policies.models import RuleSetVersion
from apps.sla.models import Escalation, SlaPause, SlaTimer
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload, send_in
from tests.rows.arranging import add_queue, ask, change_rules, chicago, draft_rules, is_, page
from tests.rows.test_sla import after, clock_of
from tests.words import saying, the_one_saying

OpenBrowser = Callable[..., Client]
Policy = dict[str, Any]
ROUTINE: dict[str, Any] = {"source": "landing-pages", "request__timeframe": "", "request__preferred_channel": "email"}


def policies(change: Callable[[Policy], object]) -> Callable[[dict[str, Any]], object]:
    """Return a change of every service level."""
    return lambda document: [change(each) for each in document["policies"]]


def swept(tenant: Tenant, at: datetime) -> None:
    """Run what is due and sweep once, as the worker does each minute."""
    tenant.drain(at)
    with tenant.scope():
        sweep(tenant.organization_id, at)


def try_in_vain(client: Client, lead: Lead, at: datetime) -> None:
    """Log a call that reached nobody."""
    body = {"kind": "call", "outcome": "voicemail", "next_action_at": "2026-12-09T16:00:00Z"}
    assert ask(client, "POST", f"/leads/{lead.id}/activities", body, at=at).status_code == 201


def clocks(client: Client, lead: Lead, at: datetime) -> dict[str, Any]:
    """Return the lead's clocks as the API shows them, the running ones by kind."""
    shown = ask(client, "GET", f"/leads/{lead.id}", at=at).json()["clocks"]
    return {each["kind"]: each for each in shown if each["is_running"]}


def owner_of(client_as: OpenBrowser, lead: Lead) -> Client:
    """Return a browser of the lead's owner."""
    return client_as(lead.owner.user.email.partition("@")[0])


@pytest.mark.row("SL-06")
def test_three_attempts_in_five_days_and_the_third_is_overdue(harbor: Tenant, client_as: OpenBrowser) -> None:
    wanted = {"times": 3, "days": 5, "clock": "business"}
    vague = draft_rules(harbor, client_as, "sla", policies(lambda each: each.update(attempts={"times": "often"})))
    assert vague.status_code == 422 and "Say how many attempts" in vague.content.decode()
    change_rules(harbor, client_as, "sla", policies(lambda each: each.update(attempts=wanted)))
    lead = make_lead(harbor)
    owner = owner_of(client_as, lead)
    assert "attempt" not in clocks(owner, lead, after(1))
    try_in_vain(owner, lead, after(2))
    second = clocks(owner, lead, after(3))["attempt"]
    assert (second["number"], second["total"], second["due_at"]) == (2, 3, "2026-12-04T23:00:00Z")
    try_in_vain(owner, lead, after(30))
    third = clocks(owner, lead, after(31))["attempt"]
    assert (third["number"], third["due_at"], third["light"]) == (3, "2026-12-07T23:00:00Z", "on_track")

    overdue = chicago("2026-12-07 17:30")
    harbor.drain(overdue)
    assert clocks(owner, lead, overdue)["attempt"]["light"] == "breached"
    assert "Attempt 3 of 3" in page(owner, f"/leads/{lead.id}/", at=overdue)
    assert "2 attempts; attempt 3 of 3 overdue" in page(owner, "/queue/?view=late", at=overdue)
    with harbor.scope():
        told = Escalation.rows().filter(timer__lead=lead, timer__kind="attempt", do="reassign")
        assert not told.exists(), "outreach has begun: the lead stays where it is"
        assert saying(TimelineEntry.rows().filter(lead=lead), sentence__startswith="Attempt was due and is late")
    try_in_vain(owner, lead, overdue)
    assert "attempt" not in clocks(owner, lead, overdue)
    talked = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-12T16:00:00Z"}
    other = make_lead(harbor)
    try_in_vain(owner_of(client_as, other), other, after(2))
    assert (
        ask(owner_of(client_as, other), "POST", f"/leads/{other.id}/activities", talked, at=after(3)).status_code == 201
    )
    assert not clocks(owner, other, after(4)), "who was talked to is not tried again"


@pytest.mark.row("SL-14")
def test_clocks_pause_for_listed_reasons_only_and_go_on_by_themselves(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, **ROUTINE, request__service="orthopedics")
    owner, path = owner_of(client_as, lead) if lead.owner else client_as("lena"), f"/leads/{lead.id}/pause"
    before = clock_of(harbor, lead).due_at
    until = chicago("2026-12-08 09:00")

    def pause(reason: str, end: datetime, at: datetime, client: Client = owner) -> Any:
        return ask(client, "POST", path, {"reason": reason, "until": end.isoformat()}, at=at)

    assert "Choose one of the listed reasons" in pause("lunch", until, after(10)).content.decode()
    too_long = pause("asked_for_day", after(60 * 24 * 8), after(10))
    assert too_long.status_code == 422 and "for 7 days at most" in too_long.content.decode()
    assert pause("asked_for_day", after(5), after(10)).status_code == 422
    assert pause("asked_for_day", until, after(10), client_as("ben")).status_code in (403, 404)
    assert pause("asked_for_day", until, after(10)).status_code == 201
    assert pause("asked_for_day", until, after(11)).status_code == 409

    shown = clocks(owner, lead, after(60))["first_contact"]
    assert shown["light"] == "paused" and shown["pause"]["name"] == "They asked to be called on another day"
    told = page(owner, f"/leads/{lead.id}/", at=after(60))
    assert "Clocks paused until 8 Dec, 09:00: They asked to be called on another day. By" in told
    harbor.drain(after(24 * 60))
    with harbor.scope():
        assert (
            not Escalation.rows().filter(timer__lead=lead, timer__kind="first_contact", done_at__isnull=False).exists()
        )
        assert set(Task.rows().filter(lead=lead, state="open").values_list("due_at", flat=True)) == {until}
        assert AuditEntry.rows().filter(action="lead.pause_clocks", object_id=lead.id).count() == 1

    harbor.drain(until + timedelta(minutes=7))  # the worker was late
    again = clock_of(harbor, lead)
    assert (again.paused_at, again.due_at) == (None, until + (before - after(10)))
    with harbor.scope():
        kept = SlaPause.rows().get(lead=lead)
        assert (kept.ended_at, kept.ended_by) == (until, "its time is over")
        assert TimelineEntry.rows().filter(lead=lead, kind="clock").count() == 2


@pytest.mark.row("SL-14")
def test_a_pause_is_ended_by_hand_and_by_what_ends_the_clocks(harbor: Tenant, client_as: OpenBrowser) -> None:
    leads = [make_lead(harbor) for _ in range(2)]
    until = chicago("2026-12-02 09:00")
    for lead in leads:
        owner = owner_of(client_as, lead)
        try_in_vain(owner, lead, after(1))
        body = {"reason": "asked_for_day", "until": until.isoformat()}
        assert ask(owner, "POST", f"/leads/{lead.id}/pause", body, at=after(2)).status_code == 201
    by_hand, stopped = leads
    owner = owner_of(client_as, by_hand)
    assert ask(owner, "DELETE", f"/leads/{by_hand.id}/pause", at=after(22)).status_code == 200
    assert clock_of(harbor, by_hand).due_at == after(25)
    assert ask(owner, "DELETE", f"/leads/{by_hand.id}/pause", at=after(23)).status_code == 409
    attempt = clock_of(harbor, by_hand, "attempt")
    try_in_vain(owner, by_hand, after(24))
    with harbor.scope():
        due = SlaTimer.rows().get(lead=by_hand, kind="attempt", number=3).due_at
        assert attempt.due_at < due, "the pause that is over counts for the next attempt, too"
    talked = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-12T16:00:00Z"}
    answer = ask(owner_of(client_as, stopped), "POST", f"/leads/{stopped.id}/activities", talked, at=after(30))
    assert answer.status_code == 201
    with harbor.scope():
        assert SlaPause.rows().get(lead=stopped).ended_at == after(30)
    harbor.drain(until)
    assert not clocks(owner, stopped, until)


@pytest.mark.row("SL-09")
def test_a_policy_names_who_tracks_it_and_they_get_its_report(harbor: Tenant, client_as: OpenBrowser) -> None:
    def track(who: str) -> Callable[[dict[str, Any]], object]:
        return policies(
            lambda each: each.update(tracked_by={"who": who, "at": "08:00"}) if each["id"] == "S-1" else None
        )

    unknown = draft_rules(harbor, client_as, "sla", track("nobody@example.com"))
    assert unknown.status_code == 422 and "is no colleague" in unknown.content.decode()
    with harbor.scope():
        assert not RuleSetVersion.rows().filter(state="draft").exists()
        ewa = harbor.member("ewa")
    change_rules(harbor, client_as, "sla", track(ewa.user.email))
    lead = make_lead(harbor)
    assert "Timed by “Hot lead”, tracked by Ewa Nowak." in page(
        owner_of(client_as, lead), f"/leads/{lead.id}/background/", at=after(1)
    )
    for at in ("2026-12-01 23:00", "2026-12-02 07:59", "2026-12-02 08:00", "2026-12-02 08:01", "2026-12-02 19:00"):
        swept(harbor, chicago(at))
    with harbor.scope():
        told = Notice.rows().filter(kind="sla_report", dedup_key="sla:S-1:2026-12-02")
        assert [(each.member_id, each.made_at) for each in told] == [(ewa.id, chicago("2026-12-02 08:00"))]
        notice = told.get()
    sentence = notice.sentence
    assert sentence.startswith(
        "Hot lead, last 24 hours: 2 clocks were due, 1 met in time, 1 not; 1 late now, 0 paused."
    )
    shown = page(client_as("ewa"), "/", at=chicago("2026-12-02 08:05"))
    assert sentence in shown
    assert client_as("ewa").post(f"/notices/{notice.id}/put-aside/").status_code == 303
    assert f"/notices/{notice.id}/" not in page(client_as("ewa"), "/", at=chicago("2026-12-02 08:06"))


@pytest.mark.row("SL-12")
def test_an_inquiry_that_is_not_routed_in_two_minutes_alerts(harbor: Tenant, client_as: OpenBrowser) -> None:
    routing = {"kind": "routing", "limit_seconds": 120, "clock": "always", "starts": "captured"}
    change_rules(harbor, client_as, "sla", policies(lambda each: each["clocks"].append(routing)))
    routed = make_lead(harbor)
    at_once = clock_of(harbor, routed, "routing")
    assert (at_once.met_at, at_once.breached_at) == (TUESDAY_NINE, None)
    lost = make_lead(harbor, request__service="")
    assert lost.exception
    harbor.drain(after(2) - timedelta(seconds=1))
    assert clock_of(harbor, lost, "routing").breached_at is None
    harbor.drain(after(2))
    assert clock_of(harbor, lost, "routing").breached_at == after(2)
    with harbor.scope():
        alert = (
            Escalation.rows().filter(timer__lead=lost, timer__kind="routing", done_at__isnull=False, step__gte=1).get()
        )
        assert alert.member is not None and alert.at == after(2)
        name = alert.member.user.email.partition("@")[0]
    assert lost.ref in page(client_as(name), "/", at=after(3))
    assert reload(harbor, lost.id).due_at != after(2), "lists are ordered by what a person owes"

    waiting = send_in(harbor, inquiry(), at=after(10))
    with harbor.scope():
        sweep(harbor.organization_id, after(11))
        assert not Notice.rows().filter(kind="unrouted").exists()
        for minute in (12, 13):
            sweep(harbor.organization_id, after(minute))
        told = Notice.rows().filter(kind="unrouted", member=harbor.member("ewa")).get()
        assert told.sentence == "1 inquiry is not routed yet; the oldest waits 2 min, 2 minutes are allowed."
    harbor.drain(after(14))
    with harbor.scope():
        late = SlaTimer.rows().get(lead=Submission.rows().get(id=waiting.submission_id).lead_id, kind="routing")
        assert (late.met_at, late.breached_at) == (after(14), after(12))


@pytest.mark.row("SL-13")
def test_an_inquiry_that_reaches_us_late_is_told(harbor: Tenant, client_as: OpenBrowser) -> None:
    intake = {"kind": "intake", "limit_seconds": 600, "clock": "always", "starts": "captured"}
    change_rules(harbor, client_as, "sla", policies(lambda each: each["clocks"].append(intake)))
    in_time = make_lead(harbor)
    assert clock_of(harbor, in_time, "intake").breached_at is None
    send_in(harbor, inquiry(), at=TUESDAY_NINE)
    harbor.drain(after(25))
    with harbor.scope():
        late = SlaTimer.rows().exclude(lead=in_time).select_related("lead").get(kind="intake")
        assert (late.started_at, late.met_at, late.breached_at) == (TUESDAY_NINE, after(25), after(10))
        alert = Escalation.rows().select_related("member__user").get(timer=late)
        assert alert.done_at == after(25) and alert.member is not None
        story = the_one_saying(
            TimelineEntry.rows().filter(lead=late.lead, kind="breach"), sentence__startswith="It reached us"
        )
    assert story.sentence.startswith("It reached us 25 min after it was sent; 10 minutes are allowed")
    shown = page(client_as(alert.member.user.email.partition("@")[0]), "/", at=after(26))
    assert f"{late.lead.ref}</span></a><span>Intake late 15 min" in shown


@pytest.mark.row("SL-13")
def test_a_clinical_review_that_waits_two_days_goes_to_the_supervisor(harbor: Tenant, client_as: OpenBrowser) -> None:
    add_queue(harbor, client_as, "nurse-review", "Nurse review", "clinical-intake")
    when = is_("service", "cardiology")
    sentence = {"id": "stable", "sentence": "No sign of an emergency in what they wrote"}
    review = {"id": "heart-first", "name": "Cardiology", "when": when, "criteria": [sentence]}
    change_rules(harbor, client_as, "criteria", lambda document: document.update(reviews=[review]))
    handler = {
        "type": "pre_contact_review",
        "queue": "nurse-review",
        "within_seconds": 2 * 86_400,
        "then": "central-intake",
    }
    change_rules(harbor, client_as, "exceptions", lambda document: document["types"].append(handler))
    lead = make_lead(harbor, source="landing-pages", request__service="cardiology")
    assert (lead.exception, lead.queue.key) == ("pre_contact_review", "nurse-review")
    two_days = after(2 * 24 * 60)
    harbor.drain(two_days - timedelta(seconds=1))
    with harbor.scope():
        assert ExceptionItem.rows().get(lead=lead).escalated_at is None
    harbor.drain(two_days)
    with harbor.scope():
        assert ExceptionItem.rows().get(lead=lead).escalated_at == two_days
        alert = Escalation.rows().select_related("member__user").get(timer__lead=lead, step__gte=1, done_at=two_days)
        assert alert.member is not None and alert.member.user.name == "Ewa Nowak"
    assert lead.ref in page(client_as("ewa"), "/", at=two_days + timedelta(minutes=1))
