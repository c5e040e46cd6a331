"""The pages one reads: my work, the queue, the lead, and why it is there."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEntry
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead

SOON = TUESDAY_NINE + timedelta(minutes=2)


def body_of(response):
    return response.content.decode()


def entries(tenant, action):
    with tenant.scope():
        return list(AuditEntry.rows().filter(action=action).order_by("seq"))


def test_queue_is_ordered_by_the_clock_and_noted_once(harbor, client_as):
    leads = [make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=n)) for n in (0, 1, 2)]
    with travelling(to=SOON):
        page = body_of(client_as("ewa").get("/queue/"))
    places = [page.index(f'id="lead-{each.ref}"') for each in leads]
    assert places == sorted(places)
    seen = entries(harbor, "lead.read")
    assert len(seen) == 1
    assert set(seen[0].detail["ids"]) == {str(each.id) for each in leads}


def test_a_list_that_re_reads_itself_is_noted_only_when_somebody_new_is_shown(harbor, client_as):
    make_lead(harbor)
    client = client_as("ewa")
    refresh = re.search(r'data-live-url="([^"]+)"', body_of(client.get("/queue/"))).group(1).replace("&amp;", "&")
    before = len(entries(harbor, "lead.read"))
    client.get(refresh)
    assert len(entries(harbor, "lead.read")) == before
    make_lead(harbor)
    client.get(refresh)
    assert len(entries(harbor, "lead.read")) == before + 1


def test_queue_asks_as_often_for_one_lead_as_for_three(harbor, client_as):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            make_lead(harbor)
        client = client_as("ewa")
        client.get("/queue/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/queue/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_filters_stand_in_the_address_and_narrow(harbor, client_as):
    imaging = make_lead(harbor)
    ortho = make_lead(harbor, source="web-ortho", request__service="orthopedics")
    page = body_of(client_as("ewa").get("/queue/?service=orthopedics"))
    assert f"lead-{ortho.ref}" in page
    assert f"lead-{imaging.ref}" not in page
    assert f"lead-{imaging.ref}" in body_of(client_as("ewa").get("/queue/?service=unknown-key"))


def test_a_forged_page_is_refused(harbor, client_as):
    assert client_as("ewa").get("/queue/?after=forged").status_code == 422


@pytest.mark.row("TA-01")
def test_a_stranger_finds_nothing_where_a_lead_is(harbor, lakeside, client_as):
    lead = make_lead(harbor)
    stranger = client_as("max", lakeside)
    absent = stranger.get(f"/leads/{uuid4()}/")
    foreign = stranger.get(f"/leads/{lead.id}/")
    assert absent.status_code == foreign.status_code == 404
    assert "Lopez" not in body_of(foreign)
    assert body_of(stranger.get("/queue/")).count('id="lead-') == 0


def test_an_id_has_one_spelling(harbor, client_as):
    lead = make_lead(harbor)
    client = client_as("ewa")
    assert client.get(f"/leads/{lead.id}/").status_code == 200
    assert client.get(f"/leads/{str(lead.id).upper()}/").status_code == 404
    assert client.get(f"/leads/{lead.id.hex}/").status_code == 404


def test_opening_a_lead_is_one_read_and_health_another(harbor, client_as):
    lead = make_lead(harbor, request__message="MRI before surgery")
    page = body_of(client_as("ana").get(f"/leads/{lead.id}/"))
    assert "MRI before surgery" in page
    assert [each.object_id for each in entries(harbor, "lead.read")] == [lead.id]
    assert [each.object_id for each in entries(harbor, "health.read")] == [lead.id]
    assert entries(harbor, "submission.read") == []


def test_health_details_are_masked_where_the_role_does_not_read_them(harbor, client_as):
    lead = make_lead(harbor, request__message="MRI before surgery")
    page = body_of(client_as("cleo").get(f"/leads/{lead.id}/"))
    assert "MRI before surgery" not in page
    assert "Hidden from your role" in page
    assert entries(harbor, "health.read") == []


def test_the_original_is_opened_only_with_both_rights_and_noted(harbor, client_as):
    lead = make_lead(harbor, request__message="MRI before surgery")
    assert "open to intake and team leads" in body_of(client_as("ana").get(f"/leads/{lead.id}/background/"))
    assert "Request, message" not in body_of(client_as("ewa").get(f"/leads/{lead.id}/"))
    assert "Request, message" in body_of(client_as("ewa").get(f"/leads/{lead.id}/background/"))
    assert len(entries(harbor, "submission.read")) == 1


def test_consent_is_judged_when_the_page_is_asked_for(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("call"), consent("email")])
    client = client_as("ana")
    with travelling(to=SOON):
        day = body_of(client.get(f"/leads/{lead.id}/"))
    with travelling(to=SOON + timedelta(hours=14)):
        night = body_of(client.get(f"/leads/{lead.id}/"))
    assert "Call: Yes now" in day
    assert "Text: No" in day
    assert "Call: Later" in night


def test_what_belongs_to_another_team_stands_locked_with_its_owner(harbor, client_as):
    lead = make_lead(harbor)
    page = body_of(client_as("ewa").get(f"/leads/{lead.id}/"))
    assert "belongs to Elm Calls" in page
    assert 'data-code="locked_by_owner"' in page


def test_why_names_rule_version_and_what_was_seen(harbor, client_as):
    lead = make_lead(harbor)
    page = body_of(client_as("ana").get(f"/leads/{lead.id}/why/"))
    assert "Routing rules, version 1" in page
    assert "Elm Calls" in page
    assert "What was seen" in page
    assert "Duplicate rules, version 1" in page
    assert "Scorecard, version 1" in page
    assert "Owners so far" in page


def test_my_work_shows_my_leads_by_the_clock(harbor, client_as):
    lead = make_lead(harbor)
    with harbor.scope():
        owner = lead.owner.user.email.partition("@")[0]
    with travelling(to=SOON):
        page = body_of(client_as(owner).get("/"))
    assert "Next best lead" in page
    assert lead.ref in page
    assert lead.ref not in body_of(client_as("otis").get("/"))


def test_search_finds_by_reference_name_and_number(harbor, client_as):
    lead = make_lead(harbor, person__first_name="Benedikta", person__phone="+13125550177")
    client = client_as("ewa")
    found = client.post("/search/", {"q": lead.ref})
    assert (found.status_code, found["Location"]) == (303, f"/leads/{lead.id}/")
    for words in ("benedikta", "(312) 555-0177"):
        assert f"lead-{lead.ref}" in body_of(client.post("/search/", {"q": words}))
    assert "Nobody found" in body_of(client.post("/search/", {"q": "nobody at all"}))
    assert f"lead-{lead.ref}" not in body_of(client_as("raj").post("/search/", {"q": "benedikta"}))
