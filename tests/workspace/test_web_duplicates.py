"""The review of pairs that may be one person, through the pages (rows DU-02, DU-03, DU-10, DU-11)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEntry
from apps.identity.models import DuplicatePair, MatchDecision, Merge
from apps.leads.models import Lead, Person, TimelineEntry
from apps.outreach.models import Activity
from apps.tenancy.clock import travelling
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in

SOON = TUESDAY_NINE + timedelta(minutes=30)
PHONE = "+13125550142"


def body_of(answer):
    return answer.content.decode()


@pytest.fixture
def lopez(harbor):
    """Juana Lopez of 60614, and somebody who came later as J. Lopez of 60614."""
    return (
        make_lead(harbor, person__first_name="Juana"),
        make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=5), person__first_name="J."),
    )


def only_pair(harbor):
    with harbor.scope():
        return DuplicatePair.rows().get()


def send(browser, pair, decision, reason="", **more):
    with travelling(to=SOON):
        return browser.post(f"/duplicates/{pair.id}/", {"decision": decision, "reason": reason, **more})


@pytest.mark.row("DU-02")
def test_same_name_and_zip_is_looked_at_and_the_same_email_is_the_same_person(harbor, client_as):
    first = make_lead(harbor, person__email="maria@example.com")
    weak = make_lead(harbor, person__email="lopez@example.com")
    strong = make_lead(
        harbor, person__email="maria@example.com", person__phone="+13125550199", request__service="bariatrics"
    )
    assert weak.person_id != first.person_id == strong.person_id
    pair = only_pair(harbor)
    assert {pair.first_id, pair.second_id} == {first.person_id, weak.person_id}
    assert (pair.band, pair.score) == ("review", 65)
    page = body_of(client_as("ewa").get("/duplicates/"))
    assert "same name and postal code" in page and "65 %" in page
    with harbor.scope():
        assert MatchDecision.rows().get(lead=weak).reason.startswith("A person on file comes near: same name")


@pytest.mark.row("DU-03")
def test_the_same_phone_within_the_window_merges_and_after_it_is_linked(harbor):
    first = make_lead(harbor, person__phone=PHONE)
    for hours, same in ((72, True), (146, False)):
        at = TUESDAY_NINE + timedelta(hours=hours)
        row = processed(harbor, send_in(harbor, inquiry(person__phone=PHONE), at=at), at=at)
        assert (row.lead_id == first.id) is same
        assert row.verdict == ("duplicate" if same else "new")
    with harbor.scope():
        linked = Lead.rows().get(id=row.lead_id)
        assert (linked.related_to_id, linked.person_id) == (first.id, first.person_id)


@pytest.mark.row("DU-10")
def test_a_pair_kept_apart_is_never_offered_again(harbor, client_as, lopez):
    ewa, pair = client_as("ewa"), only_pair(harbor)
    page = body_of(ewa.get(f"/duplicates/{pair.id}/"))
    assert page.count("differs") >= 3
    for part in ("Juana", "J.", "60614", lopez[0].ref, lopez[1].ref, "Same postal code.", "One first name is"):
        assert part in page
    assert 'name="keep_first_name" value="first" id="first-first_name" checked' in page
    again = send(ewa, pair, "separate")
    assert again.status_code == 422 and "Say why" in body_of(again)
    assert 'id="separate" checked' in body_of(again)
    answer = send(ewa, pair, "separate", "Juana's mother")
    assert (answer.status_code, answer["Location"]) == (303, "/duplicates/")
    assert "never offered" not in body_of(ewa.get("/duplicates/"))
    make_lead(
        harbor,
        at=SOON,
        person__first_name="J.",
        person__phone=_phone_of(harbor, lopez[1]),
        person__email="",
        request__service="bariatrics",
    )
    with harbor.scope():
        row = DuplicatePair.rows().get()
        assert (row.state, row.reason, row.decided_by) == ("separate", "Juana's mother", "Ewa Nowak")
        noted = AuditEntry.rows().get(action="duplicates.decide")
        assert (noted.object_id, noted.detail["verdict"]) == (pair.id, "separate")
    assert "No pair is waiting" in body_of(ewa.get("/duplicates/"))
    late = send(client_as("gus"), pair, "merged", "Same voice")
    assert late.status_code == 303
    shown = body_of(client_as("gus").get(late["Location"]))
    assert "Ewa Nowak decided" in shown and "not a duplicate" in shown and 'id="decide"' not in shown
    assert reload(harbor, lopez[1].id).person_id == lopez[1].person_id


def test_a_family_on_one_phone_is_linked_and_stays_two(harbor, client_as):
    mother = make_lead(harbor, person__phone=PHONE)
    son = make_lead(harbor, person__phone=PHONE, person__first_name="Luis", person__postal_code="")
    pair, ewa = only_pair(harbor), client_as("ewa")
    assert pair.why == "same phone, different name" and pair.band == "review"
    assert send(ewa, pair, "linked", "Mother and son").status_code == 303
    assert reload(harbor, son.id).person_id != reload(harbor, mother.id).person_id
    page = body_of(ewa.get(f"/people/{mother.person_id}/"))
    assert "Luis Lopez" in page and "linked" in page


@pytest.mark.row("DU-11")
def test_merging_and_taking_it_back_by_page_gives_two_leads_with_their_own_activities(harbor, client_as, lopez):
    ewa, pair = client_as("ewa"), only_pair(harbor)
    survivor, gone = (str(each.person_id) for each in lopez)
    for lead, outcome in zip(lopez, ("voicemail", "connected"), strict=True):
        call_and_note(harbor, client_as, lead, outcome, at=TUESDAY_NINE + timedelta(minutes=10))
    before = [done_on(harbor, each) for each in lopez]
    assert [len(each) for each in before] == [2, 2] and not before[0] & before[1]
    assert send(ewa, pair, "merged", "Same voice", keep_first_name="second").status_code == 303
    with harbor.scope():
        assert Person.rows().get(id=survivor).first_name == "J."
        merge = Merge.rows().get()
    assert ewa.get(f"/people/{gone}/")["Location"] == f"/people/{survivor}/"
    page = body_of(ewa.get(f"/people/{survivor}/"))
    assert lopez[0].ref in page and lopez[1].ref in page
    # What is done while they are one belongs to the lead it is done on.
    call_and_note(harbor, client_as, lopez[1], "no_answer", at=SOON + timedelta(minutes=5))
    address = re.search(rf'href="(/people/{survivor}/merges/[^"]+)"', page)[1]
    assert address.endswith(f"{merge.id}/")
    assert lopez[1].ref in body_of(ewa.get(address))
    reader = client_as("dev")
    assert "Make them two people again" not in body_of(reader.get(address))
    assert reader.post(address).status_code == 403
    with travelling(to=SOON + timedelta(minutes=10)):
        assert ewa.post(address)["Location"] == f"/people/{survivor}/"
    assert "took it back" in body_of(ewa.get(address))
    assert [str(reload(harbor, each.id).person_id) for each in lopez] == [survivor, gone]
    assert done_on(harbor, lopez[0]) == before[0]
    assert done_on(harbor, lopez[1]) > before[1] and len(done_on(harbor, lopez[1])) == 4
    for lead, own, others in ((lopez[0], "voicemail", "connected"), (lopez[1], "connected", "voicemail")):
        with travelling(to=SOON + timedelta(minutes=10)):
            shown = ask(ewa, "GET", f"/leads/{lead.id}/activities").json()["results"]
            story = body_of(ewa.get(f"/leads/{lead.id}/"))
        outcomes = {each["outcome"] for each in shown}
        assert own in outcomes and others not in outcomes
        assert f"Note after {own}" in story and f"Note after {others}" not in story
    assert only_pair(harbor).state == "open"


def call_and_note(harbor, client_as, lead, outcome, at):
    """Let the lead's owner log a call and write a note."""
    owner = client_as(reload(harbor, lead.id).owner.user.email.partition("@")[0])
    call = {"kind": "call", "outcome": outcome, "started_at": at.isoformat(), "notes": f"Said {outcome}"}
    call["next_action_at"] = (at + timedelta(days=1)).isoformat()
    with travelling(to=at):
        logged = ask(owner, "POST", f"/leads/{lead.id}/activities", call)
        noted = ask(owner, "POST", f"/leads/{lead.id}/notes", {"text": f"Note after {outcome}"})
    assert (logged.status_code, noted.status_code) == (201, 201), logged.content


def done_on(harbor, lead):
    """Return what colleagues did on a lead: its contacts and its notes."""
    with harbor.scope():
        contacts = Activity.rows().filter(lead=lead).values_list("id", "outcome")
        return {*contacts, *((each.id, each.note) for each in TimelineEntry.rows().filter(lead=lead, kind="note"))}


@pytest.mark.row("DU-06")
def test_an_old_opt_out_holds_when_the_newer_record_says_nothing_of_it(harbor, client_as):
    stopped = make_lead(
        harbor, person__first_name="Juana", consent=[consent("call"), consent("text", "withdrawn"), consent("email")]
    )
    silent = make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=5), person__first_name="J.")
    ewa, pair = client_as("ewa"), only_pair(harbor)

    def text_of(lead):
        with travelling(to=SOON):
            return ask(ewa, "GET", f"/leads/{lead.id}/consents").json()["states"]["text"]

    assert [text_of(each) for each in (stopped, silent)] == ["withdrawn", "unknown"]
    row = body_of(ewa.get(f"/duplicates/{pair.id}/")).split("Texts</th>")[1].split("</tr>")[0]
    assert re.findall(r">(\w+)<", row) == ["Withdrawn", "Unknown", "Withdrawn"]
    send(ewa, pair, "merged", "Same voice")
    assert [text_of(each) for each in (stopped, silent)] == ["withdrawn", "withdrawn"]


@pytest.mark.row("DU-11")
def test_what_came_since_the_merge_is_asked_for_and_goes_to_whom_it_belongs(harbor, client_as, lopez):
    ewa, pair = client_as("ewa"), only_pair(harbor)
    send(ewa, pair, "merged", "Same voice")
    later = make_lead(
        harbor,
        at=SOON + timedelta(minutes=5),
        person__first_name="Juana",
        person__phone=_phone_of(harbor, lopez[0]),
        person__email="",
        request__service="bariatrics",
    )
    with harbor.scope():
        merge = Merge.rows().get()
    survivor, gone = (each.person_id for each in lopez)
    address = f"/people/{survivor}/merges/{merge.id}/"
    page = body_of(ewa.get(address))
    assert f"Lead {later.ref}, Bariatrics, came" in page and "Calls granted, Email granted" in page
    asked = set(re.findall(r'name="(whose:[^"]+)" value="survivor"[^>]*checked', page))
    assert len(asked) == 2 == len(set(re.findall(r'name="(whose:[^"]+)"', page)))
    silent = body_of(ewa.post(address, follow=True))
    assert "say for each to whom it belongs" in silent
    assert reload(harbor, lopez[1].id).person_id == survivor
    with travelling(to=SOON + timedelta(minutes=6)):
        assert ewa.post(address, dict.fromkeys(asked, "absorbed"))["Location"] == f"/people/{survivor}/"
    assert [reload(harbor, each.id).person_id for each in (*lopez, later)] == [survivor, gone, gone]
    with harbor.scope():
        acts = AuditEntry.rows().filter(action="person.unmerge").values_list("detail__whose", flat=True)
        assert [set(each.values()) for each in acts] == [{"absorbed"}, {"absorbed"}]


def test_who_looks_who_decides_and_who_finds_nothing(harbor, lakeside, client_as, lopez):
    pair = only_pair(harbor)
    address = f"/duplicates/{pair.id}/"
    assert 'href="/duplicates/"' in body_of(client_as("ewa").get("/"))
    reader = client_as("dev")
    page = body_of(reader.get(address))
    assert "Juana" in page and 'id="decide"' not in page
    assert send(reader, pair, "merged", "Looks alike").status_code == 403
    assert client_as("ana").get(address).status_code == 403
    assert client_as("bea").get(address).status_code == 404
    with harbor.scope():
        assert DuplicatePair.rows().get().state == "open"
        reads = AuditEntry.rows().filter(action="person.read", actor_label="Dev Patel")
        assert set(reads.get().detail["ids"]) == {str(pair.first_id), str(pair.second_id)}
    assert client_as("max", lakeside).get(address).status_code == 404


def test_the_queue_goes_on_to_the_next_pair_and_asks_as_often_for_many(harbor, client_as, lopez):
    ewa, pair = client_as("ewa"), only_pair(harbor)
    ewa.get("/duplicates/")
    with CaptureQueriesContext(connection) as few:
        ewa.get("/duplicates/")
    make_lead(harbor, person__first_name="Juana", person__postal_code="60614")
    with harbor.scope():
        assert DuplicatePair.rows().count() == 3
    with CaptureQueriesContext(connection) as many:
        page = body_of(ewa.get("/duplicates/"))
    assert len(many) == len(few) and page.count('class="leads__open"') == 3
    skipped = send(ewa, pair, "skip")
    assert skipped["Location"] not in (f"/duplicates/{pair.id}/", "/duplicates/")
    nothing = send(ewa, pair, "")
    assert nothing.status_code == 422 and "Choose what" in body_of(nothing)


def _phone_of(harbor, lead):
    with harbor.scope():
        return lead.person.contact_points.filter(kind="phone").order_by("created_at").first().value
