"""Who named no channel is tried first by one of the tenant's mix, among those they permit (row CN-15)."""

import pytest

from apps.accounts.models import TeamMembership
from apps.consent.mixing import mixed_channel
from apps.consent.terms import ContactCode, ContactVerdict
from apps.flows.channel_models import ChannelTrial
from apps.leads.models import Task
from tests.leads_made import consent, make_lead
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_outside_updates import SOON
from tests.rows.test_stages import CONNECTED


def verdict(allowed):
    return ContactVerdict(allowed, ContactCode.OK if allowed else ContactCode.DENIED, "")


def test_the_shares_of_what_is_not_permitted_go_to_the_others():
    mix = {"channel_mix": {"call": 20, "text": 60, "email": 20}}
    both = {"call": verdict(True), "text": verdict(False), "email": verdict(True)}
    assert [mixed_channel(mix, both, draw) for draw in (0, 0.49, 0.5, 0.99)] == ["call", "call", "email", "email"]
    assert mixed_channel(mix, {"call": verdict(False)}, 0.5) == ""
    assert mixed_channel({}, both, 0.5) == ""


@pytest.mark.row("CN-15")
def test_email_first_is_drawn_among_what_they_permit_never_text_and_its_result_is_kept(harbor, client_as):
    change_rules(harbor, client_as, "contact", lambda document: document.update(channel_mix={"email": 100, "text": 90}))
    asked = {"request__preferred_channel": "", "person__email": "maria@lopez.example"}
    lead = make_lead(harbor, **asked, consent=[consent("call"), consent("email")])
    with harbor.scope():
        trial = ChannelTrial.rows().get(lead=lead)
        assert (trial.channel, sorted(trial.among), trial.reached_at) == ("email", ["call", "email"], None)
        tasks = Task.rows().filter(lead=lead, state="open").exclude(channel="")
        assert [each.channel for each in tasks] == ["email"]
        place = TeamMembership.rows().select_related("membership__user").filter(team=lead.owner_team)[0]
        owner = client_as(place.membership.user.email.partition("@")[0])
    talked = {**CONNECTED, "spoken_consent": ""} if "spoken_consent" in CONNECTED else CONNECTED
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", talked, at=SOON).status_code == 201
    with harbor.scope():
        trial.refresh_from_db()
        assert (trial.reached_by, trial.reached_at) == ("call", SOON)
    listed = page(client_as("ada"), "/admin/flows/channeltrial/", at=SOON)
    assert lead.ref in listed and "email" in listed
    named = make_lead(harbor, person__phone="+13125550177", request__preferred_channel="call")
    with harbor.scope():
        assert not ChannelTrial.rows().filter(lead=named).exists(), "who said how is not tried"
