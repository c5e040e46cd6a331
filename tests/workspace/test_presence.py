"""Who else has a lead open, and where a lead went that left a list: colleagues only, and never a word of the person."""

from datetime import timedelta

import pytest

from apps.tenancy.broker import broker
from apps.tenancy.clock import travelling
from apps.workspace import presence
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask

SOON = TUESDAY_NINE + timedelta(minutes=5)
CONTACT = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}


def say(client, lead, doing="viewing"):
    answer = client.post(f"/leads/{lead.id}/present/", {"doing": doing})
    return answer.json()["words"] if answer.status_code == 200 else answer.status_code


def test_colleagues_on_one_lead_see_each_other_until_they_leave(harbor, client_as):
    lead, other = make_lead(harbor), make_lead(harbor)
    ana, lena, eli = client_as("ana"), client_as("lena"), client_as("eli")
    assert say(ana, lead) == "" and say(eli, other) == ""
    assert say(lena, lead) == "Ana Ruiz is viewing."
    assert say(ana, lead, "typing") == "Lena Hart is viewing."
    assert say(lena, lead) == "Ana Ruiz is typing."
    assert say(eli, lead) == "Ana Ruiz is typing. Lena Hart is viewing."
    assert say(ana, lead, "left") == "Eli Stone, Lena Hart are viewing."
    assert say(lena, lead) == "Eli Stone is viewing."


def test_who_is_silent_is_gone_and_the_broker_holds_ids_only(harbor, client_as, monkeypatch):
    lead = make_lead(harbor)
    ana, lena = client_as("ana"), client_as("lena")
    say(ana, lead)
    with harbor.scope():
        member = harbor.member("ana").id
    key = f"leadcrm:present:{harbor.organization_id}:{lead.id}"
    assert [each.decode() for each in broker().hkeys(key)] == [str(member)]
    assert 0 < broker().ttl(key) <= presence.KEPT_SECONDS
    later = presence.time.time() + presence.SEEN_SECONDS + 1
    monkeypatch.setattr(presence.time, "time", lambda: later)
    assert say(lena, lead) == ""


def test_without_the_broker_nobody_is_shown_and_nothing_fails(harbor, client_as, monkeypatch):
    lead, ana = make_lead(harbor), client_as("ana")

    def gone():
        raise presence.redis.ConnectionError

    monkeypatch.setattr(presence, "broker", gone)
    assert say(ana, lead) == ""


@pytest.mark.row("TA-01")
def test_only_who_may_see_the_lead_says_and_hears(harbor, lakeside, client_as):
    lead = make_lead(harbor)
    assert say(client_as("max", lakeside), lead) == 404
    assert say(client_as("sue"), lead) == 403
    assert say(client_as("ana"), lead, "dancing") == 422


def test_a_lead_that_left_a_list_says_who_moved_it_where(harbor, lakeside, client_as):
    lead, still = make_lead(harbor), make_lead(harbor)
    ana = client_as("ana")
    moved = {"team": "ortho-intake", "reason": "Asks for a knee", "service": "orthopedics"}
    answer = ask(ana, "POST", f"/leads/{lead.id}/transfers", moved, at=SOON)
    assert answer.status_code == 201, answer.content.decode()

    def told(client, at=SOON):
        with travelling(to=at):
            return client.get("/queue/moved-on/", {"lead": [str(lead.id), str(still.id)]}).json()

    (sentence,) = told(ana).values()
    assert sentence == f"{lead.ref} moved to Ortho Intake by Ana Ruiz", "she sees it no more: the team, and not whose"
    otis = client_as("otis")
    with travelling(to=SOON):
        assert ask(otis, "POST", f"/leads/{lead.id}/claim", {}, at=SOON).status_code in (200, 201)
        assert ask(otis, "POST", f"/leads/{lead.id}/activities", CONTACT, at=SOON).status_code == 201
    assert "Ortho Intake" not in told(otis)[str(lead.id)], "he sees its stage"
    assert told(ana) == {str(lead.id): sentence}, "she, neither its owner nor its stage"
    assert list(told(ana)) == [str(lead.id)]
    assert told(client_as("max", lakeside)) == {}
    assert told(ana, SOON + timedelta(minutes=3)) == {}
    assert ana.get("/queue/moved-on/", {"lead": "L-1"}).status_code == 422
