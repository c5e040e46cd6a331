"""Twilio: calls and texts, each once; opt-out words stop texts at once and open nothing."""

from typing import Any

import pytest
from django.http import HttpResponse

from apps.catalog.actions import save_tracking_number
from apps.catalog.models import Campaign, Location
from apps.connectors.addresses import change_connection
from apps.connectors.models import Connection, HookEvent
from apps.connectors.providers import providers
from apps.connectors.terms import HookRequest, HookState, Proof
from apps.consent.models import ConsentEvent
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.opt_out import opt_out
from apps.leads.models import Lead, Task, TimelineEntry
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads
from tests.connectors.senders import Sender, connect, sample
from tests.connectors.signing import push
from tests.leads_made import consent, make_lead
from tests.words import saying

FORM, TOKEN = "application/x-www-form-urlencoded", "0123456789abcdef0123456789abcdef"
VOICE_URL, SMS_URL = (f"https://crm.example.com/hooks/t/demo/twilio/{each}" for each in ("voice", "sms"))
VOICE = (
    b"AccountSid=AC00000000000000000000000000000000&ApiVersion=2010-04-01&CallSid=CA11111111111111111111111111111111"
    b"&CallStatus=ringing&Direction=inbound&From=%2B13055550142&To=%2B13055550188&CallerName=ALVAREZ+RENEE"
    b"&FromCity=MIAMI&FromState=FL&FromZip=33133&FromCountry=US&ToCity=MIAMI&ToState=FL&ToZip=&ToCountry=US"
    b"&StirVerstat=TN-Validation-Passed-A"
)
SMS = (
    b"AccountSid=AC00000000000000000000000000000000&ApiVersion=2010-04-01&Body=Stop&From=%2B13055550142"
    b"&To=%2B13055550188&MessageSid=SM22222222222222222222222222222222&SmsMessageSid=SM222222222222222222222222"
    b"22222222&SmsSid=SM22222222222222222222222222222222&SmsStatus=received&NumMedia=0&NumSegments=1"
    b"&MessagingServiceSid=MG33333333333333333333333333333333&OptOutType=STOP&FromCity=MIAMI&FromState=FL"
    b"&FromZip=33133&FromCountry=US&ToCity=&ToState=&ToZip=&ToCountry=US"
)


@pytest.fixture
def voice(harbor: Tenant) -> Sender:
    """Return the number's voice webhook."""
    return connect(harbor, "twilio-voice", source="call", settings={"forward_to": "+13125550177"})


@pytest.fixture
def texts(harbor: Tenant) -> Sender:
    """Return the number's messaging webhook."""
    return connect(harbor, "twilio-sms", source="chat", settings={"help_text": "Harbor Health: +1 312 555 0100"})


def call(sender: Sender, **changes: str) -> HttpResponse:
    """Push a word on the sample's call."""
    return push(sender, sample("twilio-voice", "call") | changes, FORM)


def text(sender: Sender, body: str, sid: str = "SM1", **changes: str) -> HttpResponse:
    """Push a text from the sample's number."""
    return push(sender, sample("twilio-sms", "text") | {"Body": body, "MessageSid": sid} | changes, FORM)


@pytest.mark.parametrize(
    ("key", "url", "raw", "headers"),
    [
        ("twilio-voice", VOICE_URL, VOICE, {"x-twilio-signature": "AhBc22I4xysEYLNtYyCx9qCsUFg="}),
        ("twilio-sms", SMS_URL, SMS, {"x-twilio-signature": "gmH77Zby77/K0nEbNxBekSOUNcs="}),
        (
            "twilio-sms",
            SMS_URL,
            SMS,
            {
                "x-twilio-signature": "KhBdk4WrwqXpI0ZSkXRHVKGu/+/Dr8DEqtzcdXHi2mA=",
                "x-twilio-webhooks-signature-settings": "key=SK1,algorithm=HMAC_SHA256",
            },
        ),
    ],
)
def test_the_vendors_signatures_are_good_with_and_without_the_port(
    key: str, url: str, raw: bytes, headers: dict[str, str]
) -> None:
    spec, now = providers()[key], database_now()
    kind = {"content-type": FORM}

    def judged(**changes: Any) -> Proof:
        asked = {"url": url, "raw": raw, "settings": {}, **changes}
        request = HookRequest("POST", asked["url"], kind | headers, {}, asked["raw"], "", asked["settings"])
        return spec.prove(request, ["another", TOKEN], now)

    assert judged() is Proof.GOOD
    assert judged(url=url.replace("example.com", "example.com:443")) is Proof.GOOD
    assert judged(raw=raw + b"&More=1") is Proof.WRONG
    assert judged(url=url.replace("https", "http")) is Proof.WRONG
    assert judged(settings={"account_sid": "AC00000000000000000000000000000000"}) is Proof.GOOD
    assert judged(settings={"account_sid": "AC99999999999999999999999999999999"}) is Proof.WRONG


def test_a_call_is_forwarded_and_one_lead_however_many_callbacks_come(voice: Sender, harbor: Tenant) -> None:
    with harbor.scope():
        save_tracking_number(
            actor=harbor.system,
            number="+13055550188",
            values={
                "label": "Knee-Ad-3",
                "keyword": "",
                "campaign": Campaign.rows().get(key="ortho-new"),
                "location": Location.rows().get(key="elm-st"),
            },
        )
    first = call(voice)
    assert (first.status_code, first["Content-Type"]) == (200, "text/xml")
    assert b'<Response><Dial answerOnBridge="true">+13125550177</Dial></Response>' in first.content
    assert call(voice).content == first.content
    progress = {"CallbackSource": "call-progress-events", "SequenceNumber": "1"}
    assert b"<Response></Response>" in call(voice, CallStatus="in-progress", **progress).content
    done = progress | {"CallStatus": "completed", "CallDuration": "184", "SequenceNumber": "3"}
    done["Timestamp"] = "Fri, 20 Nov 2026 15:03:04 +0000"
    call(voice, **done)
    call(voice, **done)
    assert [each.verdict for each in voice.submissions()] == ["new", "update"]
    lead = voice.lead()
    assert (lead.campaign.key, lead.capture_method) == ("ortho-new", "call")
    told = answers(payloads(voice)[1])
    assert (told["call_duration_seconds"], told["call_outcome"]) == (["184"], ["answered"])
    assert (told["call_connected_at"], told["call_ended_at"]) == (
        ["2026-11-20T15:00:00+00:00"],
        ["2026-11-20T15:03:04+00:00"],
    )
    with harbor.scope():
        story = [each.sentence for each in TimelineEntry.rows().filter(lead=lead)]
    assert "Call: connected 09:00:00, ended 09:03:04, 184 s, answered." in story
    assert [each.state for each in voice.hooks()] == [HookState.TAKEN, HookState.IGNORED, HookState.TAKEN]


def test_a_late_word_never_goes_back_on_the_end_of_a_call(voice: Sender) -> None:
    call(voice, CallStatus="no-answer", CallbackSource="call-progress-events", SequenceNumber="2")
    call(voice)
    assert [each.verdict for each in voice.submissions()] == ["new"]
    with voice.tenant.scope():
        late = HookEvent.rows().get(key__endswith=":ringing")
    assert (late.submission_id, late.ignored) == (None, "More is known of it already.")


@pytest.mark.parametrize(
    "changes",
    [{"Direction": "outbound-api"}, {"ParentCallSid": "CA9", "Direction": "outbound-dial"}, {"From": "72975"}],
)
def test_calls_of_ours_and_machines_open_nothing(voice: Sender, changes: dict[str, str]) -> None:
    assert call(voice, **changes).status_code == 200
    assert voice.submissions() == []


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "client:front-desk"])
def test_withheld_callers_are_never_one_person(voice: Sender, number: str) -> None:
    call(voice, CallSid="CA1", From=number)
    call(voice, CallSid="CA2", From=number)
    assert len({each.person_id for each in voice.submissions()}) == 2


def test_settings_that_would_end_every_call_are_refused(voice: Sender) -> None:
    for settings in ({"forward_to": "elm"}, {"forward_to": 7}, {"account_sid": "AC1"}):
        with voice.tenant.scope(), pytest.raises(Invalid):
            change_connection(actor=voice.tenant.system, row=voice.connection, values={"settings": settings})


def test_a_text_is_a_lead_with_permission_to_text_back(texts: Sender) -> None:
    answer = text(texts, "My knee hurts. Can I come this week?")
    assert b"<Response></Response>" in answer.content
    lead = texts.lead()
    with texts.tenant.scope():
        states = dict(ConsentEvent.rows().filter(person=lead.person).values_list("channel", "value"))
    assert states == {"text": "granted"}
    assert payloads(texts)[0]["request"]["message"] == "My knee hurts. Can I come this week?"


@pytest.mark.row("CN-01")
def test_stop_ends_texts_on_every_lead_with_the_number_and_start_brings_them_back(
    texts: Sender, harbor: Tenant
) -> None:
    lead = make_lead(
        harbor, at=None, person__phone="+13055550142", consent=[consent("call"), consent("text"), consent("email")]
    )
    assert b"<Message>" not in text(texts, "Stop", OptOutType="STOP").content
    text(texts, "Stop", OptOutType="STOP")
    assert texts.submissions() == []
    with harbor.scope():
        states = states_of([lead.person_id])[lead.person_id]
        assert {str(each): str(states[each].value) for each in Channel} == {
            "call": "granted",
            "text": "withdrawn",
            "email": "granted",
        }
        rows = ConsentEvent.rows().filter(person=lead.person, value="withdrawn")
        assert [(each.channel, each.evidence["words"]) for each in rows] == [("text", "Stop")]
        assert len(saying(TimelineEntry.rows().filter(lead=lead), sentence="Opted out of text: wrote “stop”")) == 1
    text(texts, "START", sid="SM2")
    harbor.drain()
    with harbor.scope():
        assert states_of([lead.person_id])[lead.person_id][Channel.TEXT].value == "granted"
        assert Lead.rows().count() == 1


def test_words_of_nobody_on_file_open_nothing_and_say_so(texts: Sender) -> None:
    for sid, body in (("SM1", "STOP"), ("SM2", "Unstop"), ("SM3", "baja")):
        assert text(texts, body, sid=sid).status_code == 200
    assert texts.submissions() == []
    with texts.tenant.scope():
        assert Lead.rows().count() == 0
        assert all(each.ignored for each in HookEvent.rows().all())


def test_start_does_not_undo_what_was_said_to_a_person(texts: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None, person__phone="+13055550142", consent=[consent("text"), consent("email")])
    with harbor.scope():
        ewa, now = harbor.actor("ewa"), database_now()
        opt_out(actor=ewa, lead_id=lead.id, channels=[Channel.TEXT], reason="asked on the phone", now=now)
    text(texts, "START")
    harbor.drain()
    with harbor.scope():
        assert states_of([lead.person_id])[lead.person_id][Channel.TEXT].value == "withdrawn"


def test_help_is_answered_once_and_opens_nothing(texts: Sender) -> None:
    assert b"<Message>Harbor Health: +1 312 555 0100</Message>" in text(texts, "help").content
    assert b"<Message>" not in text(texts, "HELP", sid="SM2", OptOutType="HELP").content
    assert texts.submissions() == []
    with texts.tenant.scope():
        assert not Task.rows().exists() and Connection.rows().get(id=texts.connection.id).refused_count == 0


def test_a_wish_to_be_left_alone_in_other_words_goes_to_a_person(texts: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None, person__phone="+13055550142", consent=[consent("text"), consent("email")])
    text(texts, "please stop texting me")
    texts.submissions()
    with harbor.scope():
        assert states_of([lead.person_id])[lead.person_id][Channel.TEXT].value == "withdrawn"
