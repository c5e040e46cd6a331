"""Rows of tasks and logged calls: the first task of an owner, and what a call leaves on record."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.leads.models import Task
from apps.outreach.models import Activity
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import make_lead, reload
from tests.rows.arranging import ask, chicago, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
VOICEMAIL = {
    "kind": "call",
    "outcome": "voicemail",
    "direction": "outbound",
    "started_at": "2026-12-01T10:04:00-06:00",
    "duration_seconds": 92,
    "next_action_at": "2026-12-01T14:00:00-06:00",
}


@pytest.mark.row("TK-01")
def test_assignment_gives_the_owner_a_dated_call_task(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN, person__first_name="Maria", person__last_name="Lopez")
    owner = client_as(lead.owner.user.email.partition("@")[0])
    tasks = ask(owner, "GET", f"/leads/{lead.id}/tasks", at=TEN).json()["results"]
    assert len(tasks) == 1
    task = tasks[0]
    assert (task["kind"], task["channel"], task["title"]) == ("call", "call", "Call Maria Lopez")
    assert (task["due_at"], task["state"]) == ("2026-12-01T16:05:00Z", "open")
    assert (task["team"], task["assignee"]) == ("elm-calls", lead.owner.user.name)
    shown = page(owner, "/", at=TEN)
    mine = shown[shown.index("My tasks today") :]
    assert "10:05" in mine[: mine.index("</section>")]
    assert lead.ref in mine[: mine.index("</section>")]
    colleague = client_as("otis")
    assert lead.ref not in page(colleague, "/", at=TEN)


@pytest.mark.row("TK-01")
def test_the_task_follows_the_owner(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    wish = {"team": "oak-calls", "reason": "Lives in Oak Park"}
    later = chicago("2026-12-01 10:02")
    assert ask(owner, "POST", f"/leads/{lead.id}/transfers", wish, at=later).status_code == 201
    tasks = ask(client_as("ben"), "GET", f"/leads/{lead.id}/tasks", at=later).json()["results"]
    assert len(tasks) == 1
    assert (tasks[0]["kind"], tasks[0]["team"], tasks[0]["assignee"]) == ("follow_up", "oak-calls", None)
    assert tasks[0]["due_at"] == "2026-12-01T16:32:00Z"
    assert ask(client_as("ben"), "POST", f"/leads/{lead.id}/claim", at=later).status_code == 200
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").assignee_id == harbor.member("ben").id
        assert Task.rows().get(lead=lead, kind="call").state == "cancelled"


@pytest.mark.row("TK-02")
def test_a_call_is_kept_with_time_length_and_outcome(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN)
    owner_name = lead.owner.user.name
    owner = client_as(lead.owner.user.email.partition("@")[0])
    noted_at = chicago("2026-12-01 10:06")
    path = f"/leads/{lead.id}/activities"
    assert ask(owner, "POST", path, VOICEMAIL, at=noted_at).status_code == 201
    for wrong in ("left a message", ""):
        refused = ask(owner, "POST", path, VOICEMAIL | {"outcome": wrong}, at=noted_at)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/outcome")
    listed = ask(owner, "GET", path, at=noted_at).json()["results"]
    assert len(listed) == 1
    assert {key: value for key, value in listed[0].items() if key != "id"} == {
        "kind": "call",
        "direction": "outbound",
        "outcome": "voicemail",
        "started_at": "2026-12-01T16:04:00Z",
        "duration_seconds": 92,
        "by": owner_name,
        "script": "CALL-1@1",
        "logged_as": "team",
        "meeting_outcome": None,
    }
    shown = page(owner, f"/leads/{lead.id}/", at=noted_at)
    assert "Call: voicemail, 1:32 min." in shown
    assert "Voicemail" in page(owner, "/queue/", at=noted_at)
    with harbor.scope():
        row = Activity.rows().get(lead=lead)
        assert (row.started_at, row.logged_at) == (chicago("2026-12-01 10:04"), noted_at)
    after = reload(harbor, lead.id)
    assert (after.attempts, after.last_outcome, after.stage.key) == (1, "voicemail", "attempting")
    assert after.next_action_at == chicago("2026-12-01 14:00")


@pytest.mark.row("TK-02")
def test_a_call_logged_on_the_page_keeps_its_time_length_direction_and_outcome(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    sent = {"kind": "call", "outcome": "connected", "next_at": "2026-12-02T10:15", "version": lead.version}
    sent |= {"started_at": "2026-12-01T10:04", "minutes": "1", "seconds": "32", "direction": "inbound"}
    at = chicago("2026-12-01 10:06")
    with travelling(to=at):
        assert owner.post(f"/leads/{lead.id}/log-call/", sent | {"idempotency_key": "k1"}).status_code == 303
    (kept,) = ask(owner, "GET", f"/leads/{lead.id}/activities", at=at).json()["results"]
    assert (kept["started_at"], kept["duration_seconds"]) == ("2026-12-01T16:04:00Z", 92)
    assert (kept["direction"], kept["outcome"]) == ("inbound", "connected")
    early = VOICEMAIL | {"started_at": "2026-12-01T10:30:00-06:00"}
    refused = ask(owner, "POST", f"/leads/{lead.id}/activities", early, at=at)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/started_at")


NEXT = {"next_action_at": "2026-12-02T16:00:00Z"}
DONE = {
    "call": {"outcome": "connected"},
    "email": {"outcome": "delivered"},
    "text": {"outcome": "delivered"},
    "meeting": {"outcome": "held", "notes": "Talked about the plan."},
    "visit": {"outcome": "held", "notes": "Showed the office."},
    "chat": {"outcome": "connected"},
}


@pytest.mark.row("TK-04")
@pytest.mark.parametrize("kind", DONE)
def test_each_kind_of_contact_needs_its_entries(harbor: Tenant, client_as: OpenBrowser, kind: str) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    at, path = chicago("2026-12-01 10:06"), f"/leads/{lead.id}/activities"
    whole = {"kind": kind, **DONE[kind], **NEXT}
    for entry in DONE[kind]:
        lacks = {name: value for name, value in whole.items() if name != entry}
        refused = ask(owner, "POST", path, lacks, at=at)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{entry}"), entry
    # No rule dates what follows on a talk: an open lead needs the date.
    if kind in ("call", "meeting", "visit", "chat"):
        undated = {name: value for name, value in whole.items() if name != "next_action_at"}
        refused = ask(owner, "POST", path, undated, at=at)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/next_action_at")
        assert "next follow-up date" in refused.json()["detail"]
    wrong = {"call": "delivered", "email": "voicemail", "text": "voicemail", "chat": "held"}.get(kind, "busy")
    refused = ask(owner, "POST", path, whole | {"outcome": wrong}, at=at)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_of_this_kind")
    with harbor.scope():
        assert not Activity.rows().filter(lead=lead).exists()
    assert ask(owner, "POST", path, whole, at=at).status_code == 201


@pytest.mark.row("TK-04")
@pytest.mark.parametrize(("kind", "lacking", "field"), [("call", "outcome", "outcome"), ("meeting", "notes", "note")])
def test_the_page_shows_what_a_contact_lacks_beside_its_field(
    harbor: Tenant, client_as: OpenBrowser, kind: str, lacking: str, field: str
) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    sent = {"kind": kind, "next_at": "2026-12-02T10:15", "version": lead.version, "idempotency_key": "k1"}
    sent |= {name: value for name, value in DONE[kind].items() if name != lacking}
    with travelling(to=chicago("2026-12-01 10:06")):
        answer = owner.post(f"/leads/{lead.id}/log-call/", sent)
    assert answer.status_code == 422
    assert f'id="id_{field}' in answer.content.decode() and "error" in answer.content.decode()
