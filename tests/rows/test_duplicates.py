"""Rows of duplicates: one person with many inquiries, one outreach, rules that act on the next arrival."""

import json
import re
from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.consent.models import DoNotContact
from apps.consent.queries import reaches_of
from apps.identity.models import MatchDecision
from apps.leads.actions import close_tasks
from apps.leads.guards import acting_as_system
from apps.leads.models import ContactPoint, Lead, Person, Task, Touch
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.queries import version_in_force
from apps.tenancy.clock import travelling
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.words import words_of

PHONE, OTHER_PHONE, EMAIL = "+13125550142", "+13125550143", "maria.lopez@example.com"
DERMATOLOGY = {"request__service": "dermatology", "request__location": "oak-park", "source": "landing-pages"}


def body_of(answer):
    return answer.content.decode()


def minutes(count):
    return TUESDAY_NINE + timedelta(minutes=count)


def arrive(tenant, at, **changes):
    """Let an inquiry come in at an instant and return what became of it."""
    return processed(tenant, send_in(tenant, inquiry(**changes), at=at), at=at)


@pytest.fixture
def marias(harbor):
    """Three leads of one person, who gave two numbers."""
    return [
        make_lead(harbor, person__phone=PHONE, person__email=EMAIL),
        make_lead(harbor, at=minutes(3), person__phone=OTHER_PHONE, person__email=EMAIL, **DERMATOLOGY),
        make_lead(harbor, at=minutes(6), person__phone=PHONE, source="web-ortho", request__service="orthopedics"),
    ]


@pytest.mark.row("DU-01")
def test_one_person_has_two_phones_three_leads_and_one_page(harbor, marias, client_as):
    assert len({each.person_id for each in marias}) == 1 and len({each.id for each in marias}) == 3
    with harbor.scope():
        assert Person.rows().count() == 1
        phones = set(ContactPoint.rows().filter(kind="phone").values_list("value", flat=True))
    assert phones == {PHONE, OTHER_PHONE}
    address = f"/people/{marias[0].person_id}/"
    ewa = client_as("ewa")
    assert address in body_of(ewa.get(f"/leads/{marias[0].id}/"))
    page = body_of(ewa.get(address))
    assert re.findall(r'id="lead-(L-\d+)"', page) == [each.ref for each in reversed(marias)]
    for part in (
        "Maria Lopez",
        "(312) 555-0142",
        "(312) 555-0143",
        EMAIL,
        "Dermatology",
        "Orthopedics",
        "Imaging",
    ):
        assert part in page
    with harbor.scope():
        read = AuditEntry.rows().filter(action="person.read").get()
    assert (read.object_id, read.actor_label) == (marias[0].person_id, "Ewa Nowak")


@pytest.mark.row("DU-01")
def test_a_persons_page_shows_each_reader_what_is_theirs(harbor, lakeside, marias, client_as):
    address = f"/people/{marias[0].person_id}/"
    page = body_of(client_as("ben").get(address))
    assert f'href="/leads/{marias[1].id}/"' in page
    assert f'href="/leads/{marias[0].id}/"' not in page
    assert marias[0].ref in page and "Imaging" not in page and "Elm Calls" in page
    assert client_as("raj").get(address).status_code == 404
    assert client_as("max", lakeside).get(address).status_code == 404


@pytest.mark.row("DU-04")
def test_a_changed_rule_acts_on_the_next_arrival_only(harbor, client_as):
    lead = make_lead(harbor, person__phone=PHONE)
    merged = arrive(harbor, minutes(5), person__phone=PHONE)
    assert (merged.verdict, merged.lead_id) == ("duplicate", lead.id)
    with harbor.scope():
        rules = RuleSet.rows().get(kind="duplicates")
        before = version_in_force("duplicates", minutes(5))
    document = json.loads(json.dumps(before.document))
    document["rules"][0]["inside"] = "link"
    with travelling(to=minutes(10)):
        form = {"document": json.dumps(document), "reason": "Two offices want both"}
        assert client_as("ada").post(f"/admin/policies/ruleset/{rules.id}/change/", form).status_code == 302
        with harbor.scope():
            draft = RuleSetVersion.rows().get(rule_set=rules, state="draft")
        assert arrive(harbor, minutes(10), person__phone=PHONE).lead_id == lead.id
        approve = f"/admin/policies/rulesetversion/{draft.id}/approve/"
        assert client_as("dev").post(approve).status_code == 302
    linked = arrive(harbor, minutes(15), person__phone=PHONE)
    assert linked.verdict == "duplicate" and linked.lead_id != lead.id
    with harbor.scope():
        record = Lead.rows().get(id=linked.lead_id)
        assert (record.related_to_id, record.person_id) == (lead.id, lead.person_id)
        assert Touch.rows().filter(lead=lead).count() == 3
        judged = MatchDecision.rows().order_by("decided_at", "id").values_list("action", "version_id")
        assert list(judged)[1:] == [("merge", before.id), ("merge", before.id), ("link", draft.id)]
        assert Task.rows().filter(kind="call", state="open").count() == 1


@pytest.mark.row("DU-04")
@pytest.mark.row("DU-12")
def test_the_action_update_corrects_what_the_sender_sent_and_is_no_new_delivery(harbor, api):
    program, sent = api("bp-1"), []
    for at, source, phone, timeframe in (
        (TUESDAY_NINE, "imaging-spring", PHONE, "within_week"),
        (minutes(5), "web-imaging", OTHER_PHONE, "within_month"),
    ):
        told = {"request__timeframe": timeframe, "request__patient_type": "new"}
        body = inquiry(source=source, external_id="bp-7", person__phone=phone, person__email="", **told)
        with travelling(to=at):
            address = program.post("/leads", body).json()["url"].removeprefix("/api/v1")
        harbor.drain(at)
        sent.append(program.get(address).json())
    assert [(each["verdict"], each["counted_as_delivered"]) for each in sent] == [
        ("new", True),
        ("update", False),
    ]
    assert sent[0]["lead"]["id"] == sent[1]["lead"]["id"]
    with harbor.scope():
        values = set(ContactPoint.rows().values_list("value", flat=True))
        assert (values, Person.rows().count()) == ({PHONE, OTHER_PHONE}, 1)
        lead = Lead.rows().get()
        assert (lead.timeframe, lead.patient_type) == ("within_month", "new")
        assert "Corrected: timeframe." in " ".join(words_of(lead.timeline.all(), "sentence"))


@pytest.mark.row("DU-04")
def test_an_update_leaves_what_a_colleague_changed(harbor, api):
    program = api("bp-1")
    for at, source, timeframe in ((TUESDAY_NINE, "imaging-spring", "within_week"), (minutes(5), "web-imaging", "asap")):
        told = {"external_id": "bp-7", "person__phone": PHONE, "request__timeframe": timeframe}
        with travelling(to=at):
            assert program.post("/leads", inquiry(source=source, **told)).status_code == 202
        harbor.drain(at)
        if source == "imaging-spring":
            with harbor.scope(), acting_as_system():
                Lead.rows().update(timeframe="within_month")
    with harbor.scope():
        assert Lead.rows().get().timeframe == "within_month"


@pytest.mark.row("DU-07")
def test_two_forms_to_two_teams_make_one_call(harbor, client_as):
    first = make_lead(harbor, person__phone=PHONE)
    second = make_lead(harbor, at=minutes(3), person__phone=PHONE, **DERMATOLOGY)
    assert (first.owner_team.key, second.owner_team.key) == ("elm-calls", "oak-calls")
    with harbor.scope():
        calls = Task.rows().filter(lead__in=[first.id, second.id], kind="call").order_by("created_at")
        assert [(each.lead_id, each.state) for each in calls] == [
            (first.id, "open"),
            (second.id, "suppressed"),
        ]
        assert Lead.rows().get(id=second.id).shares_stream_with_id == first.id
        dated = Task.rows().get(lead=second, state="open")
        assert (dated.kind, second.next_action_at) == ("coordinate", dated.due_at)
    with harbor.scope():
        name = second.owner.user.email.partition("@")[0]
    with travelling(to=minutes(4)):
        page = body_of(client_as(name).get(f"/leads/{second.id}/"))
        background = body_of(client_as(name).get(f"/leads/{second.id}/background/"))
    assert f"Being contacted by Elm Calls for {first.ref}" in page
    assert "Only one team contacts this person at a time." in background


@pytest.mark.row("DU-07")
def test_what_is_planned_on_the_lead_that_stands_back_waits_too(harbor, client_as):
    """A task by the API and the next step of a logged call once made a second call to one person."""
    first = make_lead(harbor, person__phone=PHONE)
    second = make_lead(harbor, at=minutes(3), person__phone=PHONE, **DERMATOLOGY)
    with harbor.scope():
        owner = client_as(second.owner.user.email.partition("@")[0])

    def standing():
        with harbor.scope():
            rows = Task.rows().filter(lead__in=[first.id, second.id], state__in=["open", "suppressed"])
            return sorted((each.lead_id == first.id, each.kind, each.state) for each in rows)

    planned = {"title": "Call her at work", "due_at": "2026-12-02T16:00:00Z", "channel": "call"}
    with travelling(to=minutes(5)):
        assert ask(owner, "POST", f"/leads/{second.id}/tasks", planned).status_code == 201
    waiting = [(False, "call", "suppressed")]
    assert standing() == [
        (False, "call", "suppressed"),
        *waiting,
        (False, "coordinate", "open"),
        (True, "call", "open"),
    ]
    contact = {"kind": "call", "outcome": "voicemail", "next_action_at": "2026-12-03T16:00:00Z"}
    with travelling(to=minutes(6)):
        assert ask(owner, "POST", f"/leads/{second.id}/activities", contact).status_code == 201
    assert [each for each in standing() if each[1] == "call" and each[2] == "open"] == [(True, "call", "open")]
    with harbor.scope():
        look = Task.rows().get(lead=second, kind="coordinate", state="open")
        assert look.title.startswith("Being contacted by Elm Calls") and look.due_at.day == 3
        assert Lead.rows().get(id=second.id).next_action_at == look.due_at


def test_what_waited_gives_way_when_nobody_else_reaches_out(harbor, client_as):
    """The first lead's call ended without its lead ending: a new plan left the old one waiting for ever."""
    first = make_lead(harbor, person__phone=PHONE)
    second = make_lead(harbor, at=minutes(3), person__phone=PHONE, **DERMATOLOGY)
    with harbor.scope():
        close_tasks(first, because="transferred", now=minutes(4), kinds=["call"])
        owner = client_as(second.owner.user.email.partition("@")[0])
    planned = {"title": "Call her at work", "due_at": "2026-12-02T16:00:00Z", "channel": "call"}
    with travelling(to=minutes(5)):
        assert ask(owner, "POST", f"/leads/{second.id}/tasks", planned).status_code == 201
    with harbor.scope():
        rows = Task.rows().filter(lead=second, state__in=["open", "suppressed"])
        assert list(words_of(rows, "kind", "state", "title")) == [("call", "open", "Call her at work")]
        assert Lead.rows().get(id=second.id).shares_stream_with_id is None


@pytest.mark.row("DU-09")
def test_another_service_is_a_second_lead_and_both_owners_see_it(harbor, client_as):
    imaging = make_lead(harbor, person__phone=PHONE)
    dermatology = make_lead(harbor, at=minutes(30), person__phone=PHONE, **DERMATOLOGY)
    assert imaging.person_id == dermatology.person_id and imaging.id != dermatology.id
    with harbor.scope():
        assert Lead.rows().get(id=dermatology.id).related_to_id == imaging.id
        assert MatchDecision.rows().get(lead=dermatology).reason.endswith("The person asks for another service.")
    for mine, other in ((imaging, dermatology), (dermatology, imaging)):
        with harbor.scope():
            name = mine.owner.user.email.partition("@")[0]
        page = body_of(client_as(name).get(f"/leads/{mine.id}/background/"))
        panel = page.split('id="others-title"')[1].split("</section>")[0]
        assert other.ref in panel and other.owner_team.name in panel
        assert f"/leads/{other.id}/" not in panel
    whole = body_of(client_as("ewa").get(f"/leads/{imaging.id}/background/"))
    assert f"/leads/{dermatology.id}/" in whole.split('id="others-title"')[1].split("</section>")[0]


@pytest.mark.row("DU-12")
def test_arrivals_are_new_duplicate_resubmit_or_update_for_their_sender(harbor, api, client_as):
    program, verdicts = api("bp-1"), []

    def deliver(at, **changes):
        body = inquiry(source="imaging-spring", person__phone=PHONE, **changes)
        with travelling(to=at):
            address = program.post("/leads", body).json()["url"].removeprefix("/api/v1")
        harbor.drain(at)
        outcome = program.get(address).json()
        verdicts.append((outcome["verdict"], outcome["counted_as_delivered"]))
        return outcome

    first = deliver(TUESDAY_NINE, external_id="bp-1001")["lead"]["id"]
    deliver(minutes(5), external_id="bp-1002")
    closing = {"reason": "not_interested", "outcome": "not_qualified", "note": "Went elsewhere"}
    with harbor.scope():
        owner = reload_owner(first)
    with travelling(to=minutes(10)):
        assert ask(client_as(owner), "POST", f"/leads/{first}/close", closing).status_code == 200
    again = deliver(minutes(20), external_id="bp-1003")
    assert verdicts == [("new", True), ("duplicate", False), ("resubmit", False)]
    assert again["lead"]["id"] != first
    assert reload(harbor, again["lead"]["id"]).related_to_id == reload(harbor, first).id
    listed = [each["verdict"] for each in program.get("/deliveries").json()["results"]]
    assert listed == ["resubmit", "duplicate", "new"]
    counted = [each for each in program.get("/deliveries").json()["results"] if each["counted_as_delivered"]]
    assert len(counted) == 1


def reload_owner(lead_id):
    """Return the first name under which the owner signs in; inside the scope."""
    lead = Lead.rows().select_related("owner__user").get(id=lead_id)
    return lead.owner.user.email.partition("@")[0]


@pytest.mark.row("DU-06")
@pytest.mark.parametrize("number", [PHONE, OTHER_PHONE])
def test_a_form_silent_on_texts_leaves_them_blocked_and_a_newer_grant_opens_them(harbor, client_as, number):
    first = make_lead(harbor, person__phone=PHONE, person__email=EMAIL, consent=[consent("call"), consent("text")])
    ewa = client_as("ewa")

    def texts(at):
        with travelling(to=at):
            return ask(ewa, "GET", f"/leads/{first.id}/consents").json()["states"]["text"]

    with travelling(to=minutes(10)):
        said = {"channel": "text", "state": "withdrawn", "reason": "said so on the phone"}
        assert ask(ewa, "POST", f"/leads/{first.id}/consents", said).status_code == 201
    silent = {"person__phone": number, "person__email": EMAIL}
    assert arrive(harbor, minutes(30), **silent, consent=[consent("call")]).lead_id == first.id
    assert texts(minutes(31)) == "withdrawn"
    card = body_of(ewa.get(f"/leads/{first.id}/"))
    assert "Text: No" in " ".join(re.sub(r"<[^>]+>", " ", card).split())
    assert arrive(harbor, minutes(40), **silent, consent=[consent("call"), consent("text")]).lead_id == first.id
    assert texts(minutes(41)) == "granted"


@pytest.mark.row("DU-06")
@pytest.mark.parametrize("state", ["denied", "withdrawn"])
def test_a_refusal_given_with_one_number_holds_for_the_next_until_that_one_is_permitted(harbor, client_as, state):
    no_texts = [consent("call"), consent("text", state)]
    first = make_lead(harbor, person__phone=PHONE, person__email=EMAIL, consent=no_texts)
    ewa, moved = client_as("ewa"), {"person__phone": OTHER_PHONE, "person__email": EMAIL}

    def texts(at):
        with travelling(to=at), harbor.scope():
            person = Lead.rows().get(id=first.id).person
            rules = {"needs_consent": {"text": False, "call": False, "email": False}}
            reach = reaches_of(person, now=at, document=rules, default_zone="America/Chicago")["text"]
            return reach.point.value, str(reach.state.value), reach.verdict.allowed

    with harbor.scope():
        ContactPoint.rows().filter(value=PHONE).update(validity="invalid")
    assert arrive(harbor, minutes(30), **moved, consent=[consent("call")]).lead_id == first.id
    assert texts(minutes(31)) == (OTHER_PHONE, state, False)
    with travelling(to=minutes(31)):
        shown = ask(ewa, "GET", f"/leads/{first.id}/consents").json()["states"]["text"]
        card = body_of(ewa.get(f"/leads/{first.id}/"))
    assert shown == state
    assert "Text: No" in " ".join(re.sub(r"<[^>]+>", " ", card).split())
    assert arrive(harbor, minutes(40), **moved, consent=[consent("call"), consent("text")]).lead_id == first.id
    assert texts(minutes(41)) == (OTHER_PHONE, "granted", True)


@pytest.mark.row("DU-06")
def test_a_bar_on_a_persons_number_holds_for_their_next_one_until_they_permit_it(harbor, client_as):
    first = make_lead(harbor, person__phone=PHONE, person__email=EMAIL, consent=[consent("call")])
    moved, ewa = {"person__phone": OTHER_PHONE, "person__email": EMAIL}, client_as("ewa")
    with harbor.scope():
        bar = {"kind": "phone", "value": PHONE, "reason": "Asked never to be called", "added_by": "Dev"}
        DoNotContact.objects.create(**bar, added_at=minutes(10))
        ContactPoint.rows().filter(value=PHONE).update(validity="invalid")

    def call(at):
        with travelling(to=at):
            return " ".join(re.sub(r"<[^>]+>", " ", body_of(ewa.get(f"/leads/{first.id}/"))).split())

    before = consent("call", captured_at=minutes(5).isoformat())
    assert arrive(harbor, minutes(30), **moved, consent=[before]).lead_id == first.id
    assert "Call: No" in call(minutes(31)) and "do-not-contact list" in call(minutes(31))
    assert arrive(harbor, minutes(40), **moved, consent=[consent("call")]).lead_id == first.id
    assert "Call: Yes" in call(minutes(41))
