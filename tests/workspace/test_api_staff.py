"""Staff programs: the pages' verbs, refused with the pages' sentences."""

import json
from datetime import timedelta

import pytest

from apps.accounts.keys import create_key
from apps.accounts.terms import Permission
from apps.audit.models import AuditEntry
from apps.consent.models import ConsentEvent
from apps.tenancy.clock import travelling
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, make_lead, reload

LATER = TUESDAY_NINE + timedelta(minutes=5)
NEXT_DAY = "2026-12-02T16:00:00Z"


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


@pytest.fixture
def owner(lead):
    return lead.owner.user.email.partition("@")[0]


@pytest.fixture
def ask(client_as, lead):
    """Ask as a person of the cast at five past nine."""

    def send(name, method, part="", body=None, **headers):
        path = f"/api/v1/leads/{lead.id}{part}"
        data = None if body is None else json.dumps(body)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        with travelling(to=LATER):
            return client_as(name).generic(method, path, data or "", "application/json", headers=named)

    return send


@pytest.mark.row("TA-04")
def test_seeing_is_not_contacting(ask, owner):
    seen = ask("cleo", "GET")
    refused = ask("cleo", "POST", "/calls", {})
    assert seen.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "no_contact_grant")
    allowed = ask(owner, "POST", "/calls", {})
    assert allowed.json()["value"].startswith("+1")


def test_a_persons_key_claims_for_that_person(harbor):
    """The actor of a key is the key: whoever took its id for the person's found nobody and broke."""
    held = make_lead(harbor, consent=[], source="web-imaging")
    with travelling(to=LATER), harbor.scope():
        ewa = harbor.member("ewa")
        scopes = [str(each) for each in Permission]
        made = create_key(actor=harbor.system, name="desk", scopes=scopes, now=LATER, membership=ewa)
    with travelling(to=LATER):
        answer = Api(made.secret).post(f"/leads/{held.id}/claim", {})
    assert answer.status_code == 200, answer.content
    assert reload(harbor, held.id).owner_id == ewa.id


def test_only_numbers_take_texts(ask, owner):
    points = ask(owner, "GET").json()["person"]["contact_points"]
    assert {each["kind"]: each["takes_texts"] for each in points} == {"phone": True, "email": False}


@pytest.mark.row("CN-05")
def test_a_withdrawn_channel_gives_no_number(ask, owner):
    assert ask(owner, "POST", "/consents", {"channel": "call", "state": "withdrawn"}).status_code == 201
    refused = ask(owner, "POST", "/calls", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "withdrawn")


@pytest.mark.row("CN-07")
def test_only_the_maintaining_team_records_a_grant(ask, owner, harbor):
    grant = {"channel": "text", "state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}
    refused = ask(owner, "POST", "/consents", grant)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_maintainer")
    assert ask(owner, "PATCH", "", {"consent_text": "granted"}).status_code == 403
    assert ask("ewa", "POST", "/consents", {**grant, "evidence_ref": ""}).status_code == 422
    assert ask("ewa", "POST", "/consents", grant).status_code == 201
    states = ask("ewa", "GET", "/consents").json()["states"]
    assert states["text"] == "granted"
    with harbor.scope():
        assert ConsentEvent.rows().filter(value="granted", source="maintainer").count() == 1
        assert AuditEntry.rows().filter(action="refused:consent.widen").exists()


def test_a_stranger_learns_whose_the_field_is_and_nothing_changes(ask, lead, harbor):
    answer = ask("ewa", "PATCH", "", {"payer": "Blue", "stage": "qualified"})
    assert (answer.status_code, answer.json()["code"]) == (403, "locked_by_owner")
    assert "Elm Calls" in answer.json()["detail"]
    assert reload(harbor, lead.id).payer == lead.payer
    unknown = ask("ewa", "PATCH", "", {"shoe_size": "9"})
    assert unknown.json()["errors"][0] == {
        "pointer": "/shoe_size",
        "code": "extra_forbidden",
        "detail": "There is no such field to change.",
    }


def test_an_old_version_is_refused(ask, owner, lead):
    assert ask(owner, "PATCH", "", {"payer": "Blue"}, If_Match=f'"{lead.version}"').status_code == 200
    stale = ask(owner, "PATCH", "", {"payer": "Red", "version": lead.version})
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert ask(owner, "PATCH", "", {"payer": "Red"}, If_Match='"one"').status_code == 422


def test_a_lead_is_worked_from_call_to_visit(ask, owner):
    contact = {"kind": "call", "outcome": "connected"}
    gap = ask(owner, "POST", "/activities", contact)
    assert gap.json()["errors"][0]["pointer"] == "/next_action_at"
    contact["next_action_at"] = NEXT_DAY
    assert ask(owner, "POST", "/activities", contact, Idempotency_Key="a1").status_code == 201
    assert ask(owner, "POST", "/activities", contact, Idempotency_Key="a1").json()["code"] == "logged_already"
    task = ask(owner, "POST", "/tasks", {"title": "Send forms", "due_at": NEXT_DAY})
    assert task.status_code == 201
    assert ask(owner, "PATCH", f"/tasks/{task.json()['id']}", {"state": "done"}).status_code == 200
    assert ask(owner, "POST", "/notes", {"text": "Prefers Tuesdays."}).status_code == 201
    verified = {"answers": {"V-1": "imaging", "V-2": "has a referral", "V-3": "yes", "V-4": "first visit"}}
    assert ask(owner, "POST", "/verification", verified).status_code == 201
    assert ask(owner, "GET", "/verification").json()["answers"]["eligibility"] == "met"
    moved = ask(owner, "POST", "/stage", {"to": "qualified", "reason": "Service and location fit."})
    assert moved.json()["stage"] == "qualified"
    visit = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
    assert ask(owner, "POST", "/appointments", {**visit, "location": ""}).status_code == 422
    assert ask(owner, "POST", "/appointments", visit).status_code == 201
    assert ask("sam", "GET").json()["owner_team"] == "scheduling"
    transfer = {"team": "elm-calls", "reason": "They asked for Elm."}
    assert ask("sam", "POST", "/transfers", transfer).json()["team"] == "elm-calls"


def test_the_staff_list_leaves_out_what_the_role_hides(client_as, lead):
    answer = client_as("cleo").get("/api/v1/leads")
    row = answer.json()["results"][0]
    assert row["id"] == str(lead.id)
    assert "payer" not in row
    assert row["consent"]["call"] == "granted"


def test_foreign_and_missing_ids_look_alike(client_as, lead, lakeside, api):
    missing = api("bp-1").get("/leads/01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11")
    foreign = api("harborline-1", lakeside).get(f"/leads/{lead.id}")
    assert missing.status_code == foreign.status_code == 404
    assert missing.content == foreign.content
    for odd in ("1%0a", "+1", "%20", f"{lead.id}%0a", str(lead.id).upper()):
        assert api("bp-1").get(f"/leads/{odd}").status_code == 404
