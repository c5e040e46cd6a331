"""The next best lead: one person each, by the clock, reachable now; given back by a skip or by the end of the lease."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from apps.audit.models import AuditEntry
from apps.flows.leasing import LEASE, start_next
from apps.flows.people import deactivate_member
from apps.leads.models import Lead, Task, TimelineEntry
from apps.ownership.actions import assign
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.presses import crowd_in, press_at_once

SOON = TUESDAY_NINE + timedelta(minutes=2)


def unowned(tenant, **changes):
    """A lead in the queue of Central Intake that nobody has yet and that may be mailed."""
    lead = make_lead(tenant, consent=[consent("email")], **changes)
    with tenant.scope():
        team = tenant.team("central-intake")
        assign(
            Lead.rows().get(id=lead.id),
            team=team,
            member=None,
            queue=None,
            trigger="test",
            actor=tenant.system,
            now=TUESDAY_NINE,
        )
    return reload(tenant, lead.id)


def started(client, at=SOON):
    with travelling(to=at):
        return client.post("/start/")


@pytest.mark.row("HC-12")
def test_two_who_start_at_once_never_get_the_same_lead(harbor):
    for _ in range(5):
        unowned(harbor)
        unowned(harbor)
        barrier, got = Barrier(2), []

        def press(name, barrier=barrier, got=got):
            barrier.wait()
            try:
                with harbor.scope():
                    got.append(start_next(actor=harbor.actor(name), now=SOON).id)
            finally:
                connection.close()

        threads = [Thread(target=press, args=(name,)) for name in ("ewa", "gus")]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(set(got)) == 2
        with harbor.scope():
            Lead.rows().update(lease_until=None, leased_by=None)


@pytest.mark.ux(3)
def test_of_fifty_who_press_at_once_nobody_gets_what_another_has(harbor):
    leads = {f"/leads/{unowned(harbor).id}/" for _ in range(20)}
    got = press_at_once(crowd_in(harbor, "central-intake", "ewa", 50), SOON)
    assert {each.status for each in got} == {303}
    led_to = Counter(each.led_to for each in got)
    assert {place: n for place, n in led_to.items() if place in leads} == dict.fromkeys(leads, 1)
    assert len(led_to) == len(leads) + 1, "whoever came too late is led to one place, and nobody to an error"


@pytest.mark.row("HC-12")
def test_the_second_gets_the_next_one_and_is_told_who_holds_the_first(harbor, client_as):
    first, second = unowned(harbor), unowned(harbor)
    ewa, gus = client_as("ewa"), client_as("gus")
    assert started(ewa)["Location"] == f"/leads/{first.id}/"
    assert started(gus)["Location"] == f"/leads/{second.id}/"
    with travelling(to=SOON):
        assert "You hold this lead until" in ewa.get(f"/leads/{first.id}/").content.decode()
        assert "Ewa Nowak is working on this lead" in gus.get(f"/leads/{first.id}/").content.decode()
        late = gus.post(f"/leads/{first.id}/claim/", {})
    assert late.status_code == 409
    assert "Ewa Nowak is working on this lead" in late.content.decode()


@pytest.mark.ux(3)
def test_a_lease_ends_by_itself_and_is_renewed_while_the_page_is_open(harbor, client_as):
    lead = unowned(harbor)
    ewa, gus = client_as("ewa"), client_as("gus")
    started(ewa)
    version = reload(harbor, lead.id).version
    with travelling(to=SOON + timedelta(minutes=9)):
        assert ewa.post(f"/leads/{lead.id}/lease/").status_code == 204
    assert reload(harbor, lead.id).version == version
    assert started(gus, SOON + timedelta(minutes=11))["Location"] == "/"
    gone = SOON + timedelta(minutes=9) + LEASE
    assert started(gus, gone)["Location"] == f"/leads/{lead.id}/"
    with travelling(to=gone):
        lost = ewa.post(f"/leads/{lead.id}/lease/")
    assert lost.status_code == 409
    assert "Returned to the queue" in lost.content.decode()


def test_who_may_not_be_contacted_now_is_not_offered(harbor, client_as):
    make_lead(harbor, consent=[])
    answer = started(client_as("ewa"))
    assert answer["Location"] == "/"
    with travelling(to=SOON):
        assert "Nothing to take right now" in client_as("ewa").get("/").content.decode()


def test_a_skip_needs_its_reason_and_goes_on_to_the_next(harbor, client_as):
    first, second = unowned(harbor), unowned(harbor)
    ewa = client_as("ewa")
    started(ewa)
    with travelling(to=SOON):
        assert ewa.post(f"/leads/{first.id}/skip/", {"reason": "", "then": "next"}).status_code == 422
        sent = {"reason": "language", "then": "next", "idempotency_key": str(uuid4())}
        assert ewa.post(f"/leads/{first.id}/skip/", sent)["Location"] == f"/leads/{second.id}/"
    row = reload(harbor, first.id)
    assert (row.leased_by_id, row.lease_until) == (None, None)
    assert started(client_as("gus"))["Location"] == f"/leads/{first.id}/"
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.skip", object_id=first.id).count() == 1


def test_three_skips_ask_the_teams_lead(harbor, client_as):
    lead = unowned(harbor)
    for name in ("gus", "mia", "gus"):
        client = client_as(name)
        with travelling(to=SOON):
            sent = {"reason": "knowledge", "idempotency_key": str(uuid4())}
            assert client.post(f"/leads/{lead.id}/skip/", sent).status_code == 303
    with harbor.scope():
        assert TimelineEntry.rows().filter(lead=lead, kind="skipped").count() == 3
        task = Task.rows().get(lead=lead, kind="skipped_too_often")
        assert task.assignee_id == harbor.member("ewa").id
    with travelling(to=SOON):
        assert "Skipped three times" in client_as("ewa").get("/").content.decode()


@pytest.mark.row("TK-07")
def test_ana_logs_and_gets_the_next_lead_in_three_clicks(harbor, client_as):
    with harbor.scope():
        for name in ("eli", "lena"):
            deactivate_member(actor=harbor.system, membership_id=harbor.member(name).id, now=TUESDAY_NINE)
    first, second = make_lead(harbor), make_lead(harbor)
    ana = client_as("ana")
    assert started(ana)["Location"] == f"/leads/{first.id}/"
    with travelling(to=SOON):
        page = ana.get(f"/leads/{first.id}/log-call/").content.decode()  # the first click: Log call
        assert "Save & next" in page
        said = "Attempt 1 counted. First-contact clock keeps running. Moves to Attempting contact."
        assert f'data-effect-voicemail="{said}' in page
        sent = {
            "kind": "call",
            "outcome": "voicemail",  # the second click: Voicemail left
            "next_at": "2026-12-02T10:15",
            "version": reload(harbor, first.id).version,
            "idempotency_key": str(uuid4()),
            "then": "next",  # the third click: Save and next
        }
        answer = ana.post(f"/leads/{first.id}/log-call/", sent)
    assert answer["Location"] == f"/leads/{second.id}/"
    # What was tried comes back when its next step is due, not before.
    row = reload(harbor, first.id)
    assert started(ana, row.next_action_at - timedelta(minutes=1))["Location"] == f"/leads/{second.id}/"
