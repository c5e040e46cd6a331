"""Every sender's own sample: one lead with name and contact point, however often it comes; and the test button.

All senders push to one tenant, each of them a person of its own, so that none can lean on what another told.
"""

import re

import pytest

from apps.connectors.models import Hook
from apps.connectors.providers import providers
from apps.connectors.rehearsing import try_sample
from apps.connectors.terms import HookState
from apps.leads.models import ContactPoint
from apps.tenancy.clock import database_now
from tests.cast import Tenant, new_tenant
from tests.connectors.senders import Sender
from tests.connectors.signing import NAMELESS, NO_INQUIRY, SIGNING, first_sample, push, sender_of

FIRST_NUMBER = 20


@pytest.fixture(scope="module")
def harbor() -> Tenant:
    """One Harbor Health for all senders."""
    return new_tenant("harbor")


def own_person(key: str, raw: bytes) -> bytes:
    """Return a sample with a number and an address that no other sender's sample has."""
    place = sorted(SIGNING).index(key)
    for last, mine in ((b"0142", FIRST_NUMBER + place), (b"0188", FIRST_NUMBER + len(SIGNING) + place)):
        raw = re.sub(rb"(555[^0-9]{0,3})" + last, rb"\g<1>01%02d" % mine, raw)
    return raw.replace(b"renee.alvarez", b"renee.%s" % key.encode())


def test_every_provider_is_signed_for_here() -> None:
    assert set(SIGNING) == set(providers())


@pytest.mark.parametrize("key", sorted(set(SIGNING) - NO_INQUIRY))
def test_a_sample_is_one_lead_five_times_over(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    raw, content_type = first_sample(key)
    raw = own_person(key, raw)
    first = push(sender, raw, content_type)
    assert first.status_code == 200, first.content
    reachable(sender)
    again = [push(sender, raw, content_type) for _ in range(4)]
    assert {each.status_code for each in again} == {200}
    if providers()[key].waits_seconds:
        assert {each.content for each in again} == {first.content}
    reachable(sender)
    assert [each.state for each in sender.hooks()] == [HookState.TAKEN]
    assert sender.hooks()[0].repeats == 4
    assert len(sender.submissions()) == 1


def reachable(sender: Sender) -> None:
    """Check that there is one lead, with the name of the sample and something to reach the person by."""
    lead = sender.lead()
    if sender.connection.provider in NAMELESS:
        with sender.tenant.scope():
            assert ContactPoint.rows().filter(person=lead.person, kind="phone").count() == 1
        return
    assert (lead.person.first_name, lead.person.last_name) == ("Renée", "Alvarez")
    with sender.tenant.scope():
        points = set(ContactPoint.rows().filter(person=lead.person).values_list("value", flat=True))
    assert f"renee.{sender.connection.provider}@example.com" in points


@pytest.mark.parametrize("key", sorted(set(providers()) - {"email-events"}))
def test_the_test_button_makes_a_test_lead(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    with harbor.scope():
        intake = try_sample(actor=harbor.system, row=sender.connection, now=database_now())
        assert intake.state is HookState.TAKEN, intake.problem
        assert Hook.rows().get(connection=sender.connection).is_test is True
    assert [each.is_test for each in sender.submissions()] == [True]
