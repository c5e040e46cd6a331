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


@pytest.mark.parametrize(("said", "state"), [("accept", "Accepted"), ("decline", "Declined")])
def test_the_owner_answers_and_the_asker_reads_it(harbor, lead, client_as, said, state):
    ewa, owner = client_as("ewa"), client_as(owner_of(lead))
    with travelling(to=SOON):
        locked = text_of(ewa.get(f"/leads/{lead.id}/"))
    assert f'href="/leads/{lead.id}/ask/?field=stage"' in locked
    assert "Use “Ask to change”, or ask for a transfer." in locked
    with travelling(to=SOON):
        assert 'value="owner_team" selected' in text_of(ewa.get(f"/leads/{lead.id}/ask/?field=owner_team"))
    assert ask(ewa, lead).status_code == 303
    task = request_of(harbor, lead)
    assert (task.assignee_id, task.due_at) == (lead.owner_id, SOON + timedelta(minutes=30))
    with travelling(to=SOON):
        assert "Ewa Nowak asks to change: Stage" in text_of(owner.get("/"))
        page = text_of(owner.get(f"/leads/{lead.id}/"))
        assert "Stage: Contacted" in page and "They answered my mail" in page
        assert ewa.post(f"/leads/{lead.id}/requests/{task.id}/", {"answer": said}).status_code == 403
        assert owner.post(f"/leads/{lead.id}/requests/{task.id}/", {"answer": "maybe"}).status_code == 422
        assert owner.post(f"/leads/{lead.id}/requests/{task.id}/", {"answer": said}).status_code == 303
        assert owner.post(f"/leads/{lead.id}/requests/{task.id}/", {"answer": said}).status_code == 409
        assert f"{state}: Ewa Nowak asks to change: Stage." in text_of(ewa.get(f"/leads/{lead.id}/"))
    assert reload(harbor, lead.id).stage.key == lead.stage.key
    with harbor.scope():
        noted = AuditEntry.rows().filter(object_id=lead.id, action__in=["lead.ask", "lead.answer"])
        assert noted.count() == 2
        assert "mail" not in str([each.detail for each in noted])


def test_a_request_needs_value_and_reason_and_another_owner(harbor, lead, client_as):
    ewa = client_as("ewa")
    assert ask(ewa, lead, reason=" ").status_code == 422
    assert ask(ewa, lead, proposed="").status_code == 422
    assert ask(ewa, lead, field="password").status_code == 422
    assert ask(client_as(owner_of(lead)), lead).status_code == 403
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, kind="change_request").exists()
