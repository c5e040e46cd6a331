"""Writing to a person by hand: the library, what fits a lead, and the gate (rows TN-01, TN-02)."""

import html
from datetime import timedelta

import pytest

from apps.appointments.models import Appointment
from apps.consent.terms import Channel
from apps.flows.entering import run_actions
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, TimelineEntry
from apps.leads.terms import NextAction, NextStep
from apps.outreach.models import Activity, Message, TemplateVersion
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.ids import new_id
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name
from tests.rows.test_templates import do, write

SOON = TUESDAY_NINE + timedelta(minutes=10)
NIGHT = TUESDAY_NINE + timedelta(hours=14)
OPEN = [consent("call"), consent("email"), consent("text")]


def words_of(harbor, key, channel="email"):
    """Return the newest version of a template's words."""
    with harbor.scope():
        rows = TemplateVersion.rows().filter(template__key=key, template__channel=channel, template__language="en")
        return rows.order_by("-number").first()


def make_visit(tenant, lead, state):
    """Book a visit for tomorrow, or one of yesterday that is over."""
    start = SOON + timedelta(days=-1 if state == "no_show" else 1)
    hours = {"starts_at": start, "ends_at": start + timedelta(minutes=30), "created_at": TUESDAY_NINE}
    told = {"provider": "Dr Kim", "confirmed_by": "patient", "state": state, "event_id": new_id()}
    Appointment(lead=lead, **hours, **told).save(force_insert=True)


def send(client, lead, key, channel="email", *, at=SOON):
    """Send a template by the API."""
    return ask(client, "POST", f"/leads/{lead.id}/messages", {"template": key, "channel": channel}, at=at)


def pointed(answer):
    """Return status, code and place of a refusal."""
    said = answer.json()
    return answer.status_code, said["code"], said["errors"][0]["pointer"]


def offered(client, lead, *, at=SOON):
    """Return what the API offers for a lead, by key and channel."""
    rows = ask(client, "GET", f"/leads/{lead.id}/message-templates", at=at).json()["results"]
    return {(each["template"], each["channel"]): each for each in rows}


@pytest.mark.row("TN-01")
def test_a_draft_is_in_the_library_and_cannot_be_chosen_or_sent_until_it_is_approved(harbor, client_as):
    ada, dev, lead = client_as("ada"), client_as("dev"), make_lead(harbor, consent=OPEN)
    owner = client_as(owner_name(lead))
    tags = {"goal": "records", "service": "imaging", "category": "diagnostic", "stages": ["routed", "attempting"]}
    write(ada, SOON, "Bring your papers, {first_name}.", key="papers", channel="email", subject="Papers", **tags)
    draft = words_of(harbor, "papers")
    assert (draft.state, draft.stages, draft.service) == ("draft", ["routed", "attempting"], "imaging")
    picker = f"/leads/{lead.id}/message/"
    assert "Papers" not in page(owner, picker, at=SOON) and ("papers", "email") not in offered(owner, lead)
    assert pointed(send(owner, lead, "papers")) == (422, "template_not_approved", "/template")
    with travelling(to=SOON):
        forced = owner.post(picker, {"words": str(draft.id), "idempotency_key": "k1"})
    assert forced.status_code == 422 and "not approved" in html.unescape(forced.content.decode())
    do(ada, SOON, harbor, "papers", "submit", channel="email")
    assert pointed(send(owner, lead, "papers")) == (422, "template_not_approved", "/template")
    do(dev, SOON, harbor, "papers", "approve", channel="email")
    assert offered(owner, lead)[("papers", "email")]["subject"] == "Papers"
    found = page(owner, f"{picker}?words={draft.id}", at=SOON)
    assert "Bring your papers, Maria." in found and "May go now." in found and "Version 1, approved by" in found
    assert send(owner, lead, "papers").status_code == 201
    query = "channel=email&stage=routed&category=diagnostic&service=imaging&purpose=care_inquiry&goal=records"
    (row,) = ask(ada, "GET", f"/templates?{query}&state=approved", at=SOON).json()["results"]
    assert (row["template"], row["state"]) == ("papers", "approved")
    assert ask(ada, "GET", f"/templates?{query}&state=draft", at=SOON).json()["results"] == []
    assert ask(owner, "GET", "/templates", at=SOON).status_code == 403
    listed = page(ada, "/admin/outreach/template/?stage=routed&service=imaging&goal=records&state=approved", at=SOON)
    assert "papers" in listed and "nurture-visit" not in listed
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(stage=lead.pipeline.stages.get(key="qualified"))
    assert pointed(send(owner, lead, "papers")) == (422, "template_not_offered", "/template")


@pytest.mark.row("TN-02")
def test_a_template_of_another_service_is_refused_and_not_in_the_picker(harbor, client_as):
    lead = make_lead(harbor, consent=OPEN)
    owner = client_as(owner_name(lead))
    assert lead.service.key == "imaging"
    assert pointed(send(owner, lead, "skin-visit")) == (422, "template_disagrees", "/template")
    assert "for Dermatology, which this lead does not ask for" in send(owner, lead, "skin-visit").json()["detail"]
    skin, times = words_of(harbor, "skin-visit"), words_of(harbor, "imaging-times")
    found = page(owner, f"/leads/{lead.id}/message/", at=SOON)
    assert str(skin.id) not in found and str(times.id) in found
    with travelling(to=SOON):
        forced = owner.post(f"/leads/{lead.id}/message/", {"words": str(skin.id), "idempotency_key": "k"})
    assert forced.status_code == 422
    derm = make_lead(harbor, consent=OPEN, source="web-derm", request__service="dermatology")
    if derm.service is not None and derm.service.key == "dermatology":
        there = offered(client_as(owner_name(derm)), derm)
        assert ("skin-visit", "email") in there and ("imaging-times", "email") not in there


@pytest.mark.row("TN-02")
def test_words_about_a_visit_or_a_referral_are_for_leads_that_have_one_and_the_others_say_why(harbor, client_as):
    lead = make_lead(harbor, consent=OPEN)
    owner, picker = client_as(owner_name(lead)), f"/leads/{lead.id}/message/"
    without = {
        "visit-reminder": "is about a visit to come, and none is booked for this lead.",
        "visit-rebook": "is about a visit that was missed, and this lead has missed none.",
        "referral-received": "is about a referral, and nobody referred this lead.",
        "appointment-reminder": "is for the stage scheduled; this lead is at routed.",
    }
    answer = ask(owner, "GET", f"/leads/{lead.id}/message-templates", at=SOON).json()
    left_out = {each["template"]: each["why"] for each in answer["left_out"]}
    shown = html.unescape(page(owner, picker, at=SOON))
    for key, why in without.items():
        assert (key, "email") not in offered(owner, lead)
        assert left_out[key] == f"The template “{key}” {why}" and left_out[key] in shown
        assert f"?words={words_of(harbor, key).id}" not in shown
        refused = send(owner, lead, key)
        assert (*pointed(refused), refused.json()["detail"]) == (
            *(422, "template_not_offered", "/template"),
            left_out[key],
        )
        with travelling(to=SOON):
            forced = owner.post(picker, {"words": str(words_of(harbor, key).id), "idempotency_key": key})
        assert forced.status_code == 422
    with harbor.scope():
        assert not Message.rows().filter(lead=lead, purpose="by_hand").exists()
        make_visit(harbor, lead, "no_show")
    assert ("visit-rebook", "email") in offered(owner, lead)
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(capture_method="referral")
    there = offered(owner, lead)
    assert ("referral-received", "email") in there and ("visit-reminder", "email") not in there
    with harbor.scope():
        make_visit(harbor, lead, "scheduled")
    # A booked visit: no new time is offered any more, and its reminder goes by its own step, which knows the hour.
    assert ("visit-rebook", "email") not in offered(owner, lead)
    said = send(owner, lead, "visit-reminder").json()
    assert (said["code"], "a step of its own" in said["detail"]) == ("template_not_offered", True)


@pytest.mark.row("TN-02")
def test_an_automatic_step_with_another_services_words_is_told_and_not_sent(harbor, mailoutbox):
    lead = make_lead(harbor, consent=OPEN)
    steps = (
        NextAction(NextStep.MESSAGE, template="skin-visit"),
        NextAction(NextStep.MESSAGE, template="imaging-times", after_seconds=3600),
    )
    with travelling(to=SOON), harbor.scope():
        run_actions(reload(harbor, lead.id), steps, actor=harbor.system, event_id=new_id(), now=database_now())
    with harbor.scope():
        told = [each.sentence for each in TimelineEntry.rows().filter(lead=lead)]
        assert any("Not written: The template “skin-visit” is for Dermatology" in each for each in told)
        assert not Message.rows().filter(lead=lead, template_key="skin-visit").exists()
        assert Message.rows().get(lead=lead, template_key="imaging-times").state == "pending"
        other = make_lead(harbor, source="web-derm", request__service="dermatology").service_id
        Lead.rows().filter(id=lead.id).update(service=other)
    harbor.drain(SOON + timedelta(hours=2))
    with harbor.scope():
        stopped = Message.rows().get(lead=lead, template_key="imaging-times")
        assert (stopped.state, "is for Imaging" in stopped.reason) == ("blocked", True)
    assert not [each for each in mailoutbox if each.subject == "A time for your visit"]


@pytest.mark.row("TN-01")
def test_a_coordinator_sends_by_hand_through_the_gate_and_it_counts_as_an_attempt(harbor, client_as, mailoutbox):
    lead = make_lead(harbor, consent=[consent("email"), consent("text", "denied")])
    owner, picker = client_as(owner_name(lead)), f"/leads/{lead.id}/message/"
    assert f'href="{picker}' in page(owner, f"/leads/{lead.id}/", at=SOON)
    missed, text = words_of(harbor, "missed-call"), words_of(harbor, "missed-call", "text")
    shown = page(owner, f"{picker}?words={missed.id}", at=SOON)
    assert "We tried to call you" in shown and "Hello Maria," in shown and lead.ref in shown
    assert "Names no health data." in shown and "one press" in shown
    refused = page(owner, f"{picker}?words={text.id}", at=SOON)
    assert "May go now" not in refused and "STOP" in refused
    assert (send(owner, lead, "missed-call", "text").status_code) == 403
    with travelling(to=SOON):
        for _ in range(2):
            sent = owner.post(picker, {"words": str(missed.id), "idempotency_key": "one"})
            assert sent.status_code == 303
    assert send(owner, lead, "missed-call").json()["code"] == "waits_already"
    harbor.drain(SOON)
    (mail,) = [each for each in mailoutbox if each.subject == "We tried to call you"]
    assert "Hello Maria," in mail.body and "/p/" in mail.body and "List-Unsubscribe" in mail.extra_headers
    with harbor.scope():
        message = Message.rows().get(lead=lead, purpose="by_hand")
        assert (message.state, message.words_id, bool(message.written_by)) == ("sent", missed.id, True)
        done = Activity.rows().get(lead=lead)
        assert (done.kind, done.outcome, done.actor_label) == (Channel.EMAIL, "sent", message.written_by)
        assert reload(harbor, lead.id).attempts == 1
    (kept,) = [
        each
        for each in ask(owner, "GET", f"/leads/{lead.id}/messages", at=SOON).json()["results"]
        if each["purpose"] == "by_hand"
    ]
    assert kept["state"] == "sent" and kept["subject"] == "We tried to call you"
    assert ask(client_as("ben"), "POST", f"/leads/{lead.id}/messages", {"template": "x"}, at=SOON).status_code == 403


@pytest.mark.row("TN-01")
def test_a_text_by_hand_waits_for_the_end_of_quiet_hours_and_stays_where_the_lead_was_closed(harbor, client_as):
    lead = make_lead(harbor, consent=OPEN)
    owner, text = client_as(owner_name(lead)), words_of(harbor, "missed-call", "text")
    shown = page(owner, f"/leads/{lead.id}/message/?words={text.id}", at=NIGHT)
    assert "Quiet hours there. It waits and goes" in shown
    assert send(owner, lead, "missed-call", "text", at=NIGHT).status_code == 201
    harbor.drain(NIGHT)
    with harbor.scope():
        assert Message.rows().get(lead=lead, purpose="by_hand").state == "pending"
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(closed_at=database_now(), closure_reason="not_interested")
    harbor.drain(NIGHT + timedelta(hours=12))
    with harbor.scope():
        message = Message.rows().get(lead=lead, purpose="by_hand")
        assert (message.state, message.reason) == ("blocked", "The lead was closed meanwhile.")
