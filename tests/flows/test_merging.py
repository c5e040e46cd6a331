"""Two people made one and two again: what moves, what is kept of each, and when it cannot be taken back."""

from datetime import date, timedelta

import pytest

from apps.audit.models import AuditEntry, AuditHead
from apps.capture.models import Submission
from apps.consent.actions import narrow
from apps.consent.models import DoNotContact
from apps.consent.queries import history, reaches_of, states_of
from apps.consent.terms import Channel
from apps.flows.invariants import breaches
from apps.flows.merging import merge_people, unmerge_people
from apps.identity.models import DuplicatePair, Merge
from apps.identity.unmerging import since
from apps.leads.models import ContactPoint, Lead, Person, Task
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from apps.policies.queries import live_document
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.tenancy.protection import tenant_models
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in

LATER = TUESDAY_NINE + timedelta(hours=1)
#: What an act itself writes; every other table of the tenant must read as before.
OF_THE_ACT = (AuditEntry, AuditHead, Merge, DuplicatePair)


def everything(tenant):
    """Return every row of the tenant, table by table."""
    with tenant.scope():
        models = [each for each in tenant_models() if each not in OF_THE_ACT and hasattr(each, "rows")]
        assert {Person, ContactPoint, Lead} <= set(models)
        return {each._meta.label: list(each.rows().order_by("id").values()) for each in models}


@pytest.fixture
def two(harbor):
    """An older Juana with an email permission, and a newer J. who refused texts; nothing in common but the ZIP."""
    refused = [consent("call"), consent("text", "denied")]
    first = make_lead(harbor, person__first_name="Juana", consent=[consent("call"), consent("text"), consent("email")])
    second = make_lead(
        harbor, at=TUESDAY_NINE + timedelta(minutes=5), person__first_name="J.", person__city="", consent=refused
    )
    assert first.person_id != second.person_id
    return first, second


def merged(harbor, two, *, reason="same voice", by="ewa", at=LATER):
    with harbor.scope():
        return merge_people(
            actor=harbor.actor(by),
            survivor_id=two[0].person_id,
            absorbed_id=two[1].person_id,
            picked=[],
            reason=reason,
            now=at,
        )


def taken_back(harbor, row, at=LATER + timedelta(hours=1), answers=None):
    with harbor.scope():
        who = harbor.actor("ewa")
        return unmerge_people(actor=who, person_id=row.survivor_id, merge_id=row.id, now=at, answers=answers or {})


@pytest.mark.ux(10)
def test_a_merge_taken_back_leaves_every_row_as_it_was(harbor, two):
    before = everything(harbor)
    row = merged(harbor, two)
    between = everything(harbor)
    assert between["leads.Person"] != before["leads.Person"]
    for label in ("leads.Touch", "leads.TimelineEntry", "consent.ConsentEvent", "leads.StageSpell"):
        assert between[label] == before[label]
    ids = [each["id"] for each in before["leads.ContactPoint"]]
    assert [each["id"] for each in between["leads.ContactPoint"]] == ids
    assert {reload(harbor, each.id).person_id for each in two} == {two[0].person_id}
    taken_back(harbor, row)
    assert everything(harbor) == before
    with harbor.scope():
        acts = AuditEntry.rows().filter(action__in=["person.merge", "person.unmerge"])
        assert acts.count() == 4
        assert DuplicatePair.rows().get().state == "open"


def test_what_was_said_last_is_kept_and_a_blank_or_an_initial_wipes_nothing(harbor):
    first = make_lead(harbor, person__first_name="Juana", person__city="Chicago", person__preferred_language="en")
    second = make_lead(
        harbor,
        at=TUESDAY_NINE + timedelta(minutes=5),
        person__first_name="J.",
        person__city="",
        person__preferred_language="es",
    )
    with harbor.scope():
        Person.rows().filter(id=second.person_id).update(date_of_birth=date(1980, 3, 4))
    merged(harbor, (first, second))
    with harbor.scope():
        person = Person.rows().get(id=first.person_id)
        phones = ContactPoint.rows().filter(person=person, kind="phone").order_by("created_at")
        assert (person.first_name, person.city, person.language) == ("Juana", "Chicago", "es")
        assert person.date_of_birth == date(1980, 3, 4)
        laid_aside = {(each["field"], each["value"]) for each in person.prior_values}
        assert {("first_name", "J."), ("language", "en")} <= laid_aside
        assert [each.is_primary for each in phones] == [False, True]


@pytest.mark.ux(10)
def test_while_merged_the_narrower_permission_holds_on_every_number(harbor, two):
    older, newer = two[0].person_id, two[1].person_id
    with harbor.scope():
        alone = states_of([older, newer], LATER)
        assert [str(alone[each][Channel.TEXT].value) for each in (older, newer)] == ["granted", "denied"]
    row = merged(harbor, two)
    with harbor.scope():
        assert str(states_of([older], LATER)[older][Channel.TEXT].value) == "denied"
        assert str(states_of([older], LATER)[older][Channel.CALL].value) == "granted"
        person = Person.rows().get(id=older)
        rules = live_document("contact", LATER)
        reach = reaches_of(person, now=LATER, document=rules, default_zone="America/Chicago")
        assert (reach[Channel.TEXT].verdict.allowed, reach[Channel.CALL].verdict.allowed) == (False, True)
        assert len(history(older)) == 5
    taken_back(harbor, row)
    with harbor.scope():
        again = states_of([older, newer], LATER)
        assert [str(again[each][Channel.TEXT].value) for each in (older, newer)] == ["granted", "denied"]


def test_an_old_opt_out_outlives_a_merge_with_somebody_who_said_nothing(harbor, two):
    quiet = make_lead(harbor, person__first_name="Juanita", consent=[consent("call")])
    merged(harbor, (quiet, two[1]))
    with harbor.scope():
        states = states_of([quiet.person_id], LATER)[quiet.person_id]
        assert str(states[Channel.TEXT].value) == "denied"


def test_an_arrival_for_somebody_merged_away_is_the_survivors(harbor, two):
    merged(harbor, two)
    with harbor.scope():
        phone = ContactPoint.rows().filter(person=two[0].person_id, kind="phone").order_by("-created_at").first()
        point = phone.value
    again = inquiry(person__first_name="Juana", person__phone=point, person__email="")
    row = processed(harbor, send_in(harbor, again, at=LATER + timedelta(minutes=5)), at=LATER + timedelta(minutes=5))
    assert (row.verdict, row.person_id) == ("duplicate", two[0].person_id)


def test_the_same_senders_id_leads_to_the_survivor(harbor):
    first = make_lead(harbor, person__first_name="Juana", source="imaging-spring", external_id="c-1")
    second = make_lead(harbor, person__first_name="J.", source="imaging-spring", external_id="c-2")
    merged(harbor, (first, second))
    body = inquiry(source="web-ortho", request__service="orthopedics", person__first_name="J.", external_id="c-2")
    with harbor.scope():
        point = ContactPoint.rows().filter(person=first.person_id, kind="email").order_by("created_at").first()
        body["person"]["email"] = point.value
    row = processed(harbor, send_in(harbor, body, at=LATER + timedelta(minutes=1)), at=LATER + timedelta(minutes=1))
    assert row.person_id == first.person_id


def test_a_value_that_both_have_stays_with_each(harbor):
    phone = "+13125550177"
    mother = make_lead(harbor, person__phone=phone)
    son = make_lead(harbor, person__phone=phone, person__first_name="Luis")
    before = everything(harbor)
    assert [each["is_shared"] for each in before["leads.ContactPoint"] if each["value"] == phone] == [True, True]
    row = merged(harbor, (mother, son))
    with harbor.scope():
        assert not ContactPoint.rows().get(person=mother.person_id, value=phone).is_shared
        assert ContactPoint.rows().filter(value=phone).count() == 2
    taken_back(harbor, row)
    assert everything(harbor) == before


def test_what_came_since_is_shared_out_by_who_takes_it_back_and_silence_shares_nothing(harbor, two):
    row = merged(harbor, two)
    survivor, absorbed = two[0].person_id, two[1].person_id
    with harbor.scope():
        phone = ContactPoint.rows().filter(person=survivor, kind="phone").first().value
        narrow(
            actor=harbor.actor("ewa"),
            person=Person.rows().get(id=survivor),
            channels=[Channel.EMAIL],
            reason="said so",
            source="page",
            now=LATER + timedelta(minutes=1),
        )
    came = {"person__phone": phone, "person__preferred_language": "es", "request__service": "bariatrics"}
    later = make_lead(harbor, at=LATER + timedelta(minutes=2), person__first_name="Juana", **came)
    assert later.person_id == survivor
    before = everything(harbor)
    with pytest.raises(Conflict, match="say for each to whom it belongs"):
        taken_back(harbor, row)
    assert everything(harbor) == before
    with harbor.scope():
        found = since(row)
        assert (found.fields, found.leads) == (("language",), (str(later.id),))
        assert (len(found.points), len(found.consents)) == (1, 2)
        refusal = found.consents[0]
    theirs = dict.fromkeys(found.questions, "absorbed") | {f"consent:{refusal}": "survivor"}
    with pytest.raises(Conflict, match="say for each"):
        taken_back(harbor, row, answers={key: side for key, side in theirs.items() if not key.startswith("lead")})
    taken_back(harbor, row, answers=theirs)
    with harbor.scope():
        mine, other = Person.rows().get(id=survivor), Person.rows().get(id=absorbed)
        assert (mine.language, other.language, other.merged_into_id) == ("en", "es", None)
        assert set(Lead.rows().filter(person=other).values_list("id", flat=True)) == {two[1].id, later.id}
        point = ContactPoint.rows().get(id=found.points[0])
        assert (point.person_id, point.kind) == (absorbed, "email")
        states = states_of([survivor, absorbed], LATER + timedelta(hours=2))
        held = {each: {str(channel): str(state.value) for channel, state in states[each].items()} for each in states}
        assert held[survivor] == {"call": "granted", "text": "granted", "email": "withdrawn"}
        assert held[absorbed] == {"call": "granted", "text": "denied", "email": "granted"}
        assert Submission.rows().get(lead_id=later.id).person_id == absorbed
        called = set(Task.rows().filter(kind="call", state="open").values_list("lead_id", flat=True))
        assert called == {two[0].id, two[1].id}
        assert list(breaches()) == []


def test_what_came_since_stays_with_the_survivor_where_that_is_said(harbor, two):
    row = merged(harbor, two)
    with harbor.scope():
        phone = ContactPoint.rows().filter(person=two[0].person_id, kind="phone").first().value
    came = {"person__phone": phone, "person__preferred_language": "es", "request__service": "bariatrics"}
    later = make_lead(harbor, at=LATER + timedelta(minutes=2), person__first_name="Juana", **came)
    with harbor.scope():
        answers = dict.fromkeys(since(row).questions, "survivor")
    taken_back(harbor, row, answers=answers)
    assert reload(harbor, later.id).person_id == two[0].person_id
    with harbor.scope():
        assert Person.rows().get(id=two[0].person_id).language == "es"
        assert Person.rows().get(id=two[1].person_id).language == "en"
        assert ContactPoint.rows().filter(person=two[0].person_id).count() == 3
        assert ContactPoint.rows().filter(person=two[1].person_id).count() == 2


def test_a_bar_on_the_merged_person_goes_on_holding_for_both(harbor, two):
    row = merged(harbor, two)
    with harbor.scope():
        DoNotContact.objects.create(
            kind="person",
            value=str(two[0].person_id),
            reason="their lawyer wrote",
            added_by="Ewa Nowak",
            added_at=LATER + timedelta(minutes=1),
        )
    taken_back(harbor, row)
    with harbor.scope():
        rules = live_document("contact", LATER)
        for lead in two:
            person = Person.rows().get(id=lead.person_id)
            reach = reaches_of(person, now=LATER, document=rules, default_zone="America/Chicago")
            assert {str(each.verdict.code) for each in reach.values()} == {"do_not_contact"}


def test_a_bar_from_before_the_merge_stays_one_persons(harbor, two):
    with harbor.scope():
        bar = {"kind": "person", "reason": "asked", "added_by": "Ewa Nowak", "added_at": LATER - timedelta(minutes=1)}
        DoNotContact.objects.create(value=str(two[0].person_id), **bar)
    taken_back(harbor, merged(harbor, two))
    with harbor.scope():
        assert [each.value for each in DoNotContact.rows()] == [str(two[0].person_id)]


def test_taking_a_merge_back_stops_what_is_under_way_to_the_other_person(harbor, two):
    row = merged(harbor, two)
    with harbor.scope():
        emails = list(ContactPoint.rows().filter(kind="email").order_by("created_at"))
        assert len(emails) == 2
        sent = {
            (lead.id, point.id): intend_message(
                Lead.rows().get(id=lead.id),
                purpose="reminder",
                template_key="acknowledgement",
                contact_point=point,
                words={},
                language="en",
                dedup_key=f"{lead.id}{point.id}",
                now=LATER,
                due_at=LATER + timedelta(days=1),
            )
            for lead in two
            for point in emails
        }
    taken_back(harbor, row)
    with harbor.scope():
        states = {key: Message.rows().get(id=each.id).state for key, each in sent.items()}
    (first, second), (older, newer) = two, emails
    assert states == {
        (first.id, older.id): "pending",
        (first.id, newer.id): "blocked",
        (second.id, older.id): "blocked",
        (second.id, newer.id): "pending",
    }


def test_merges_are_taken_back_in_turn(harbor, two):
    third = make_lead(harbor, person__first_name="Juanita")
    before = everything(harbor)
    one = merged(harbor, two)
    between = everything(harbor)
    other = merged(harbor, (third, two[0]), at=LATER + timedelta(minutes=1))
    with harbor.scope():
        assert set(Person.rows().filter(merged_into=third.person_id).values_list("id", flat=True)) == {
            two[0].person_id,
            two[1].person_id,
        }
    with pytest.raises(Conflict, match="later merge"):
        taken_back(harbor, one)
    taken_back(harbor, other)
    assert everything(harbor) == between
    taken_back(harbor, one)
    assert everything(harbor) == before
    with pytest.raises(Conflict, match="already"):
        taken_back(harbor, one)


def test_who_may_not_decide_or_gives_no_reason_merges_nobody(harbor, two):
    before = everything(harbor)
    for name in ("dev", "ana", "cleo"):
        with pytest.raises(Refused):
            merged(harbor, two, by=name)
    with pytest.raises(Invalid):
        merged(harbor, two, reason="  ")
    assert everything(harbor) == before
    merged(harbor, two)
    with pytest.raises(Conflict):
        merged(harbor, two)
