"""Keys on the agency's page: shown once, rolled with an overlap, revoked; only with a fresh second step."""

import re
from datetime import timedelta

import pytest
from django.core import signing

from apps.accounts.models import ApiKey
from apps.audit.models import AuditEntry
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.ids import new_id
from tests.doors import Api
from tests.leads_made import inquiry
from tests.partners.agency import hidden, make_key, secret_in, with_second_step, words
from tests.rows.arranging import CHICAGO


@pytest.fixture
def bea(harbor, client_as):
    return with_second_step(client_as("bea"), harbor, "bea")


def send(secret):
    return Api(secret).post("/leads", inquiry(source="imaging-spring"))


def own_key(harbor, **wanted):
    with harbor.scope():
        return ApiKey.rows().select_related("party").get(name="Landing pages", **wanted)


def test_a_key_is_made_shown_once_and_delivers(harbor, bea, caplog):
    made = make_key(bea)
    secret = secret_in(made)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    assert send(secret).status_code == 202
    later = bea.get("/partner/keys/").content.decode()
    assert secret not in later and secret[:14] in later
    assert secret not in caplog.text
    assert all(secret not in str(value) for value in bea.session.values())
    row = own_key(harbor)
    assert (row.mode, row.party.key, row.last_used_at is not None) == ("live", "brightpath", True)
    with harbor.scope():
        entry = AuditEntry.rows().get(action="key.create", object_id=row.id)
        assert (entry.actor_label, entry.party_id, entry.door) == ("Bea Lind", row.party_id, "page")
        assert secret not in str(entry.detail)


def test_a_form_sent_twice_makes_one_key(harbor, bea):
    once = hidden(bea.get("/partner/keys/"), "once", -1)
    body = {"name": "Landing pages", "mode": "live", "scopes": ["delivery:post"], "once": once}
    first, second = (bea.post("/partner/keys/", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409)
    assert secret_in(first) not in second.content.decode()
    assert own_key(harbor)


def test_a_rolled_key_works_until_the_overlap_is_over(harbor, bea):
    old = secret_in(make_key(bea))
    row, today = own_key(harbor), database_now().astimezone(CHICAGO).date()
    page = bea.get("/partner/keys/")
    once = re.search(
        rf'action="/partner/keys/{row.id}/roll/".*?name="once" value="([^"]+)"', page.content.decode(), re.S
    )
    rolled = bea.post(f"/partner/keys/{row.id}/roll/", {"ends_on": str(today + timedelta(days=3)), "once": once[1]})
    new = secret_in(rolled)
    assert new != old and "works until the end of" in words(rolled)
    assert [send(each).status_code for each in (old, new)] == [202, 202]
    with travelling(to=database_now() + timedelta(days=5)):
        assert [send(each).status_code for each in (old, new)] == [401, 202]
    assert "Ends soon" in words(bea.get("/partner/keys/"))
    again = bea.post(f"/partner/keys/{row.id}/roll/", {"ends_on": str(today), "once": _token()})
    assert again.status_code == 409


@pytest.mark.parametrize("days", [-1, 91])
def test_an_overlap_is_neither_over_nor_endless(harbor, bea, days):
    make_key(bea)
    row, day = own_key(harbor), database_now().astimezone(CHICAGO).date() + timedelta(days=days)
    answer = bea.post(f"/partner/keys/{row.id}/roll/", {"ends_on": str(day), "once": _token()}, follow=True)
    assert "Choose a day from today on" in words(answer)
    assert own_key(harbor).replaced_by_id is None


def test_a_revoked_key_is_refused_at_once(harbor, bea):
    secret = secret_in(make_key(bea))
    row = own_key(harbor)
    answer = bea.post(f"/partner/keys/{row.id}/revoke/", follow=True)
    assert "is revoked" in words(answer) and "Revoked" in words(answer)
    assert send(secret).status_code == 401
    with harbor.scope():
        assert AuditEntry.rows().filter(action="key.revoke", object_id=row.id).exists()


def test_keys_need_a_fresh_second_step(harbor, client_as, bea):
    make_key(bea)
    row = own_key(harbor)
    for browser in (client_as("bea"), with_second_step(client_as("bea"), harbor, "bea", seconds_ago=901)):
        page = browser.get("/partner/keys/")
        assert "Confirm it is you" in words(page) and "Make the key" not in words(page)
        body = {"name": "Second", "mode": "live", "scopes": ["delivery:post"], "once": _token()}
        for path in ("/partner/keys/", f"/partner/keys/{row.id}/roll/", f"/partner/keys/{row.id}/revoke/"):
            answer = browser.post(path, body)
            assert (answer.status_code, answer["Location"]) == (
                302,
                "/accounts/2fa/reauthenticate/?next=%2Fpartner%2Fkeys%2F",
            )
    assert own_key(harbor).revoked_at is None


def test_a_key_carries_no_right_that_its_maker_lacks(harbor, bea):
    for scopes in (["activity:log"], ["lead:view"], []):
        assert make_key(bea, scopes=scopes).status_code == 422
    assert "Error:" in make_key(bea, name="").content.decode()
    with harbor.scope():
        assert not ApiKey.rows().filter(name="Landing pages").exists()


def test_another_agencys_key_is_not_there(harbor, client_as, bea):
    with harbor.scope():
        other = ApiKey.rows().get(name="northlight-1")
    nothing = bea.post(f"/partner/keys/{new_id()}/revoke/")
    for deed in ("roll", "revoke"):
        answer = bea.post(f"/partner/keys/{other.id}/{deed}/", {"once": _token()})
        assert (answer.status_code, answer.content) == (404, nothing.content)
    assert other.prefix not in bea.get("/partner/keys/").content.decode()


def test_marketing_makes_an_agencys_key_and_compliance_none(harbor, client_as):
    cleo, dev = (with_second_step(client_as(name), harbor, name) for name in ("cleo", "dev"))
    body = {"name": "Landing pages", "mode": "test", "scopes": ["delivery:post"], "once": _token()}
    assert dev.post("/partner/keys/?agency=northlight", body).status_code == 403
    made = cleo.post("/partner/keys/?agency=northlight", body)
    assert secret_in(made).startswith("lk_test_")
    assert own_key(harbor).party.key == "northlight"


def _token():
    return signing.dumps(new_id().hex, salt="leadcrm.partner.key")
