"""CallTrackingMetrics: unsigned calls behind a shared secret; one lead a call with the times it tells."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from apps.catalog.actions import save_tracking_number
from apps.catalog.models import Campaign, Location
from apps.connectors.models import Connection
from apps.connectors.terms import HookState
from apps.leads.models import Lead, TimelineEntry, Touch
from apps.privacy import details
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, sample

PROOF = {"X-Hook-Secret": SECRET}


@pytest.fixture
def ctm(harbor: Tenant) -> Sender:
    """Return a connection whose tenant has registered the number of the sample."""
    with harbor.scope():
        values = {"label": "Knee-Ad-3", "campaign": Campaign.rows().get(key="ortho-new")}
        values["location"] = Location.rows().get(key="elm-st")
        save_tracking_number(actor=harbor.system, number="+13125550900", values=values)
    return connect(harbor, "calltrackingmetrics", source="call")


def call(**changes: Any) -> dict[str, Any]:
    """Return the sample."""
    return {**sample("calltrackingmetrics", "call"), **changes}


def basic(password: str) -> dict[str, str]:
    """Return the header of basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"ctm:{password}".encode()).decode()}


@pytest.mark.row("CP-03")
@pytest.mark.row("CP-10")
def test_a_call_becomes_a_lead_with_its_times(ctm: Sender, client_as: Callable[[str], Client]) -> None:
    assert ctm.post(call(), headers=PROOF).status_code == 200
    lead = ctm.lead()
    with ctm.tenant.scope():
        lead = Lead.rows().select_related("campaign", "location", "person").get(id=lead.id)
        told = Touch.rows().get(lead=lead).attribution
        text = "\n".join(each.text for each in details.read(actor=ctm.tenant.actor("lena"), subject_id=lead.id))
    assert (lead.campaign.key, lead.location.key, told["ad_group"]) == ("ortho-new", "elm-st", "Knee-Ad-3")
    assert lead.capture_method == "call"
    assert lead.ownership_started_at == lead.captured_at == datetime(2026, 11, 20, 15, 2, 12, tzinfo=UTC)
    for line in (
        "Call started: 2026-11-20T15:02:00+00:00",
        "Call connected: 2026-11-20T15:02:12+00:00",
        "Call ended: 2026-11-20T15:05:04+00:00",
        "Call duration in seconds: 184",
        "Call outcome: answered",
        "Recording: https://app.calltrackingmetrics.com/",
        "tag_list: knee, new patient",
    ):
        assert line in text
    shown = client_as("lena").get(f"/leads/{lead.id}/").content.decode()
    assert "Call: started 09:02:00, connected 09:02:12, ended 09:05:04, 184 s, answered." in shown


@pytest.mark.row("CP-10")
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"ring_time": None}, "connected 09:02:12, ended"),
        ({"ring_time": None, "talk_time": None, "status": "answered"}, "connection not told by the telephone system"),
        ({"voicemail": True}, "started 09:02:00, not connected, ended 09:05:04, 184 s, voicemail"),
    ],
)
def test_when_somebody_answered_is_told_or_said_to_be_unknown(ctm: Sender, changes: dict[str, Any], line: str) -> None:
    ctm.post(call(**changes), headers=PROOF)
    lead = ctm.lead()
    with ctm.tenant.scope():
        assert any(line in each.sentence for each in TimelineEntry.rows().filter(lead=lead))


def test_a_later_word_on_the_call_is_an_update_and_a_repeat_is_nothing(ctm: Sender) -> None:
    first = ctm.post(call(), headers=PROOF)
    assert ctm.post(call(), headers=PROOF).content == first.content
    ctm.post(call(score=5, notes="wants Tuesday"), headers=PROOF)
    assert [each.verdict for each in ctm.submissions()] == ["new", "update"]
    assert ctm.lead().person is not None


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Hook-Secret": "wrong"}, basic("wrong"), {"Authorization": "Basic ???"}, {"Authorization": "Basic"}],
)
def test_without_the_secret_nothing_is_kept(ctm: Sender, headers: dict[str, str]) -> None:
    assert ctm.post(call(), headers=headers).status_code == 401
    assert ctm.hooks() == []
    with ctm.tenant.scope():
        assert Connection.rows().get(id=ctm.connection.id).refused_count == 1


def test_the_secret_may_be_the_password_of_basic_authentication(ctm: Sender) -> None:
    assert ctm.post(call(), headers=basic(SECRET)).status_code == 200
    assert len(ctm.submissions()) == 1


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"voicemail": "true"}, "voicemail"),
        ({"talk_time": 0}, "missed"),
        ({"talk_time": None, "status": "Answered"}, "answered"),
        ({"talk_time": None}, "missed"),
    ],
)
def test_how_a_call_ended(ctm: Sender, changes: dict[str, Any], outcome: str) -> None:
    ctm.post(call(**changes), headers=PROOF)
    lead = ctm.lead()
    with ctm.tenant.scope():
        text = "\n".join(each.text for each in details.read(actor=ctm.tenant.actor("lena"), subject_id=lead.id))
    assert f"Call outcome: {outcome}" in text


def test_calls_of_ours_and_odd_bodies_open_nothing(ctm: Sender) -> None:
    ctm.post(call(direction="outbound"), headers=PROOF)
    ctm.post({"id": 1}, headers=PROOF)
    ctm.post({"caller_number": "+13055550142"}, headers=PROOF)
    assert ctm.post(b"[]", headers=PROOF).status_code == 400
    assert ctm.submissions() == []
    assert [each.state for each in ctm.hooks()] == [HookState.IGNORED, HookState.UNMAPPED, HookState.UNMAPPED]
