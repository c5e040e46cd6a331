"""Deliveries through the REST door: stored once, answered the same, refused by place."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.leads.models import Lead
from tests.doors import Api
from tests.leads_made import inquiry

SOURCE = {"source": "imaging-spring"}


def pointers(answer):
    return {each["pointer"]: each["code"] for each in answer.json().get("errors", [])}


@pytest.mark.row("CP-07")
def test_a_delivery_is_received_and_its_outcome_is_read(api, drain):
    program, body = api("bp-1"), inquiry(**SOURCE)
    answer = program.post("/leads", body)
    assert (answer.status_code, answer.json()["status"]) == (202, "received")
    address = answer.json()["url"].removeprefix("/api/v1")
    assert program.get(address).json() == answer.json()
    drain()
    outcome = program.get(address).json()
    assert (outcome["verdict"], outcome["counted_as_delivered"]) == ("new", True)
    assert outcome["lead"]["stage"] == "routed"
    assert api("northlight-1").get(address).status_code == 404
    waited = program.post("/leads", body, Prefer='respond-async, Wait="3"; x=y')
    assert (waited.status_code, waited["Preference-Applied"]) == (201, "wait=3")
    assert waited["Idempotency-Replayed"] == "true"
    assert waited.json() == outcome


@pytest.mark.row("CP-07")
def test_without_consent_the_source_decides(api, drain, harbor):
    program = api("bp-1")
    held = program.post("/leads", inquiry(**SOURCE, consent=[])).json()
    drain()
    assert program.get(held["url"].removeprefix("/api/v1")).json()["verdict"] == "held"
    with harbor.scope():
        Source.rows().filter(key="imaging-spring").update(missing_consent="refuse")
    refused = program.post("/leads", inquiry(**SOURCE, consent=[]))
    assert (refused.status_code, pointers(refused)) == (422, {"/consent": "consent_missing"})


@pytest.mark.row("CP-08")
def test_five_posts_at_once_are_one_lead_and_one_reply(api, drain, harbor):
    body = inquiry(**SOURCE)

    def send(_):
        try:
            answer = Api(harbor.keys["bp-1"]).post("/leads", body)
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(send, range(5)))
    assert len(set(answers)) == 1
    drain()
    with harbor.scope():
        assert (Submission.rows().count(), Lead.rows().count()) == (1, 1)


@pytest.mark.row("CP-08")
def test_the_same_key_with_another_body_is_refused(api):
    program, body = api("bp-1"), inquiry(**SOURCE, external_id=None)
    first = program.post("/leads", body, Idempotency_Key="k-1")
    again = program.post("/leads", body, Idempotency_Key="k-1")
    other = program.post("/leads", {**body, "is_test": True}, Idempotency_Key="k-1")
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert program.post("/leads", body, Idempotency_Key="k" * 255).status_code == 202
    assert program.post("/leads", body, Idempotency_Key="k" * 256).status_code == 422


def test_a_test_key_delivers_test_leads_only(api, drain, harbor):
    api("bp-1 test").post("/leads", inquiry(**SOURCE))
    drain()
    with harbor.scope():
        assert Submission.rows().get().verdict == "test"


def test_the_source_of_another_party_is_refused_and_an_unknown_one_is_kept(api, harbor):
    answer = api("northlight-1").post("/leads", inquiry(**SOURCE))
    assert (answer.status_code, pointers(answer)) == (422, {"/source": "source_not_yours"})
    assert api("bp-1").post("/leads", inquiry(source="no-such")).status_code == 202
    with harbor.scope():
        assert Submission.rows().get().source.key == "unknown"


MISFITS = [
    ({"status": "qualified"}, "/status"),
    ({"person__nickname": "x"}, "/person/nickname"),
    ({"person__first_name": 1}, "/person/first_name"),
    ({"person__first_name": "\u200b\u200d"}, "/person/first_name"),
    ({"person__last_name": "a\nb"}, "/person/last_name"),
    ({"person__email": "a@b.c\r\nBcc: x"}, "/person/email"),
    ({"person__city": "x" * 101}, "/person/city"),
    ({"person__date_of_birth": "１９８０-01-01"}, "/person/date_of_birth"),
    ({"submitted_at": "٢٠٢٦-11-20T15:00:00Z"}, "/submitted_at"),
    ({"submitted_at": 1}, "/submitted_at"),
    ({"submitted_at": "0001-01-01T00:00:00+14:00"}, "/submitted_at"),
    ({"is_test": "yes"}, "/is_test"),
    ({"source": " "}, "/source"),
    ({"consent": [{"channel": "fax", "state": "granted"}]}, "/consent/0/channel"),
    ({"consent": [{"channel": "call", "state": "yes"}]}, "/consent/0/state"),
    ({"consent": [{"channel": "call", "state": "granted", "ip": "1.2.3"}]}, "/consent/0/ip"),
    ({"answers": [{"key": "a", "values": "no"}]}, "/answers/0/values"),
]
BREAKERS = [
    ('{"source":"a\\u0000","person":{}}', 422),
    ('{"source":"\\ud800","person":{}}', 422),
    ("[" * 100_000, 400),
    ('{"a":' * 20_000, 400),
    ('{"source":"a","source":"b","person":{}}', 400),
    ("[]", 422),
    ("{", 400),
    ('{"a":"' + "x" * 300_000 + '"}', 413),
]


@pytest.mark.row("CP-07")
def test_what_does_not_fit_is_named_by_place_and_nothing_is_stored(api, harbor):
    program = api("bp-1")
    for change, pointer in MISFITS:
        answer = program.post("/leads", inquiry(**{**SOURCE, **change}))
        assert answer.status_code == 422, change
        assert answer["Content-Type"] == "application/problem+json"
        assert pointer in pointers(answer), change
    with harbor.scope():
        assert not Submission.rows().exists()


def test_bodies_that_break_other_systems(api, harbor):
    program = api("bp-1")
    for raw, status in BREAKERS:
        assert program.post("/leads", raw).status_code == status, raw[:40]
    with harbor.scope():
        assert not Submission.rows().exists()


def test_a_batch_is_judged_item_by_item(api, harbor):
    good = inquiry(**SOURCE)
    items = [good, {"person": {}}, good, {**good, "is_test": True}, inquiry(source="derm-winter")]
    answer = api("bp-1").post("/leads/batch", {"leads": items})
    results = answer.json()["results"]
    assert answer.status_code == 202
    assert [each["status"] for each in results] == ["received", "refused", "received", "refused", "refused"]
    assert results[0]["id"] == results[2]["id"]
    assert results[1]["errors"][0]["pointer"] == "/source"
    assert results[3]["errors"][0]["code"] == "idempotency_mismatch"
    with harbor.scope():
        assert Submission.rows().count() == 1


def test_a_full_batch_fits_and_one_more_does_not(api):
    items = [inquiry(**SOURCE) for _ in range(1000)]
    assert api("bp-1").post("/leads/batch", {"leads": items}).json()["received"] == 1000
    assert api("bp-1").post("/leads/batch", {"leads": [*items, items[0]]}).status_code == 422


def test_a_person_without_the_right_may_not_deliver(client_as):
    answer = client_as("ana").post("/api/v1/leads", json.dumps(inquiry()), content_type="application/json")
    assert answer.status_code == 403


def test_the_openapi_document_and_its_page_need_no_key(client):
    found = client.get("/api/v1/schema").json()
    assert found["openapi"].startswith("3.1")
    assert {"/api/v1/leads", "/api/v1/leads/batch", "/api/v1/submissions/{submission_id}"} <= set(found["paths"])
    assert set(found["components"]["schemas"]["LeadPost"]["required"]) == {"source", "person"}
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert b"/api/v1/leads/{lead_id}/stage" in page.content
