"""Words of danger in an answer: what goes by itself is paused, and a person is alerted without the words (TN-16)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.accounts.models import Notice
from apps.audit.models import AuditEntry
from apps.flows.automation import is_paused
from apps.leads.models import Task, TimelineEntry
from apps.outreach.actions import STAGE_MESSAGE, intend_message
from apps.outreach.models import Message
from apps.outreach.texts import NullTexts
from apps.qualification.alarm_words import alarms_of, has_alarm
from apps.tenancy.clock import travelling
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, change_rules, page
from tests.words import words_of

FORM = "application/x-www-form-urlencoded"
PHONE = "+13125550177"
LATER = TUESDAY_NINE + timedelta(minutes=10)
ALL = [consent("call"), consent("text"), consent("email"), consent("email", purpose="marketing")]


def text(tenant, sender, body, sid, at=LATER):
    with travelling(to=at):
        said = sample("twilio-sms", "text") | {"Body": body, "From": PHONE, "MessageSid": sid}
        assert push(sender, said, FORM).status_code == 200
    tenant.drain(at)


def message_of(tenant, lead, key):
    with tenant.scope(), travelling(to=LATER):
        return intend_message(
            lead,
            purpose=STAGE_MESSAGE,
            template_key="nurture-visit",
            contact_point=lead.person.contact_points.get(kind="email"),
            words={},
            language="en",
            dedup_key=key,
            now=LATER,
        )


def state_of(tenant, message):
    with tenant.scope():
        return Message.rows().get(id=message.id).state


def tasks(tenant, *kinds):
    with tenant.scope():
        rows = Task.rows().filter(kind__in=kinds).select_related("team").order_by("created_at", "id")
        return [(each.kind, each.team.key, each.state, each.title) for each in rows]


@pytest.mark.row("TN-16")
def test_suicidal_pauses_everything_and_alerts_who_is_on_call_until_a_person_lets_it_go_on(harbor, client_as):
    NullTexts.sent.clear()
    sender = connect(harbor, "twilio-sms", source="chat")
    lead = make_lead(harbor, person__phone=PHONE, consent=ALL)
    text(harbor, sender, "I feel suicidal since last week", "SM1")
    with harbor.scope():
        assert is_paused(lead.person_id) and is_paused(lead.person)
        written = Task.rows().get(kind="alarm").lead
    title = "Read their message now: it may tell of danger"
    assert tasks(harbor, "alarm") == [("alarm", "clinical-intake", "open", title)]
    with harbor.scope():
        told = [*Notice.rows().filter(kind="alarm").values_list("sentence", flat=True)]
        told += words_of(TimelineEntry.rows().filter(lead=written, kind="automation"), "sentence")
        told += [str(each.detail) for each in AuditEntry.rows().filter(object_id=written.id)]
    assert len(told) > 3 and not any("suicid" in each.lower() for each in told)
    held = message_of(harbor, lead, "held")
    harbor.drain(LATER + timedelta(minutes=1))
    assert state_of(harbor, held) == "pending"
    ivy, path = client_as("ivy"), f"/leads/{written.id}"
    assert title in page(ivy, "/", at=LATER)
    assert "a message of theirs may tell of danger" in page(ivy, f"{path}/", at=LATER)

    late = LATER + timedelta(minutes=16)
    for _ in range(2):
        harbor.drain(late)
    assert [each[:3] for each in tasks(harbor, "alarm_late")] == [("alarm_late", "patient-services", "open")]
    refused = ask(client_as("sue"), "POST", f"{path}/automation", {"state": "running", "reason": "Fine"}, at=late)
    assert refused.status_code == 403
    mute = ask(ivy, "POST", f"{path}/automation", {"state": "running", "reason": " "}, at=late)
    assert mute.status_code == 422
    with travelling(to=late):
        form = {"reason": "Spoke with them, they are safe", "version": reload(harbor, written.id).version}
        form["idempotency_key"] = str(uuid4())
        assert ivy.post(f"{path}/resume-automation/", form).status_code == 303
    assert ask(ivy, "GET", f"{path}/automation", at=late).json()["state"] == "running"
    assert {each[2] for each in tasks(harbor, "alarm", "alarm_late")} == {"done"}
    harbor.drain(late)
    assert state_of(harbor, held) == "sent"
    again = ask(ivy, "POST", f"{path}/automation", {"state": "running", "reason": "Fine"}, at=late)
    assert (again.status_code, again.json()["code"]) == (409, "not_paused")


@pytest.mark.row("TN-16")
def test_the_words_are_the_tenants_and_spanish_ones_count_as_well(harbor, client_as):
    change_rules(
        harbor,
        client_as,
        "intake",
        lambda rules: rules.update(alarms={"words": ["give up"], "without": ["stroke"], "team": "compliance"}),
    )
    sender = connect(harbor, "twilio-sms", source="chat")
    lead = make_lead(harbor, person__phone=PHONE, consent=ALL)
    text(harbor, sender, "my father had a stroke once, when can I come?", "SM1")
    assert tasks(harbor, "alarm") == []
    text(harbor, sender, "Me duele el pecho", "SM2")
    assert [each[1] for each in tasks(harbor, "alarm")] == ["compliance"]
    with harbor.scope():
        assert is_paused(lead.person_id)
        rules = alarms_of({"alarms": {"words": ["give up"], "without": ["stroke"]}})
    assert has_alarm("I GIVE up!", rules) and not has_alarm("a stroke", rules)


@pytest.mark.row("TN-16")
def test_who_owns_the_lead_pauses_by_hand_and_a_calm_answer_pauses_nothing(harbor, client_as):
    sender = connect(harbor, "twilio-sms", source="chat")
    lead = make_lead(harbor, person__phone=PHONE, consent=ALL)
    text(harbor, sender, "Tomorrow is fine", "SM1")
    owner, path = client_as(lead.owner.user.email.partition("@")[0]), f"/leads/{lead.id}"
    assert ask(owner, "GET", f"{path}/automation", at=LATER).json()["state"] == "running"
    body = {"state": "paused", "reason": "Their mother died"}
    paused = ask(owner, "POST", f"{path}/automation", body, at=LATER)
    assert (paused.status_code, paused.json()["reason"]) == (200, "by_hand"), paused.content
    assert ask(owner, "POST", f"{path}/automation", body, at=LATER).status_code == 409
    held = message_of(harbor, lead, "held")
    harbor.drain(LATER + timedelta(minutes=1))
    assert state_of(harbor, held) == "pending" and tasks(harbor, "alarm") == []
