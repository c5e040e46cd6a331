"""Rows of validity: the check behind a verdict, numbers, addresses, and tests that count for nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from apps.accounts.models import Membership
from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.leads.models import ContactPoint, Lead, Task
from apps.outreach.models import Message
from apps.policies import actions as rules
from apps.policies.queries import live_document
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Invalid
from tests.capture.forms_made import send_form
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.quality.test_quality_runs import checked, shown
from tests.reporting.test_web import DAY, page, table

SOON = TUESDAY_NINE + timedelta(minutes=2)
NEXT_DAY = "2026-12-02T16:00:00Z"
SPRING = "BrightPath Imaging-Spring"


def body_of(answer):
    return answer.content.decode()


def deliver(tenant, program, **changes):
    """Deliver by API, let the worker work, and return the outcome as its sender reads it."""
    with travelling(to=TUESDAY_NINE):
        answer = program.post("/leads", inquiry(source="imaging-spring", **changes))
    assert answer.status_code == 202, body_of(answer)
    tenant.drain(TUESDAY_NINE)
    return program.get(answer.json()["url"].removeprefix("/api/v1")).json()


def checks(outcome):
    return [(each["check"], each["code"]) for each in outcome["reasons"] if each["check"]]


def only_ana_takes_leads(tenant, cap):
    with tenant.scope():
        others = [tenant.member("eli").id, tenant.member("lena").id]
        Membership.rows().filter(id__in=others).update(availability="away")
        Membership.rows().filter(id=tenant.member("ana").id).update(open_lead_cap=cap)


@pytest.mark.row("VQ-01")
def test_the_verdict_names_the_check_behind_it(harbor, api, client_as):
    outcome = deliver(harbor, api("bp-1"), consent=[])
    assert (outcome["verdict"], checks(outcome)) == ("held", [("V-3", "consent_missing")])
    with harbor.scope():
        lead = Lead.rows().get()
    with travelling(to=SOON):
        page = body_of(client_as("ewa").get(f"/leads/{lead.id}/"))
    assert "Held: consent missing (check V-3)" in page
    shown = ask(client_as("ewa"), "GET", f"/leads/{lead.id}").json()
    assert (shown["validity"], shown["hold_reason"]) == ("held", "consent_missing")


@pytest.mark.row("VQ-01")
def test_valid_held_and_excluded_are_judged_in_the_order_of_the_checks(harbor, api):
    program = api("bp-1")
    assert deliver(harbor, program)["verdict"] == "new"
    both = deliver(harbor, program, person__phone="", person__email="", consent=[])
    assert (both["verdict"], checks(both)[:2]) == (
        "held",
        [("V-2", "no_contact_point"), ("V-3", "consent_missing")],
    )
    blank = deliver(harbor, program, person={}, request={}, consent=[])
    assert (blank["verdict"], checks(blank), blank["lead"]) == ("rejected", [("V-1", "blank")], None)
    with harbor.scope():
        assert sorted(Lead.rows().values_list("validity", flat=True)) == ["held", "valid"]


@pytest.mark.row("VQ-02")
def test_a_blank_inquiry_is_excluded_and_counted_at_its_source(harbor, api, client_as):
    ada = client_as("ada")
    assert source_card(checked(harbor, ada, TUESDAY_NINE), SPRING) is None
    program = api("bp-1")
    outcome = deliver(harbor, program, person={}, request={}, consent=[])
    assert (outcome["verdict"], outcome["lead"], outcome["counted_as_delivered"]) == ("rejected", None, False)
    assert checks(outcome) == [("V-1", "blank")]
    # The same with a test key is counted nowhere.
    assert deliver(harbor, api("bp-1 test"), person={}, request={}, consent=[])["verdict"] == "rejected"
    with harbor.scope():
        assert not Lead.rows().exists() and not Task.rows().exists() and not SlaTimer.rows().exists()
    with travelling(to=SOON):
        assert ask(client_as("ewa"), "GET", "/leads").json()["results"] == []
    assert "1 excluded (1 blank) in 30 days" in source_card(checked(harbor, ada, SOON), SPRING)
    assert source_card(shown(ada, SOON + timedelta(days=31)), SPRING) is None


def source_card(text, name):
    """Return what the card of a source says, None where there is none."""
    cards = text.partition("By source")[2]
    return cards.partition(name)[2].partition(" in 30 days")[0] + " in 30 days" if name in cards else None


@pytest.mark.row("VQ-03")
def test_without_consent_nobody_is_contacted_and_the_clock_of_the_consent_step_runs(harbor, client, client_as):
    values = {"first_name": "Ida", "last_name": "Roe", "phone": "(312) 555-0163", "service": "imaging"}
    assert send_form(client, f"/f/{harbor.slug}-contact/", values, TUESDAY_NINE).status_code == 303
    harbor.drain(SOON)
    with harbor.scope():
        lead = Lead.rows().select_related("stage", "queue").get()
        task = Task.rows().get(lead=lead)
        clocks = {(each.kind, each.policy_name) for each in SlaTimer.rows().filter(lead=lead)}
        due_at = SlaTimer.rows().get(lead=lead, kind="first_contact").due_at
        assert not Message.rows().exists()
    assert (lead.validity, lead.hold_reason, lead.stage.key) == ("held", "consent_missing", "new")
    assert (task.kind, task.state, lead.queue.name) == ("obtain_consent", "open", "Consent Desk")
    # One open day from now, and the queue's wait until somebody takes it: nothing of the five or thirty minutes.
    assert clocks == {("first_contact", "Permission missing"), ("acceptance", "Permission missing")}
    assert due_at == datetime(2026, 12, 2, 23, 0, tzinfo=UTC)
    ewa, reason = client_as("ewa"), "No consent on record. Ask for it first."
    shows = page(ewa, f"/leads/{lead.id}/", at=SOON)
    tiles = re.findall(r'tile__title">(\w+): (\w+)<.*?tile__reason">\s*([^<]+?)\s*<', shows, re.DOTALL)
    assert tiles == [(channel, "No", reason) for channel in ("Call", "Text", "Email")]
    call, book = re.findall(r"<details class=\"action--blocked\">(.*?)</details>", shows, re.DOTALL)
    assert "Call now</summary>" in call and reason in call
    assert "Book</summary>" in book and "Nobody books at the stage New." in book
    assert f"/leads/{lead.id}/call/" not in shows
    with travelling(to=SOON):
        assert ewa.post(f"/leads/{lead.id}/call/").status_code == 403
        refused = ask(ewa, "POST", f"/leads/{lead.id}/calls", {})
    assert (refused.status_code, refused.json()["detail"]) == (403, reason)


@pytest.mark.row("VQ-01")
def test_each_source_is_judged_by_its_own_checks(harbor, api, client_as):
    with harbor.scope():
        document = live_document("validity", TUESDAY_NINE)
        first, contact, permission, *rest = document["checks"]
        own = {
            "id": "V-3I",
            "check": "consent_missing",
            "result": "note",
            "meaning": "Their terms hold the permission.",
        }
        checked = [first, contact, permission | {"sources": ["web-imaging"]}, own | {"sources": ["imaging-spring"]}]
        document |= {"checks": [*checked, *rest]}
        wrong = document | {"checks": [*checked[:3], own | {"sources": ["imaging-sprung"]}, *rest]}
        with pytest.raises(Invalid, match="There is no source “imaging-sprung”"):
            rules.save_draft(actor=harbor.actor("cleo"), kind="validity", document=wrong, reason="x", now=TUESDAY_NINE)
        before = TUESDAY_NINE - timedelta(days=1)
        rules.install(kind="validity", document=document, actor=harbor.system, now=before)
    outcome = deliver(harbor, api("bp-1"), consent=[])
    assert (outcome["verdict"], checks(outcome)) == ("new", [("V-3I", "consent_missing")])
    held = make_lead(harbor, source="web-imaging", consent=[])
    with harbor.scope():
        valid = Lead.rows().get(source__key="imaging-spring")
        reasons = Submission.rows().get(lead_id=held.id).reasons
    assert [each["check"] for each in reasons if each["code"] == "consent_missing"] == ["V-3"]
    ewa, states = client_as("ewa"), {}
    with travelling(to=SOON):
        for lead in (valid, held):
            shown = ask(ewa, "GET", f"/leads/{lead.id}").json()
            states[lead.id] = (
                shown["validity"],
                "Held: consent missing (check V-3)" in body_of(ewa.get(f"/leads/{lead.id}/")),
            )
    assert states == {valid.id: ("valid", False), held.id: ("held", True)}


@pytest.mark.row("VQ-04")
@pytest.mark.parametrize(
    ("typed", "validity"),
    [("(312) 555-0142", "valid"), ("+1 312 055 0142", "unverified"), ("555-01", "invalid")],
)
def test_a_phone_is_valid_unverified_or_invalid(harbor, api, typed, validity):
    outcome = deliver(harbor, api("bp-1"), person__phone=typed)
    with harbor.scope():
        kept = ContactPoint.rows().filter(kind="phone").first()
    assert (kept.validity if kept else "invalid") == validity
    assert (("V-4", "phone_invalid") in checks(outcome)) is (validity == "invalid")


@pytest.mark.row("VQ-04")
def test_the_gate_refuses_to_route_a_lead_that_cannot_be_reached(harbor, client_as):
    lead = make_lead(harbor, person__phone="555-01", person__email="")
    assert (lead.validity, lead.hold_reason, lead.stage.key) == ("held", "no_contact_point", "new")
    with harbor.scope():
        reasons = [each["code"] for each in Submission.rows().get(lead_id=lead.id).reasons]
        assert {"no_contact_point", "phone_invalid"} <= set(reasons)
        assert Task.rows().get(lead=lead).kind == "complete_contact"
        people = [row.membership for row in lead.owner_team.members.select_related("membership__user")]
        owner = client_as(people[0].user.email.partition("@")[0])
    with travelling(to=SOON):
        refused = ask(owner, "POST", f"/leads/{lead.id}/stage", {"to": "routed", "reason": "Now"})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/reachable_point"]
    assert reload(harbor, lead.id).stage.key == "new"


@pytest.mark.row("VQ-04")
def test_a_blocked_number_is_not_called(harbor, client_as):
    lead = make_lead(harbor, person__phone="+13125550142")
    ana = client_as("ana")
    with travelling(to=SOON):
        out = {"channels": ["call", "text"], "source": "spoken", "idempotency_key": "b-1"}
        assert ana.post(f"/leads/{lead.id}/opt-out/", out).status_code == 303
        assert ask(ana, "POST", f"/leads/{lead.id}/calls", {}).status_code == 403
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, kind="call", state="open").exists()


@pytest.mark.row("VQ-05")
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("a@nodomain.invalid", "reserved domain"),
        ("a@mailinator.com", "disposable"),
        ("a@@b", "not an e-mail address"),
    ],
)
def test_an_address_that_cannot_work_gets_no_mail(harbor, api, address, reason):
    mail.outbox.clear()
    outcome = deliver(harbor, api("bp-1"), person__email=address)
    assert checks(outcome) == [("V-5", "email_invalid")]
    assert reason in outcome["reasons"][0]["detail"]
    with harbor.scope():
        lead = Lead.rows().select_related("stage").get()
        kept = list(ContactPoint.rows().filter(kind="email").values_list("validity", flat=True))
        assert not Message.rows().exists()
        assert not SlaTimer.rows().filter(kind="acknowledgement").exists()
    assert set(kept) <= {"invalid"}
    assert mail.outbox == []
    assert (lead.validity, lead.stage.key, lead.acknowledged_at) == ("valid", "routed", None)


@pytest.mark.row("VQ-05")
def test_an_invalid_address_alone_is_no_way_to_reach_somebody(harbor, client_as):
    lead = make_lead(
        harbor,
        person__phone="",
        person__email="a@nodomain.invalid",
        request__preferred_channel="email",
        consent=[consent("email")],
    )
    assert (lead.validity, lead.hold_reason) == ("held", "no_contact_point")
    with harbor.scope():
        assert not Message.rows().exists()
        assert ContactPoint.rows().get().validity == "invalid"


@pytest.mark.row("VQ-09")
def test_test_traffic_runs_the_whole_way_and_counts_for_nothing(harbor, client_as):
    only_ana_takes_leads(harbor, cap=1)
    lena = client_as("lena")
    before = funnel(lena)
    row = processed(
        harbor,
        send_in(harbor, inquiry(person__email="jane+test@harbor.example"), at=TUESDAY_NINE),
        at=TUESDAY_NINE,
    )
    test = reload(harbor, row.lead_id)
    assert (row.verdict, row.counted_as_delivered, test.is_test) == ("test", False, True)
    assert (test.stage.key, test.owner_team.key) == ("routed", "elm-calls")
    with harbor.scope():
        assert test.owner_id == harbor.member("ana").id
        assert Task.rows().get(lead=test).kind == "call"
        assert SlaTimer.rows().filter(lead=test, kind="first_contact").exists()
        assert Message.rows().get(lead=test).state == "sent"
    assert funnel(lena) == before == (0, 0)
    # Ana carries at most one lead; the test lead is none of it.
    real = make_lead(harbor)
    assert real.owner_id == test.owner_id
    assert make_lead(harbor).owner_id is None
    ana, call = client_as("ana"), {"kind": "call", "outcome": "connected", "next_action_at": NEXT_DAY}
    with travelling(to=SOON):
        assert ask(ana, "POST", f"/leads/{test.id}/activities", call).status_code == 201
        assert figures(body_of(ana.get("/"))) == {"Contacts today": 0, "Reached": 0}
        assert funnel(lena) == (2, 2)
        assert ask(ana, "POST", f"/leads/{real.id}/activities", call).status_code == 201
        assert figures(body_of(ana.get("/"))) == {"Contacts today": 1, "Reached": 1}
        assert "Test lead" in body_of(ana.get(f"/leads/{test.id}/"))
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.open", object_id=test.id).exists()


def funnel(browser):
    """Return how many inquiries of the day the funnel counts, on its page and in its file."""
    shows = page(browser, f"/reports/funnel/?{DAY}")
    _, rows = table(browser, f"/reports/funnel.csv?{DAY}")
    return int(re.search(r"n = (\d+)", shows)[1]), int(re.search(r"\d+", rows[1][1])[0])


def figures(page):
    """Return the figures of the person's own day."""
    found = {}
    for label in ("Contacts today", "Reached"):
        found[label] = int(page.split(f"<dt>{label}</dt><dd>")[1].split("</dd>")[0])
    return found


@pytest.mark.row("VQ-09")
def test_a_test_delivery_is_not_billed(harbor, api):
    for program, changes in ((api("bp-1 test"), {}), (api("bp-1"), {"is_test": True})):
        outcome = deliver(harbor, program, **changes)
        assert (outcome["verdict"], outcome["counted_as_delivered"]) == ("test", False)
        assert outcome["lead"]["stage"] == "routed"
