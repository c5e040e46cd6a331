"""What was sent and what came of it: the list, delivery, answers, results by template (row TN-17)."""

import csv
import html
from datetime import timedelta

import pytest

from apps.appointments.models import Appointment
from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.flows.following import note_followed
from apps.flows.message_results import Results, results_by, results_of
from apps.outreach.actions import keep_reply
from apps.outreach.models import DeliveryEvent, Engagement, Message, Reply
from apps.privacy import details
from apps.tenancy.ids import new_id
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name

SOON = TUESDAY_NINE + timedelta(minutes=10)
LATER = SOON + timedelta(hours=3)


def send(client, lead, key, *, at=SOON):
    answer = ask(client, "POST", f"/leads/{lead.id}/messages", {"template": key}, at=at)
    assert answer.status_code == 201, answer.content


def sent(harbor, client_as, *, key="missed-call"):
    """Send a message about a new lead by hand; return lead and message."""
    lead = make_lead(harbor, consent=[consent("call"), consent("email")])
    send(client_as(owner_name(lead)), lead, key)
    harbor.drain(SOON)
    with harbor.scope():
        return lead, Message.rows().get(lead=lead, purpose="by_hand")


def tell(harbor, message, *, result="", kinds=(), answered=False, refused=False):
    """Keep what became of a message, as the doors of providers do."""
    with harbor.scope():
        if result:
            DeliveryEvent.rows().create(
                channel="email",
                contact_value="x@example.com",
                message=message,
                result=result,
                happened_at=SOON,
                recorded_at=SOON,
                event_key=f"t:{new_id()}",
            )
        for kind in kinds:
            Engagement.rows().create(
                lead=message.lead,
                person=message.lead.person,
                message=message,
                kind=kind,
                reference=str(message.id),
                source_label="test",
                happened_at=SOON,
                recorded_at=SOON,
            )
        if answered:
            Reply.rows().create(submission_id=new_id(), lead=message.lead, message=message, about="x", recorded_at=SOON)
        if refused:
            ConsentEvent.rows().create(
                person=message.lead.person,
                channel="email",
                purpose="care_inquiry",
                value="withdrawn",
                recorded_at=LATER,
                captured_at=LATER,
                source="test",
                recorded_by="test",
            )


@pytest.mark.row("TN-17")
def test_messages_are_listed_with_what_became_of_them_and_words_only_for_who_reads_health(harbor, client_as):
    lead, message = sent(harbor, client_as)
    tell(harbor, message, result="delivered", kinds=("opened", "clicked"), answered=True)
    shown = html.unescape(page(client_as("lena"), "/messages/?channel=email&days=7", at=LATER))
    assert "We tried to call you" in shown and f"/leads/{lead.id}/" in shown and lead.ref in shown
    assert "delivered, answered, followed a link, opened" in shown and message.written_by in shown
    assert "We tried to call you" not in page(client_as("lena"), "/messages/?state=failed", at=LATER)
    veiled = html.unescape(page(client_as("cleo"), "/messages/", at=LATER))
    assert "By hand" in veiled and "We tried to call you" not in veiled and "Maria" not in veiled
    assert client_as(owner_name(lead)).get("/messages/").status_code == 404


@pytest.mark.row("TN-17")
def test_results_count_each_message_once_in_each_column(harbor, client_as):
    made = [sent(harbor, client_as) for _ in range(4)]
    tell(harbor, made[0][1], result="delivered", kinds=("opened", "clicked"), answered=True)
    tell(harbor, made[1][1], kinds=("opened",))
    tell(harbor, made[2][1], result="delivered", refused=True)
    tell(harbor, made[3][1], result="hard_bounce")
    with harbor.scope():
        rows = Message.rows().filter(lead__in=[lead for lead, _ in made], purpose="by_hand")
        assert results_of(rows) == Results(sent=4, delivered=3, opened=2, clicked=1, replied=1, opted_out=1, booked=0)
        assert results_by(rows, ("template_key", "channel"))[("missed-call", "email")].sent == 4
        assert results_of(rows.none()) == Results()
    lena = client_as("lena")
    query = "since=2026-11-25&until=2026-12-05"
    shown = html.unescape(page(lena, f"/reports/outreach/?{query}", at=LATER + timedelta(days=1)))
    assert "What messages came to" in shown and "missed-call" in shown
    given = page(lena, f"/reports/outreach.csv?{query}", at=LATER + timedelta(days=1))
    (line,) = [row for row in csv.reader(given.splitlines()) if row[:1] == ["missed-call"]]
    assert line[2:] == ["4", "3", "2", "1", "1", "1", "0"], given
    (told,) = [
        row
        for row in ask(lena, "GET", "/message-results?days=30", at=LATER).json()["results"]
        if row["template"] == "missed-call"
    ]
    assert (told["sent"], told["delivered"], told["opted_out"]) == (4, 3, 1)


@pytest.mark.row("TN-17")
def test_a_booking_counts_once_for_the_last_message_before_it_within_thirty_days(harbor, client_as):
    lead, first = sent(harbor, client_as)
    send(client_as(owner_name(lead)), lead, "imaging-times", at=SOON + timedelta(days=1))
    harbor.drain(SOON + timedelta(days=1))
    late, alone = sent(harbor, client_as)
    booked(harbor, lead, SOON + timedelta(days=2))
    booked(harbor, lead, SOON + timedelta(days=3))
    booked(harbor, late, SOON + timedelta(days=31))
    with harbor.scope():
        rows = Message.rows().filter(lead__in=[lead, late], purpose="by_hand")
        counts = {key: each.booked for (key,), each in results_by(rows, ("template_key",)).items()}
        assert counts == {"missed-call": 0, "imaging-times": 1} and results_of(rows).sent == 3
        assert results_of(Message.rows().filter(id__in=[first.id, alone.id])).booked == 0


def booked(harbor, lead, at):
    """Keep a visit that was booked at an instant."""
    with harbor.scope():
        Appointment.rows().create(
            lead=lead,
            provider="Dr. Kim",
            starts_at=at + timedelta(days=5),
            ends_at=at + timedelta(days=5, hours=1),
            confirmed_by="patient",
            created_at=at,
            event_id=new_id(),
        )


@pytest.mark.row("TN-17")
def test_an_answer_stands_below_the_message_it_answers_on_the_leads_page(harbor, client_as):
    lead, message = sent(harbor, client_as)
    taken = SOON + timedelta(minutes=5)
    with harbor.scope():
        row = Submission.rows().filter(lead_id=lead.id).first()
        Submission.rows().filter(id=row.id).update(processed_at=taken)
        details.keep(subject_id=lead.id, kind="message", text="Tuesday at ten is fine.", now=taken)
        keep_reply(submission_id=row.id, lead=lead, message=message, about="x", now=taken)
    owner = client_as(owner_name(lead))
    shown = html.unescape(page(owner, f"/leads/{lead.id}/background/", at=LATER))
    assert shown.index("We tried to call you") < shown.index("They answered") < shown.index("Tuesday at ten is fine.")
    assert "Hello Maria," in shown and message.written_by in shown
    veiled = page(client_as("cleo"), f"/leads/{lead.id}/background/", at=LATER)
    assert "Tuesday at ten" not in veiled and "We tried to call you" not in veiled


@pytest.mark.row("TN-17")
def test_using_the_link_of_a_message_counts_as_followed_once(harbor, client_as, mailoutbox):
    lead, message = sent(harbor, client_as)
    (mail,) = [each for each in mailoutbox if each.subject == "We tried to call you"]
    assert "/p/" in mail.body
    with harbor.scope():
        for _ in range(2):
            note_followed(message.id)
    harbor.drain(LATER)
    with harbor.scope():
        assert Engagement.rows().filter(message=message, kind="clicked").count() == 1
        assert results_of(Message.rows().filter(id=message.id)).clicked == 1
