"""Row DU-11 for what the rules joined: an arrival is split off again, with what is its own, and stays apart."""

import re
from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.consent.models import ConsentEvent
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.calls import Contact, log_call
from apps.flows.invariants import breaches
from apps.flows.notes import add_note, edit_lead
from apps.flows.opt_out import opt_out, opt_out_of_value
from apps.identity.models import DuplicatePair, MatchDecision
from apps.leads.models import ContactPoint, Lead, Person, Task, TimelineEntry, Touch
from apps.outreach.actions import intend_message
from apps.outreach.models import Activity, Message
from apps.outreach.terms import ActivityKind, Outcome
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in

PHONE, MOTHERS, SONS = "+13125550142", "rosa.lopez@example.com", "r.lopez@example.com"
AGAIN, LOOKED = TUESDAY_NINE + timedelta(minutes=20), TUESDAY_NINE + timedelta(hours=3)
TOMORROW = TUESDAY_NINE + timedelta(days=1, hours=1)


def body_of(answer):
    return answer.content.decode()


def arrive(tenant, at=AGAIN, **changes):
    return processed(tenant, send_in(tenant, inquiry(**changes), at=at), at=at)


@pytest.fixture
def joined(harbor):
    """Rosa Lopez's lead, and what "R. Lopez" sent from the same phone: the rules took it for hers."""
    lead = make_lead(
        harbor,
        person__first_name="Rosa",
        person__phone=PHONE,
        person__email=MOTHERS,
        request__timeframe="",
        consent=[consent("call"), consent("text", "denied")],
    )
    row = arrive(
        harbor,
        person__first_name="R.",
        person__phone=PHONE,
        person__email=SONS,
        person__city="Evanston",
        person__postal_code="60201",
        request__timeframe="within_week",
        request__message="It is about my knee.",
        consent=[consent("call"), consent("text"), consent("email")],
    )
    assert (row.verdict, row.lead_id) == ("duplicate", lead.id)
    assert reload(harbor, lead.id).timeframe == "within_week"
    with harbor.scope():
        return reload(harbor, lead.id), Touch.rows().get(submission_id=row.id), row


def send(browser, lead, touch, step="split", at=LOOKED, **typed):
    with travelling(to=at):
        return browser.post(f"/leads/{lead.id}/touches/{touch.id}/split/", {"step": step, **typed})


def worked(tenant, lead):
    """Let its owner call and write a note after the second inquiry came."""
    with tenant.scope():
        owner = tenant.actor(lead.owner.user.email.partition("@")[0])
        soon = AGAIN + timedelta(minutes=5)
        contact = Contact(ActivityKind.CALL, Outcome.VOICEMAIL, soon, note="No name on it", next_at=LOOKED)
        with travelling(to=soon):
            log_call(actor=owner, lead_id=lead.id, contact=contact, now=soon)
            add_note(actor=owner, lead_id=lead.id, text="A man answered for his own knee", now=soon)


@pytest.mark.row("DU-11")
def test_another_person_on_the_same_phone_gets_a_lead_of_their_own(harbor, client_as, joined):
    lead, touch, row = joined
    worked(harbor, lead)
    ewa = client_as("ewa")
    with travelling(to=LOOKED):
        background = body_of(ewa.get(f"/leads/{lead.id}/background/"))
        assert background.count("Not this person") == background.count("Not the same request") == 1
        address = re.search(r'href="(/leads/[^"]+/split/\?kind=person)"', background)[1]
        form = body_of(ewa.get(address))
    assert "No name on it" in form and "A man answered" in form and 'id="kind-person" checked' in form
    with harbor.scope():
        told = TimelineEntry.rows().get(lead=lead, kind="note").id
        before = (Lead.rows().count(), Person.rows().count(), AuditEntry.rows().count())
    asked = send(ewa, lead, touch, "look", kind="person", told=[told])
    look = re.sub(r"\s+", " ", body_of(asked))
    assert asked.status_code == 200
    for words in (
        "A new person is made: R. Lopez.",
        "r.lopez@example.com, which only this inquiry told.",
        "(312) 555-0142, on file for both of them.",
        "1 contact or note is told there too.",
        "late already",
        "Elm Calls gets it",
    ):
        assert words in look, words
    with harbor.scope():
        assert (Lead.rows().count(), Person.rows().count()) == before[:2]
    assert send(ewa, lead, touch, kind="person").status_code == 422
    done = send(ewa, lead, touch, kind="person", reason="Her son asked", told=[told])
    assert (done.status_code, done["Location"]) == (303, f"/leads/{lead.id}/")
    with harbor.scope():
        other = Lead.rows().select_related("person", "owner_team", "stage").get(related_to=lead)
        mother = Person.rows().get(id=lead.person_id)
        points = set(ContactPoint.rows().values_list("person__first_name", "value", "is_shared"))
        assert points == {("Rosa", PHONE, True), ("R.", PHONE, True), ("Rosa", MOTHERS, False), ("R.", SONS, False)}
        assert (mother.first_name, mother.city, mother.postal_code) == ("Rosa", "Chicago", "60614")
        assert mother.prior_values == [] and reload(harbor, lead.id).timeframe == ""
        assert (other.person.city, other.captured_at, other.timeframe) == ("Evanston", AGAIN, "within_week")
        assert other.owner_team is not None and other.fit and other.stage.key == "routed"
        assert Task.rows().filter(lead=other, state="open").exists()
        clock = SlaTimer.rows().get(lead=other, kind="first_contact")
        assert clock.started_at == AGAIN and clock.due_at < LOOKED
        moved = Touch.rows().get(id=touch.id)
        assert (moved.lead_id, moved.verdict) == (other.id, "new")
        assert Touch.rows().get(lead=lead).submission_id != row.id
        states = states_of([lead.person_id, other.person_id], LOOKED)
        assert {each: str(value.value) for each, value in states[lead.person_id].items()} == {
            Channel.CALL: "granted",
            Channel.TEXT: "denied",
            Channel.EMAIL: "unknown",
        }
        assert {str(value.value) for value in states[other.person_id].values()} == {"granted"}
        assert ConsentEvent.rows().filter(person=lead.person_id).count() == 5
        # What was done stays where it was done; the new lead's story tells what concerns it.
        assert Activity.rows().get().lead_id == lead.id
        assert TimelineEntry.rows().get(lead=other, kind="note").note == "A man answered for his own knee"
        acts = set(
            AuditEntry.rows().filter(action__in=["lead.split", "person.split"]).values_list("object_id", flat=True)
        )
        assert acts == {lead.id, other.id, lead.person_id, other.person_id}
        assert list(breaches()) == []
    pages = {}
    with travelling(to=LOOKED):
        for each, named in ((lead, other), (other, lead)):
            pages[each.id] = body_of(ewa.get(f"/leads/{each.id}/"))
            assert named.ref in pages[each.id]
            assert f'/leads/{named.id}/"' in body_of(ewa.get(f"/leads/{each.id}/background/"))
        trace = body_of(ewa.get(f"/leads/{other.id}/why/"))
    assert "Ewa Nowak split it off" in trace and "Her son asked" in trace
    assert "Her son asked" in pages[lead.id] and "Her son asked" in pages[other.id]
    assert "my knee" not in pages[lead.id]
    assert send(ewa, lead, touch, kind="person", reason="Again").status_code == 404


@pytest.mark.row("DU-11")
def test_who_was_split_off_is_not_joined_again_and_can_be_merged_again(harbor, client_as, joined):
    lead, touch, _row = joined
    ewa = client_as("ewa")
    assert send(ewa, lead, touch, kind="person", reason="Her son asked").status_code == 303
    with harbor.scope():
        other = Lead.rows().get(related_to=lead)
        pair = DuplicatePair.rows().get()
    assert (pair.state, pair.reason) == ("separate", "Her son asked")
    soon = LOOKED + timedelta(minutes=10)
    again = arrive(harbor, soon, person__first_name="R.", person__phone=PHONE, person__email=SONS)
    assert (again.lead_id, again.person_id) == (other.id, other.person_id)
    hers = arrive(harbor, soon, person__first_name="Rosa", person__phone=PHONE, person__email=MOTHERS)
    assert (hers.lead_id, hers.person_id) == (lead.id, lead.person_id)
    address = f"/duplicates/{pair.id}/"
    assert "Decide anew" in body_of(ewa.get(address))
    assert client_as("dev").post(address, {"decision": "open", "reason": "x"}).status_code == 403
    assert ewa.post(address, {"decision": "open", "reason": " "}).status_code == 422
    with travelling(to=soon):
        assert ewa.post(address, {"decision": "open", "reason": "It was her after all"})["Location"] == address
        assert ewa.post(address, {"decision": "merged", "reason": "One person"}).status_code == 303
    assert reload(harbor, other.id).person_id == lead.person_id
    with harbor.scope():
        assert {str(value.value) for value in states_of([lead.person_id], soon)[lead.person_id].values()} >= {"denied"}
        assert AuditEntry.rows().get(action="duplicates.reopen").object_id == pair.id


@pytest.mark.row("DU-11")
def test_another_request_of_the_same_person_keeps_the_person_and_waits_for_the_first_call(harbor, client_as, joined):
    lead, touch, row = joined
    ewa = client_as("ewa")
    look = body_of(send(ewa, lead, touch, "look", kind="request"))
    assert "the same person with another request" in look and f"while {lead.ref} is in contact" in look
    assert send(ewa, lead, touch, kind="request", reason="Her other knee").status_code == 303
    with harbor.scope():
        other = Lead.rows().get(related_to=lead)
        assert (other.person_id, other.shares_stream_with_id) == (lead.person_id, lead.id)
        assert Person.rows().count() == 1 and DuplicatePair.rows().count() == 0
        assert ContactPoint.rows().count() == 3
        assert ConsentEvent.rows().filter(source="split").count() == 0
        decided = MatchDecision.rows().filter(submission_id=row.id).order_by("decided_at")
        assert [each.action for each in decided] == ["merge", "split"]
        assert list(breaches()) == []
    # It is taken back by the door that there is: closed as a duplicate of the first.
    closing = {"reason": "duplicate", "outcome": "not_qualified", "note": "One after all", "duplicate_of": lead.ref}
    owner = reload(harbor, other.id).owner.user.email.partition("@")[0]
    with travelling(to=LOOKED):
        assert client_as(owner).post(f"/leads/{other.id}/close/", closing).status_code == 303
    assert reload(harbor, other.id).duplicate_of_id == lead.id


def test_a_refusal_since_holds_for_both_and_what_a_colleague_stated_stays(harbor, client_as, joined):
    lead, touch, _row = joined
    with harbor.scope():
        with travelling(to=LOOKED):
            opt_out(actor=harbor.actor("ewa"), lead_id=lead.id, channels=[Channel.CALL], reason="said so", now=LOOKED)
        for stated in ("asap", "within_week"):
            owner = harbor.actor(lead.owner.user.email.partition("@")[0])
            edit_lead(actor=owner, lead_id=lead.id, changes={"timeframe": stated}, now=LOOKED)
    later = LOOKED + timedelta(minutes=1)
    ewa = client_as("ewa")
    look = body_of(send(ewa, lead, touch, "look", at=later, kind="person"))
    assert "holds for both until somebody has looked at it" in look
    send(ewa, lead, touch, at=later, kind="person", reason="Her son asked")
    with harbor.scope():
        other = Lead.rows().get(related_to=lead)
        for each in (lead.person_id, other.person_id):
            assert str(states_of([each], later)[each][Channel.CALL].value) == "withdrawn"
        assert Task.rows().filter(lead=other, kind="call", state="open").count() == 0
    assert reload(harbor, lead.id).timeframe == "within_week"


def test_only_who_may_merge_splits_and_only_what_the_rules_joined(harbor, lakeside, client_as, joined):
    lead, touch, _row = joined
    address = f"/leads/{lead.id}/touches/{touch.id}/split/"
    with harbor.scope():
        opening = Touch.rows().exclude(id=touch.id).get()
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert owner.get(address).status_code == 403
    assert "Not this person" not in body_of(owner.get(f"/leads/{lead.id}/background/"))
    assert client_as("max", lakeside).get(address).status_code == 404
    assert client_as("ewa").get(f"/leads/{lead.id}/touches/{opening.id}/split/").status_code == 404
    assert send(client_as("ewa"), lead, touch, "look").status_code == 422
    with harbor.scope():
        assert Lead.rows().count() == 1


def other_of(tenant, lead):
    with tenant.scope():
        return Lead.rows().select_related("person").get(related_to=lead)


def held(tenant, person_id, at=LOOKED):
    with tenant.scope():
        return {str(channel): str(state.value) for channel, state in states_of([person_id], at)[person_id].items()}


def arrived(tenant, lead, at=AGAIN, **changes):
    """Let "R. Lopez" ask from the mother's phone, as the rules take it; return the touch."""
    told = {"person__first_name": "R.", "person__phone": PHONE, "person__email": SONS}
    row = arrive(tenant, at, **(told | changes))
    assert (row.verdict, row.lead_id) == ("duplicate", lead.id)
    with tenant.scope():
        return Touch.rows().get(submission_id=row.id)


def test_stop_calling_me_in_the_arrival_itself_goes_with_it(harbor, client_as):
    lead = make_lead(harbor, person__phone=PHONE, person__first_name="Rosa", person__email=MOTHERS)
    words = {"request__message": "Please stop calling me, write instead."}
    touch = arrived(harbor, lead, consent=[consent("call"), consent("email")], **words)
    ewa = client_as("ewa")
    look = body_of(send(ewa, lead, touch, "look", kind="person"))
    assert re.search(r"Calls?: withdrawn. It holds for both", look)
    assert send(ewa, lead, touch, kind="person", reason="Her son asked").status_code == 303
    other = other_of(harbor, lead)
    assert held(harbor, other.person_id) == {"call": "withdrawn", "text": "withdrawn", "email": "granted"}
    assert held(harbor, lead.person_id)["call"] == "withdrawn"
    with harbor.scope():
        assert not Task.rows().filter(lead=other, kind="call").exists()
        assert Task.rows().filter(lead=other, state="open").exists()


@pytest.mark.parametrize("is_known", [True, False])
def test_a_stop_said_by_the_number_before_holds_for_who_is_split_off(harbor, client_as, is_known):
    lead = make_lead(harbor, person__phone=PHONE, person__first_name="Rosa", person__email=MOTHERS)
    with harbor.scope():
        stopped = {"channel": Channel.TEXT, "value": PHONE, "words": "STOP", "now": AGAIN - timedelta(minutes=9)}
        opt_out_of_value(actor=harbor.actor("ewa"), **stopped)
        if not is_known:
            # An address that nobody on file had when it said no: the arrival brings it, and its refusal with it.
            stopped |= {"channel": Channel.EMAIL, "value": SONS}
            opt_out_of_value(actor=harbor.actor("ewa"), **stopped)
    touch = arrived(harbor, lead, consent=[consent("call")])
    send(client_as("ewa"), lead, touch, kind="person", reason="Her son asked")
    wanted = {"call": "granted", "text": "withdrawn", "email": "unknown" if is_known else "withdrawn"}
    assert held(harbor, other_of(harbor, lead).person_id) == wanted


def test_what_the_arrival_permits_anew_after_a_stop_goes_with_it(harbor, client_as):
    lead = make_lead(harbor, person__phone=PHONE, person__first_name="Rosa", person__email=MOTHERS)
    with harbor.scope():
        stopped = {"channel": Channel.EMAIL, "value": SONS, "words": "STOP", "now": AGAIN - timedelta(minutes=9)}
        opt_out_of_value(actor=harbor.actor("ewa"), **stopped)
    touch = arrived(harbor, lead, consent=[consent("call"), consent("email")])
    send(client_as("ewa"), lead, touch, kind="person", reason="Her son asked")
    assert held(harbor, other_of(harbor, lead).person_id)["email"] == "granted"


def waiting(tenant, lead, value, key):
    """Intend a mail about a lead that waits for tomorrow."""
    with tenant.scope():
        return intend_message(
            Lead.rows().get(id=lead.id),
            purpose="reminder",
            template_key="acknowledgement",
            contact_point=ContactPoint.rows().get(value=value),
            words={},
            language="en",
            dedup_key=key,
            now=LOOKED - timedelta(minutes=1),
            due_at=TOMORROW,
        )


def become(tenant, *messages):
    """Let tomorrow come and return what became of messages, as (state, reason)."""
    tenant.drain(TOMORROW)
    with tenant.scope():
        return [Message.rows().values_list("state", "reason").get(id=each.id) for each in messages]


def test_a_message_under_way_to_an_address_that_moves_is_stopped(harbor, client_as, joined):
    lead, touch, _row = joined
    astray, hers = waiting(harbor, lead, SONS, "m-1"), waiting(harbor, lead, MOTHERS, "m-2")
    send(client_as("ewa"), lead, touch, kind="person", reason="Her son asked")
    with harbor.scope():
        row = Message.rows().get(id=astray.id)
        assert (row.state, row.reason) == ("blocked", "The address is another person's now.")
        assert Message.rows().get(id=hers.id).state == "pending"


def test_the_sender_asks_whose_the_address_is_by_then(harbor):
    lead = make_lead(harbor, person__email=MOTHERS)
    other = make_lead(harbor, person__email=SONS, person__first_name="Ivo")
    astray, hers = waiting(harbor, lead, SONS, "m-1"), waiting(harbor, lead, MOTHERS, "m-2")
    assert other.person_id != lead.person_id
    assert become(harbor, astray, hers) == [("blocked", "The address is another person's now."), ("sent", "")]


@pytest.mark.parametrize(
    ("came", "split", "is_told"),
    [
        (timedelta(minutes=20), timedelta(minutes=25), False),
        (timedelta(minutes=20), timedelta(hours=3), False),
        (timedelta(minutes=5), timedelta(minutes=8), True),
        (timedelta(minutes=5), timedelta(hours=3), False),
    ],
)
def test_an_inquiry_is_acknowledged_once_and_only_while_it_is_fresh(harbor, client_as, came, split, is_told):
    """At 20 minutes the repeat had its own receipt; at 5 it had none, since the first one had just gone."""
    lead = make_lead(harbor, person__phone=PHONE, person__first_name="Rosa", person__email=MOTHERS)
    touch = arrived(harbor, lead, TUESDAY_NINE + came)
    with harbor.scope():
        receipts = Message.rows().filter(dedup_key=f"again:{touch.submission_id}")
        assert receipts.count() == (came > timedelta(minutes=15))
    at, ewa = TUESDAY_NINE + split, client_as("ewa")
    look = body_of(send(ewa, lead, touch, "look", at=at, kind="person"))
    assert ("none went out for it before" in look) == is_told
    send(ewa, lead, touch, at=at, kind="person", reason="Her son asked")
    other = other_of(harbor, lead)
    with harbor.scope():
        assert Message.rows().filter(lead=other).count() == is_told
        assert SlaTimer.rows().filter(lead=other, kind="acknowledgement").exists() == is_told
