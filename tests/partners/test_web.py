"""The agency's pages: numbers, log, one delivery, isolation in both directions, budgets."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEntry
from tests.doors import sign_in
from tests.leads_made import TUESDAY_NINE, consent, inquiry
from tests.partners.agency import at_nine, deliver, words
from tests.rows.arranging import change_rules

MISSING = "01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11"


def serve_three_states(document):
    (check,) = (each for each in document["checks"] if each["check"] == "out_of_area")
    check |= {"result": "excluded", "regions": ["IL", "IN", "WI"]}


def bring_fifty(harbor, program):
    """41 new people, 5 of them a second time, and 4 who live in Arizona."""
    people = [inquiry(source="imaging-spring") for _ in range(41)]
    again = [{**each, "external_id": f"again-{place}"} for place, each in enumerate(people[:5])]
    far = [
        inquiry(source="imaging-spring", person__city="Phoenix", person__region="AZ", person__postal_code="85004")
        for _ in range(4)
    ]
    for bodies in (people, again, far):
        taken = at_nine(lambda bodies=bodies: program.post("/leads/batch", {"leads": bodies}))
        assert taken.json()["received"] == len(bodies), taken.json()
        harbor.drain(TUESDAY_NINE)


@pytest.mark.row("PC-10")
def test_the_partner_reads_the_verdict_and_reason_of_each_delivery(harbor, api, client_as):
    change_rules(harbor, client_as, "validity", serve_three_states)
    bring_fifty(harbor, api("bp-1"))
    bea = client_as("bea")
    home = words(at_nine(lambda: bea.get("/partner/")))
    assert "41 accepted, 9 rejected (5 duplicate, 4 out of area)" in home
    assert "82 % of 50 with an outcome (n = 50)" in home
    assert "4 rejected: Out of area Narrow the campaign's area" in home

    log = at_nine(lambda: bea.get("/partner/deliveries/?result=rejected"))
    assert "41 accepted, 9 rejected (5 duplicate, 4 out of area)" in words(log)
    assert words(log).count("Out of area: AZ is not served.") == 4
    assert words(log).count("Field: person.region") == 4
    # The API says the same in the same words.
    rows = api("bp-1").get("/deliveries?page_size=200").json()["results"]
    told = [row["reasons"][0]["detail"] for row in rows if row["verdict"] == "rejected"]
    assert told == ["Out of area: AZ is not served."] * 4
    assert [row["verdict"] for row in rows].count("new") == 41
    # Somebody else's numbers are none of it.
    assert "Start in three steps" in words(at_nine(lambda: client_as("noa").get("/partner/")))


def test_the_log_is_filtered_paged_and_searched_without_a_word_in_the_address(harbor, api, client_as):
    bodies = [inquiry(source="imaging-spring") for _ in range(52)]
    at_nine(lambda: api("bp-1").post("/leads/batch", {"leads": bodies}))
    bea = client_as("bea")
    first = at_nine(lambda: bea.get("/partner/deliveries/?result=received"))
    assert "52 without an outcome yet" in words(first)
    further = re.search(r'href="(/partner/deliveries/\?[^"]*after=[^"]+)"', first.content.decode())
    second = at_nine(lambda: bea.get(further[1].replace("&amp;", "&")))
    ids = [
        re.findall(r'class="leads__open" href="/partner/deliveries/([0-9a-f-]+)/', page.content.decode())
        for page in (first, second)
    ]
    assert [len(each) for each in ids] == [50, 2]
    assert len(set(ids[0] + ids[1])) == 52
    assert at_nine(lambda: bea.get("/partner/deliveries/?after=forged")).status_code == 422
    assert at_nine(lambda: bea.get("/partner/deliveries/?since=2026-12-02&until=2026-12-01")).status_code == 422
    wanted = bodies[7]["external_id"]
    found = at_nine(lambda: bea.post("/partner/deliveries/find/", {"external_id": wanted}))
    assert "1 delivery under this id" in words(found) and wanted in words(found)
    assert wanted not in "".join(re.findall(r'href="([^"]*)"', found.content.decode()))
    none = at_nine(lambda: bea.post("/partner/deliveries/find/", {"external_id": "nothing"}))
    assert "No delivery under this id" in words(none)


def test_a_delivery_shows_what_was_sent_without_the_person(harbor, api, client_as):
    at = deliver(
        harbor,
        api("bp-1"),
        external_id="bp-7",
        person__first_name="Zenobia",
        request__message="a lump in the breast",
        consent=[consent("call", text="I agree to calls.")],
        attribution={"utm_campaign": "imaging-spring"},
    )
    bea = client_as("bea")
    answer = bea.get(f"/partner/deliveries/{at}/")
    page = words(answer)
    for shown in ("Accepted", "I agree to calls.", "imaging-spring", "bp-7", "L-", "Your time", "Attempts 1"):
        assert shown in page
    for kept in ("Zenobia", "Lopez", "lump", "maria", "312", "Elm", "Central Intake"):
        assert kept not in page, kept
    with harbor.scope():
        entry = AuditEntry.rows().filter(action="submission.read").latest("seq")
        assert (str(entry.object_id), entry.actor_label) == (at, "Bea Lind")
        assert entry.party_id is not None
    assert re.search(r"Request ([0-9a-f-]{36})", page)


@pytest.mark.row("TA-10")
def test_an_agency_sees_its_own_and_nothing_else(harbor, lakeside, api, client_as):
    own = deliver(harbor, api("bp-1"))
    other = deliver(harbor, api("northlight-1"), source="derm-winter", request__service="dermatology")
    bea, noa, hal = client_as("bea"), client_as("noa"), sign_in(lakeside.user("hal"))
    assert bea.get(f"/partner/deliveries/{own}/").status_code == 200
    nothing = bea.get(f"/partner/deliveries/{MISSING}/")
    assert nothing.status_code == 404
    for browser, what in ((bea, other), (noa, own), (hal, own), (hal, other)):
        answer = browser.get(f"/partner/deliveries/{what}/")
        assert (answer.status_code, answer.content) == (404, nothing.content)
    assert other not in at_nine(lambda: bea.get("/partner/deliveries/")).content.decode()


@pytest.mark.row("TA-10")
def test_an_agency_finds_no_page_of_the_staff_and_most_staff_none_of_the_agencys(harbor, api, client_as):
    deliver(harbor, api("bp-1"))
    bea = client_as("bea")
    start = bea.get("/")
    assert (start.status_code, start["Location"]) == (302, "/partner/")
    nothing = bea.get("/no/such/page/").content
    for path in ("/queue/", "/board/", "/reports/", f"/leads/{MISSING}/", "/admin/", "/admin/accounts/apikey/"):
        answer = bea.get(path)
        assert (answer.status_code, answer.content) == (404, nothing), path
    for name in ("ana", "lena", "ewa", "ada"):
        for path in ("/partner/", "/partner/deliveries/", "/partner/keys/", "/partner/test/"):
            assert client_as(name).get(path).status_code == 404, (name, path)


def test_marketing_manages_agencies_and_compliance_looks_on(harbor, api, client_as):
    deliver(harbor, api("northlight-1"), source="derm-winter", request__service="dermatology")
    cleo, dev = client_as("cleo"), client_as("dev")
    for browser in (cleo, dev):
        page = words(at_nine(lambda browser=browser: browser.get("/partner/?agency=northlight")))
        assert "Northlight Media" in page and "1 accepted" in page
        assert browser.get("/partner/?agency=acme").status_code == 404
    assert "Make the key" not in words(dev.get("/partner/keys/"))
    assert "You look at keys here" in words(dev.get("/partner/keys/"))
    assert dev.get("/partner/test/").status_code == 403
    assert cleo.get("/partner/test/?agency=northlight").status_code == 200


def test_the_rail_of_an_agency_leads_to_its_own_pages_only(harbor, client_as):
    page = client_as("bea").get("/partner/").content.decode()
    rail = re.search(r'<ul class="rail__list">.*?</ul>', page, re.S)[0]
    assert re.findall(r'<a [^>]*href="([^"]+)"', rail) == [
        "/partner/",
        "/partner/submit/",
        "/partner/deliveries/",
        "/partner/keys/",
        "/partner/test/",
        "/api/v1/docs",
    ]
    assert rail.count('aria-current="page"') == 1
    assert "curl -i" in page and "imaging-spring" in page


@pytest.mark.parametrize("path", ["", "deliveries/", "keys/", "test/", "one"])
def test_pages_keep_their_budget(harbor, api, client_as, path):
    ids = [deliver(harbor, api("bp-1")) for _ in range(3)]
    bea = client_as("bea")
    path = f"deliveries/{ids[0]}/" if path == "one" else path
    at_nine(lambda: bea.get(f"/partner/{path}"))
    with CaptureQueriesContext(connection) as queries:
        assert at_nine(lambda: bea.get(f"/partner/{path}")).status_code == 200
    asked = [each["sql"] for each in queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(asked) <= 16, asked
