"""The script beside a conversation: what the visitor answers is written into the lead, with its source."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.leads.models import Lead
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.chat.visiting import ACCEPTED, Visitor, accept, the_chat


@pytest.mark.row("DD-13")
def test_an_answer_in_the_chat_writes_patient_type_established(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    mia, visitor = client_as("mia"), Visitor(harbor)
    visitor.say("I would like to see somebody for knee pain. Talk to a person")
    visitor.leave(first_name="Ann", last_name="Berg", phone="312-555-0142", consent_call="on")
    chat = the_chat(harbor)
    path = f"/chats/{chat.id}/"
    accept(mia, chat)
    with travelling(to=ACCEPTED + timedelta(minutes=1)):
        assert "as soon as the lead is made" in mia.get(path).content.decode()
        assert mia.post(f"{path}script/", {"answer-S-1": "existing patient"}).status_code == 409
        harbor.drain(ACCEPTED)
        shown = mia.get(path).content.decode()
        assert "Have you been here before?" in shown and f'action="{path}script/"' in shown
        done = mia.post(f"{path}script/", {"answer-S-1": "existing patient", "answer-S-4": "Aetna"})
        assert (done.status_code, done["Location"]) == (303, path)
        assert "On record: Established" in mia.get(path).content.decode()
        mia.post(f"{path}script/", {"answer-S-1": "sometimes"})
        assert "“sometimes” is no answer to" in mia.get(path).content.decode()
    assert client_as("gus").post(f"{path}script/", {"answer-S-1": "first visit"}).status_code in (404, 409)
    with harbor.scope():
        lead = Lead.rows().get()
        assert (lead.patient_type, lead.payer) == ("established", "Aetna")
        entry = lead.timeline.get(kind="edit")
    assert entry.sentence.startswith("Changed: patient type, payer. From the script “First call”, asked in the chat")
    assert chat.ref in entry.sentence and entry.actor_label == "Mia Cole"
    assert entry.at == ACCEPTED + timedelta(minutes=1)


@pytest.mark.row("CP-12")
def test_who_accepts_an_emergency_goes_on_talking_when_the_lead_is_with_a_team_of_others(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    zoe, visitor = client_as("zoe"), Visitor(harbor)
    visitor.say("my chest hurts")
    visitor.leave(first_name="Ann", last_name="Berg", phone="312-555-0142", consent_call="on")
    chat = the_chat(harbor)
    path = f"/chats/{chat.id}/"
    assert accept(zoe, chat).status_code == 303
    harbor.drain(ACCEPTED)
    with harbor.scope():
        lead = Lead.rows().select_related("owner_team").get()
        assert lead.owner_team is not None and lead.owner_team.key != "after-hours"
    with travelling(to=ACCEPTED + timedelta(minutes=1)):
        assert zoe.get(f"/leads/{lead.id}/").status_code == 403
        told = zoe.post(f"{path}say/", {"text": "An ambulance is on its way."}, follow=True)
        shown = told.content.decode()
        assert told.status_code == 200 and "An ambulance is on its way." in shown
        assert "The lead is with another team" in shown
        assert f"/leads/{lead.id}/" not in shown and f'action="{path}script/"' not in shown
    with harbor.scope():
        assert AuditEntry.rows().filter(action="refused:lead.view").count() == 1, "the lead's own page, once"
