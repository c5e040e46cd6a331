"""The switch of the top bar: kept, audited, and heeded by the round-robin."""

import pytest

from apps.accounts.actions import set_availability
from apps.accounts.models import Membership
from apps.audit.models import AuditEntry
from apps.catalog.models import Queue
from apps.routing.queries import members_of
from apps.tenancy.errors import Invalid, Refused


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
        open_ones = {each.membership_id: each.is_available for each in members_of(queue)}
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
