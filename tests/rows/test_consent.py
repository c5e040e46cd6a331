"""Consent as coordinators meet it: recorded, heeded, carried along, shown (rows CN-01 to CN-19)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from apps.audit.models import AuditEntry
from apps.consent.actions import narrow
from apps.consent.models import ConsentEvent
from apps.consent.terms import Channel
from apps.leads.models import ContactPoint, Lead, Task, TimelineEntry
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from apps.tenancy.models import Wakeup
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import ask, chicago, page
from tests.words import the_one_saying, words_of

SOON = TUESDAY_NINE + timedelta(minutes=5)
MAY_3 = chicago("2027-05-03 09:00")
ALL = [consent("call"), consent("text"), consent("email")]


def task_of(tenant, lead):
    """Return the lead's one open task."""
    with tenant.scope():
        return Task.rows().get(lead=lead, state="open")


def plain_text(html):
    """Return a page's text as it is read, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def owner_name(lead):
    """Return the first name under which the lead's owner signs in."""
    return lead.owner.user.email.partition("@")[0]


@pytest.mark.row("CN-01")
def test_each_permission_names_channel_purpose_point_time_wording_and_evidence(harbor, client_as):
    maria = {
        "person__first_name": "Maria",
        "person__phone": "+13125550142",
        "person__email": "maria@example.com",
    }
    agreed = [
        consent("call", captured_at="2027-05-03T14:00:00Z", evidence_kind="form", evidence_ref="f-7"),
        consent("text"),
    ]
    lead = make_lead(harbor, at=MAY_3, consent=agreed, **maria)
    stop = {"channel": "text", "state": "withdrawn", "reason": "STOP"}
    assert (
        ask(client_as("ana"), "POST", f"/leads/{lead.id}/consents", stop, at=MAY_3 + timedelta(hours=1)).status_code
        == 201
    )
    answer = ask(client_as("ewa"), "GET", f"/leads/{lead.id}/consents", at=MAY_3 + timedelta(hours=2)).json()
    assert answer["states"] == {"call": "granted", "text": "withdrawn", "email": "unknown"}
    newest, *older = answer["history"]
    assert (newest["channel"], newest["state"], newest["reason"]) == ("text", "withdrawn", "STOP")
    assert newest["recorded_at"].startswith("2027-05-03T15:00") and "Ana" in newest["recorded_by"]
    call = next(each for each in older if each["channel"] == "call")
    assert (call["state"], call["purpose"], call["wording_version"]) == ("granted", "care_inquiry", "v4")
    assert call["captured_at"].startswith("2027-05-03T14:00")
    assert (call["source"], call["evidence_kind"], call["evidence_ref"]) == ("capture", "form", "f-7")
    with harbor.scope():
        row = ConsentEvent.rows().get(channel="call")
        assert (row.contact_value, row.person_id, row.evidence["text"]) == (
            "+13125550142",
            lead.person_id,
            "I agree.",
        )
        assert len(row.wording_digest) == 64


@pytest.mark.row("CN-01")
@pytest.mark.row("CN-19")
def test_the_ledger_page_tells_what_they_agreed_to_on_a_day_and_what_each_line_rests_on(harbor, client_as):
    lead = make_lead(harbor, at=MAY_3, consent=ALL, person__phone="+13125550142")
    stop = {"channel": "text", "state": "withdrawn", "reason": "STOP"}
    next_day = MAY_3 + timedelta(days=1)
    assert ask(client_as("ana"), "POST", f"/leads/{lead.id}/consents", stop, at=next_day).status_code == 201
    ewa, path, later = client_as("ewa"), f"/leads/{lead.id}/consent/", MAY_3 + timedelta(days=30)

    def row_of(text, way):
        table = text[text.index("Contact") : text.index("All that was said")]
        return table[table.index(f" {way} ") :].split(" Text " if way == "Call" else " Email ")[0]

    now = plain_text(page(ewa, path, at=later))
    assert "What holds now" in now and "Withdrawn 4 May" in row_of(now, "Text")
    then = plain_text(page(ewa, f"{path}?on=2027-05-03", at=later))
    assert "What held on 3 May 2027" in then
    assert "Granted" in row_of(then, "Text") and "wording v4" in row_of(then, "Call")
    before = plain_text(page(ewa, f"{path}?on=2027-05-02", at=later))
    assert "Unknown" in row_of(before, "Call") and "Granted" not in row_of(before, "Text")
    for words in ("Text: Withdrawn", "Ana", "STOP", "Took effect on leads: 1", "“I agree.”", "Wording v4", "SHA-256"):
        assert words in then, words
    with travelling(to=later):
        assert ewa.get(f"{path}?on=soon").status_code == 422 and ewa.get(f"{path}?on=2099-01-01").status_code == 422
    api = ask(ewa, "GET", f"/leads/{lead.id}/consents?at=2027-05-03T23:00:00Z", at=later).json()["states"]
    assert api == {"call": "granted", "text": "granted", "email": "granted"}
    assert ask(ewa, "GET", f"/leads/{lead.id}/consents?at=yesterday", at=later).status_code == 422
    with harbor.scope():
        reads = AuditEntry.rows().filter(action="consent.read", object_id=lead.person_id)
        assert reads.count() >= 4
    shown = page(ewa, f"/leads/{lead.id}/", at=later)
    assert f'href="{path}"' in shown and 'data-key="o"' in shown and "Wording v4" in plain_text(shown)
    assert client_as("raj").get(path).status_code == 403


@pytest.mark.row("CN-01")
def test_a_message_goes_for_the_purpose_that_was_permitted_and_no_other(harbor, client_as):
    asked = make_lead(harbor, consent=[consent("email")], person__phone="+13125550161", person__email="a@mail.example")
    both = [consent("email"), consent("email", purpose="marketing")]
    agreed = make_lead(harbor, consent=both, person__phone="+13125550162", person__email="b@mail.example")
    due_at = SOON + timedelta(minutes=10)
    with harbor.scope():
        for lead in (asked, agreed):
            for key in ("nurture-visit", "nurture-prices"):
                intend_message(
                    lead,
                    purpose="question",
                    template_key=key,
                    contact_point=ContactPoint.rows().get(person=lead.person, kind="email"),
                    words={},
                    language="en",
                    dedup_key=f"{key}:{lead.id}",
                    now=SOON,
                    due_at=due_at,
                )
    harbor.drain(due_at)
    with harbor.scope():
        rows = Message.rows().filter(purpose="question")
        found = {(row.lead_id, row.template_key): (row.state, row.reason) for row in rows}
    assert found[agreed.id, "nurture-visit"] == found[asked.id, "nurture-prices"] == ("sent", "")
    state, reason = found[asked.id, "nurture-visit"]
    assert state == "blocked" and "It is asked for marketing" in reason
    text = plain_text(page(client_as("ewa"), f"/leads/{agreed.id}/consent/", at=due_at))
    for word in ("The inquiry", "Reminders", "Marketing"):
        assert word in text, word
    odd = inquiry(source="imaging-spring", consent=[consent("email", purpose="newsletters")])
    answer = Api(harbor.keys["bp-1"]).post("/leads", odd)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/consent/0/purpose"


@pytest.mark.row("CN-03")
def test_preferred_email_makes_the_first_task_an_email(harbor, client_as):
    lead = make_lead(harbor, request__preferred_channel="email", request__best_time="12-14", consent=ALL)
    assert (lead.preferred_channel, lead.best_time) == ("email", "12-14")
    task = task_of(harbor, lead)
    assert (task.kind, task.channel) == ("email", "email")
    assert "Write to Maria Lopez" in page(client_as("ana"), f"/leads/{lead.id}/", at=SOON)
    by_text = make_lead(harbor, request__preferred_channel="text", consent=ALL)
    assert task_of(harbor, by_text).channel == "text"
    refused = make_lead(
        harbor, request__preferred_channel="email", consent=[consent("call"), consent("email", "denied")]
    )
    assert task_of(harbor, refused).channel == "call"


@pytest.mark.row("CN-06")
def test_a_message_whose_permission_ended_on_its_way_is_not_sent(harbor, client_as):
    lead = make_lead(harbor, consent=ALL)
    due_at = SOON + timedelta(minutes=10)
    with harbor.scope():
        point = ContactPoint.rows().get(person=lead.person, kind="email")
        sent, stopped = (
            intend_message(
                lead,
                purpose="reminder",
                template_key="acknowledgement",
                contact_point=point,
                words={},
                language="en",
                dedup_key=key,
                now=SOON,
                due_at=at,
            )
            for key, at in (("r-1", SOON), ("r-2", due_at))
        )
    harbor.drain(SOON)
    with harbor.scope():
        narrow(
            actor=harbor.actor("ewa"),
            person=lead.person,
            channels=[Channel.EMAIL],
            reason="STOP",
            source="email",
            now=SOON + timedelta(minutes=1),
        )
        assert Message.rows().get(id=stopped.id).state == "pending"
    harbor.drain(due_at)
    with harbor.scope():
        assert Message.rows().get(id=sent.id).state == "sent"
        row = Message.rows().get(id=stopped.id)
        assert (row.state, row.reason, row.sending_at) == ("blocked", "Opted out on 1 Dec 2026 (STOP).", None)
        told = the_one_saying(TimelineEntry.rows().filter(lead=lead), sentence__startswith="Not sent")
    assert "Opted out on 1 Dec 2026 (STOP)." in told.sentence
    assert "Not sent" in page(client_as("ana"), f"/leads/{lead.id}/", at=due_at)


@pytest.mark.row("CN-06")
def test_the_dialler_asks_again_although_the_page_said_yes(harbor, client_as):
    lead = make_lead(harbor, consent=ALL)
    owner = client_as(owner_name(lead))
    assert "Call now" in page(owner, f"/leads/{lead.id}/", at=SOON)
    assert ask(owner, "POST", f"/leads/{lead.id}/calls", {}, at=SOON).status_code == 200
    with harbor.scope():
        narrow(
            actor=harbor.actor("ewa"),
            person=lead.person,
            channels=[Channel.CALL],
            reason="STOP",
            source="spoken",
            now=SOON,
        )
    refused = ask(owner, "POST", f"/leads/{lead.id}/calls", {}, at=SOON + timedelta(seconds=1))
    assert (refused.status_code, refused.json()["code"]) == (403, "withdrawn")
    assert "value" not in refused.json()
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.call", object_id=lead.id).count() == 1
        assert AuditEntry.rows().filter(action="refused:lead.call", object_id=lead.id).count() == 1


@pytest.mark.row("CN-04")
def test_a_refusal_that_comes_with_a_second_inquiry_cancels_the_call_of_the_first(harbor):
    first = make_lead(harbor, person__phone="+13125550143", consent=[consent("call"), consent("email")])
    assert task_of(harbor, first).kind == "call"
    body = inquiry(person__phone="+13125550143", request__service="orthopedics", consent=[consent("call", "withdrawn")])
    processed(harbor, send_in(harbor, body, at=SOON), at=SOON)
    with harbor.scope():
        assert Task.rows().get(lead=first, kind="call").state == "cancelled"
        assert Task.rows().get(lead=first, state="open").channel == "email"


@pytest.mark.row("CN-13")
def test_consent_travels_with_the_handoff_to_scheduling_and_with_a_transfer(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("call"), consent("text", "denied"), consent("email")])
    owner, path = client_as(owner_name(lead)), f"/leads/{lead.id}"
    before = ask(owner, "GET", f"{path}/consents", at=SOON).json()
    tiles = re.findall(r"<h3[^>]*>.*?</h3>", page(owner, f"{path}/", at=SOON), re.DOTALL)
    contact = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    assert ask(owner, "POST", f"{path}/activities", contact, at=SOON).status_code == 201
    visit = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
    assert ask(owner, "POST", f"{path}/appointments", visit, at=SOON).status_code == 201
    assert reload(harbor, lead.id).owner_team.key == "scheduling"
    sam = client_as("sam")
    after = ask(sam, "GET", f"{path}/consents", at=SOON).json()
    assert before["states"] == {"call": "granted", "text": "denied", "email": "granted"} == after["states"]
    assert after["history"] == before["history"]
    assert re.findall(r"<h3[^>]*>.*?</h3>", page(sam, f"{path}/", at=SOON), re.DOTALL) == tiles
    transfer = {"team": "ortho-intake", "reason": "Asks for a knee"}
    assert ask(sam, "POST", f"{path}/transfers", transfer, at=SOON).status_code == 201
    assert ask(client_as("otis"), "GET", f"{path}/consents", at=SOON).json() == before
    assert ask(client_as("otis"), "POST", f"{path}/calls", {"channel": "text"}, at=SOON).json()["code"] == "denied"


@pytest.mark.row("CN-14")
def test_ben_of_oak_may_stop_contact_on_an_elm_lead_and_may_not_allow_it(harbor, client_as):
    lead = make_lead(harbor, consent=ALL)
    ben = client_as("ben")
    assert lead.owner_team.key == "elm-calls"
    said = {"channel": "text", "state": "withdrawn", "reason": "said so on the phone"}
    assert ask(ben, "POST", f"/leads/{lead.id}/consents", said, at=SOON).status_code == 201
    form = {
        "channels": ["email"],
        "source": "spoken",
        "version": lead.version,
        "idempotency_key": str(uuid4()),
    }
    with travelling(to=SOON):
        assert client_as("ola").post(f"/leads/{lead.id}/opt-out/", form).status_code == 303
    states = ask(client_as("ewa"), "GET", f"/leads/{lead.id}/consents", at=SOON).json()["states"]
    assert states == {"call": "granted", "text": "withdrawn", "email": "withdrawn"}
    grant = {"channel": "text", "state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}
    for again in (grant, {**grant, "channel": "call"}):
        refused = ask(ben, "POST", f"/leads/{lead.id}/consents", again, at=SOON)
        assert (refused.status_code, refused.json()["code"]) == (403, "consent_maintainer")
    with harbor.scope():
        assert ConsentEvent.rows().get(value="withdrawn", channel="text").recorded_by.startswith("Ben")
        assert ConsentEvent.rows().get(value="withdrawn", channel="email").recorded_by.startswith("Ola")
        assert not ConsentEvent.rows().filter(source="maintainer").exists()
        assert AuditEntry.rows().filter(action="refused:consent.widen").count() == 2
    assert ask(client_as("ewa"), "POST", f"/leads/{lead.id}/consents", grant, at=SOON).status_code == 201


@pytest.mark.row("CN-18")
def test_the_first_call_is_due_in_their_best_time_not_at_nine(harbor):
    lead = make_lead(harbor, request__best_time="12-14")
    noon = chicago("2026-12-01 12:00")
    task = task_of(harbor, lead)
    assert noon <= task.due_at <= noon + timedelta(minutes=30)
    with harbor.scope():
        assert SlaTimer.rows().get(lead=lead, kind="first_contact").started_at == noon
    other = make_lead(harbor)
    assert task_of(harbor, other).due_at <= TUESDAY_NINE + timedelta(minutes=30)


@pytest.mark.row("CN-18")
def test_nobody_is_called_or_texted_in_their_quiet_hours(harbor, client_as):
    lead = make_lead(harbor, consent=ALL, request__best_time="12-14")
    owner, path = client_as(owner_name(lead)), f"/leads/{lead.id}/calls"
    evening = chicago("2026-12-01 21:00")
    for channel in ("call", "text"):
        refused = ask(owner, "POST", path, {"channel": channel}, at=evening)
        assert (refused.status_code, refused.json()["code"]) == (403, "quiet_hours")
        assert "opens 2 Dec, 12:00" in refused.json()["detail"]
        assert ask(owner, "POST", path, {"channel": channel}, at=evening - timedelta(minutes=1)).status_code == 200
    assert ask(owner, "POST", path, {"channel": "email"}, at=evening).status_code == 200


@pytest.mark.row("CN-18")
def test_the_hours_of_states_and_of_doubtful_places_hold_at_every_door(harbor, client_as):
    """A number of Alabama rests on Sundays; without a ZIP code an area code in two zones counts twice."""
    sunday, early = chicago("2026-12-06 13:00"), chicago("2026-12-07 07:30")
    home = {**dict.fromkeys(("person__postal_code", "person__city", "person__region"), ""), "consent": ALL}
    alabama = make_lead(harbor, person__phone="+12055550142", **home)
    doubtful = make_lead(harbor, person__phone="+12705550143", person__email="two@example.org", **home)
    for lead, at, why in (
        (alabama, sunday, "It is Sun 13:00 where they are, outside the hours of AL; opens 7 Dec, 08:00."),
        (doubtful, early, "It may be 07:30 or 08:30 where they are; opens 10:00."),
    ):
        owner = client_as(owner_name(lead))
        refused = ask(owner, "POST", f"/leads/{lead.id}/calls", {"channel": "call"}, at=at)
        assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == (403, "quiet_hours", why)
        shown = plain_text(page(owner, f"/leads/{lead.id}/", at=at))
        assert "Call: Later" in shown and why in shown
        assert "Their ZIP code is not known: the hours of their number" in shown
        message = text_to(harbor, lead, at)
        harbor.drain(at + timedelta(seconds=2))
        with harbor.scope():
            message.refresh_from_db()
            wakeup = Wakeup.objects.get(organization_id=harbor.organization_id, row_id=message.id)
        assert (message.state, wakeup.due_at > at + timedelta(hours=2)) == ("pending", True)
    assert ask(client_as(owner_name(alabama)), "POST", f"/leads/{alabama.id}/calls", {}, at=early).status_code == 403
    monday = early + timedelta(hours=1)
    assert ask(client_as(owner_name(alabama)), "POST", f"/leads/{alabama.id}/calls", {}, at=monday).status_code == 200


def text_to(harbor, lead, at):
    """Mean to text the lead's person."""
    with harbor.scope():
        point = ContactPoint.rows().get(person_id=lead.person_id, kind="phone")
        return intend_message(
            lead,
            purpose="question",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key=f"hours {lead.id}",
            now=at,
            channel="text",
        )


@pytest.mark.row("CN-19")
def test_the_lead_page_shows_channels_preference_and_the_reason_of_a_block(harbor, client_as):
    lead = make_lead(harbor, at=MAY_3, consent=ALL, request__preferred_channel="email", request__best_time="12-14")
    stop = {"channel": "text", "state": "withdrawn", "reason": "STOP"}
    ask(client_as("ana"), "POST", f"/leads/{lead.id}/consents", stop, at=MAY_3)
    text = plain_text(page(client_as("ana"), f"/leads/{lead.id}/", at=MAY_3 + timedelta(hours=1)))
    assert "Call: Yes now" in text
    assert "Email: Yes now" in text
    assert "Text: No" in text and "Opted out on 3 May 2027 (STOP)" in text
    assert "Prefers: Email, 12-14" in text
    with harbor.scope():
        assert Lead.rows().get(id=lead.id).preferred_channel == "email"


@pytest.mark.row("CN-14")
def test_a_colleague_of_another_clinic_records_an_opt_out_by_page_without_seeing_who(harbor, client_as):
    lead = make_lead(harbor, person__first_name="Ottilie")
    ben = client_as("ben")
    path = f"/leads/{lead.id}/opt-out/"
    page = ben.get(path)
    assert page.status_code == 200 and "Ottilie" not in page.content.decode()
    answer = ben.post(
        path, {"channels": ["call"], "source": "spoken", "version": lead.version, "idempotency_key": "ben-opt-out-1"}
    )
    assert answer.status_code == 303
    with harbor.scope():
        event = ConsentEvent.rows().get(channel="call", value="withdrawn")
    assert event.recorded_by.startswith("Ben")


@pytest.mark.row("CN-07")
@pytest.mark.row("CN-14")
def test_who_may_not_widen_consent_asks_the_team_that_maintains_it(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("call")])
    ana, ewa, path = client_as(owner_name(lead)), client_as("ewa"), f"/leads/{lead.id}/change-requests"
    grant = {"channel": "text", "state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}
    refused = ask(ana, "POST", f"/leads/{lead.id}/consents", grant, at=SOON).json()["detail"]
    assert re.search(r"maintained by Central Intake since .+, because the ownership rules name them", refused), refused
    assert "Use “Ask to change”" in refused
    ask_url = f'href="/leads/{lead.id}/ask/?field=consent_text"'
    # The form says who decides, and lists what this person may not change themselves.
    mine, hers = (page(each, f"/leads/{lead.id}/ask/?field=consent_text", at=SOON) for each in (ana, ewa))
    assert "Central Intake maintains consent" in mine and 'value="consent_text" selected' in mine
    assert 'value="stage"' not in mine and "The owner accepts" not in mine
    assert 'value="stage"' in hers and 'value="consent_' not in hers and "The owner accepts" in hers
    with travelling(to=SOON):
        assert ask_url in page(ana, f"/leads/{lead.id}/", at=SOON)
        form = {**grant, "version": lead.version, "idempotency_key": str(uuid4())}
        closed = ana.post(f"/leads/{lead.id}/allow/", form)
        assert closed.status_code == 403 and ask_url in closed.content.decode()
    wish = {"field": "consent_text", "proposed": "Granted", "reason": "She wants texts now"}
    assert ask(ana, "POST", path, {**wish, "proposed": "the moon"}, at=SOON).status_code == 422
    assert ask(ewa, "POST", path, wish, at=SOON).json()["code"] == "own_field"
    asked = [ask(ana, "POST", path, {**wish, "field": f"consent_{each}"}, at=SOON) for each in ("text", "email")]
    assert [each.status_code for each in asked] == [201, 201], asked[0].content
    first, second = (each.json() for each in asked)
    assert (first["asked_of"], first["proposed"], first["state"]) == ("Central Intake", "care_inquiry", "open")
    with harbor.scope():
        task = Task.rows().get(id=first["id"])
        assert (task.team.key, task.assignee_id, task.due_at) == ("central-intake", None, SOON + timedelta(minutes=30))
    assert "asks to change: Consent to texts" in page(ewa, "/", at=SOON)
    answers = [f"{path}/{each['id']}/answer" for each in (first, second)]
    yes = {"answer": "accept", "evidence_kind": "recording", "evidence_ref": "call 7"}
    assert ask(client_as("otis"), "POST", answers[0], yes, at=SOON).json()["code"] == "consent_maintainer"
    bare = ask(ewa, "POST", answers[0], {"answer": "accept"}, at=SOON)
    assert bare.status_code == 422, "a permission counts with its proof only"
    assert ask(ewa, "POST", answers[1], {"answer": "decline"}, at=SOON).status_code == 422
    with travelling(to=SOON):
        assert 'name="evidence_ref"' in page(ewa, f"/leads/{lead.id}/", at=SOON)
        said = ewa.post(f"/leads/{lead.id}/requests/{first['id']}/", yes)
        assert said.status_code == 303
    no = {"answer": "decline", "because": "She only said it to a friend"}
    assert ask(ewa, "POST", answers[1], no, at=SOON).json()["state"] == "declined"
    assert ask(ewa, "POST", answers[0], yes, at=SOON).json()["code"] == "task_ended"
    mine = ask(ana, "GET", path, at=SOON).json()["results"]
    assert {each["field"]: (each["state"], each["answer"]) for each in mine} == {
        "consent_text": ("accepted", ""),
        "consent_email": ("declined", "She only said it to a friend"),
    }
    with harbor.scope():
        row = ConsentEvent.rows().get(source="maintainer")
        assert (row.channel, row.value, row.purpose, row.evidence_ref) == ("text", "granted", "care_inquiry", "call 7")
        told = list(words_of(TimelineEntry.rows().filter(lead=lead, kind="answered"), "sentence"))
    assert sorted(each.split(":")[0] for each in told) == ["Accepted", "Declined"]
    assert "granted what you asked of" in page(ana, "/", at=SOON) and "declined what you asked of" in page(
        ana, "/", at=SOON
    )


@pytest.mark.row("CN-07")
def test_a_grant_by_the_ordinary_action_answers_what_was_asked(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("call")])
    ana, path = client_as(owner_name(lead)), f"/leads/{lead.id}/change-requests"
    wish = {"field": "consent_text", "proposed": "care_inquiry", "reason": "She wants texts now"}
    assert ask(ana, "POST", path, wish, at=SOON).status_code == 201
    transfer = {"team": "ortho-intake", "reason": "Knees"}
    assert ask(ana, "POST", f"/leads/{lead.id}/transfers", transfer, at=SOON).status_code == 201
    with harbor.scope():
        task = Task.rows().get(lead=lead, kind="consent_request")
        assert (task.team.key, task.state) == ("central-intake", "open"), "it stays with who maintains consent"
    grant = {"channel": "text", "state": "granted", "evidence_kind": "paper", "evidence_ref": "scan 9"}
    assert ask(client_as("ewa"), "POST", f"/leads/{lead.id}/consents", grant, at=SOON).status_code == 201
    mine = ask(client_as("ewa"), "GET", path, at=SOON).json()["results"]
    assert [(each["field"], each["state"]) for each in mine] == [("consent_text", "accepted")]
