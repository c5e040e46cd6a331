"""Chats: opened only, left with an address, taken by our people; what was said becomes message and transcript."""

import copy
import cProfile
from datetime import timedelta
from typing import Any

import pytest

from apps.capture.models import Submission
from apps.connectors.addresses import retire_secret
from apps.connectors.decisions.transcripts import plain_of_html
from apps.connectors.terms import HookState
from apps.leads.models import Lead
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from apps.tenancy.models import Wakeup
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads, points
from tests.connectors.senders import Sender, connect, sample
from tests.connectors.signing import push, sender_of


def intercom(topic: str, own_id: str = "n-1", **changes: Any) -> dict[str, Any]:
    """Return Intercom's sample under another topic, with changes in its item."""
    body = {**copy.deepcopy(sample("intercom", "lead")), "topic": topic, "id": own_id}
    body["data"]["item"].update(changes)
    return body


def nameless() -> dict[str, Any]:
    """Return the first message of somebody who left no address."""
    return {"body": "<p>Hello</p>", "author": {"type": "lead", "id": "v-1"}}


def chatwoot(event: str, stamp: int, **changes: Any) -> dict[str, Any]:
    """Return Chatwoot's sample as another event without any address."""
    body = {**copy.deepcopy(sample("chatwoot", "lead")), "event": event, "timestamp": stamp, "messages": []}
    body["meta"]["sender"] |= {"email": None, "phone_number": None}
    return {**body, "changed_attributes": [], **changes}


def states(sender: Sender) -> list[str]:
    """Return what became of each hook."""
    return [each.state for each in sender.hooks()]


@pytest.mark.row("CP-03")
def test_a_chat_that_was_only_opened_is_no_lead_until_it_is_accepted(harbor: Tenant) -> None:
    sender = connect(harbor, "tawk", source="chat")
    start = {"event": "chat:start", "time": "2026-11-20T14:59:00.000Z", "chatId": "c-1", "visitor": {"name": "V1"}}
    assert push(sender, start).status_code == 200
    assert (states(sender), sender.submissions()) == ([HookState.IGNORED], [])
    transcript = copy.deepcopy(sample("tawk", "lead"))
    transcript["chat"] |= {"id": "c-1", "visitor": {"name": "Renée Alvarez"}}
    push(sender, transcript)
    assert states(sender) == [HookState.IGNORED, HookState.TAKEN]
    (submission,) = sender.submissions()
    assert (submission.capture_method, submission.event_at.isoformat()) == ("chat", "2026-11-20T15:00:40+00:00")
    assert points(sender) == {"+13055550142"}
    assert sender.lead().ownership_started_at == submission.event_at


def test_a_transcript_keeps_what_everybody_said_and_the_message_only_the_visitors_words(harbor: Tenant) -> None:
    sender = sender_of(harbor, "tawk")
    push(sender, sample("tawk", "lead"), **{"X-Hook-Event-Id": "h-1"})
    push(sender, sample("tawk", "lead"), **{"X-Hook-Event-Id": "h-1"})
    (payload,) = payloads(sender)
    assert payload["request"]["message"] == "Do you take new knee patients?\n305 555 0142"
    said = ["Visitor: Do you take new knee patients?", "Ana: Yes. May I have your number?", "Visitor: 305 555 0142"]
    assert answers(payload)["transcript"] == said
    assert points(sender) == {"+13055550142", "renee.alvarez@example.com"}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"event": "chat:end", "chatId": "c-2", "visitor": {"name": "V1"}}, HookState.IGNORED),
        ({"event": "chat:start", "chatId": "c-2", "visitor": {"email": "r@example.com"}}, HookState.TAKEN),
        (
            {
                "event": "chat:start",
                "chatId": "c-2",
                "message": {"text": "305-555-0142", "sender": {"type": "visitor"}},
            },
            HookState.TAKEN,
        ),
        ({"event": "property:renamed"}, HookState.IGNORED),
        ({"event": "chat:start"}, HookState.UNMAPPED),
        (
            {
                "event": "ticket:create",
                "ticket": {"id": "t-1", "subject": "Knee", "message": "Please ring"},
                "requester": {"name": "Renée", "email": "r@example.com"},
            },
            HookState.TAKEN,
        ),
    ],
)
def test_what_tawk_says_counts_once_somebody_can_be_reached(
    harbor: Tenant, changes: dict[str, Any], state: HookState
) -> None:
    sender = sender_of(harbor, "tawk")
    assert push(sender, {"time": "2026-11-20T14:59:00.000Z", **changes}).status_code == 200
    assert states(sender) == [state]


def test_intercom_conversation_opened_answered_closed_is_one_lead(harbor: Tenant) -> None:
    sender = sender_of(harbor, "intercom")
    push(sender, intercom("conversation.user.created", "n-1", source=nameless()))
    assert states(sender) == [HookState.IGNORED]
    push(sender, sample("intercom", "lead"))
    push(sender, intercom("conversation.rating.added", "n-3"))
    push(sender, intercom("ping", "n-4"))
    assert states(sender) == [HookState.IGNORED, HookState.TAKEN, HookState.IGNORED, HookState.IGNORED]
    (payload,) = payloads(sender)
    assert payload["request"]["message"] == "Do you take new knee patients?"
    assert payload["attribution"]["utm_source"] == "google"
    assert payload["submitted_at"] == "2026-11-20T15:01:00+00:00"
    assert sender.lead().person.last_name == "Alvarez"


def test_intercom_counts_a_handed_over_chat_and_a_contact_with_an_address(harbor: Tenant) -> None:
    sender = sender_of(harbor, "intercom")
    item = {"id": "ct-9", "role": "lead", "name": "Omar Diaz", "email": "omar@example.com"}
    contact = {**intercom("contact.lead.created", "n-7"), "data": {"item": item}}
    push(sender, contact)
    push(sender, {**contact, "id": "n-8", "data": {"item": {**item, "id": "ct-10", "email": None}}})
    push(sender, intercom("conversation.admin.assigned", "n-9", source=nameless()))
    assert states(sender) == [HookState.TAKEN, HookState.IGNORED, HookState.TAKEN]


def test_a_later_event_of_a_chat_updates_the_same_lead(harbor: Tenant) -> None:
    sender = sender_of(harbor, "intercom")
    push(sender, intercom("conversation.user.created", "n-1"))
    push(sender, intercom("conversation.admin.closed", "n-2"))
    assert len(sender.submissions()) == 2
    assert len({each.lead_id for each in sender.submissions()}) == 1


def test_chatwoot_waits_for_an_address_or_for_our_people(harbor: Tenant) -> None:
    sender = sender_of(harbor, "chatwoot")
    push(sender, chatwoot("conversation_created", 1795186500))
    push(sender, chatwoot("conversation_status_changed", 1795186510, status="resolved"))
    push(sender, {"event": "message_created", "id": 401, "content": "hello"})
    assert states(sender) == [HookState.IGNORED] * 3
    changed = [{"status": {"previous_value": "pending", "current_value": "open"}}]
    push(sender, chatwoot("conversation_status_changed", 1795186520, changed_attributes=changed))
    assert states(sender)[3] == HookState.TAKEN
    assert sender.submissions()[0].capture_method == "chat"


def test_chatwoot_sample_with_service_page_and_delivery_number(harbor: Tenant) -> None:
    sender = sender_of(harbor, "chatwoot")
    for stamp in (1795186860, 1795186899):
        push(sender, {**sample("chatwoot", "lead"), "timestamp": stamp}, **{"X-Chatwoot-Delivery": "d-1"})
    (payload,) = payloads(sender)
    assert payload["request"] == {"service": "Knee", "message": "Thanks, my mobile is 305-555-0142"}
    assert payload["attribution"]["gclid"] == "EXAMPLE_gclid"
    assert payload["person"]["phone"] == "+13055550142"


@pytest.mark.parametrize(("changed", "state"), [("email", HookState.TAKEN), ("name", HookState.IGNORED)])
def test_chatwoot_contact_counts_when_its_address_changed(harbor: Tenant, changed: str, state: HookState) -> None:
    sender = sender_of(harbor, "chatwoot")
    body = {"event": "contact_updated", "id": 77, "name": "Renée Alvarez", "email": "renee.alvarez@example.com"}
    push(sender, {**body, "changed_attributes": [{changed: {"previous_value": None, "current_value": "x"}}]})
    assert states(sender) == [state]


@pytest.mark.parametrize(
    ("key", "header", "wrong"),
    [("intercom", "X-Hub-Signature", "sha1=00"), ("tawk", "X-Tawk-Signature", "00")],
)
def test_signatures_are_asked_for_always(harbor: Tenant, key: str, header: str, wrong: str) -> None:
    sender = connect(harbor, key, secret="")
    body = sample(key, "lead")
    assert sender.post(body).status_code == 401
    assert sender.post(body, headers={header: wrong}).status_code == 401
    assert sender.hooks() == []


def test_a_later_word_that_is_read_first_finds_the_lead_of_the_first(harbor: Tenant) -> None:
    sender = sender_of(harbor, "intercom")
    push(sender, intercom("conversation.user.created", "n-1"))
    push(sender, intercom("conversation.admin.closed", "n-2"))
    waiting = Wakeup.objects.filter(organization_id=harbor.organization_id, kind="intake.process")
    first, second = [each.row_id for each in waiting.order_by("id")]
    waiting.filter(row_id=first).update(due_at=database_now() + timedelta(minutes=1))
    outbox.run_due(organization_id=harbor.organization_id)
    with harbor.scope():
        assert Lead.rows().count() == 1
        assert set(Submission.rows().values_list("id", "verdict")) == {(first, "held"), (second, "update")}
    harbor.drain(database_now() + timedelta(minutes=2))
    with harbor.scope():
        assert Lead.rows().count() == 1


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hello &amp; <b>good</b> day</p><div>two</div>three<br>four", "Hello & good day\ntwo\nthree\nfour"),
        ("a <!-- not <b>this</b> --> b<style>p {}</style><script>x < y</script> c", "a b c"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("knee <![<", "knee <![<"),
        ("before <!-- never closed", "before"),
    ],
)
def test_markup_is_read_as_people_see_it(markup: str, text: str) -> None:
    assert plain_of_html(markup) == text


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<![<", "<", "</", "<script>", "&#"])
def test_broken_markup_costs_no_more_than_its_length(piece: str) -> None:
    counted: list[int] = []
    for size in (2_000, 20_000):
        tracer = cProfile.Profile()
        tracer.runcall(plain_of_html, piece * size)
        counted.append(sum(each.callcount for each in tracer.getstats()))
    assert counted[1] < 12 * counted[0] + 1_000


def test_a_reader_that_fails_loses_nothing(harbor: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = sender_of(harbor, "intercom")

    def broken(*args: object) -> str:
        raise AssertionError

    monkeypatch.setattr("apps.connectors.providers.intercom.plain_of_html", broken)
    assert push(sender, intercom("conversation.user.created", "n-1")).status_code == 200
    (hook,) = sender.hooks()
    assert hook.state == HookState.UNMAPPED and "Our reader failed" in hook.problem


def test_a_sender_whose_last_secret_is_retired_is_believed_no_more(harbor: Tenant) -> None:
    sender = connect(harbor, "typeform")
    with harbor.scope():
        row = sender.connection
        for each in row.secrets.all():
            retire_secret(actor=harbor.system, row=row, secret_id=each.id, now=database_now())
    assert sender.post(sample("typeform", "lead")).status_code == 401
    assert sender.hooks() == []
    open_to_all = connect(harbor, "typeform", secret="")
    assert open_to_all.post(sample("typeform", "lead")).status_code == 200


def test_a_signed_chat_under_another_mark_is_the_same_event(harbor: Tenant) -> None:
    sender = sender_of(harbor, "tawk")
    for mark in ("h-1", "h-2", "h-3"):
        assert push(sender, sample("tawk", "lead"), **{"X-Hook-Event-Id": mark}).status_code == 200
    assert len(sender.submissions()) == 1
