"""E-10: who asks for a price is not called; mails that fit follow where permitted, until they say what they need."""

from datetime import timedelta

import pytest
from django.core import mail

from apps.leads.models import Task
from apps.outreach.models import Message
from apps.qualification.models import Qualification, ScoreResult
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.links import follow, links_mailed, text_of
from tests.rows.arranging import ask, page
from tests.rows.test_exceptions import NO_LOCATION
from tests.rows.test_stages import save_stages

PIA = "pia.lund@example.com"
ASKS = {**NO_LOCATION, "request__service": "", "request__message": "How much is it? Tell me more"}
DAY = timedelta(days=1)
DECIDED = TUESDAY_NINE + timedelta(minutes=80)
SERIES = [
    {"do": "message", "template": "nurture-prices", "after_seconds": 86_400, "lacks": ["service"]},
    {"do": "message", "template": "nurture-visit", "after_seconds": 86_400, "knows": ["location"]},
    {"do": "message", "template": "nurture-prices", "after_seconds": 2_592_000, "lacks": ["service"]},
]


def subjects(address):
    return [message.subject for message in mail.outbox if address in message.to]


def series_of(tenant, lead):
    with tenant.scope():
        rows = Message.rows().filter(lead=lead, purpose="stage").order_by("created_at", "id")
        return list(rows.values_list("template_key", "state"))


@pytest.mark.journey("E-10")
@pytest.mark.row("TN-14")
def test_a_pricing_question_rests_until_they_pick_a_service(harbor, client_as):
    mail.outbox.clear()
    save_stages(
        harbor,
        client_as("ada"),
        lambda rows: [(*row[:4], SERIES if row[1] == "nurture" else row[4]) for row in rows],
    )
    permits = {"request__preferred_channel": "email", "consent": [consent("email"), consent("call")]}
    lead = make_lead(harbor, **ASKS, **permits, person__email=PIA)
    silent = make_lead(harbor, **ASKS, consent=[consent("call")], person__email="no.mail@example.com")

    # 1. Valid, information only, last in line, and given to nobody to call.
    for each in (lead, silent):
        assert (each.validity, each.exception, each.workflow, each.priority) == ("valid", "", "information", "P3")
    ewa = client_as("ewa")
    with harbor.scope():
        kinds = set(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
    assert kinds == {"nurture"}
    with travelling(to=DECIDED):
        given = ewa.post("/start/")
    assert str(lead.id) not in given["Location"] and str(silent.id) not in given["Location"]

    asks = page(ewa, f"/leads/{lead.id}/", at=DECIDED)
    assert "Call now: attempt" not in asks and f"/leads/{lead.id}/qualify/" in asks

    # 2. Nurture is a verdict with a reason and a day; the mail that fits what is known goes where they permit it.
    rest = {"verdict": "nurture", "reason": "No service or timeline named, asks for prices"}
    undated = ask(ewa, "POST", f"/leads/{lead.id}/qualification", rest, at=DECIDED)
    assert undated.status_code == 422
    rest |= {"next_step": "Ask what they need", "next_step_at": (DECIDED + 60 * DAY).isoformat()}
    for each in (lead, silent):
        decided = ask(ewa, "POST", f"/leads/{each.id}/qualification", rest, at=DECIDED)
        assert (decided.status_code, decided.json()["stage"]) == (200, "nurture"), decided.content
    with harbor.scope():
        verdict = Qualification.rows().get(lead=lead)
    assert verdict.reason == rest["reason"] and verdict.next_step_at == DECIDED + 60 * DAY
    assert reload(harbor, lead.id).next_action_at == DECIDED + 60 * DAY
    harbor.drain(DECIDED + DAY)
    assert "How your visit is paid for" in subjects(PIA) and "When the time comes" not in subjects(PIA)
    assert series_of(harbor, lead) == [("nurture-prices", "sent"), ("nurture-prices", "pending")]
    assert [state for _, state in series_of(harbor, silent)] == ["blocked", "pending"]
    assert "How your visit is paid for" not in subjects("no.mail@example.com")

    # 3. They pick a service by a link: scored anew, routed, called; the series is over.
    later = DECIDED + 2 * DAY
    asked = ask(ewa, "POST", f"/leads/{lead.id}/data-requests", {"fields": ["service", "location"]}, at=later)
    assert asked.status_code == 201, asked.content
    harbor.drain(later)
    link, answered = links_mailed(PIA)[-1], later + timedelta(hours=1)
    for name, told in (("name", "Lopez"), ("service", "imaging"), ("location", "elm-st")):
        answer = follow(f"{link}?ask={name}", answered, {name: told})
        assert answer.status_code == 303, text_of(answer)
    row = reload(harbor, lead.id)
    assert (row.stage.key, row.workflow, row.service.key, row.location.key) == ("routed", "", "imaging", "elm-st")
    with harbor.scope():
        scores = list(ScoreResult.rows().filter(lead=lead).order_by("scored_at").values_list("intent", flat=True))
        contact = Task.rows().get(lead=lead, state="open", channel__in=["call", "email", "text"])
    assert len(scores) > 1 and scores[-1] > scores[0]
    assert contact.channel == "email" and contact.team_id == row.owner_team_id
    assert row.ref in page(client_as(row.owner.user.email.partition("@")[0]), "/queue/", at=answered)
    mails = len(subjects(PIA))
    harbor.drain(DECIDED + 31 * DAY)
    assert series_of(harbor, lead) == [("nurture-prices", "sent"), ("nurture-prices", "blocked")]
    assert "How your visit is paid for" not in subjects(PIA)[mails:]
