"""Row CP-19 by text and for repeats: told within a minute on a permitted channel, and never too often."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.opt_out import opt_out
from apps.leads.models import ContactPoint
from apps.outreach.actions import intend_message
from apps.outreach.models import DeliveryEvent, Message, Template
from apps.outreach.templating import install
from apps.outreach.texts import NullTexts, TextRefused, TextUnknown
from apps.sla.models import SlaTimer
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.models import Organization
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.rows.test_capture import SATURDAY_EIGHT_PM, the_lead
from tests.rows.test_capture import send_form as send_form_of

PHONE, LINE = "+13125550142", "+13125550190"
CHICAGO = ZoneInfo("America/Chicago")
NIGHT, MORNING = datetime(2026, 12, 1, 22, 0, tzinfo=CHICAGO), datetime(2026, 12, 2, 8, 0, tzinfo=CHICAGO)
TEXTS_ONLY = {"email": "", "consent_email": "", "consent_text": "on", "preferred_channel": "text"}


@pytest.fixture(autouse=True)
def outboxes():
    """Begin each test with empty outboxes."""
    NullTexts.sent.clear()
    NullTexts.failure = None
    mail.outbox.clear()
    yield
    NullTexts.failure = None


def send_form(client, harbor, at, **changes):
    answer = send_form_of(client, harbor, at, **changes)
    harbor.drain(answer + timedelta(seconds=20))
    return answer


def texter(harbor, at=TUESDAY_NINE, **changes):
    """Return the lead of somebody who left a number alone and permits texts."""
    asked = {"person__email": "", "person__phone": PHONE, "consent": [consent("call"), consent("text")]}
    return make_lead(harbor, at=at, **(asked | changes))


def again(harbor, at, **changes):
    """Let the person ask again; return what became of it."""
    return processed(harbor, send_in(harbor, inquiry(**{"person__phone": PHONE, **changes}), at=at), at=at)


@pytest.mark.row("CP-19")
def test_a_number_alone_is_answered_by_text_with_the_next_opening(harbor, client, client_as):
    send_form(client, harbor, SATURDAY_EIGHT_PM, **TEXTS_ONLY)
    lead = the_lead(harbor)
    # Beside the receipt a link goes, because they named no office.
    ((sender, to, body),) = [(each.sender, each.to, each.body) for each in NullTexts.sent if "/c/" not in each.body]
    assert (sender, to) == (LINE, PHONE)
    assert "we have your request" in body and lead.ref in body and "We will contact you Monday from 08:00" in body
    assert "ask what you need" in body and "Have records? Tell us then how we may see them" in body and "STOP" in body
    assert mail.outbox == []
    assert lead.acknowledged_at - lead.captured_at <= timedelta(seconds=60)
    with harbor.scope():
        timer = SlaTimer.rows().get(lead=lead, kind="acknowledgement")
        assert timer.met_at == lead.acknowledged_at <= timer.due_at
    with travelling(to=SATURDAY_EIGHT_PM + timedelta(minutes=2)):
        page = client_as("ewa").get(f"/leads/{lead.id}/").content.decode()
    assert "Sent by text: Acknowledgement" in page


@pytest.mark.row("CP-19")
def test_a_text_needs_its_permission_a_line_and_a_template(harbor):
    assert texter(harbor, consent=[consent("call")]).acknowledged_at is None
    imported = texter(harbor, person__phone="+13125550144", capture_method="import")
    assert imported.acknowledged_at is None
    with harbor.scope():
        assert not SlaTimer.rows().filter(kind="acknowledgement").exists()
        Template.rows().filter(key="acknowledgement", channel="text", language="es").update(key="gone")
        find = {"key": "acknowledgement", "channel": "text", "language": "en"}
        words = {
            "subject": "",
            "body": "Hola {first_name}: {next_contact}. Le preguntaremos por sus expedientes. STOP",
            "purpose": "care_inquiry",
        }
        install(actor=harbor.system, find=find, words={**words, "holds_phi": False}, now=database_now())
    assert NullTexts.sent == []
    told = texter(harbor, person__phone="+13125550145", person__preferred_language="es")
    assert NullTexts.sent[-1].body.startswith("Hola Maria: hoy antes de las 09:"), "the edited text goes out"
    assert told.acknowledged_at is not None
    with harbor.scope():
        Organization.objects.filter(id=harbor.organization_id).update(settings={})
    assert texter(harbor, person__phone="+13125550146").acknowledged_at is None
    assert len(NullTexts.sent) == 1


@pytest.mark.row("CP-19")
def test_a_spanish_text_goes_in_spanish(harbor):
    texter(harbor, person__preferred_language="es")
    assert "recibimos su solicitud" in NullTexts.sent[0].body and "hoy antes de las" in NullTexts.sent[0].body


@pytest.mark.row("CP-19")
def test_whether_a_text_may_go_is_asked_again_when_it_goes(harbor):
    lead = texter(harbor)
    intended = intended_at(harbor, lead, NIGHT)
    harbor.drain(NIGHT)
    assert (state_of(harbor, intended), len(NullTexts.sent)) == (("pending", ""), 1), "it is 22:00 where they are"
    with harbor.scope(), travelling(to=NIGHT):
        ewa = harbor.actor("ewa")
        opt_out(actor=ewa, lead_id=lead.id, channels=[Channel.TEXT], reason="asked on the phone", now=NIGHT)
    harbor.drain(MORNING)
    assert (state_of(harbor, intended), len(NullTexts.sent)) == (("blocked", "asked on the phone"), 1)
    other = texter(harbor, person__phone="+13125550143")
    again_intended = intended_at(harbor, other, NIGHT, "again")
    harbor.drain(NIGHT)
    harbor.drain(MORNING)
    assert state_of(harbor, again_intended) == ("sent", "")


def intended_at(harbor, lead, at, key="late"):
    """Return a receipt that is to go at an instant."""
    with harbor.scope():
        return intend_message(
            lead,
            purpose="receipt",
            template_key="acknowledgement-repeat",
            contact_point=ContactPoint.rows().get(person=lead.person_id),
            words={},
            language="en",
            dedup_key=key,
            now=TUESDAY_NINE,
            due_at=at,
            channel="text",
        )


def state_of(harbor, message):
    """Return how a message stands, and why."""
    with harbor.scope():
        return Message.rows().values_list("state", "reason").get(id=message.id)


@pytest.mark.row("CP-19")
@pytest.mark.row("CN-18")
def test_a_text_for_an_inquiry_in_the_night_goes_in_the_first_minute_that_is_allowed(harbor, client):
    night = send_form(client, harbor, NIGHT, **TEXTS_ONLY)
    lead = the_lead(harbor)
    with harbor.scope():
        timer = SlaTimer.rows().get(lead=lead, kind="acknowledgement")
    assert (NullTexts.sent, lead.acknowledged_at) == ([], None)
    assert (timer.started_at, timer.due_at) == (MORNING, MORNING + timedelta(seconds=60)), "nobody is late by night"
    assert again(harbor, night + timedelta(hours=2), person__email="", consent=[]).lead_id == lead.id
    harbor.drain(MORNING - timedelta(seconds=1))
    assert NullTexts.sent == []
    harbor.drain(MORNING + timedelta(seconds=20))
    (sent,) = NullTexts.sent
    assert (sent.to, "We will contact you today by 08:" in sent.body) == (PHONE, True), sent.body
    told = reload(harbor, lead.id).acknowledged_at
    assert MORNING <= told <= timer.due_at
    with harbor.scope():
        met = SlaTimer.rows().get(lead=lead, kind="acknowledgement", met_at__isnull=False)
        assert (met.met_at, met.due_at) == (told, timer.due_at)


@pytest.mark.row("CP-19")
def test_whom_a_person_reached_in_the_night_gets_no_receipt_any_more(harbor, client_as):
    lead = texter(harbor, at=NIGHT)
    hour = NIGHT + timedelta(hours=1)
    said = {"kind": "call", "direction": "inbound", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    with travelling(to=hour):
        someone = client_as("abe")
        answer = ask(someone, "POST", f"/leads/{lead.id}/activities", said)
    assert answer.status_code == 201, answer.content
    harbor.drain(MORNING + timedelta(minutes=5))
    with harbor.scope():
        row = Message.rows().get(lead=lead)
        assert SlaTimer.rows().get(lead=lead, kind="acknowledgement").breached_at is None
    assert (row.state, row.reason, NullTexts.sent) == ("blocked", "Somebody has talked with them meanwhile.", [])


@pytest.mark.row("CP-19")
def test_who_stops_texts_in_the_night_gets_none_and_nobody_is_called_late(harbor):
    lead = texter(harbor, at=NIGHT)
    with harbor.scope(), travelling(to=NIGHT):
        ewa = harbor.actor("ewa")
        opt_out(actor=ewa, lead_id=lead.id, channels=[Channel.TEXT], reason="wrote “stop”", now=NIGHT)
    harbor.drain(MORNING + timedelta(minutes=5))
    with harbor.scope():
        timer = SlaTimer.rows().get(lead=lead, kind="acknowledgement")
    assert (NullTexts.sent, timer.breached_at, timer.ended_by) == ([], None, "the receipt was stopped")


@pytest.mark.row("CP-19")
def test_a_repeat_gets_one_short_receipt_a_day(harbor):
    lead = texter(harbor)
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert again(harbor, TUESDAY_NINE + timedelta(minutes=5)).lead_id == lead.id
    assert (len(NullTexts.sent), mail.outbox) == (1, []), "the first receipt has only just gone"
    other = {"person__phone": "+13125550149", "person__first_name": "Otto", "person__last_name": "Ray"}
    lead = texter(harbor, **other)
    NullTexts.sent[:1] = []
    for after, count in ((hour, 2), (3 * hour, 2), (5 * hour, 2), (day + 2 * hour, 3)):
        row = again(harbor, TUESDAY_NINE + after, person__email="", consent=[], **other)
        assert (row.lead_id, len(NullTexts.sent)) == (lead.id, count), after
    assert NullTexts.sent[1].body.startswith(f"Harbor Health: we have your new message too ({lead.ref}).")
    with harbor.scope():
        purposes = list(Message.rows().filter(lead=lead).order_by("created_at").values_list("purpose", flat=True))
    assert purposes == ["acknowledgement", "receipt", "receipt"]
    assert reload(harbor, lead.id).acknowledged_at == lead.acknowledged_at


@pytest.mark.row("CP-19")
def test_a_receipt_that_never_went_told_nothing_and_is_looked_for_by_its_number(harbor):
    NullTexts.failure = TextRefused("30410")
    texter(harbor)
    NullTexts.failure = None
    with CaptureQueriesContext(connection) as asked:
        again(harbor, TUESDAY_NINE + timedelta(minutes=5), person__email="")
    assert len(NullTexts.sent) == 1, "the first one failed, so the next is told"
    looked = [each["sql"] for each in asked if "\"purpose\" = 'receipt'" in each["sql"] and "SELECT" in each["sql"]]
    assert looked and not any("leads_contactpoint" in each for each in looked), "no join: an index fits"


@pytest.mark.row("CP-19")
def test_nobody_is_told_for_tests_imports_calls_batches_and_late_words(harbor, api):
    lead = texter(harbor)
    later = TUESDAY_NINE + timedelta(hours=2)
    for changes in (
        {"capture_method": "import"},
        {"capture_method": "call", "source": "call"},
        {"is_test": True},
    ):
        again(harbor, later, person__email="", **changes)
    with travelling(to=later):
        batch = {"leads": [inquiry(person__phone=PHONE, source="imaging-spring") for _ in range(2)]}
        assert api("bp-1").post("/leads/batch", batch).status_code == 202
    harbor.drain(later)
    assert len(NullTexts.sent) == 1 and mail.outbox == []
    assert again(harbor, later, person__email="").lead_id == lead.id
    with harbor.scope():
        told = Message.rows().get(purpose="receipt", state="sent")
    assert told.lead_id == lead.id, "a person who asks by themselves is told"


@pytest.mark.row("CP-19")
def test_by_mail_too_nobody_out_of_a_file_is_told_and_who_waited_for_our_worker_is(harbor, api):
    listed = make_lead(harbor, capture_method="import", person__email="listed@example.com")
    assert listed.acknowledged_at is None

    def deliver(email, asked_at, worked_at):
        body = inquiry(source="imaging-spring", person__email=email, submitted_at=asked_at.isoformat())
        with travelling(to=TUESDAY_NINE):
            assert api("bp-1").post("/leads", body).status_code == 202
        harbor.drain(worked_at)
        return [each.body for each in mail.outbox if each.to == [email]]

    # A badge seven weeks old reaches us today: nobody waits for an answer to it.
    assert deliver("badge@example.com", TUESDAY_NINE - timedelta(weeks=7), TUESDAY_NINE) == []
    with harbor.scope():
        assert not SlaTimer.rows().filter(kind="acknowledgement").exists(), "no clock for what is not sent"
        assert not Message.rows().exists()
    # Asked five minutes before it reached us; our worker was down for an hour.
    (told,) = deliver("waited@example.com", TUESDAY_NINE - timedelta(minutes=5), TUESDAY_NINE + timedelta(hours=1))
    assert "We will contact you as soon as we can" in told, "not by an hour that has passed"


def test_what_a_provider_refuses_or_leaves_open_is_never_sent_twice(harbor):
    for failure, state in ((TextRefused("21610"), "failed"), (TextUnknown("503"), "unknown")):
        NullTexts.failure = failure
        lead = texter(harbor, person__phone=f"+1312555017{len(state) - 6}")
        harbor.drain(TUESDAY_NINE + timedelta(hours=1))
        with harbor.scope():
            assert Message.rows().get(lead=lead).state == state
        assert (reload(harbor, lead.id).acknowledged_at, NullTexts.sent) == (None, [])


@pytest.mark.row("CN-04")
def test_a_stop_that_the_provider_tells_at_sending_is_an_opt_out_and_a_landline_gets_no_more_texts(harbor, client_as):
    NullTexts.failure = TextRefused("21610")
    stopped = texter(harbor)
    NullTexts.failure = TextRefused("21614")
    landline = texter(harbor, person__phone="+13125550143")
    NullTexts.failure = TextRefused("20003")
    ours = texter(harbor, person__phone="+13125550144")
    with harbor.scope():
        state = states_of([stopped.person_id])[stopped.person_id][Channel.TEXT].value
        takes = dict(ContactPoint.rows().values_list("value", "takes_texts"))
        about = dict(DeliveryEvent.rows().values_list("message__lead", "result"))
    assert state == "withdrawn"
    assert (takes["+13125550143"], takes["+13125550144"]) == (False, True)
    assert about == {stopped.id: "unsubscribed", landline.id: "takes_no_texts"}, ours
    with travelling(to=TUESDAY_NINE + timedelta(minutes=1)):
        page = client_as("ewa").get(f"/leads/{stopped.id}/").content.decode()
    assert "Acknowledgement: unsubscribed (error 21610)." in page
