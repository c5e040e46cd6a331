"""Texts that answer a text of ours: through the number's own webhook onto the lead that was texted (row CP-13)."""

from datetime import timedelta

import pytest

from apps.catalog.models import Campaign
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.closing import close_lead
from apps.leads.models import ContactPoint, Lead, Person, Task, Touch
from apps.outreach.models import Message
from apps.outreach.texts import NullTexts
from apps.privacy.models import HealthDetail
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.connectors.senders import Sender, connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload

LINE, PHONE = "+13125550190", "+13125550142"
SOON, LATER = TUESDAY_NINE + timedelta(minutes=5), TUESDAY_NINE + timedelta(hours=1)


@pytest.fixture
def texts(harbor: Tenant) -> Sender:
    """Return the messaging webhook of the line that Harbor texts from; nothing was texted yet."""
    NullTexts.sent.clear()
    return connect(harbor, "twilio-sms", source="chat", settings={"help_text": "Harbor Health: +1 312 555 0100"})


def texted(tenant: Tenant, **changes: object) -> Lead:
    """Return a lead of "Spring-Outreach" that got our text: a number alone, and texts permitted."""
    with tenant.scope():
        if not Campaign.rows().filter(key="spring-outreach").exists():
            Campaign(key="spring-outreach", name="Spring-Outreach").save(force_insert=True)
    lead = make_lead(
        tenant,
        **{
            "person__email": "",
            "person__phone": PHONE,
            "consent": [consent("call"), consent("text")],
            "attribution": {"utm_campaign": "spring-outreach"},
            **changes,
        },
    )
    assert [each.to for each in NullTexts.sent][-1] == lead_number(tenant, lead)
    return lead


def lead_number(tenant: Tenant, lead: Lead) -> str:
    """Return the number of a lead."""
    with tenant.scope():
        return str(ContactPoint.rows().get(person=lead.person_id, kind="phone").value)


def answer(sender: Sender, body: str, number: int = 0, *, phone: str = PHONE, line: str = LINE) -> None:
    """Let a person text to a line of ours five minutes after it texted them, or later; the worker has worked."""
    sent = sample("twilio-sms", "text") | {"Body": body, "MessageSid": f"SM{number}", "From": phone, "To": line}
    with travelling(to=SOON + timedelta(minutes=number)):
        assert push(sender, sent, "application/x-www-form-urlencoded").status_code == 200
    sender.tenant.drain(SOON + timedelta(minutes=number))


@pytest.mark.row("CP-13")
def test_an_answer_to_our_text_is_a_touch_and_a_task_on_the_lead_that_was_texted(texts, harbor, client_as):
    lead = texted(harbor)
    answer(texts, "Yes, tomorrow morning is good.")
    answer(texts, "Yes, tomorrow morning is good.")
    with harbor.scope():
        assert (Lead.rows().count(), Person.rows().count()) == (1, 1)
        touch = Touch.rows().select_related("campaign").get(lead=lead, verdict="update")
        task = Task.rows().get(lead=lead, kind="follow_up")
        assert Message.rows().get(lead=lead).line == LINE
        assert HealthDetail.rows().filter(subject_id=lead.id, kind="message").count() == 1
    assert touch.campaign.name == "Spring-Outreach" and touch.at == SOON
    assert (task.title, task.due_at) == (
        "Answer Maria Lopez, who wrote about “Spring-Outreach”",
        SOON + timedelta(hours=4),
    )
    now = reload(harbor, lead.id)
    assert now.next_action_at == min(lead.next_action_at, task.due_at)
    with travelling(to=LATER):
        page = client_as("ewa").get(f"/leads/{lead.id}/").content.decode()
    assert "Answered “Spring-Outreach” by text." in page
    assert len(NullTexts.sent) == 1, "an answer is no repeat: it gets no receipt"


@pytest.mark.row("CP-13")
def test_of_two_leads_with_a_number_the_one_that_was_texted_last_is_answered(texts, harbor):
    first = texted(harbor)
    other = texted(harbor, at=TUESDAY_NINE + timedelta(minutes=1), person__first_name="Otto", person__last_name="Ray")
    assert other.person_id != first.person_id
    answer(texts, "Who is this for?")
    with harbor.scope():
        assert list(Touch.rows().filter(verdict="update").values_list("lead_id", flat=True)) == [other.id]


@pytest.mark.row("CP-13")
def test_a_text_from_an_unknown_number_or_to_another_line_is_an_inquiry_of_its_own(texts, harbor):
    lead = texted(harbor)
    answer(texts, "Do you take new patients?", phone="+13055550142")
    answer(texts, "I would like a skin check.", 1, line="+13055550188")
    verdicts = [(each.verdict, [why["code"] for why in each.reasons]) for each in texts.submissions()]
    assert len(verdicts) == 2 and not any("reply" in codes for _, codes in verdicts)
    with harbor.scope():
        stranger = ContactPoint.rows().get(value="+13055550142").person_id
        assert Lead.rows().get(person=stranger).capture_method == "chat"
        assert not Task.rows().filter(lead=lead, kind="follow_up").exists()


@pytest.mark.row("CP-13")
def test_an_answer_on_a_closed_lead_is_an_inquiry_again_tied_to_the_campaign(texts, harbor):
    lead = texted(harbor)
    with harbor.scope(), travelling(to=TUESDAY_NINE + timedelta(minutes=2)):
        actor = harbor.actor(lead.owner.user.email.partition("@")[0])
        words = {"reason": "not_interested", "note": "Has found another clinic.", "outcome": "not_qualified"}
        close_lead(actor=actor, lead_id=lead.id, now=TUESDAY_NINE + timedelta(minutes=2), **words)
    answer(texts, "I changed my mind: please call me.")
    with harbor.scope():
        again = Lead.rows().select_related("campaign").exclude(id=lead.id).get()
        assert (again.person_id, again.closed_at, again.campaign.key) == (lead.person_id, None, "spring-outreach")
        assert Task.rows().filter(lead=again, state="open").exists()
        assert not Touch.rows().filter(lead=lead, verdict="update").exists()


@pytest.mark.row("CP-13")
def test_stop_start_and_help_stay_what_they_are_in_an_answer(texts, harbor):
    lead = texted(harbor)
    for number, (body, state) in enumerate((("STOP", "withdrawn"), ("START", "granted"), ("help", "granted"))):
        answer(texts, body, number)
        with harbor.scope():
            assert states_of([lead.person_id])[lead.person_id][Channel.TEXT].value == state, body
    assert texts.submissions() == []
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, kind="follow_up").exists()
    answer(texts, "please stop texting me", 9)
    with harbor.scope():
        assert states_of([lead.person_id])[lead.person_id][Channel.TEXT].value == "withdrawn"
        assert Lead.rows().count() == 1


@pytest.mark.row("CP-13")
def test_whoever_has_a_number_that_was_wrong_for_the_lead_does_not_answer_for_it(texts, harbor):
    lead = texted(harbor)
    with harbor.scope():
        ContactPoint.rows().filter(person=lead.person_id, kind="phone").update(validity="invalid")
    answer(texts, "Who are you? I would like an appointment, though.")
    (row,) = texts.submissions()
    assert "reply" not in [why["code"] for why in row.reasons]
