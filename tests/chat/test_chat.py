"""The chat through its doors: the visitor's page, the waiting list, the lead that begins when a person accepts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.chat.models import Chat, ChatLine
from apps.consent.models import ConsentEvent
from apps.flows.automation import is_paused
from apps.leads.models import Lead
from apps.outreach.models import Activity
from apps.privacy import details
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.chat.visiting import ACCEPTED, KNEE, OPENED, Visitor, accept, the_chat
from tests.leads_made import reload
from tests.words import words_of


@pytest.fixture
def mia(client_as: Callable[..., Client]) -> Client:
    """Mia of Tele-sales, who own the chat's leads."""
    return client_as("mia")


@pytest.mark.row("CP-12")
def test_a_listed_question_is_answered_and_two_others_bring_a_person(harbor: Tenant) -> None:
    visitor = Visitor(harbor)
    visitor.say("What are your hours?")
    assert "Monday to Friday, 8 am to 6 pm" in visitor.text
    visitor.say("how tall is the tower")
    assert the_chat(harbor).state == "open"
    visitor.say("and how wide is it")
    chat = the_chat(harbor)
    assert (chat.state, chat.reason, chat.is_urgent) == ("waiting", "no_answer", False)
    with harbor.scope():
        rules = [
            (each.rule_id, each.version) for each in ChatLine.rows().filter(chat=chat, by="bot").exclude(rule_id="")
        ]
    assert rules == [("Q-1", 1)]


@pytest.mark.row("CP-12")
@pytest.mark.journey("E-14")
def test_chest_pain_stops_the_machine_shows_911_and_is_on_top_of_the_list_at_once(
    harbor: Tenant, client_as: Callable[..., Client], mia: Client
) -> None:
    calm = Visitor(harbor)
    calm.say("I want to talk to a person")
    visitor = Visitor(harbor)
    visitor.say("where can I park")
    assert "free parking" in visitor.text
    visitor.say("my chest hurts", OPENED + timedelta(seconds=1))
    assert "Call 911 now" in visitor.text
    visitor.say("what are your hours", OPENED + timedelta(seconds=5))
    assert "8 am to 6 pm" not in visitor.text
    with travelling(to=OPENED + timedelta(seconds=10)):
        page = mia.get("/chats/").content.decode()
    with harbor.scope():
        urgent, other = Chat.rows().get(is_urgent=True), Chat.rows().get(is_urgent=False)
    assert urgent.waiting_since == OPENED + timedelta(seconds=1)
    assert page.index(urgent.ref) < page.index(other.ref) and "911 was shown" in page
    assert "chest hurts" not in page
    assert urgent.ref in client_as("ana").get("/chats/").content.decode()
    for path in ("/", "/queue/"):
        assert (
            "An emergency waits in the chat since 09:00. Accept it now." in client_as("ana").get(path).content.decode()
        )
    assert "An emergency waits" not in client_as("lou").get("/partner/").content.decode()
    assert other.ref not in client_as("ben").get("/chats/").content.decode()
    assert accept(mia, urgent, OPENED + timedelta(seconds=10)).status_code == 303
    assert "An emergency waits" not in client_as("ana").get("/queue/").content.decode()
    talk = mia.get(f"/chats/{urgent.id}/").content.decode()
    assert "my chest hurts" in talk and "where can I park" in talk
    harbor.drain(OPENED + timedelta(seconds=12))
    with harbor.scope():
        row = Submission.rows().get()
        assert "my chest hurts" in details.read(actor=harbor.actor("mia"), subject_id=row.lead_id)[-1].text


@pytest.mark.row("CP-12")
def test_a_crisis_shows_988_and_danger_counts_while_a_person_is_there(harbor: Tenant, mia: Client) -> None:
    visitor = Visitor(harbor)
    visitor.say("I need to talk to a person")
    accept(mia, the_chat(harbor))
    visitor.say("I want to kill myself", ACCEPTED)
    assert "988" in visitor.text
    assert (the_chat(harbor).is_urgent, the_chat(harbor).reason) == (True, "crisis")


@pytest.mark.row("CP-03")
def test_opened_at_nine_accepted_at_two_past_is_owned_from_two_past(harbor: Tenant, mia: Client) -> None:
    visitor = Visitor(harbor)
    visitor.say(KNEE)
    visitor.say("Talk to a person please")
    left = {"first_name": "Renée", "phone": "312-555-0142", "consent_call": "on"}
    assert visitor.leave(**left).status_code == 200
    harbor.drain(OPENED)
    with harbor.scope():
        assert not Lead.rows().exists() and not Submission.rows().exists()
    assert accept(mia, the_chat(harbor)).status_code == 303
    harbor.drain(ACCEPTED)
    chat = the_chat(harbor)
    with harbor.scope():
        row = Submission.rows().get(id=chat.submission_id)
        consent = ConsentEvent.rows().get(channel="call", value="granted")
        assert (consent.wording_version, consent.evidence["user_agent"]) == ("v4", "Probe")
    lead = reload(harbor, row.lead_id)
    assert (chat.opened_at, lead.ownership_started_at, lead.captured_at) == (OPENED, ACCEPTED, ACCEPTED)
    assert (lead.capture_method, lead.service.key, str(lead.person)) == ("chat", "orthopedics", "Renée")


@pytest.mark.row("CP-03")
def test_an_abandoned_chat_yields_no_lead_and_one_with_an_address_does(harbor: Tenant, mia: Client) -> None:
    Visitor(harbor)
    silent, left = Visitor(harbor), Visitor(harbor)
    silent.say("talk to a person")
    left.say("talk to a person")
    left.leave(email="renee@example.com", consent_email="on")
    later = OPENED + timedelta(minutes=6)
    harbor.drain(later)
    with harbor.scope():
        assert sorted(Chat.rows().values_list("state", flat=True)) == ["abandoned", "missed"]
        row = Submission.rows().get()
        assert row.event_at == OPENED and row.lead_id is not None
        assert Lead.rows().count() == 1
    left.say("hello?", later)
    assert left.page.status_code == 409 and "has ended" in left.text
    assert "Nobody waits" in mia.get("/chats/").content.decode()


def test_an_emergency_stays_on_the_list_until_a_person_takes_it(harbor: Tenant, mia: Client) -> None:
    visitor = Visitor(harbor)
    visitor.say("I have chest pain")
    harbor.drain(OPENED + timedelta(hours=1))
    assert the_chat(harbor).state == "waiting"
    assert accept(mia, the_chat(harbor)).status_code == 303


def test_two_people_talk_and_the_transcript_goes_to_the_lead_sealed(
    harbor: Tenant, mia: Client, client_as: Callable[..., Client]
) -> None:
    visitor = Visitor(harbor)
    visitor.say(f"{KNEE}. Talk to a person")
    chat = the_chat(harbor)
    assert client_as("ben").post(f"/chats/{chat.id}/accept/").status_code == 404
    assert mia.post(f"/chats/{chat.id}/say/", {"text": "Hi"}).status_code == 409
    accept(mia, chat)
    late = client_as("gus").post(f"/chats/{chat.id}/accept/")
    assert late.status_code == 409 and "Mia Cole talks with this visitor already" in late.content.decode()
    line = {"text": "Good morning, this is Mia", "nonce": "n-1"}
    assert mia.post(f"/chats/{chat.id}/say/", line).status_code == 303
    assert mia.post(f"/chats/{chat.id}/say/", line).status_code == 303
    assert mia.post(f"/chats/{chat.id}/say/", {"text": " "}).status_code == 422
    token = re.search(r'id="chat-token" value="([^"]*)"', visitor.text)[1]
    poll = visitor.client.post(f"/chat/{harbor.slug}-chat/lines/", {"token": token}).content.decode()
    assert poll.count("this is Mia") == 1 and "Mia is here" in poll and "<form" not in poll
    visitor.leave(ACCEPTED, phone="312-555-0142", consent_call="on")
    harbor.drain(ACCEPTED)
    with travelling(to=ACCEPTED + timedelta(minutes=5)):
        assert mia.post(f"/chats/{chat.id}/end/").status_code == 303
    harbor.drain(ACCEPTED + timedelta(minutes=5))
    with harbor.scope():
        lead = Lead.rows().get()
        kept = {each.kind: each.text for each in details.read(actor=harbor.actor("mia"), subject_id=lead.id)}
        story = " ".join(words_of(lead.timeline.all(), "sentence"))
        point = lead.person.contact_points.get()
        sealed = b"".join(bytes(each) for each in ChatLine.rows().values_list("sealed", flat=True))
        trail = " ".join(str(each) for each in AuditEntry.rows().filter(object_type="chat").values_list("detail"))
    assert "Mia Cole: Good morning, this is Mia" in kept["transcript"] and KNEE in kept["transcript"]
    assert point.value == "+13125550142" and chat.ref in story
    assert b"knee" not in sealed and "knee" not in story + trail
    with harbor.scope():
        activity = Activity.rows().select_related("member__user").get(lead=lead)
        contact = SlaTimer.rows().filter(lead=lead, kind="first_contact").latest("id")
    assert (activity.kind, activity.outcome, activity.direction) == ("chat", "connected", "inbound")
    assert activity.actor_label == activity.member.user.name == "Mia Cole"
    assert contact.met_at is not None and contact.ended_by == "chat connected"
    assert lead.status == "in_contact"


def test_a_conversation_moves_the_lead_to_contacted(harbor: Tenant, mia: Client) -> None:
    visitor = Visitor(harbor)
    visitor.say(f"{KNEE}. Talk to a person")
    visitor.leave(first_name="Ann", last_name="Berg", phone="312-555-0142", consent_call="on")
    chat = the_chat(harbor)
    accept(mia, chat)
    harbor.drain(ACCEPTED)
    with travelling(to=ACCEPTED + timedelta(minutes=1)):
        mia.post(f"/chats/{chat.id}/say/", {"text": "Good morning", "nonce": "n-1"})
    with travelling(to=ACCEPTED + timedelta(minutes=5)):
        mia.post(f"/chats/{chat.id}/end/")
    harbor.drain(ACCEPTED + timedelta(minutes=5))
    with harbor.scope():
        lead = Lead.rows().select_related("stage").get()
        activity = Activity.rows().get(lead=lead)
    assert lead.stage.key == "contacted" and lead.next_action_at is not None
    assert activity.started_at == ACCEPTED + timedelta(minutes=1) and activity.duration_seconds == 240


def test_a_chat_in_which_nobody_of_ours_wrote_is_no_contact(harbor: Tenant, mia: Client) -> None:
    visitor = Visitor(harbor)
    visitor.say(f"{KNEE}. Talk to a person")
    accept(mia, the_chat(harbor))
    visitor.leave(ACCEPTED, phone="312-555-0142", consent_call="on")
    with travelling(to=ACCEPTED + timedelta(minutes=5)):
        assert mia.post(f"/chats/{the_chat(harbor).id}/end/").status_code == 303
    harbor.drain(ACCEPTED + timedelta(minutes=5))
    with harbor.scope():
        lead = Lead.rows().get()
        assert not Activity.rows().filter(lead=lead).exists() and lead.status != "in_contact"
        clocks = list(SlaTimer.rows().filter(lead=lead, kind="first_contact"))
        assert clocks and not any(each.met_at for each in clocks)


def test_a_line_sent_twice_is_one_and_a_decoy_says_nothing(harbor: Tenant) -> None:
    visitor = Visitor(harbor)
    values = dict(re.findall(r'name="(token|nonce)"[^>]* value="([^"]*)"', visitor.text))
    visitor.send(text="what are your hours", website="http://spam.example")
    with harbor.scope():
        assert not Chat.rows().exists()
    visitor.say("what are your hours")
    values = dict(re.findall(r'name="(token|nonce)"[^>]* value="([^"]*)"', visitor.text))
    for _ in range(2):
        visitor.client.post(visitor.path, {**values, "text": "where can i park"})
    with harbor.scope():
        assert ChatLine.rows().filter(by="visitor").count() == 2
    assert visitor.say("  ").status_code == 422 and "Write something" in visitor.text
    for _ in range(25):
        visitor.say("where can i park")
    assert visitor.page.status_code == 429


def test_a_token_of_nobody_opens_nothing_and_another_tenants_page_neither(harbor: Tenant) -> None:
    visitor = Visitor(harbor)
    assert visitor.client.post(f"/chat/{harbor.slug}-chat/lines/", {"token": "x:y:z"}).status_code == 404
    assert visitor.client.get("/chat/nowhere/").status_code == 404
    visitor.leave(phone="312-555-0142")
    with harbor.scope():
        assert not Chat.rows().exists()


def test_only_named_sites_may_frame_the_chat_and_no_wrong_address_is_kept(harbor: Tenant) -> None:
    framed, plain = Visitor(harbor, "embed/").page, Visitor(harbor).page
    assert "frame-ancestors https://www.harborhealth.example" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"] and plain["X-Frame-Options"] == "DENY"
    visitor = Visitor(harbor)
    visitor.say("talk to a person")
    assert visitor.leave(phone="12").status_code == 422 and "cannot be called" in visitor.text
    assert visitor.leave().status_code == 422
    assert visitor.text.count("field__optional") == 2, "a phone number or an address is needed, only names are not"
    assert the_chat(harbor).contact is None


def test_the_admin_keeps_pages_by_the_same_verb(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    cleo = client_as("cleo")
    with harbor.scope():
        page = the_page(harbor)
    address = f"/admin/chat/chatpage/{page.id}/change/"
    shown = cleo.get(address).content.decode()
    assert f"/chat/{harbor.slug}-chat/embed/" in shown
    values = {"slug": page.slug, "title": "Chat", "source": str(page.source_id), "consent_version": "v4"}
    answer = cleo.post(address, {**values, "allowed_sites": '["http://evil.example/path"]', "is_published": "on"})
    assert "https://www.example.com" in answer.content.decode()
    assert cleo.post(address, {**values, "allowed_sites": "[]", "is_published": "on"}).status_code == 302


def the_page(tenant: Tenant) -> Any:
    """Return the tenant's chat page; call inside the scope."""
    from apps.chat.models import ChatPage

    return ChatPage.rows().get()


def test_the_rail_counts_who_waits(harbor: Tenant, mia: Client) -> None:
    Visitor(harbor).say("talk to a person")
    assert re.search(r'href="/chats/".{0,400}rail__count">1 ', mia.get("/").content.decode(), re.DOTALL)


@pytest.mark.parametrize("way", ["abandoned", "ended", "urgent"])
def test_what_is_left_when_nobody_will_come_any_more_is_an_inquiry(harbor: Tenant, mia: Client, way: str) -> None:
    visitor = Visitor(harbor)
    visitor.say("I have chest pain" if way == "urgent" else f"{KNEE}. Talk to a person")
    if way == "ended":
        accept(mia, the_chat(harbor))
        with travelling(to=ACCEPTED):
            mia.post(f"/chats/{the_chat(harbor).id}/end/")
    late = OPENED + timedelta(minutes=20)
    harbor.drain(late)
    visitor.leave(late, first_name="Ann", phone="312-555-0142", consent_call="on")
    visitor.leave(late, first_name="Ann", phone="312-555-0142", consent_call="on")
    harbor.drain(late)
    with harbor.scope():
        told = [each for each in Submission.rows() if "555-0142" in str(payload_of(each))]
        assert len(told) == 1 and Lead.rows().count() == 1
        assert Lead.rows().get().person.contact_points.get().value == "+13125550142"
    assert the_chat(harbor).state == {"abandoned": "missed", "ended": "ended", "urgent": "waiting"}[way]


def test_other_contacts_within_seconds_are_refused_and_the_first_line_twice_is_one_chat(harbor: Tenant) -> None:
    visitor = Visitor(harbor)
    values = dict(re.findall(r'name="(token|nonce)"[^>]* value="([^"]*)"', visitor.text))
    with travelling(to=OPENED):
        for _ in range(2):
            visitor.page = visitor.client.post(visitor.path, {**values, "text": "where can i park"})
    assert the_chat(harbor).state == "open"
    before = visitor.leave(phone="312-555-0142")
    assert visitor.leave(OPENED + timedelta(seconds=2), phone="312-555-0143").status_code == 429
    visitor.page = before
    assert visitor.leave(OPENED + timedelta(seconds=9), phone="312-555-0143").status_code < 400


@pytest.mark.row("TN-16")
def test_danger_in_a_chat_pauses_what_goes_to_its_lead_by_itself(harbor: Tenant, mia: Client) -> None:
    visitor = Visitor(harbor)
    visitor.say("Talk to a person please")
    visitor.leave(first_name="Renée", phone="312-555-0142", consent_call="on")
    accept(mia, the_chat(harbor))
    harbor.drain(ACCEPTED)
    with harbor.scope():
        lead = Lead.rows().get()
        assert not is_paused(lead.person_id)
    visitor.say("I want to kill myself", ACCEPTED)
    with harbor.scope():
        assert is_paused(lead.person_id)
