"""A waiting conversation is a task in the queue: claimed once, gone when accepted, told to the supervisor else."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.chat.models import Chat, ChatTask
from apps.leads.models import Lead
from apps.policies import actions as rules
from apps.policies.queries import live_document
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.chat.visiting import OPENED, Visitor, accept, the_chat


def read(client: Client, path: str, seconds: float) -> str:
    """Return a page as it is read some seconds after the hand-over."""
    with travelling(to=OPENED + timedelta(seconds=seconds)):
        return client.get(path).content.decode()


def row_of(chat: Chat, page: str) -> str:
    """Return the chat's row in the queue; "" where there is none."""
    found = re.search(rf'<li [^>]*id="chat-{chat.id}">.*?</li>', page, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.row("CP-12")
def test_chest_pain_is_a_live_agent_task_in_the_queue_within_ten_seconds(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    mia, gus, ben = client_as("mia"), client_as("gus"), client_as("ben")
    visitor = Visitor(harbor)
    visitor.say("chest pain")
    assert "Call 911 now" in visitor.text
    chat = the_chat(harbor)
    for colleague in (mia, gus, ben):
        row = row_of(chat, read(colleague, "/queue/", 10))
        assert "Urgent" in row and "911 was shown" in row and f'formaction="/chats/{chat.id}/accept/"' in row
        assert "chest" not in row
    assert not row_of(chat, read(client_as("cleo"), "/queue/", 10))
    with harbor.scope():
        assert not Lead.rows().exists()
    assert accept(mia, chat, OPENED + timedelta(seconds=20)).status_code == 303
    late = accept(gus, chat, OPENED + timedelta(seconds=20))
    assert late.status_code == 409 and "Mia Cole talks with this visitor already" in late.content.decode()
    assert not row_of(chat, read(gus, "/queue/", 21))
    with harbor.scope():
        task = ChatTask.rows().get()
        assert (task.state, task.assignee, task.closed_because) == ("done", harbor.member("mia"), "accepted")
    harbor.drain(OPENED + timedelta(minutes=10))
    with harbor.scope():
        assert ChatTask.rows().get().alerted is None


@pytest.mark.row("CP-12")
def test_an_emergency_that_nobody_accepts_is_told_to_the_supervisor_after_its_limit(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    mia, gus = client_as("mia"), client_as("gus")
    Visitor(harbor).say("chest pain")
    chat = the_chat(harbor)
    harbor.drain(OPENED + timedelta(seconds=59))
    assert chat.ref not in re.sub(r"<nav.*?</nav>", "", read(mia, "/", 59))
    harbor.drain(OPENED + timedelta(seconds=61))
    told = read(mia, "/", 61)
    assert "Nobody has accepted this chat, waiting since 09:00" in told and chat.ref in told
    assert "Nobody has accepted this chat" not in read(gus, "/", 61)
    row = row_of(chat, read(gus, "/queue/", 61))
    assert "Mia Cole was told" in row and "Late 1 min" in row
    harbor.drain(OPENED + timedelta(hours=1))
    with harbor.scope():
        trail = AuditEntry.rows().filter(action="chat.escalate").values_list("detail", flat=True)
        assert [each["alerted"] for each in trail] == [str(harbor.member("mia").id)]
    accept(gus, chat, OPENED + timedelta(hours=1))
    assert "Nobody has accepted this chat" not in read(mia, "/", 3601)


@pytest.mark.row("CP-12")
def test_another_wait_has_a_longer_limit_and_ends_when_the_chat_gives_up(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    mia, ben = client_as("mia"), client_as("ben")
    Visitor(harbor).say("talk to a person")
    chat = the_chat(harbor)
    row = row_of(chat, read(mia, "/queue/", 1))
    assert "Asks for a person" in row and "Urgent" not in row
    assert not row_of(chat, read(ben, "/queue/", 1))
    harbor.drain(OPENED + timedelta(seconds=179))
    assert "Nobody has accepted" not in read(mia, "/", 179)
    harbor.drain(OPENED + timedelta(seconds=181))
    assert "Nobody has accepted" in read(mia, "/", 181)
    harbor.drain(OPENED + timedelta(seconds=301))
    assert not row_of(chat, read(mia, "/queue/", 301))
    assert "Nobody has accepted" not in read(mia, "/", 301)
    with harbor.scope():
        assert (ChatTask.rows().get().state, ChatTask.rows().get().closed_because) == ("cancelled", "nobody accepted")


@pytest.mark.row("CP-12")
def test_who_tells_of_danger_while_waiting_goes_to_the_top_by_the_limits_in_force(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    with harbor.scope():
        document = {**live_document("chat", OPENED), "escalate_seconds": 120, "urgent_escalate_seconds": 30}
        document["safety"] = {
            "emergency": {"en": "Call 911. Now.", "es": "Llame al 911. Ahora."},
        }
        rules.install(kind="chat", document=document, actor=harbor.system, now=OPENED, reason="shorter")
    visitor, ben = Visitor(harbor, "?lang=es"), client_as("ben")
    visitor.say("hablar con alguien")
    assert "Estoy pidiendo que venga una persona" in visitor.text
    assert not row_of(the_chat(harbor), read(ben, "/queue/", 1))
    visitor.say("chest pain", OPENED + timedelta(seconds=10))
    visitor.say("me duele el pecho", OPENED + timedelta(seconds=11))
    assert visitor.text.count("Call 911. Now.") == 1 and visitor.text.count("Llame al 911. Ahora.") == 1
    row = row_of(the_chat(harbor), read(ben, "/queue/", 12))
    assert "Urgent" in row
    with harbor.scope():
        assert ChatTask.rows().get().due_at == OPENED + timedelta(seconds=40)
    harbor.drain(OPENED + timedelta(seconds=41))
    assert "Mia Cole was told" in row_of(the_chat(harbor), read(ben, "/queue/", 41))


@pytest.mark.row("CP-12")
def test_a_spanish_page_speaks_spanish_from_the_first_line(harbor: Tenant) -> None:
    visitor = Visitor(harbor, "?lang=es")
    assert '<html lang="es"' in visitor.text and "Su mensaje" in visitor.text and "asistente automático" in visitor.text
    visitor.say("sobredosis")
    assert "Llame al 911 ahora" in visitor.text
    assert the_chat(harbor).language == "es"
    english = Visitor(harbor)
    english.say("heart attack")
    assert "Call 911 now" in english.text and '<html lang="en"' in english.text
