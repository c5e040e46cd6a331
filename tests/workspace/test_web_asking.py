"""Ask to change what another team owns: a dated task for the owner and an answer in the story; nothing else changes."""

import html
from datetime import timedelta
from uuid import uuid4

import pytest

from apps.audit.models import AuditEntry
from apps.leads.models import Task
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload

SOON = TUESDAY_NINE + timedelta(minutes=2)
WISH = {"field": "stage", "proposed": "Contacted", "reason": "They answered my mail"}


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


def text_of(answer):
    return html.unescape(answer.content.decode())


def ask(client, lead, **changes):
    with travelling(to=SOON):
        return client.post(f"/leads/{lead.id}/ask/", {**WISH, "idempotency_key": str(uuid4()), **changes})


def request_of(tenant, lead):
    with tenant.scope():
        return Task.rows().get(lead=lead, kind="change_request")


def owner_of(lead):
    return lead.owner.user.email.partition("@")[0]


def answer(client, lead, task, **said):
    with travelling(to=SOON):
        return client.post(f"/leads/{lead.id}/requests/{task.id}/", said)


def shown(client, lead):
    with travelling(to=SOON):
        return text_of(client.get(f"/leads/{lead.id}/"))


def test_the_owner_declines_with_a_reason_and_the_asker_reads_it(harbor, lead, client_as):
    ewa, owner = client_as("ewa"), client_as(owner_of(lead))
    locked = shown(ewa, lead)
    assert f'href="/leads/{lead.id}/ask/?field=stage"' in locked
    assert "Use “Ask to change”, or ask for a transfer." in locked
    with travelling(to=SOON):
        assert 'value="owner_team" selected' in text_of(ewa.get(f"/leads/{lead.id}/ask/?field=owner_team"))
    assert ask(ewa, lead).status_code == 303
    task = request_of(harbor, lead)
    assert (task.assignee_id, task.due_at) == (lead.owner_id, SOON + timedelta(minutes=30))
    assert "Ewa Nowak asks to change: Stage: Contacted" in shown(owner, lead)
    assert "They answered my mail" in shown(owner, lead)
    assert "Waiting for the owner, answer due 09:32" in shown(ewa, lead)
    assert answer(ewa, lead, task, answer="decline", because="no").status_code == 403
    assert answer(owner, lead, task, answer="maybe").status_code == 422
    assert answer(owner, lead, task, answer="decline").status_code == 422
    assert answer(owner, lead, task, answer="decline", because="Nobody talked yet").status_code == 303
    assert answer(owner, lead, task, answer="accept").status_code == 409
    page = shown(ewa, lead)
    assert "Declined: Ewa Nowak asks to change: Stage." in page
    assert "Answer: Nobody talked yet" in page
    assert reload(harbor, lead.id).stage.key == lead.stage.key
    with harbor.scope():
        noted = AuditEntry.rows().filter(object_id=lead.id, action__in=["lead.ask", "lead.answer"])
        assert noted.count() == 2
        assert "mail" not in str([each.detail for each in noted])


def test_what_the_gate_refuses_stays_open_with_its_sentence(harbor, lead, client_as):
    ewa, owner = client_as("ewa"), client_as(owner_of(lead))
    ask(ewa, lead)
    task = request_of(harbor, lead)
    assert answer(owner, lead, task, answer="accept").status_code == 303
    page = shown(owner, lead)
    assert "This cannot be done yet. Routed → Contacted needs this on record first" in page
    assert "Waiting for the owner" in page
    assert request_of(harbor, lead).state == "open"
    assert reload(harbor, lead.id).stage.key == lead.stage.key


def test_accepting_makes_the_change_by_the_owners_own_verb(harbor, lead, client_as):
    ewa, owner = client_as("ewa"), client_as(owner_of(lead))
    assert ask(ewa, lead, field="owner_team", proposed="ortho intake").status_code == 303
    task = request_of(harbor, lead)
    assert answer(owner, lead, task, answer="accept").status_code == 303
    changed = reload(harbor, lead.id)
    assert changed.owner_team.key == "ortho-intake"
    with harbor.scope():
        moved = AuditEntry.rows().get(object_id=lead.id, action="lead.transfer")
        assert moved.actor_label == lead.owner.user.name
        assert Task.rows().get(id=task.id).closed_because == "accepted"
    assert "Accepted" in shown(ewa, lead)


def test_a_value_that_the_field_cannot_take_is_refused_at_once(harbor, lead, client_as):
    page = ask(client_as("ewa"), lead, proposed="The moon")
    assert page.status_code == 422
    assert "Stage can be: New" in text_of(page)


def test_a_request_needs_value_and_reason_and_another_owner(harbor, lead, client_as):
    ewa = client_as("ewa")
    assert ask(ewa, lead, reason=" ").status_code == 422
    assert ask(ewa, lead, proposed="").status_code == 422
    assert ask(ewa, lead, field="password").status_code == 422
    assert ask(client_as(owner_of(lead)), lead).status_code == 409, "theirs to change; only a permission is asked for"
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, kind="change_request").exists()
