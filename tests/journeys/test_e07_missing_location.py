"""E-07: a form without a location is owned, asked for and called; the answer by link moves it to the right office."""

from datetime import timedelta

import pytest
from django.core import mail

from apps.audit.models import AuditEntry
from apps.catalog.models import Location, Offering, Service
from apps.exceptions.models import ExceptionItem
from apps.leads.models import Lead, Task, TimelineEntry
from apps.outreach.models import DataRequest, Message
from apps.outreach.texts import NullTexts
from apps.ownership.models import Spell
from apps.sla.models import Escalation, SlaTimer
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.links import follow, links_mailed, text_of
from tests.rows.arranging import OpenBrowser, ask, page
from tests.rows.test_exceptions import NO_LOCATION
from tests.words import words_of

MARIA = "maria.lopez@example.com"
FORM = {**NO_LOCATION, "person__email": MARIA, "person__phone": "+13125550142"}


def offers_imaging_at_oak_park(tenant: Tenant) -> None:
    """Let Oak Park offer imaging, as in the journey: of the demo's offices only the two others do."""
    with tenant.scope():
        row = Service.rows().get(key="imaging")
        Offering.rows().get_or_create(service=row, location=Location.rows().get(key="oak-park"))


def story_of(tenant: Tenant, lead: Lead) -> list[str]:
    with tenant.scope():
        return list(words_of(TimelineEntry.rows().filter(lead=lead).order_by("at", "id"), "sentence"))


@pytest.mark.journey("E-07")
@pytest.mark.row("EX-04")
@pytest.mark.row("EX-12")
@pytest.mark.row("EX-01")
def test_maria_picks_oak_park_by_link(harbor: Tenant, client_as: OpenBrowser) -> None:
    offers_imaging_at_oak_park(harbor)
    mail.outbox.clear()
    NullTexts.sent.clear()
    lead = make_lead(harbor, **FORM, consent=[consent("call"), consent("email"), consent("text", "denied")])

    # 1. An exception; General Intake holds the lead meanwhile; half an hour to decide.
    with harbor.scope():
        item = ExceptionItem.rows().get(lead=lead)
        spell = Spell.rows().get(lead=lead)
    assert (item.get_type_display(), item.code, item.missing_data) == ("Missing fields", "location_missing", "collect")
    assert (spell.trigger, lead.queue.key, lead.stage.key) == ("interim", "general-intake", "new")
    assert item.due_at == TUESDAY_NINE + timedelta(minutes=30)

    # 2. One mail with the link; nothing by text, which she denied. The token stands in the mail alone.
    (link,) = links_mailed(MARIA)
    assert NullTexts.sent == []
    token = link.split("/")[2]
    with harbor.scope():
        request = DataRequest.rows().get(lead=lead)
        message = Message.rows().get(id=request.message_id)
    assert (request.asked, request.state, message.state) == (["location"], "open", "sent")
    assert token not in message.body and token not in (request.token_digest or "") and "{link}" in message.body
    assert "imaging" not in mail.outbox[-1].body.lower() + mail.outbox[-1].subject.lower()

    # 3. Ewa may call meanwhile.
    four, ewa = TUESDAY_NINE + timedelta(minutes=4), client_as("ewa")
    call = {"kind": "call", "outcome": "voicemail", "started_at": four.isoformat()}
    call |= {"next_action_at": (four + timedelta(hours=1)).isoformat()}
    assert ask(ewa, "POST", f"/leads/{lead.id}/activities", call, at=four).status_code == 201

    # 4. Maria says who she is and picks Oak Park: no other person does, and no office without the service is offered.
    nine = TUESDAY_NINE + timedelta(minutes=9)
    first = follow(link, nine)
    assert first.status_code == 200 and "What is your last name?" in text_of(first)
    assert (first["Referrer-Policy"], first["Cache-Control"]) == ("no-referrer", "no-store")
    wrong = follow(link, nine, {"name": "Smith"})
    assert wrong.status_code == 422 and "Error:" in text_of(wrong)
    assert follow(link, nine, {"name": "lópez"}).status_code == 303
    asked = text_of(follow(link, nine))
    assert "Which office suits you?" in asked and asked.count('type="radio"') == 3
    for told in ("Imaging", "imaging", "Maria", MARIA, "555-0142", lead.ref):
        assert told not in asked, told
    assert follow(f"{link}?ask=location", nine, {"location": "nowhere"}).status_code == 422
    sent = follow(f"{link}?ask=location", nine, {"location": "oak-park"})
    assert (sent.status_code, sent["Location"]) == (303, f"{link}?thanks=1")
    assert "There is nothing more to do" in text_of(follow(sent["Location"], nine))
    lead = reload(harbor, lead.id)
    assert (lead.location.key, lead.exception, lead.queue.key, lead.owner_team.key) == (
        "oak-park",
        "",
        "oak-calls",
        "oak-calls",
    )
    with harbor.scope():
        spells = list(Spell.rows().filter(lead=lead).order_by("started_at").values_list("trigger", "ended_at"))
        ended = ExceptionItem.rows().get(id=item.id)
        tasks = set(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
        clocks = list(SlaTimer.rows().filter(lead=lead, kind="exception").values_list("cancelled_at", flat=True))
        acts = list(AuditEntry.rows().filter(object_id=lead.id).values_list("action", flat=True))
    assert spells == [("interim", nine), ("release", None)]
    assert (ended.state, ended.decision, ended.decided_at) == ("resolved", "answered", nine)
    assert tasks == {"call"} and clocks == [nine] and acts.count("lead.answer_by_link") == 1
    told = story_of(harbor, lead)
    for sentence in (
        "Asked by e-mail for: location.",
        "Sent by e-mail: One detail is missing",
        "The link was opened: location.",
        "Answered by link: location Oak Park.",
        "What was missing came by a link: the lead goes on.",
    ):
        assert told.count(sentence) == 1, (sentence, told)
    assert "Answered by link: location Oak Park." in page(client_as("ben"), f"/leads/{lead.id}/", at=nine)

    # 5. The link was used: whoever comes again is told kindly, and nothing changes.
    for again in (follow(link, nine), follow(f"{link}?ask=location", nine, {"location": "elm-st"})):
        assert again.status_code == 410 and "We have your answer" in text_of(again)
    assert reload(harbor, lead.id).location.key == "oak-park"


@pytest.mark.journey("E-07")
@pytest.mark.row("EX-06")
def test_no_answer_is_escalated_and_an_old_link_only_asks_for_a_new_one(harbor: Tenant, client_as: OpenBrowser) -> None:
    mail.outbox.clear()
    lead = make_lead(harbor, **FORM)
    (link,) = links_mailed(MARIA)
    half = TUESDAY_NINE + timedelta(minutes=30)
    harbor.drain(half)
    with harbor.scope():
        assert ExceptionItem.rows().get(lead=lead).escalated_at == half
        alert = Escalation.rows().get(timer__lead=lead, timer__kind="exception", do="alert", step=1)
        assert alert.member.user.name == "Ewa Nowak"
        assert Task.rows().filter(lead=lead, state="open").exists(), "nothing idles"
    late = TUESDAY_NINE + timedelta(hours=73)
    expired = follow(link, late)
    assert expired.status_code == 410 and "This link is too old" in text_of(expired)
    assert follow(link, late, {"name": "Lopez"}).status_code == 410
    spanish = text_of(follow(f"{link}?lang=es", late))
    assert 'lang="es"' in spanish and "Este enlace es demasiado antiguo" in spanish
    assert "Look for a new message" in text_of(follow(link, late, {"again": "1"}))
    harbor.drain(late)
    old, new = links_mailed(MARIA)
    assert old == link and follow(new, late).status_code == 200
    assert "There is a newer link" in text_of(follow(link, late))
    assert reload(harbor, lead.id).exception == "location_missing"
