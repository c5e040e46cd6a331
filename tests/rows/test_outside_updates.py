"""What other systems hear of a lead's stages, through the doors: row ST-07."""

from datetime import timedelta

import pytest

from apps.catalog.models import OutsideSystem
from apps.exceptions.models import ExceptionItem
from apps.flows.adapters import NotTold, adapters
from apps.flows.outward import WAITS
from apps.leads.models import OutsideUpdate, Task
from apps.sla.models import Escalation, SlaTimer
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, draft_rules, page
from tests.rows.test_exceptions import decide, open_item
from tests.rows.test_stages import CONNECTED, VISIT
from tests.words import saying

SOON = TUESDAY_NINE + timedelta(minutes=12)


class Tool:
    """A system whose answers are said before: a text is its reference, an error is raised."""

    def __init__(self, *answers):
        self.answers, self.heard = list(answers), []

    def tell(self, word):
        self.heard.append(word)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def save_system(client, key, name, adapter="webhook", address="", secret=""):
    """Set a system up in the admin."""
    body = {"key": key, "name": name, "adapter": adapter, "address": address, "secret": secret, "is_active": "on"}
    return client.post("/admin/catalog/outsidesystem/add/", body)


def tell_both(document):
    """Let both systems hear of bookings."""
    for move in document["moves"]:
        if move["to"] == "scheduled":
            move["updates"] = ["ehr", "ma-tool"]


@pytest.fixture
def booked(harbor, client_as):
    """A lead with a visit, after two systems were set to hear of it, and the browser of its owner."""
    ada = client_as("ada")
    with harbor.scope():
        rows = {row.key: row.pk for row in OutsideSystem.rows()}
    for key, name in (("ehr", "EHR"), ("ma-tool", "MA tool")):
        body = {"name": name, "adapter": "webhook", "address": f"https://{key}.example/hook", "secret": "s" * 20}
        answer = ada.post(f"/admin/catalog/outsidesystem/{rows[key]}/change/", {**body, "is_active": "on"})
        assert answer.status_code == 302, answer.content.decode()
    change_rules(harbor, client_as, "gates", tell_both)
    lead = make_lead(harbor)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=SOON).status_code == 201
    with harbor.scope():
        assert not OutsideUpdate.rows().exists()
    assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=SOON).status_code == 201
    return lead, owner


@pytest.mark.row("ST-07")
def test_a_booking_names_who_heard_of_it_and_who_is_told_again(harbor, client_as, booked):
    lead, owner = booked
    shown = page(owner, f"/leads/{lead.id}/", at=SOON)
    assert "EHR “on its way”" in shown and "MA tool “on its way”" in shown
    busy = NotTold("answered 503")
    tool = Tool("ehr-77", busy, busy, "ma-9")

    def go(at):
        with adapters(webhook=tool):
            harbor.drain(at)

    go(SOON)
    first = page(owner, f"/leads/{lead.id}/", at=SOON + timedelta(seconds=5))
    told, failed = ("EHR", "MA tool") if "EHR “sent”" in first else ("MA tool", "EHR")
    assert f"{told} “sent”" in first and f"{failed} “failed, retry 1”" in first
    second = SOON + timedelta(seconds=WAITS[0] + 1)
    go(second)
    again = page(owner, f"/leads/{lead.id}/", at=second)
    assert f"{failed} “failed, retry 2”" in again and "(answered 503)" in again
    assert f"{told} “sent”" in again
    word = tool.heard[0]
    assert (word.body["stage"], word.body["because"], word.secret) == ("scheduled", "appointment_booked", b"s" * 20)
    assert not {"Maria", "Lopez"} & set(str(word.body).split())
    listed = client_as("ada").get("/admin/leads/outsideupdate/?state=failed").content.decode()
    assert "answered 503" in listed
    go(second + timedelta(seconds=WAITS[1] + 1))
    assert page(owner, f"/leads/{lead.id}/", at=second + timedelta(hours=1)).count("“sent”") == 2
    assert len(tool.heard) == 4


@pytest.mark.row("ST-07")
def test_what_nobody_could_tell_becomes_a_task_and_is_told_by_hand(harbor, client_as, booked):
    lead, owner = booked
    no = NotTold("answered 410", final=True)
    with adapters(webhook=Tool(no, no)):
        harbor.drain(SOON)
    with harbor.scope():
        assert len(saying(Task.rows().filter(lead=lead, state="open"), title__startswith="Tell ")) == 2
        row = OutsideUpdate.rows().filter(lead=lead).first()
    ada = client_as("ada")
    assert ada.post(f"/admin/leads/outsideupdate/{row.pk}/told-by-hand/").status_code == 302
    assert page(owner, f"/leads/{lead.id}/", at=SOON).count("“sent”") == 1
    with harbor.scope():
        assert len(saying(Task.rows().filter(lead=lead, state="open"), title__startswith="Tell ")) == 1
    assert client_as("dev").post(f"/admin/leads/outsideupdate/{row.pk}/try-again/").status_code == 403


@pytest.mark.row("EX-01")
@pytest.mark.row("EX-06")
def test_what_a_system_does_not_take_is_a_sync_error_until_it_heard_of_it(harbor, client_as, booked):
    lead, owner = booked
    no = NotTold("answered 410", final=True)
    with adapters(webhook=Tool(no, no)):
        harbor.drain(SOON)
    with harbor.scope():
        item = ExceptionItem.rows().get(lead=lead)
    assert (item.type, item.get_type_display(), item.due_at) == ("sync_error", "Sync error", SOON + timedelta(hours=1))
    assert reload(harbor, lead.id).exception == "", "it stands beside the lead's way"
    ewa = client_as("ewa")
    shown = page(ewa, "/exceptions/", at=SOON)
    assert "did not hear of Appointment scheduled: answered 410." in shown and "Send it again" in shown
    # Nobody decides: the lead of the team that the rules name is told.
    late = SOON + timedelta(hours=1)
    harbor.drain(late)
    with harbor.scope():
        assert ExceptionItem.rows().get(id=item.id).escalated_at == late
        alert = Escalation.rows().get(timer__lead=lead, timer__kind="exception", do="alert", step=1)
        assert alert.member.user.name == "Cleo Marsh"
    # Sent again: one takes it, the other still does not, so that it stays open; the last one by API ends it.
    assert decide(ewa, item, late, decision="retry").status_code == 303
    with adapters(webhook=Tool("ok-1", no)):
        harbor.drain(late)
    assert open_item(harbor, lead).id == item.id
    with harbor.scope():
        assert len(saying(Task.rows().filter(lead=lead, state="open"), title__startswith="Tell ")) == 1, (
            "no second task"
        )
    path = f"/exceptions/{item.id}/decision"
    assert ask(ewa, "POST", path, {"decision": "retry"}, at=late).status_code == 200
    again = ask(ewa, "POST", path, {"decision": "retry"}, at=late)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_left")
    with adapters(webhook=Tool("ok-2")):
        harbor.drain(late)
    with harbor.scope():
        states = list(OutsideUpdate.rows().filter(lead=lead).values_list("state", "problem"))
        assert [state for state, _problem in states] == ["sent", "sent"], states
        ended = ExceptionItem.rows().get(id=item.id)
        assert (ended.state, ended.decision) == ("resolved", "released")
        assert not SlaTimer.rows().filter(lead=lead, kind="exception", met_at=None, cancelled_at=None).exists()
        assert not saying(Task.rows().filter(lead=lead, state="open"), title__startswith="Tell ")
    assert "has heard of it." in page(client_as("sam"), f"/leads/{lead.id}/", at=late)


def test_a_system_needs_a_public_address_and_gates_name_systems_that_exist(harbor, client_as):
    ada = client_as("ada")
    assert save_system(ada, "crm", "CRM", address="http://crm.example").status_code == 422
    assert save_system(ada, "crm", "CRM", address="https://crm.example", secret="short").status_code == 422

    def name(document):
        document["moves"][0]["updates"] = ["nowhere"]

    answer = draft_rules(harbor, client_as, "gates", name)
    assert answer.status_code == 422 and "There is no system “nowhere”." in answer.content.decode()
