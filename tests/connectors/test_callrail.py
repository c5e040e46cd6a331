"""CallRail: what is signed becomes one lead a call, with the number's campaign, advertisement and office."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.catalog.actions import save_tracking_number
from apps.catalog.models import Campaign, Location
from apps.connectors.actions import read_again
from apps.connectors.decisions.proofs import base64_digest
from apps.connectors.models import Connection, Hook
from apps.connectors.providers.callrail import PROVIDER
from apps.connectors.terms import HookRequest, HookState, Proof
from apps.consent.models import ConsentEvent
from apps.consent.terms import Channel
from apps.flows.opt_out import record_opt_out
from apps.leads.models import Lead, Touch
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, sample

ELM = "+13125550900"
VECTOR, VECTOR_KEY = "1di4h/Bi3yz8s2lbkCyCykf+J6g=", "demo-company-signing-key"


@pytest.fixture
def callrail(harbor: Tenant) -> Sender:
    """Return CallRail's company, connected to the source of inbound calls; one number stands in an advertisement."""
    with harbor.scope():
        save_tracking_number(
            actor=harbor.system,
            number=ELM,
            values={
                "label": "Knee-Ad-3",
                "keyword": "knee pain elm",
                "campaign": Campaign.rows().get(key="ortho-new"),
                "location": Location.rows().get(key="elm-st"),
            },
        )
    return connect(harbor, "callrail", source="call")


def call(**changes: Any) -> dict[str, Any]:
    """Return the sample as if it had just been sent, to the number in the advertisement."""
    started = datetime.now(UTC) - timedelta(minutes=6)
    body = sample("callrail", "post_call") | {
        "tracking_phone_number": ELM,
        "start_time": started.isoformat(),
        "created_at": started.isoformat(),
        "timestamp": started.isoformat(),
        "utm_campaign": None,
    }
    return {**body, **changes}


def push(sender: Sender, body: Any, *, secret: str = SECRET, part: str = "") -> HttpResponse:
    """Push a body with its signature."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return sender.post(raw, headers={"Signature": base64_digest(secret, raw, "sha1")}, part=part)


def page_of(client: Client, lead: Lead) -> str:
    """Return the lead's page with its background, as a person sees both."""
    paths = (f"/leads/{lead.id}/", f"/leads/{lead.id}/background/")
    answers = [client.get(path) for path in paths]
    assert [each.status_code for each in answers] == [200, 200]
    return "\n".join(each.content.decode() for each in answers)


@pytest.mark.row("CP-10")
def test_the_number_dialled_tells_campaign_advertisement_and_office(
    callrail: Sender, client_as: Callable[[str], Client]
) -> None:
    body = call(
        answered=True,
        voicemail=False,
        duration="184",
        recording="https://api.callrail.com/v3/a/1/calls/CALdemo/recording",
        customer_phone_number="+13125550142",
    )
    assert push(callrail, body, part="post-call").status_code == 200
    lead = callrail.lead()
    with callrail.tenant.scope():
        lead = Lead.rows().select_related("campaign", "location", "person", "source").get(id=lead.id)
        touch = Touch.rows().get(lead=lead)
        states = list(ConsentEvent.rows().filter(person=lead.person).values_list("channel", "value", "evidence_kind"))
        phones = [each.value for each in lead.person.contact_points.all()]
    assert (lead.campaign.key, lead.location.key, lead.source.key) == ("ortho-new", "elm-st", "call")
    assert (touch.attribution["ad_group"], touch.attribution["tracking_number"]) == ("Knee-Ad-3", ELM)
    assert touch.attribution["gclid"] == "EXAMPLE_gclid"
    assert (lead.capture_method, phones) == ("call", ["+13125550142"])
    assert lead.captured_at == datetime.fromisoformat(body["start_time"])
    assert states == [("call", "granted", "own_contact")]
    shown = page_of(client_as("lena"), lead)
    for words in ("Elm St", "Ortho-New", "Knee-Ad-3", "Call duration in seconds: 184", "Call outcome: answered"):
        assert words in shown
    ended = datetime.fromisoformat(body["start_time"]) + timedelta(seconds=184)
    assert f"Call ended: {ended.isoformat(timespec='seconds')}" in shown
    assert "Recording: https://api.callrail.com" in shown
    zone = ZoneInfo("America/Chicago")
    began, over = (f"{at.astimezone(zone):%H:%M:%S}" for at in (lead.captured_at, ended))
    unknown = "connection not told by the telephone system"
    assert f"Call: started {began}, {unknown}, ended {over}, 184 s, answered." in shown
    assert "Call connected: not told by the telephone system" in shown


def test_every_word_on_a_call_belongs_to_one_lead(callrail: Sender) -> None:
    assert push(callrail, call(duration=0, voicemail=False, call_type="missed"), part="pre-call").status_code == 200
    assert callrail.submissions() == []
    push(callrail, call(duration=None, voicemail=False), part="routing")
    push(callrail, call(answered=True, voicemail=False, duration=400), part="post-call")
    late = call(answered=True, voicemail=False, duration=400, timestamp="2026-01-05T10:00:00Z")
    push(callrail, late | {"note": "wants Tuesday", "changes": ["note"]}, part="modified")
    assert [each.verdict for each in callrail.submissions()] == ["new", "update", "update"]
    assert callrail.lead().captured_at is not None
    assert [each.state for each in callrail.hooks()] == [HookState.IGNORED, *[HookState.TAKEN] * 3]


def test_a_change_belongs_to_the_lead_however_late_and_whatever_became_of_it(callrail: Sender) -> None:
    push(callrail, call(), part="post-call")
    lead = callrail.lead()
    with callrail.tenant.scope():
        Lead.rows().filter(id=lead.id).update(captured_at=lead.captured_at - timedelta(days=60))
        Touch.rows().filter(lead=lead).update(at=lead.captured_at - timedelta(days=60))
    push(callrail, call(note="called again", changes=["note"]), part="modified")
    assert callrail.lead().id == lead.id


def test_the_same_notice_again_changes_nothing(callrail: Sender) -> None:
    body = call()
    first = push(callrail, body)
    assert [push(callrail, body).content for _ in range(3)] == [first.content] * 3
    assert len(callrail.submissions()) == 1
    assert callrail.hooks()[0].repeats == 3


def test_the_vendors_own_signature_is_good() -> None:
    raw = json.dumps(sample("callrail", "post_call"), separators=(",", ":")).encode()
    request = HookRequest("POST", "", {"signature": VECTOR}, {}, raw)
    soon = datetime(2026, 11, 20, 15, 20, tzinfo=UTC)
    assert PROVIDER.prove(request, [SECRET, VECTOR_KEY], soon) is Proof.GOOD
    assert PROVIDER.prove(request, [VECTOR_KEY], soon + timedelta(minutes=20)) is Proof.STALE
    assert PROVIDER.prove(request, [VECTOR_KEY], soon - timedelta(hours=1)) is Proof.STALE
    assert PROVIDER.prove(request, [SECRET], soon) is Proof.WRONG
    assert PROVIDER.prove(request, [], soon) is Proof.WRONG


def test_what_is_unsigned_wrong_or_old_is_refused_and_counted(callrail: Sender) -> None:
    old = call(timestamp=(datetime.now(UTC) - timedelta(hours=2)).isoformat())
    assert callrail.post(call()).json()["code"] == "proof_missing"
    assert push(callrail, call(), secret="another-company").json()["code"] == "proof_wrong"
    assert push(callrail, old).json()["code"] == "proof_stale"
    assert callrail.hooks() == []
    with callrail.tenant.scope():
        assert Connection.rows().get(id=callrail.connection.id).refused_count == 3


def test_a_long_call_is_not_old(callrail: Sender) -> None:
    started = (datetime.now(UTC) - timedelta(minutes=80)).isoformat()
    assert push(callrail, call(timestamp=started, start_time=started, duration="4200")).status_code == 200
    assert len(callrail.submissions()) == 1


@pytest.mark.parametrize("number", ["", "anonymous", "+266696687", None])
def test_callers_without_a_number_are_never_one_person(callrail: Sender, number: str | None) -> None:
    for own_id in ("CAL1", "CAL2"):
        push(callrail, call(id=own_id, customer_phone_number=number))
    rows = callrail.submissions()
    assert len({each.person_id for each in rows}) == len({each.lead_id for each in rows}) == 2


def test_numbers_of_older_accounts_are_read_too(callrail: Sender) -> None:
    at = datetime.now(UTC)
    body = {"id": 42, "callernum": "+13125550143", "trackingnum": ELM, "datetime": at.isoformat(), "duration": 12}
    push(callrail, body)
    assert callrail.lead().campaign.key == "ortho-new"


def test_what_we_dial_is_kept_and_is_no_inquiry(callrail: Sender) -> None:
    push(callrail, call(direction="outbound", call_type="outbound"))
    assert callrail.submissions() == []
    assert [each.state for each in callrail.hooks()] == [HookState.IGNORED]


def test_a_text_and_a_form_are_inquiries_of_their_own_kind(callrail: Sender) -> None:
    now = datetime.now(UTC).isoformat()
    push(callrail, sample("callrail", "text_received") | {"timestamp": now}, part="text")
    push(callrail, sample("callrail", "form") | {"submitted_at": now}, part="form")
    text, form = callrail.submissions()
    assert (text.capture_method, form.capture_method) == ("chat", "web_form")
    with callrail.tenant.scope():
        person = Lead.rows().select_related("person").get(id=form.lead_id).person
        assert (person.first_name, person.last_name) == ("Renée", "Alvarez")
        assert {each.value for each in person.contact_points.all()} == {"+13055550142", "renee.alvarez@example.com"}
        claims = ConsentEvent.rows().filter(submission_id=text.id).values_list("channel", flat=True)
        assert list(claims) == ["text"]


def test_texts_that_we_sent_and_short_codes_open_nothing(callrail: Sender) -> None:
    text = sample("callrail", "text_received") | {"timestamp": datetime.now(UTC).isoformat()}
    push(callrail, text | {"agent": "Ana"})
    push(callrail, text | {"id": "SCI2", "source_number": "72975"})
    assert callrail.submissions() == []


def test_calling_again_does_not_undo_an_opt_out(callrail: Sender) -> None:
    push(callrail, call())
    lead = callrail.lead()
    with callrail.tenant.scope():
        record_opt_out(
            Lead.rows().get(id=lead.id),
            [Channel.CALL],
            actor=callrail.tenant.system,
            reason="said so",
            now=database_now(),
        )
    push(callrail, call(id="CAL2", start_time=datetime.now(UTC).isoformat()))
    callrail.submissions()
    with callrail.tenant.scope():
        events = ConsentEvent.rows().filter(person=lead.person, channel="call").order_by("recorded_at")
        assert [each.value for each in events] == ["granted", "withdrawn"]


@pytest.mark.parametrize("body", [{"answered": True}, {"id": "CAL1"}, {"id": "", "content": "hi"}, {"id": {"a": 1}}])
def test_odd_bodies_are_kept_and_shown(callrail: Sender, body: dict[str, Any]) -> None:
    assert push(callrail, body).status_code == 200
    (kept,) = callrail.hooks()
    assert kept.state == HookState.UNMAPPED
    assert kept.problem


def test_what_is_no_json_is_refused_whole(callrail: Sender) -> None:
    assert push(callrail, b"{not json").status_code == 400
    assert callrail.hooks() == []


def test_reading_again_remembers_which_event_it_was(callrail: Sender) -> None:
    push(callrail, call(), part="pre-call")
    with callrail.tenant.scope():
        hook = Hook.rows().get()
        found = read_again(actor=callrail.tenant.system, hook=hook, now=database_now())
    assert [each.event.ignored for each in found.taken] == ["The call is not connected yet."]


def test_a_number_is_registered_in_admin(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    ada = client_as("ada")
    page = "/admin/catalog/trackingnumber/add/"
    assert ada.post(page, {"number": "+13125550955", "label": "Hip-Ad-1", "is_active": "on"}).status_code == 302
    assert "Hip-Ad-1" in ada.get("/admin/catalog/trackingnumber/").content.decode()
    refused = ada.post(page, {"number": "312 555 0901", "is_active": "on"})
    assert "Write the number with its country" in refused.content.decode()
    with harbor.scope(), pytest.raises(Invalid):
        save_tracking_number(actor=harbor.system, number="0900", values={})
