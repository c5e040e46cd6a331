"""Rows of capture and of places and numbers as typed, through the form, the API and the pages."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import DatabaseError

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.catalog.terms import SourceType
from apps.consent.models import ConsentEvent
from apps.leads.models import ContactPoint, Lead, Task, Touch
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in

CHICAGO = ZoneInfo("America/Chicago")
SATURDAY_EIGHT_PM = datetime(2026, 12, 5, 20, 0, tzinfo=CHICAGO)
FORM = {
    "first_name": "Maria",
    "last_name": "Lopez",
    "phone": "(312) 555-0142",
    "email": "Maria@Example.com",
    "service": "imaging",
    "timeframe": "within_week",
    "preferred_channel": "call",
    "consent_call": "on",
    "consent_email": "on",
}


def body_of(answer):
    return answer.content.decode()


def post(program, body, at):
    """Deliver by API at an instant."""
    with travelling(to=at):
        answer = program.post("/leads", body)
    assert answer.status_code == 202, body_of(answer)


def send_form(client, harbor, at, query="", **changes):
    """Open the public form at an instant and send it ten seconds later."""
    address = f"/f/{harbor.slug}-contact/"
    with travelling(to=at):
        page = body_of(client.get(f"{address}{query}", headers={"referer": "https://ads.example/x?q=1"}))
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    with travelling(to=at + timedelta(seconds=10)):
        assert client.post(address, {"token": token, **FORM, **changes}).status_code == 303
    return at + timedelta(seconds=10)


def the_lead(tenant):
    with tenant.scope():
        lead_id = Lead.rows().get().id
    return reload(tenant, lead_id)


def first_name_of(lead):
    return lead.owner.user.email.partition("@")[0]


@pytest.mark.row("CP-01")
def test_every_type_of_source_can_be_registered(harbor, client_as):
    ada = client_as("ada")
    for kind in SourceType:
        body = {
            "key": f"s-{kind.replace('_', '-')}",
            "name": f"A {kind}",
            "type": kind,
            "channel": "web_form",
            "start_event": "form_submitted",
            "required_fields": "[]",
            "missing_consent": "hold",
            "is_active": "on",
        }
        answer = ada.post("/admin/catalog/source/add/", body)
        assert answer.status_code == 302, (kind, re.findall(r"errorlist.*?</ul>", body_of(answer), re.S))
    with harbor.scope():
        kinds = set(Source.rows().filter(key__startswith="s-").values_list("type", flat=True))
    assert kinds == set(SourceType) and len(kinds) == 20


@pytest.mark.row("CP-01")
def test_an_unknown_source_is_accepted_named_and_flagged(harbor, api, client_as):
    post(api("bp-1"), inquiry(source="billboard-9"), TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    lead = the_lead(harbor)
    assert (lead.source.key, lead.source.type) == ("unknown", "unknown")
    row = api("bp-1").get("/deliveries").json()["results"][0]
    flagged = [each for each in row["reasons"] if each["code"] == "unknown_source"]
    assert flagged[0]["detail"] == "“billboard-9” is no known source."
    assert "Unknown source" in body_of(client_as("ewa").get(f"/leads/{lead.id}/"))
    with pytest.raises(DatabaseError), harbor.scope():
        Lead.rows().filter(id=lead.id).update(source=None)


@pytest.mark.row("CP-03")
def test_ownership_starts_with_the_form_not_with_the_row(harbor, client):
    sent_at = send_form(client, harbor, TUESDAY_NINE)
    harbor.drain(sent_at + timedelta(seconds=40))
    lead = the_lead(harbor)
    assert lead.captured_at == lead.ownership_started_at == lead.owner_since
    assert sent_at <= lead.ownership_started_at < sent_at + timedelta(seconds=5)
    assert lead.created_at >= sent_at + timedelta(seconds=40)


@pytest.mark.row("CP-03")
def test_a_chat_is_a_lead_from_its_acceptance_and_none_when_abandoned(harbor, api):
    accepted = TUESDAY_NINE + timedelta(minutes=2)
    body = inquiry(source="chat", capture_method="chat", submitted_at=accepted.isoformat())
    post(api("bp-1"), body, accepted + timedelta(seconds=30))
    post(
        api("bp-1"),
        {"external_id": "left", "source": "chat", "capture_method": "chat", "person": {}},
        accepted,
    )
    harbor.drain(accepted + timedelta(minutes=1))
    lead = the_lead(harbor)
    assert lead.ownership_started_at == lead.captured_at == accepted
    assert lead.created_at >= accepted + timedelta(minutes=1)
    with harbor.scope():
        start = Source.rows().get(key="chat").start_event
        assert (start, Submission.rows().get(external_id="left").verdict) == ("chat_accepted", "rejected")


@pytest.mark.row("CP-09")
def test_the_original_stays_as_it_came_through_three_edits(harbor, client_as):
    asked = inquiry(source="web-derm", request__service="Dermatology", request__location="evanston")
    lead = make_lead(harbor, **asked)
    owner, path = client_as(first_name_of(lead)), f"/leads/{lead.id}"
    with travelling(to=TUESDAY_NINE + timedelta(minutes=5)):
        assert ask(owner, "PATCH", path, {"payer": "Blue"}).status_code == 200
        assert ask(owner, "PATCH", path, {"timeframe": "later"}).status_code == 200
        moved = {"team": "ortho-intake", "reason": "It is the knee", "service": "orthopedics"}
        assert ask(owner, "POST", f"{path}/transfers", moved).status_code == 201
        page = body_of(client_as("ewa").get(f"/leads/{lead.id}/background/"))
        consents = ask(client_as("ewa"), "GET", f"{path}/consents").json()["history"]
    assert reload(harbor, lead.id).service.key == "orthopedics"
    assert re.search(r"Request, service</dt>\s*<dd[^>]*>\s*Dermatology", page)
    assert {each["wording_version"] for each in consents} == {"v4"}
    with harbor.scope():
        row = Submission.rows().get(lead_id=lead.id)
        assert row.event_at == row.received_at == TUESDAY_NINE <= row.stored_at
        assert row.capture_method == "web_form"
        event_id = ConsentEvent.rows().filter(submission_id=row.id).first().id
    shown = body_of(client_as("dev").get(f"/admin/capture/submission/{row.id}/change/"))
    for part in ("Event at", "Received at", "Stored at", "Capture method", row.raw_digest):
        assert part.lower() in shown.lower()
    later = TUESDAY_NINE + timedelta(days=1)
    for change in (
        {"raw": b"x"},
        {"event_at": later},
        {"received_at": later},
        {"capture_method": "api"},
        {"raw_digest": "x"},
    ):
        with pytest.raises(DatabaseError), harbor.scope():
            Submission.rows().filter(id=row.id).update(**change)
    with pytest.raises(DatabaseError), harbor.scope():
        ConsentEvent.rows().filter(id=event_id).update(wording_version="v5")


@pytest.mark.row("CP-19")
def test_a_saturday_evening_form_is_answered_with_the_next_opening(harbor, client):
    mail.outbox.clear()
    sent_at = send_form(client, harbor, SATURDAY_EIGHT_PM)
    harbor.drain(sent_at + timedelta(seconds=20))
    lead = the_lead(harbor)
    assert lead.acknowledged_at - lead.captured_at <= timedelta(seconds=60)
    letter = mail.outbox[0]
    text = " ".join(letter.body.split())
    assert letter.to == ["maria@example.com"]
    assert "thank you for your request. We will contact you Monday from 08:00." in text
    assert "We will ask what you need" in text and "how our clinicians can review them" in text
    assert lead.ref in text
    with harbor.scope():
        timer = SlaTimer.rows().get(lead=lead, kind="acknowledgement")
        assert timer.met_at == lead.acknowledged_at <= timer.due_at
        assert SlaTimer.rows().get(lead=lead, kind="first_contact").met_at is None


@pytest.mark.row("CP-19")
def test_while_open_the_answer_names_today_and_needs_the_permission(harbor, client):
    mail.outbox.clear()
    sent_at = send_form(client, harbor, TUESDAY_NINE)
    harbor.drain(sent_at)
    assert "We will contact you today by 09:" in mail.outbox[0].body
    count = len(mail.outbox)
    lead = make_lead(harbor, consent=[consent("call")])
    assert len(mail.outbox) == count
    assert lead.acknowledged_at is None


@pytest.mark.row("CP-21")
def test_a_touch_keeps_where_the_person_came_from(harbor, client, client_as):
    query = (
        "?utm_source=google&utm_medium=cpc&utm_campaign=imaging-spring&utm_term=mri&lp=IMG-02"
        "&ad_group=MRI-north&keyword=mri+near+me&gclid=G1"
    )
    sent_at = send_form(client, harbor, TUESDAY_NINE, query)
    harbor.drain(sent_at)
    (row,) = ask(client_as("cleo"), "GET", "/attribution").json()["results"]
    assert row["campaign"] == "imaging-spring"
    assert row["attribution"] == {
        "utm_source": "google",
        "utm_medium": "cpc",
        "utm_campaign": "imaging-spring",
        "utm_term": "mri",
        "landing_page": "IMG-02",
        "ad_group": "MRI-north",
        "keyword": "mri near me",
        "gclid": "G1",
        "referrer": "https://ads.example/x",
    }
    with harbor.scope():
        lead = Lead.rows().get()
    page = client_as("ewa").get(f"/leads/{lead.id}/background/").content.decode()
    assert "Landing page: IMG-02" in page and "Advertisement: MRI-north" in page


@pytest.mark.row("CP-21")
def test_each_touch_keeps_its_own_origin(harbor, api):
    first = make_lead(harbor, person__phone="+13125550142", attribution={"landing_page": "IMG-02"})
    later = TUESDAY_NINE + timedelta(hours=1)
    body = inquiry(person__phone="+13125550142", attribution={"ad_group": "MRI-north", "fbclid": "F1"})
    assert processed(harbor, send_in(harbor, body, at=later), at=later).lead_id == first.id
    with harbor.scope():
        kept = list(Touch.rows().filter(lead=first).order_by("at").values_list("attribution", flat=True))
    assert kept == [{"landing_page": "IMG-02"}, {"ad_group": "MRI-north", "fbclid": "F1"}]


@pytest.mark.row("CP-22")
def test_each_channel_is_taken_with_what_it_has(harbor, api):
    call = inquiry(
        source="call", capture_method="call", person__email="", request__location="elm-st", consent=[consent("call")]
    )
    form = inquiry(
        person__phone="",
        person__email="form@example.com",
        request__preferred_channel="email",
        consent=[consent("email")],
    )
    leads = [make_lead(harbor, **call), make_lead(harbor, **form)]
    assert [(each.stage.key, each.exception, each.capture_method) for each in leads] == [
        ("routed", "", "call"),
        ("routed", "", "web_form"),
    ]
    with harbor.scope():
        tasks = [Task.rows().get(lead=each).channel for each in leads]
        rules = [SlaTimer.rows().get(lead=each, kind="first_contact").policy_id for each in leads]
        points = [set(ContactPoint.rows().filter(person=each.person).values_list("kind", flat=True)) for each in leads]
    assert tasks == ["call", "email"]
    assert points == [{"phone"}, {"email"}]
    assert rules[0] != "queue" and leads[0].acknowledged_at is not None


@pytest.mark.row("CP-22")
def test_a_field_that_the_source_promised_is_asked_for_and_nothing_is_lost(harbor):
    lead = make_lead(harbor, request__service="")
    assert (lead.exception, lead.queue.key, lead.validity) == (
        "required_field_missing",
        "general-intake",
        "valid",
    )
    other = make_lead(harbor, source="landing-pages", request__service="")
    assert (other.exception, other.stage.key) == ("", "routed")
    with harbor.scope():
        reasons = Submission.rows().get(lead_id=lead.id).reasons
        assert ("required_field_missing", "V-6") in [(each["code"], each.get("check")) for each in reasons]
        assert sorted(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True)) == [
            *("call", "clarify_service", "review")
        ]


@pytest.mark.row("CP-24")
def test_an_organisation_asks_on_business_without_a_date_of_birth(harbor, api, client_as):
    body = inquiry(
        lead_class="business",
        consent=[consent("call")],
        person={"organization_name": "Acme Corp", "is_organization": True, "phone": "3125550142"},
        request={"message": "Employee screening", "preferred_channel": "call"},
        source="landing-pages",
    )
    post(api("bp-1"), body, TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    lead = the_lead(harbor)
    assert (lead.lead_class, lead.person.is_organization, lead.person.date_of_birth) == (
        "business",
        True,
        None,
    )
    assert (lead.queue.key, lead.owner_team.key, lead.stage.key) == (
        "partnerships-desk",
        "partnerships",
        "routed",
    )
    with harbor.scope():
        assert Lead.rows().select_related("pipeline").get(id=lead.id).pipeline.person_word == "Partner"
    shown = ask(client_as("pia"), "GET", f"/leads/{lead.id}").json()
    assert (shown["lead_class"], shown["person"]["first_name"]) == ("business", "Acme Corp")
    assert "Acme Corp" in body_of(client_as("pia").get(f"/leads/{lead.id}/"))


@pytest.mark.row("CP-25")
def test_a_son_asks_for_his_mother_and_is_the_one_called(harbor, client_as):
    son = {"first_name": "Luis", "last_name": "Lopez", "relation": "son", "phone": "(312) 555-0188"}
    lead = make_lead(harbor, on_behalf_of=son, person__phone="+13125550142", consent=[consent("call")])
    owner, later = client_as(first_name_of(lead)), TUESDAY_NINE + timedelta(minutes=2)
    with travelling(to=later):
        begun = ask(owner, "POST", f"/leads/{lead.id}/calls", {})
        page = body_of(owner.get(f"/leads/{lead.id}/"))
    assert (begun.status_code, begun.json()["value"]) == (200, "+13125550188")
    assert "Asked by family for Maria Lopez" in page
    assert "(312) 555-0188" in page
    with harbor.scope():
        full = Lead.rows().select_related("contact_person").get(id=lead.id)
        assert (full.contact_person.first_name, full.contact_relation) == ("Luis", "family")
        (event,) = ConsentEvent.rows().filter(channel="call")
        assert (event.person_id, event.contact_value) == (full.contact_person_id, "+13125550188")
        assert Task.rows().get(lead=lead).title == "Call Luis Lopez"
        assert AuditEntry.rows().filter(action="lead.call", object_id=lead.id).count() == 1


@pytest.mark.row("DD-06")
def test_a_town_as_typed_becomes_a_place_with_its_confidence(harbor, client_as):
    lead = make_lead(
        harbor,
        person__city="Oak Prk, IL",
        person__region="",
        person__postal_code="",
        request__service="cardiology",
        request__location="",
    )
    assert (lead.person.city, lead.person.region, lead.exception) == ("Oak Park", "IL", "")
    assert lead.location.key == "oak-park"
    with harbor.scope():
        sure = RoutingDecision.rows().get(lead=lead).facts["place_confidence"]
    assert 85 <= sure < 100
    why = body_of(client_as("ewa").get(f"/leads/{lead.id}/why/"))
    assert re.search(rf"Place confidence</dt>\s*<dd>\s*{sure}", why)
    assert "Oak Prk, IL" in body_of(client_as("ewa").get(f"/leads/{lead.id}/background/"))


@pytest.mark.row("DD-06")
@pytest.mark.parametrize(("city", "code"), [("Springfield", "ambiguous_city"), ("Evnstnton", "unknown_city")])
def test_a_doubtful_town_goes_to_people_and_never_to_an_office(harbor, client_as, city, code):
    lead = make_lead(harbor, person__city=city, person__region="", person__postal_code="", request__location="")
    assert (lead.exception, lead.queue.key, lead.stage.key, lead.location) == (
        code,
        "general-intake",
        "new",
        None,
    )
    with harbor.scope():
        task = Task.rows().get(lead=lead, channel="")
    assert (task.kind, task.title) == ("clarify_place", "Clarify where they live")
    shown = body_of(client_as("ewa").get("/queue/?view=exceptions"))
    assert f"lead-{lead.ref}" in shown


@pytest.mark.row("DD-07")
def test_values_are_kept_canonical_beside_what_was_typed(harbor, client, client_as):
    sent_at = send_form(client, harbor, TUESDAY_NINE, first_name="  maria ", email=" Maria.LOPEZ@Example.COM ")
    harbor.drain(sent_at)
    lead = the_lead(harbor)
    with harbor.scope():
        points = {row.kind: (row.value, row.typed) for row in ContactPoint.rows().filter(person=lead.person)}
    assert points["phone"] == ("+13125550142", "(312) 555-0142")
    assert points["email"] == ("maria.lopez@example.com", "Maria.LOPEZ@Example.COM")
    assert (lead.person.first_name, lead.person.last_name) == ("Maria", "Lopez")
    ewa = client_as("ewa")
    assert "maria.lopez@example.com" in body_of(ewa.get(f"/leads/{lead.id}/"))
    assert "Maria.LOPEZ@Example.COM" in body_of(ewa.get(f"/leads/{lead.id}/background/"))
