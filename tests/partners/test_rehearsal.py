"""A test lead from the page: validation, mapping, permissions and the class of its outcome; nothing of it stays."""

import json

import pytest

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.leads.models import Lead, Person, Touch
from apps.outreach.models import Message
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead
from tests.partners.agency import at_nine, deliver, hidden, words

STAYS = (Lead, Person, Touch, ConsentEvent, Message)


@pytest.fixture
def bea(client_as):
    return client_as("bea")


def rehearse(browser, tenant, **fields):
    """Send a test lead and return the page of its outcome."""
    form = at_nine(lambda: browser.get("/partner/test/"))
    sent = at_nine(lambda: browser.post("/partner/test/", {"once": hidden(form, "once"), **fields}))
    assert sent.status_code == 303, words(sent)
    waiting = at_nine(lambda: browser.get(sent["Location"]))
    assert "Being judged" in words(waiting)
    tenant.drain(TUESDAY_NINE)
    return at_nine(lambda: browser.get(sent["Location"]))


def counts(tenant):
    with tenant.scope():
        return [model.rows().count() for model in STAYS]


def pasted(**changes):
    return {"body": json.dumps(inquiry(**{"source": "imaging-spring", **changes}))}


def test_a_filled_in_test_lead_is_told_how_it_would_go(harbor, bea):
    before = counts(harbor)
    page = rehearse(
        bea,
        harbor,
        source="imaging-spring",
        first_name="ann",
        phone="(312) 555-0142",
        city="Chicago",
        region="Illinois",
        service="MRI",
        consent=["call"],
    )
    told = words(page)
    assert "As a live lead it would be Routed" in told
    for line in ("(312) 555-0142 +13125550142", "Illinois IL", "MRI imaging", "Call: granted", "Text: unknown"):
        assert line in told, line
    for inner in ("Central Intake", "Elm", "central-intake", "queue "):
        assert inner not in told, inner
    assert counts(harbor) == before
    with harbor.scope():
        row = Submission.rows().get()
        assert (row.verdict, row.is_test, row.is_rehearsal, row.lead_id) == ("test", True, True, None)
        assert row.reasons[-1]["code"] == "would_be_new"
        assert AuditEntry.rows().filter(action="delivery.rehearse", object_id=row.id).exists()
        assert not AuditEntry.rows().filter(action="lead.open").exists()


def test_a_test_lead_leaves_no_count_and_no_mark_on_a_live_person(harbor, api, bea, client_as):
    body = inquiry(source="imaging-spring", external_id="real-1")
    with travelling(to=TUESDAY_NINE):
        api("bp-1").post("/leads", body)
    harbor.drain(TUESDAY_NINE)
    before = counts(harbor)
    queue = words(at_nine(lambda: client_as("ewa").get("/queue/")))
    page = rehearse(
        bea, harbor, **pasted(**{**body, "external_id": "real-1", "consent": [consent("call", "withdrawn")]})
    )
    assert "As a live lead it would be Duplicate" in words(page)
    assert counts(harbor) == before
    assert words(at_nine(lambda: client_as("ewa").get("/queue/"))).count("L-") == queue.count("L-")
    assert "1 accepted, 0 rejected" in words(at_nine(lambda: bea.get("/partner/")))
    test_home = words(at_nine(lambda: bea.get("/partner/?mode=test")))
    assert "Test mode." in test_home and "0 accepted, 1 rejected (1 duplicate)" in test_home
    # The id was not used up, and numbers go on without a gap.
    assert make_lead(harbor).number == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"consent": []}, "Held"),
        ({"person": {"first_name": ""}, "request": {}}, "Rejected"),
        ({"person": {"first_name": "Ann", "phone": "12"}}, "Held"),
    ],
)
def test_what_would_not_go_through_says_why(harbor, bea, changes, told):
    page = words(rehearse(bea, harbor, **pasted(**changes)))
    assert f"As a live lead it would be {told}" in page
    assert "How to mend it:" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"body": "{"}, "This is no JSON (line 1)."),
        ({"body": "[1]"}, "Paste one JSON object"),
        ({"body": '{"source": "imaging-spring"}'}, "person : Field required"),
        (pasted(status="qualified"), "status : Extra inputs are not permitted"),
        (pasted(source="derm-winter"), "This source belongs to another party."),
        (pasted(source="web-imaging"), "is no source of BrightPath"),
        (pasted(source="nobody-knows"), "is no source of BrightPath"),
    ],
)
def test_what_the_api_would_refuse_is_refused_in_its_words(harbor, bea, fields, sentence):
    answer = at_nine(lambda: bea.post("/partner/test/", {"once": "a", **fields}))
    assert answer.status_code == 422
    assert sentence in words(answer), words(answer)
    with harbor.scope():
        assert not Submission.rows().exists()


def test_a_form_sent_twice_is_one_test_lead(harbor, bea):
    body = {"once": "0f", **pasted()}
    first, second = (at_nine(lambda: bea.post("/partner/test/", body)) for _ in range(2))
    assert first["Location"] == second["Location"]
    changed = at_nine(lambda: bea.post("/partner/test/", {**body, **pasted()}))
    assert (changed.status_code, "sent before" in words(changed)) == (422, True)


def test_live_and_test_deliveries_stand_apart(harbor, api, bea):
    deliver(harbor, api("bp-1"))
    deliver(harbor, api("bp-1 test"))
    assert "1 accepted, 0 rejected" in words(at_nine(lambda: bea.get("/partner/")))
    log = words(at_nine(lambda: bea.get("/partner/deliveries/?mode=test&result=accepted")))
    assert "1 accepted, 0 rejected" in log and "Test mode." in log
