"""An agency at the REST door: its own deliveries in its own columns, each read on record."""

from datetime import timedelta

import pytest

from apps.accounts.keys import create_key
from apps.accounts.models import Party
from apps.audit.models import AuditEntry
from apps.consent.queries import states_of
from apps.flows.closing import close_lead
from apps.leads.models import Task
from apps.tenancy.clock import database_now, travelling
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload

MISSING = "01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11"
COLUMNS = {
    "id",
    "ref",
    "stage",
    "stage_label",
    "status",
    "verdict",
    "reasons",
    "external_id",
    "source",
    "campaign",
    "delivered_at",
    "counted_as_delivered",
    "consent",
}


@pytest.fixture
def delivered(harbor):
    return [make_lead(harbor, source="imaging-spring", request__message="private words") for _ in range(3)]


@pytest.mark.row("TA-10")
def test_an_agency_lists_what_it_delivered_and_each_read_is_logged(api, harbor, delivered):
    make_lead(harbor)
    answer = api("bp-1").get("/leads")
    rows = answer.json()["results"]
    assert {row["id"] for row in rows} == {str(lead.id) for lead in delivered}
    assert {frozenset(row) for row in rows} == {frozenset(COLUMNS)}
    assert b"private words" not in answer.content
    assert rows[0]["consent"] == {"call": "granted", "email": "granted"}
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.read", actor_label="bp-1").count() == 3
    assert api("northlight-1").get("/leads").json()["results"] == []


ATTEMPTS = [
    ("patch", "", {"consent": "granted"}),
    ("patch", "", {"status": "qualified"}),
    ("post", "/consents", {"channel": "call", "state": "granted"}),
    ("post", "/stage", {"to": "qualified"}),
    ("post", "/notes", {"text": "clinical"}),
    ("post", "/close", {"reason": "duplicate", "note": "x"}),
    ("post", "/claim", {}),
    ("post", "/transfers", {"team": "elm-calls"}),
    ("post", "/calls", {}),
    ("post", "/tasks", {}),
    ("post", "/appointments", {}),
    ("post", "/activities", {"kind": "call", "outcome": "connected"}),
]


@pytest.mark.row("TA-10")
@pytest.mark.row("CN-07")
def test_an_agency_changes_nothing_and_each_attempt_is_on_record(api, harbor):
    lead = make_lead(harbor, source="imaging-spring")
    for method, part, body in ATTEMPTS:
        own = getattr(api("bp-1"), method)(f"/leads/{lead.id}{part}", body)
        other = getattr(api("northlight-1"), method)(f"/leads/{lead.id}{part}", body)
        missing = getattr(api("northlight-1"), method)(f"/leads/{MISSING}{part}", body)
        assert (own.status_code, own.json()["code"]) == (403, "agency"), part
        assert lead.ref in own.json()["detail"]
        assert other.status_code == missing.status_code == 404, part
        assert other.content == missing.content
    with harbor.scope():
        refused = AuditEntry.rows().filter(action__startswith="refused:", object_id=lead.id)
        assert refused.filter(actor_label="bp-1").count() == len(ATTEMPTS)
        assert refused.filter(actor_label="northlight-1").count() == len(ATTEMPTS)


def test_a_contract_may_let_an_agency_log_contacts(api, drain):
    program = api("northlight-1")
    program.post("/leads", inquiry(source="derm-winter"))
    drain()
    lead_id = program.get("/leads").json()["results"][0]["id"]
    contact = {"kind": "call", "outcome": "no_answer", "started_at": "2026-11-20T15:00:00Z"}
    path = f"/leads/{lead_id}/activities"
    assert program.post(path, contact, Idempotency_Key="1").status_code == 201
    assert program.post(path, contact, Idempotency_Key="1").status_code == 409
    assert api("bp-1").post(path, contact).status_code == 404


def test_a_person_whom_another_agency_brought_first_stays_theirs(api, harbor, drain):
    body = inquiry(source="imaging-spring", external_id="first")
    api("bp-1").post("/leads", body)
    drain()
    second = api("northlight-1").post("/leads", {**body, "source": "derm-winter", "external_id": "second"})
    drain()
    outcome = api("northlight-1").get(second.json()["url"].removeprefix("/api/v1")).json()
    assert (outcome["verdict"], outcome["lead"], outcome["counted_as_delivered"]) == (
        "duplicate",
        None,
        False,
    )


def test_attribution_and_deliveries_are_read_page_by_page(api, delivered):
    program = api("bp-1")
    for path in ("/attribution", "/deliveries", "/leads"):
        first = program.get(f"{path}?page_size=2").json()
        rest = program.get(f"{path}?page_size=2&cursor={first['next_cursor']}").json()
        assert (len(first["results"]), len(rest["results"]), rest["next_cursor"]) == (2, 1, None)
    assert program.get("/leads?cursor=forged").status_code == 422
    assert {row["verdict"] for row in program.get("/deliveries").json()["results"]} == {"new"}


@pytest.fixture
def soon():
    """The instant of these tests: a quarter of an hour after their leads came."""
    with travelling(to=TUESDAY_NINE + timedelta(minutes=15)):
        yield


@pytest.mark.row("CN-14")
def test_an_opt_out_that_an_agency_hears_stops_all_contact(harbor, soon):
    lead = make_lead(harbor, source="imaging-spring")
    agency = logging_key(harbor)
    path, said = f"/leads/{lead.id}/activities", {"kind": "call", "outcome": "do_not_contact", "notes": "Angry."}
    answer = agency.post(path, said, Idempotency_Key="stop-1")
    assert (answer.status_code, answer.json()["outcome"]) == (201, "do_not_contact")
    assert channels_of(harbor, lead) == {"withdrawn"}
    with harbor.scope():
        assert AuditEntry.rows().filter(action="consent.narrow", object_id=lead.person_id).count() == 1
        assert not Task.rows().filter(lead=lead, state="open", channel__in=["call", "text", "email"]).exists()
    after = reload(harbor, lead.id)
    assert (after.owner_team_id, after.stage_id, after.attempts) == (lead.owner_team_id, lead.stage_id, 0)
    assert agency.post(path, said, Idempotency_Key="stop-1").status_code == 409
    assert agency.post(f"/leads/{lead.id}/consents", {"channel": "call", "state": "granted"}).status_code == 403


def test_an_opt_out_is_heard_on_a_closed_lead_too(harbor, soon):
    lead = make_lead(harbor, source="imaging-spring")
    with harbor.scope():
        owner = harbor.actor(lead.owner.user.email.partition("@")[0])
        close_lead(
            actor=owner,
            lead_id=lead.id,
            reason="out_of_area",
            note="Moved.",
            outcome="not_qualified",
            now=database_now(),
        )
    agency, path = logging_key(harbor), f"/leads/{lead.id}/activities"
    assert agency.post(path, {"kind": "call", "outcome": "no_answer"}).status_code == 409
    assert agency.post(path, {"kind": "call", "outcome": "do_not_contact"}).status_code == 201
    assert channels_of(harbor, lead) == {"withdrawn"}


def channels_of(tenant, lead):
    """Return the states that the person's channels have now."""
    with tenant.scope():
        states = states_of([lead.person_id], database_now())[lead.person_id]
    return {str(each.value) for each in states.values()}


def logging_key(tenant):
    """Return the program of an agency whose agreement includes logging contacts."""
    with tenant.scope():
        party = Party.rows().get(key="brightpath")
        scopes = ["delivery:read", "activity:log"]
        made = create_key(actor=tenant.system, name="bp-log", scopes=scopes, party=party, now=database_now())
    return Api(made.secret)
