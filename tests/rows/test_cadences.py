"""Cadences through their doors: what a stage brings, what ends it, what waits, and which way is chosen."""

from datetime import timedelta

import pytest
from django.core import mail

from apps.consent.terms import Channel
from apps.flows.opt_out import record_opt_out
from apps.flows.standing import restate_all
from apps.leads.models import Lead, Task
from apps.outreach.cadence_decisions import judge_step
from apps.outreach.cadence_terms import Cadence, Go, Goal, Look, Step
from apps.outreach.cadences import block_of
from apps.outreach.models import CadenceRun, CadenceStep, Engagement, Message, SegmentStart
from apps.outreach.sending import _block
from apps.policies.queries import live_document
from apps.tenancy.actor import system_actor
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_field_purposes import KEEPING
from tests.rows.test_verdicts import ANSWERS, CONNECTED, GOOD

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TALKED = TUESDAY_NINE + timedelta(minutes=20)
DECIDED = TALKED + timedelta(minutes=10)
ALL = [consent("call"), consent("text"), consent("email")]
PLAN = {
    "id": "plan",
    "name": "Plan",
    "starts": {"stage": "attempting"},
    "yields_hours": 0,
    "steps": [
        {"id": "s1", "channels": ["email"], "templates": ["scheduling-offer"]},
        {"id": "s2", "channels": ["text"], "after_seconds": 86400, "templates": ["scheduling-offer"]},
        {"id": "s3", "channels": ["email"], "after_seconds": 86400, "templates": ["still-there"]},
        {"id": "s4", "channels": ["call"], "after_seconds": 86400, "title": "Call once more"},
        {"id": "s5", "channels": ["email"], "after_seconds": 86400, "templates": ["still-there-again"]},
    ],
}


def owner_of(client_as, lead):
    return client_as(lead.owner.user.email.partition("@")[0])


def only(harbor, client_as, *cadences, segments=()):
    """Let these cadences alone be in force."""
    change_rules(
        harbor,
        client_as,
        "cadences",
        lambda document: document.update(cadences=list(cadences), segments=list(segments)),
    )


def call(client_as, lead, outcome, at):
    body = {"kind": "call", "outcome": outcome, "direction": "outbound", "duration_seconds": 20}
    body |= {"started_at": at.isoformat(), "next_action_at": (at + DAY).isoformat()}
    answer = ask(owner_of(client_as, lead), "POST", f"/leads/{lead.id}/activities", body, at=at)
    assert answer.status_code == 201, answer.content


def steps(harbor, lead):
    with harbor.scope():
        rows = CadenceStep.rows().filter(run__lead=lead).order_by("run__started_at", "number")
        return list(rows.values_list("key", "state", "channel", "because"))


def states(harbor, lead):
    return [state for _, state, _, _ in steps(harbor, lead)]


def ended(harbor, lead):
    with harbor.scope():
        return list(CadenceRun.rows().filter(lead=lead).values_list("ended_because", flat=True))


def qualify(client_as, lead):
    owner = owner_of(client_as, lead)
    answer = ask(owner, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=TALKED)
    assert answer.status_code == 201, answer.content
    verified = ask(owner, "POST", f"/leads/{lead.id}/verification", {"answers": ANSWERS}, at=DECIDED)
    assert verified.status_code == 201, verified.content
    moved = ask(owner, "POST", f"/leads/{lead.id}/qualification", GOOD, at=DECIDED)
    assert (moved.status_code, moved.json()["stage"]) == (200, "qualified"), moved.content


@pytest.mark.row("TN-04", "TN-05")
def test_a_qualified_lead_gets_a_call_then_an_email_then_a_text(harbor, client_as):
    mail.outbox.clear()
    lead = make_lead(harbor, consent=ALL, person__email="maria.plan@example.com")
    qualify(client_as, lead)
    harbor.drain(DECIDED)
    with harbor.scope():
        calls = Task.rows().filter(lead=lead, state="open", kind="call")
        assert len(calls) == 1 and CadenceStep.rows().get(run__lead=lead, key="call").task_id == calls[0].id
    assert steps(harbor, lead)[:2] == [("call", "done", "call", ""), ("offer", "done", "email", "")]
    assert "Let us find a time" in [each.subject for each in mail.outbox]
    harbor.drain(DECIDED + 2 * DAY + HOUR)
    assert steps(harbor, lead)[2] == ("reminder", "done", "text", "")
    assert ended(harbor, lead) == ["finished"]


@pytest.mark.row("TN-04", "TK-09")
def test_a_text_in_a_stage_that_allows_none_is_disabled_and_refused_on_every_door(harbor, client_as):
    lead = make_lead(harbor, consent=ALL, request__preferred_channel="text")
    allowed = {"attempting": ["call", "email", "text"], lead.stage.key: ["email", "call"]}
    change_rules(harbor, client_as, "contact", lambda document: document.update(stages=allowed))
    owner, at = owner_of(client_as, lead), TUESDAY_NINE + HOUR
    shown = page(owner, f"/leads/{lead.id}/", at=at)
    assert f"Texts are not used in stage {lead.stage.label}; there we use: e-mails, calls." in shown
    begun = ask(owner, "POST", f"/leads/{lead.id}/calls", {"channel": "text"}, at=at)
    assert (begun.status_code, begun.json()["code"]) == (403, "not_in_stage"), begun.content
    with harbor.scope():
        point = lead.person.contact_points.get(kind="phone")
        message = Message(lead=lead, purpose="stage", channel="text", contact_point=point, template_key="x")
        message.created_at, message.dedup_key, message.template_version = at, "in-stage", 1
        message.save(force_insert=True)
        assert "not used in stage" in _block(message, Lead.rows().get(id=lead.id), at)[0]
    assert ask(owner, "POST", f"/leads/{lead.id}/calls", {"channel": "call"}, at=at).status_code == 200


@pytest.mark.row("TN-06")
def test_a_booking_at_the_second_step_cancels_the_others(harbor, client_as):
    only(harbor, client_as, PLAN)
    lead = make_lead(harbor, consent=ALL)
    call(client_as, lead, "no_answer", TALKED)
    harbor.drain(TALKED)
    harbor.drain(TALKED + DAY)
    assert states(harbor, lead) == ["done", "done", "planned", "planned", "planned"]
    owner, at = owner_of(client_as, lead), TALKED + DAY + HOUR
    starts_at = at + 3 * DAY
    visit = {"starts_at": starts_at.isoformat(), "minutes": 30, "location": "elm-st", "confirmed_by": "phone"}
    booked = ask(owner, "POST", f"/leads/{lead.id}/appointments", visit, at=at)
    assert booked.status_code == 201, booked.content
    assert [each[1:] for each in steps(harbor, lead)[2:]] == [("cancelled", "", "a visit is booked")] * 3
    assert ended(harbor, lead) == ["booked"]
    harbor.drain(TALKED + 9 * DAY)
    with harbor.scope():
        assert Message.rows().filter(lead=lead, purpose="cadence").count() == 2


@pytest.mark.row("TN-06")
@pytest.mark.parametrize("how", ["reached", "opted_out", "closed"])
def test_it_stops_when_they_are_reached_opt_out_or_the_lead_is_closed(harbor, client_as, how):
    only(harbor, client_as, PLAN)
    lead, at = make_lead(harbor, consent=ALL), TALKED + DAY
    call(client_as, lead, "no_answer", TALKED)
    harbor.drain(TALKED)
    if how == "reached":
        call(client_as, lead, "connected", at)
    elif how == "opted_out":
        with harbor.scope():
            actor = system_actor(harbor.organization_id, "hook")
            record_opt_out(Lead.rows().get(id=lead.id), [Channel.TEXT], actor=actor, reason="STOP", now=at)
    else:
        body = {"reason": "not_interested", "note": "Said so by mail.", "outcome": "not_qualified"}
        closed = ask(owner_of(client_as, lead), "POST", f"/leads/{lead.id}/close", body, at=at)
        assert closed.status_code == 200, closed.content
    assert ended(harbor, lead) == [how]
    assert states(harbor, lead) == ["done"] + ["cancelled"] * 4


@pytest.mark.row("TN-07")
def test_what_waits_for_its_hour_is_skipped_where_the_lead_was_closed_meanwhile(harbor, client_as):
    only(harbor, client_as, PLAN)
    lead = make_lead(harbor, consent=ALL)
    late = TUESDAY_NINE + timedelta(hours=13)
    call(client_as, lead, "no_answer", TALKED)
    with harbor.scope():
        step = CadenceStep.rows().get(run__lead=lead, number=1)
        CadenceStep.rows().filter(id=step.id).update(due_at=late)
    harbor.drain(TALKED)
    with harbor.scope():
        message = Message.rows().get(lead=lead, purpose="cadence")
        Message.rows().filter(id=message.id).update(state="pending", finished_at=None)
        Lead.rows().filter(id=lead.id).update(closure_reason="")
        row = Lead.rows().get(id=lead.id)
        assert block_of(message, row) == ""
        row.closed_at = late
        assert block_of(message, row) == "Skipped: status closed."


@pytest.mark.row("TN-08")
def test_a_nurture_email_gives_way_to_an_open_call(harbor, client_as):
    gives_way = PLAN | {"yields_hours": 24, "goal": "education"}
    only(harbor, client_as, gives_way)
    lead = make_lead(harbor, consent=ALL)
    call(client_as, lead, "no_answer", TALKED)
    with harbor.scope():
        due_at = Task.rows().get(lead=lead, state="open", kind="call").due_at
    assert due_at - TALKED <= DAY
    harbor.drain(TALKED + HOUR)
    with harbor.scope():
        step = CadenceStep.rows().get(run__lead=lead, number=1)
        assert (step.state, step.because) == ("planned", "a colleague is to contact them: two at once are too many")
        assert step.due_at > TALKED + HOUR and not Message.rows().filter(lead=lead, purpose="cadence").exists()
        Task.rows().filter(lead=lead, state="open", kind="call").update(due_at=TALKED + 9 * DAY)
    harbor.drain(TALKED + DAY)
    assert states(harbor, lead)[0] == "done"


@pytest.mark.row("TN-11")
def test_a_stalled_lead_is_written_to_by_another_channel_with_words_it_has_not_had(harbor, client_as):
    other = {
        "id": "again",
        "name": "Again",
        "goal": "reactivation",
        "starts": {"status": "stale"},
        "choosing": "other",
        "yields_hours": 0,
        "steps": [
            {"id": "one", "channels": ["call", "email"], "templates": ["still-there", "still-there-again"]},
            {
                "id": "two",
                "channels": ["email"],
                "after_seconds": 86400,
                "templates": ["still-there", "still-there-again"],
            },
            {"id": "three", "channels": ["email"], "after_seconds": 86400, "templates": ["still-there"]},
        ],
    }
    only(harbor, client_as, other)
    lead = make_lead(harbor, consent=ALL)
    for hours in (0, 3):
        call(client_as, lead, "no_answer", TALKED + hours * HOUR)
    stale = TALKED + 4 * DAY
    with harbor.scope():
        restate_all(now=stale)
    assert reload(harbor, lead.id).timed_status == "stale"
    for days in range(4):
        harbor.drain(stale + days * DAY)
    found = steps(harbor, lead)
    assert [each[1:3] for each in found] == [("done", "email"), ("done", "email"), ("skipped", "")]
    with harbor.scope():
        keys = Message.rows().filter(lead=lead, purpose="cadence").order_by("created_at")
        assert [each.template_key for each in keys] == ["still-there", "still-there-again"]


@pytest.mark.row("TN-10")
def test_four_mails_over_twenty_eight_days_lead_to_a_time(harbor, client_as):
    mail.outbox.clear()
    with harbor.scope():
        learning = next(each for each in live_document("cadences", DECIDED)["cadences"] if each["id"] == "learning")
    only(harbor, client_as, {key: value for key, value in learning.items() if key != "when"})
    allows = [consent("call"), consent("email"), consent("email", purpose="marketing")]
    lead = make_lead(harbor, consent=allows, person__email="learns@example.com", request__preferred_channel="email")
    rest = {"verdict": "nurture", "reason": "Wants to know more first", "next_step": "Ask whether they are ready"}
    rest |= {"next_step_at": (DECIDED + 60 * DAY).isoformat()}
    moved = ask(owner_of(client_as, lead), "POST", f"/leads/{lead.id}/qualification", rest, at=DECIDED)
    assert (moved.status_code, moved.json()["stage"]) == (200, "nurture"), moved.content
    wanted = [
        "What a first visit is like",
        "How a visit is paid for",
        "What to bring, and what to ask",
        "When you are ready",
    ]
    for number, (day, count) in enumerate(((0, 1), (6, 1), (7, 2), (17, 3), (27, 3), (28, 4))):
        harbor.drain(DECIDED + day * DAY + HOUR + number * timedelta(minutes=5))
        told = [each.subject for each in mail.outbox if "learns@example.com" in each.to and each.subject in wanted]
        assert told == wanted[:count], day
    assert ended(harbor, lead) == ["finished"]
    silent = make_lead(harbor, consent=[consent("email")], person__email="asks.only@example.com")
    moved = ask(owner_of(client_as, silent), "POST", f"/leads/{silent.id}/qualification", rest, at=DECIDED)
    assert moved.status_code == 200, moved.content
    harbor.drain(DECIDED + HOUR)
    assert steps(harbor, silent)[0][1:] == ("skipped", "", "no e-mails permitted")


@pytest.mark.row("TN-14")
def test_who_opens_the_scheduling_page_leaves_nurture_with_a_task_and_gets_no_more_mails(harbor, client_as):
    rests = {**PLAN, "starts": {"stage": "nurture"}, "goal": "education"}
    only(harbor, client_as, rests)
    lead = make_lead(harbor, consent=ALL, request__preferred_channel="email")
    owner = owner_of(client_as, lead)
    rest = {"verdict": "nurture", "reason": "Wants to know more first", "next_step": "Ask whether they are ready"}
    rest |= {"next_step_at": (DECIDED + 60 * DAY).isoformat()}
    assert ask(owner, "POST", f"/leads/{lead.id}/qualification", rest, at=DECIDED).status_code == 200
    harbor.drain(DECIDED + HOUR)
    assert states(harbor, lead)[:2] == ["done", "planned"]
    opened = {"kind": "scheduling_link", "reference": "link-1", "happened_at": (DECIDED + 2 * HOUR).isoformat()}
    told = ask(owner, "POST", f"/leads/{lead.id}/engagement", opened, at=DECIDED + 2 * HOUR)
    assert told.status_code == 201, told.content
    harbor.drain(DECIDED + 2 * HOUR)
    row = reload(harbor, lead.id)
    assert row.stage.key == "routed" and ended(harbor, lead) == ["intent"]
    with harbor.scope():
        assert Task.rows().filter(lead=lead, state="open", channel__in=["call", "email", "text"]).count() == 1
    sent = len(mail.outbox)
    harbor.drain(DECIDED + 5 * DAY)
    assert not [each for each in mail.outbox[sent:] if "still" in each.subject]


@pytest.mark.row("TN-12")
def test_who_answers_texts_and_not_mails_is_texted_next():
    step = Step("s", ("email", "text"), DAY, ("a",))
    both = frozenset({("a", "email"), ("a", "text")})
    opens = {"email": True, "text": True}
    cadence = Cadence("c", "C", Goal.SCHEDULING, (step,))
    looked = Look(opens=opens, answered={"text": 2}, ignored={"email": 3}, preferred="email", sendable=both)
    assert judge_step(cadence, step, looked, TALKED).channel == "text"
    wished = Look(opens=opens, preferred="text", sendable=both)
    assert judge_step(cadence, step, wished, TALKED).channel == "text"
    silent = Look(opens=opens, sendable=both)
    assert judge_step(cadence, step, silent, TALKED).channel == "email"
    barred = Look(opens={"email": True}, answered={"text": 2}, sendable=both)
    assert judge_step(cadence, step, barred, TALKED).channel == "email"
    nothing = judge_step(cadence, step, Look(opens={}, sendable=both), TALKED)
    assert (nothing.go, nothing.sentence) == (Go.SKIP, "no e-mails or texts permitted")


@pytest.mark.row("TN-09")
def test_a_group_by_condition_leaves_out_whoever_permitted_no_marketing(harbor, client_as):
    """Three of eleven permitted marketing: the group is three, and eight are counted as left out."""
    group = {"id": "knees", "name": "Asked about imaging", "when": {"field": "service", "op": "is", "value": "imaging"}}
    sends = PLAN | {"starts": {}, "stays_in": ["routed"]}
    only(harbor, client_as, sends, segments=[group])
    both = [consent("email"), consent("email", purpose="marketing")]
    leads = [make_lead(harbor, consent=both if n < 3 else [consent("email")]) for n in range(11)]
    at, cleo = TUESDAY_NINE + HOUR, client_as("cleo")
    with travelling(to=at):
        refused = cleo.get("/segments/knees/")
    assert refused.status_code == 403 and "is recorded for" in refused.content.decode()
    kept = {"field": "service", "purposes": ["care", "scheduling", "marketing"], "is_active": "on"}
    assert client_as("ada").post(f"{KEEPING}add/", kept).status_code == 302
    shown = page(cleo, "/segments/knees/?cadence=plan", at=at)
    assert "11 leads match" in shown and "8 without permission for this purpose" in shown and "3 can start" in shown
    with travelling(to=at):
        assert client_as("ana").get("/segments/knees/").status_code == 403
        started = cleo.post("/segments/knees/", {"cadence": "plan"})
    assert started.status_code == 303, started.content
    harbor.drain(at)
    with harbor.scope():
        assert set(CadenceRun.rows().values_list("lead_id", flat=True)) == {each.id for each in leads[:3]}
        start = SegmentStart.rows().get()
        assert (start.matched, start.begun, start.left_out) == (11, 3, {"no_permission": 8})
    assert "3 started" in page(cleo, "/segments/knees/", at=at)


@pytest.mark.row("TN-17")
def test_what_came_of_a_cadence_is_counted_by_step(harbor, client_as):
    only(harbor, client_as, PLAN | {"steps": PLAN["steps"][:2]})
    leads = [make_lead(harbor, consent=ALL) for _ in range(3)]
    for each in leads:
        call(client_as, each, "no_answer", TALKED)
    harbor.drain(TALKED + HOUR)
    with harbor.scope():
        rows = list(Message.rows().filter(lead__in=leads, purpose="cadence").order_by("lead_id"))
        assert [each.state for each in rows] == ["sent"] * 3
        for kind, messages in (("delivered", rows), ("opened", rows[:2]), ("clicked", rows[:1]), ("replied", rows[:1])):
            for each in messages:
                Engagement(
                    lead_id=each.lead_id,
                    person_id=each.lead.person_id,
                    message=each,
                    kind=kind,
                    reference=str(each.id),
                    source_label="test",
                    happened_at=TALKED + HOUR,
                    recorded_at=TALKED + HOUR,
                ).save(force_insert=True)
        actor = system_actor(harbor.organization_id, "hook")
        record_opt_out(Lead.rows().get(id=leads[0].id), [Channel.TEXT], actor=actor, reason="STOP", now=TALKED + HOUR)
    visit = {"starts_at": (TALKED + 3 * DAY).isoformat(), "minutes": 30, "location": "elm-st", "confirmed_by": "phone"}
    at = TALKED + 2 * HOUR
    booked = ask(owner_of(client_as, leads[1]), "POST", f"/leads/{leads[1].id}/appointments", visit, at=at)
    assert booked.status_code == 201, booked.content
    with travelling(to=at):
        answer = client_as("dev").get("/reports/cadences.csv?since=2026-11-01&until=2026-12-31")
    assert answer.status_code == 200
    lines = [line.split(",") for line in answer.content.decode().splitlines()]
    whole = next(line for line in lines if line[:2] == ["Plan", "all"])
    first = next(line for line in lines if line[:2] == ["Plan", "1. s1"])
    assert whole[2:] == first[2:] == ["3", "3", "3", "2", "1", "1", "1", "1"]
