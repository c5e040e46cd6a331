"""The switch of the top bar: kept, audited, and heeded by the round-robin."""

import json

import pytest

from apps.accounts.actions import set_availability
from apps.accounts.keys import create_key
from apps.accounts.models import Membership
from apps.accounts.terms import NO_SWITCH
from apps.audit.models import AuditEntry
from apps.catalog.models import Queue
from apps.routing.queries import members_of
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid, Refused
from tests.doors import Api, ask, sign_in


def entries(tenant) -> list[str]:
    with tenant.scope():
        found = AuditEntry.rows().filter(action="membership.availability").order_by("seq")
        return [each.detail["availability"] for each in found]


def test_a_person_turns_their_own_switch_once(harbor, client_as) -> None:
    browser = client_as("ana")
    for word in ("break", "break", "available"):
        answer = browser.post("/availability/", {"availability": word, "back": "/queue/"})
        assert answer.status_code == 303 and answer["Location"] == "/queue/"
    assert entries(harbor) == ["break", "available"]
    page = browser.get("/").content.decode()
    assert "Availability:" in page and 'aria-pressed="true"' in page


def test_who_is_on_a_break_is_passed_over(harbor, client_as) -> None:
    client_as("ana").post("/availability/", {"availability": "break"})
    with harbor.scope():
        ana = harbor.member("ana")
        queue = Queue.rows().filter(team__members__membership=ana).first()
        open_ones = {each.membership_id: each.is_available for each in members_of(queue, database_now())}
    assert open_ones[ana.id] is False


def test_the_admin_shows_the_same(harbor, client_as) -> None:
    client_as("ana").post("/availability/", {"availability": "wrap_up"})
    with harbor.scope():
        assert Membership.rows().get(id=harbor.member("ana").id).availability == "wrap_up"
    assert "wrap up" in client_as("cleo").get("/admin/accounts/membership/").content.decode().lower()


def test_words_that_are_none_and_programs_are_refused(harbor, client_as) -> None:
    assert client_as("ana").post("/availability/", {"availability": "asleep"}).status_code == 422
    with harbor.scope():
        with pytest.raises(Invalid):
            set_availability(actor=harbor.actor("ana"), availability="asleep")
        with pytest.raises(Refused):
            set_availability(actor=harbor.system, availability="break")
    assert entries(harbor) == []


def key_of(tenant, name: str, scopes: list[str]) -> Api:
    """Return a program that acts for a person."""
    with tenant.scope():
        made = create_key(
            actor=tenant.system, name=f"{name}-phone", scopes=scopes, membership=tenant.member(name), now=database_now()
        )
    return Api(made.secret)


def test_a_telephone_system_turns_the_switch_for_its_person(harbor, client_as) -> None:
    phone = key_of(harbor, "ana", ["lead:claim"])
    assert phone.get("/me/availability").json() == {"availability": "available", "takes_leads": True}
    assert put(phone, "on_call").json() == {"availability": "on_call", "takes_leads": True}
    assert put(phone, "break").json() == {"availability": "break", "takes_leads": False}
    assert ask(client_as("ana"), "GET", "/me/availability").json()["availability"] == "break"
    asleep = put(phone, "asleep")
    assert (asleep.status_code, asleep.json()["errors"][0]["pointer"]) == (422, "/availability")
    assert entries(harbor) == ["on_call", "break"]


def test_a_key_without_the_right_and_an_agency_turn_nothing(harbor, api) -> None:
    refused = put(key_of(harbor, "ana", ["lead:view"]), "break")
    assert (refused.status_code, refused.json()["detail"]) == (403, "This key lacks the right lead:claim.")
    agency = api("bp-1")
    for answer in (put(agency, "break"), agency.get("/me/availability")):
        assert (answer.status_code, answer.json()["detail"]) == (403, NO_SWITCH)
    bea = ask(sign_in(harbor.user("bea")), "PUT", "/me/availability", {"availability": "break"})
    assert bea.status_code == 403
    assert entries(harbor) == []


def put(program: Api, word: str):
    """Send the switch."""
    return program.client.put(
        "/api/v1/me/availability",
        json.dumps({"availability": word}),
        "application/json",
        headers={"authorization": f"Bearer {program.secret}"},
    )
