"""Every sender's own sample: one lead with name, contact point, source, campaign, permission and verdict, however
often it comes, and never from somebody else; and the test button.

All senders push to one tenant, each of them a person of its own, so that none can lean on what another told.
"""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.catalog.models import Campaign
from apps.connectors.models import Hook
from apps.connectors.providers import providers
from apps.connectors.rehearsing import try_sample
from apps.connectors.terms import HookState
from apps.leads.models import ContactPoint, Touch
from apps.tenancy.clock import database_now
from tests.cast import Tenant, new_tenant
from tests.connectors.senders import SECRET, Sender
from tests.connectors.signing import NAMELESS, NO_INQUIRY, SECRETS, SIGNING, first_sample, push, sender_of
from tests.doors import ask, sign_in

FIRST_NUMBER = 20
#: Whom a call, a text or a mail lets answer in kind; elsewhere the connection names the wording that the form shows.
ANSWERED_BY = {
    "callrail": "call",
    "calltrackingmetrics": "call",
    "twilio-voice": "call",
    "twilio-sms": "text",
    "inbound-email": "email",
}
#: What the samples tell of the advertisement, by the sender's description; the campaign's own name comes from one.
CAMPAIGN = {"calendly": "ortho-nov", "callrail": "ortho-nov", "calltrackingmetrics": "ortho-new"}
TOLD = {
    "boberdoo": {"campaign_id": "23", "landing_page": "https://www.example.com/knee"},
    "calendly": {"utm_source": "google", "utm_campaign": "ortho-nov"},
    "callrail": {"utm_campaign": "ortho-nov", "utm_medium": "cpc", "utm_source": "google", "keyword": "knee doctor"},
    "calltrackingmetrics": {"tracking_number": "+13125550900"},
    "chatwoot": {"gclid": "EXAMPLE_gclid"},
    "elementor": {"form_id": "7d3a1f2", "utm_source": "google"},
    "google-lead-form": {"campaign_id": "18123456789", "ad_id": "678901234567", "form_id": "40001234567"},
    "gravity-forms": {"form_id": "4"},
    "hubspot": {"gclid": "EXAMPLE_gclid", "utm_source": "google"},
    "intercom": {"utm_source": "google"},
    "jotform": {"form_id": "263110000000042"},
    "json": {"gclid": "EXAMPLE_gclid", "utm_source": "google"},
    "lead-prosper": {"campaign_id": "13424"},
    "leadspedia": {"campaign_id": "77"},
    "typeform": {"form_id": "lT4Z3jDM", "gclid": "EXAMPLE_gclid", "utm_source": "google"},
    "webflow": {"form_id": "6a00de00f0rm00000000d302"},
    "wpforms": {"form_id": "88", "utm_source": "google"},
}


@pytest.fixture(scope="module")
def harbor() -> Tenant:
    """One Harbor Health for all senders; it runs the campaign that a sample names."""
    tenant = new_tenant("harbor")
    with tenant.scope():
        Campaign(key="ortho-nov", name="Ortho November").save(force_insert=True)
    return tenant


@pytest.fixture(scope="module")
def ada(harbor: Tenant) -> Client:
    """Somebody who sees every lead."""
    return sign_in(harbor.user("ada"))


def own_person(key: str, raw: bytes) -> bytes:
    """Return a sample with a number and an address that no other sender's sample has."""
    place = sorted(SIGNING).index(key)
    for last, mine in ((b"0142", FIRST_NUMBER + place), (b"0188", FIRST_NUMBER + len(SIGNING) + place)):
        raw = re.sub(rb"(555[^0-9]{0,3})" + last, rb"\g<1>01%02d" % mine, raw)
    return raw.replace(b"renee.alvarez", b"renee.%s" % key.encode())


def test_every_provider_is_signed_for_here() -> None:
    assert set(SIGNING) == set(providers())


@pytest.mark.parametrize("key", sorted(set(SIGNING) - NO_INQUIRY))
def test_a_sample_is_one_lead_five_times_over_and_a_strangers_is_none(harbor: Tenant, ada: Client, key: str) -> None:
    wording = {} if key in ANSWERED_BY else {"consent_version": "v4", "consent_channels": ["call"]}
    sender = sender_of(harbor, key, **wording)
    raw, content_type = first_sample(key)
    raw = own_person(key, raw)
    first = push(sender, raw, content_type)
    assert first.status_code == 200, first.content
    reachable(sender)
    before = as_told(ada, sender)
    again = [push(sender, raw, content_type) for _ in range(4)]
    assert {each.status_code for each in again} == {200}
    if providers()[key].waits_seconds:
        assert {each.content for each in again} == {first.content}
    reachable(sender)
    assert [each.state for each in sender.hooks()] == [HookState.TAKEN]
    assert sender.hooks()[0].repeats == 4
    assert len(sender.submissions()) == 1
    assert forged(sender, raw, content_type).status_code == providers()[key].refused_status
    assert (as_told(ada, sender), len(sender.hooks())) == (before, 1)


def as_told(ada: Client, sender: Sender) -> dict[str, Any]:
    """Return the lead as the API shows it, once its source, campaign, permission and verdict are as they should be."""
    key = sender.connection.provider
    shown = ask(ada, "GET", f"/leads/{sender.lead().id}").json()
    states = ask(ada, "GET", f"/leads/{shown['id']}/consents").json()["states"]
    (submission,) = sender.submissions()
    with sender.tenant.scope():
        attribution = Touch.rows().get(submission_id=submission.id).attribution
    assert (shown["source"], shown["campaign"]) == ("landing-pages", CAMPAIGN.get(key))
    assert {name: attribution.get(name) for name in TOLD.get(key, {})} == TOLD.get(key, {})
    granted = ANSWERED_BY.get(key, "call")
    assert states == {"call": "unknown", "text": "unknown", "email": "unknown"} | {granted: "granted"}
    assert submission.verdict == "new", submission.reasons
    return {name: value for name, value in shown.items() if name != "clocks"}


def forged(sender: Sender, raw: bytes, content_type: str) -> HttpResponse:
    """Push the same body as somebody who does not know the secret."""
    key, secret = sender.connection.provider, "another-secret-than-ours"
    body = raw.replace(SECRETS.get(key, SECRET).encode(), secret.encode())
    headers = SIGNING[key](body, secret, database_now(), f"http://testserver{sender.path}")
    return sender.post(body, headers=headers, content_type=content_type)


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
