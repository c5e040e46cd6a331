"""Rows of handoffs: offered with what must pass, accepted or returned in time, told when they hang between teams."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Notice
from apps.capture.document_rules import Attached
from apps.capture.documents import keep_documents
from apps.capture.models import Submission, SubmissionDocument
from apps.handoffs.models import Handoff
from apps.leads.models import Lead, Task
from apps.ownership.models import Spell
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import OpenBrowser, ask, change_rules

NOTE = {
    "service": "imaging",
    "confirmed": ["phone"],
    "next_step": "Book an MRI of the knee",
    "eligibility": "No implant",
}
TICKS = dict.fromkeys(("identity", "contact", "insurance", "expects"), True)
MINUTE = timedelta(minutes=1)
AT = TUESDAY_NINE + 5 * MINUTE


def offer(browser: Client, lead: Lead, at: datetime = AT, **more: Any) -> HttpResponse:
    """Offer a lead by API; the usual is Elm's handoff to Scheduling, complete."""
    body: dict[str, Any] = {"type": "H-1", "checklist": TICKS, "note": NOTE} | more
    return ask(browser, "POST", f"/leads/{lead.id}/handoffs", body, at=at)


def answer(browser: Client, offered: Any, verb: str, at: datetime, **body: str) -> HttpResponse:
    """Accept, return or withdraw an offer by API."""
    return ask(browser, "POST", f"/leads/{offered['lead']}/handoffs/{offered['id']}/{verb}", body, at=at)


def owner_of(lead: Lead, client_as: OpenBrowser) -> Client:
    """Return the browser of whoever has the lead."""
    return client_as(lead.owner.user.email.partition("@")[0])


def pointers(refused: HttpResponse) -> set[str]:
    """Return where a refusal points."""
    assert refused.status_code == 422, refused.content
    return {each["pointer"] for each in refused.json()["errors"]}


@pytest.mark.row("HO-01")
@pytest.mark.row("HO-03")
@pytest.mark.row("HO-05")
@pytest.mark.row("HO-06")
@pytest.mark.row("HO-10")
@pytest.mark.row("SL-12")
@pytest.mark.ux(14)
def test_elm_hands_to_scheduling_which_returns_it_once_and_takes_it(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor)
    sender, sam, sue, ben = owner_of(lead, client_as), client_as("sam"), client_as("sue"), client_as("ben")
    name = lead.owner.user.name
    talked = {"kind": "call", "outcome": "connected", "next_action_at": (AT + 60 * MINUTE).isoformat()}
    assert ask(sender, "POST", f"/leads/{lead.id}/activities", talked, at=AT).status_code == 201

    # What must pass, what is ticked and what the note says block it, each named; nothing is kept.
    bare = offer(sender, lead, note=NOTE | {"eligibility": ""})
    assert pointers(bare) == {"/fields/eligibility_note"}
    assert "missing: Eligibility note" in bare.json()["detail"]
    assert pointers(offer(sender, lead, checklist=TICKS | {"expects": False})) == {"/checklist/expects"}
    excused = offer(sender, lead, checklist={}, excuses=dict.fromkeys(TICKS, "no time"))
    assert len(pointers(excused)) == 4
    loose = offer(sender, lead, note={"text": "Please call her, she knows."})
    assert pointers(loose) >= {"/note/service", "/note/confirmed", "/note/next_step"}
    assert pointers(offer(sender, lead, note=NOTE | {"service": "cardiology"})) == {"/note/service"}
    assert ask(sender, "GET", f"/leads/{lead.id}/handoffs", at=AT).json() == {"results": []}

    # 4 of 4 ticked, by name and minute. The sender still answers for it; nobody but the receiver accepts.
    made = offer(sender, lead)
    assert made.status_code == 201, made.content
    first = made.json()
    assert [(each["done"], each["by"], datetime.fromisoformat(each["at"])) for each in first["checklist"]] == [
        (True, name, AT)
    ] * 4
    assert (first["state"], datetime.fromisoformat(first["accept_by"])) == ("offered", AT + 15 * MINUTE)
    assert (reload(harbor, lead.id).owner.user.name, offer(sender, lead).json()["code"]) == (name, "offered_already")
    waiting = ask(sam, "GET", "/handoffs", at=AT).json()["results"]
    assert [each["id"] for each in waiting] == [first["id"]]
    stranger = answer(ben, first, "accept", AT)
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_receiver")

    # Unaccepted at its deadline, the receiving team's lead and the sender hear of it.
    harbor.drain(AT + 15 * MINUTE)
    with harbor.scope():
        told = Escalation.rows().filter(
            timer__lead=lead, timer__kind="acceptance", timer__policy_id="handoff", step__gt=0
        )
        assert {each.member.user.name for each in told.select_related("member__user")} == {"Sam Diaz", name}
        assert SlaTimer.rows().get(lead=lead, policy_id="handoff").breached_at == AT + 15 * MINUTE

    # Returned with a reason, it is the sender's with a task.
    late = AT + 20 * MINUTE
    assert answer(sam, first, "return", late).status_code == 422
    assert answer(sam, first, "return", late, reason="no referral").json()["state"] == "returned"
    with harbor.scope():
        task = Task.rows().get(lead=lead, kind="handoff_returned", state="open")
        assert (task.title, task.assignee_id) == ("Returned by Scheduling: no referral", lead.owner_id)
    assert answer(sue, first, "accept", late).json()["code"] == "answered_already"

    # Offered again and accepted: owner, tasks, grants and clocks are Scheduling's; the sender keeps the view at most.
    again, taken = late + 10 * MINUTE, late + 12 * MINUTE
    second = offer(
        sender, lead, again, excuses={"insurance": "pays themselves"}, checklist=TICKS | {"insurance": False}
    )
    assert second.status_code == 201, second.content
    accepted = answer(sue, second.json(), "accept", taken)
    assert accepted.status_code == 200, accepted.content
    due = taken + 30 * MINUTE
    assert datetime.fromisoformat(accepted.json()["first_outreach_by"]) == due
    lead = reload(harbor, lead.id)
    assert (lead.owner.user.name, lead.owner_team.key, lead.queue.key) == ("Sue Lindt", "scheduling", "scheduling-desk")
    with harbor.scope():
        assert {each.team.key for each in Task.rows().filter(lead=lead, state="open")} == {"scheduling"}
        assert Spell.rows().get(lead=lead, ended_at=None).trigger == "handoff:H-1"
        taken_over = Task.rows().get(lead=lead, kind="follow_up", state="open")
        assert (taken_over.channel, taken_over.due_at, taken_over.assignee_id) == ("call", due, lead.owner_id)
        clock = SlaTimer.rows().get(lead=lead, kind="follow_up", met_at=None, cancelled_at=None)
        assert clock.due_at == due
    assert ask(sender, "GET", f"/leads/{lead.id}", at=taken).status_code == 200
    assert ask(sender, "PATCH", f"/leads/{lead.id}", {"payer": "Blue"}, at=taken).status_code == 403
    every = ask(sue, "GET", f"/leads/{lead.id}/handoffs", at=taken).json()["results"]
    assert [each["state"] for each in every] == ["accepted", "returned"]
    kept = next(each for each in every[0]["checklist"] if each["id"] == "insurance")
    assert (kept["done"], kept["excuse"], kept["by"]) == (False, "pays themselves", name)

    # What was ticked stays for ever: nothing of the product, and no slip of ours, changes or removes it.
    for change in (lambda rows: rows.update(checklist=[]), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), harbor.scope():
            change(Handoff.rows().filter(lead=lead))

    # Unstarted 30 minutes later it is told to the new owner and to their team's lead.
    harbor.drain(due)
    with harbor.scope():
        told = Escalation.rows().filter(timer_id=clock.id, step__gt=0).select_related("member__user")
        assert {each.member.user.name for each in told} == {"Sue Lindt", "Sam Diaz"}


@pytest.mark.row("HO-05")
def test_who_offered_a_colleagues_lead_hears_of_its_return_and_a_new_offer_ends_the_task(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor)
    name = next(each for each in ("ana", "eli") if not lead.owner.user.email.startswith(each))
    colleague = client_as(name)
    made = offer(colleague, lead)
    assert made.status_code == 201, made.content
    assert answer(client_as("sam"), made.json(), "return", AT + MINUTE, reason="no referral").status_code == 200
    with harbor.scope():
        notice = Notice.rows().get(kind="handoff_returned")
        assert (notice.member_id, notice.url) == (harbor.member(name).id, f"/leads/{lead.id}/")
        assert "referral" not in notice.sentence
    assert offer(colleague, lead, AT + 2 * MINUTE).status_code == 201
    with harbor.scope():
        assert Task.rows().get(lead=lead, kind="handoff_returned").closed_because == "offered again"


def add_types(*rows: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Return a change of the rules that adds handoff types."""
    usual = {"meaning": "As the row asks.", "accept_seconds": 900, "outreach_seconds": 1800}
    return lambda document: document["types"].extend(usual | each for each in rows)


@pytest.mark.row("HO-02")
@pytest.mark.row("OW-11")
def test_a_package_has_what_passes_and_never_what_must_not(
    harbor: Tenant, client_as: OpenBrowser, api: Callable[..., Api]
) -> None:
    types = [
        {"id": "H-7", "name": "Open", "from_team": "central-intake", "to_team": "patient-services"},
        {"id": "H-8", "name": "To services", "from_team": "central-intake", "to_team": "patient-services"},
        {"id": "H-9", "name": "To partners", "from_team": "central-intake", "to_team": "partnerships"},
    ]
    types[1]["withheld"], types[2]["withheld"] = ["ad_cost"], ["clinical_note", "message"]  # type: ignore[assignment]
    change_rules(harbor, client_as, "handoffs", add_types(*types))
    lead = make_lead(harbor, source="imaging-spring", request__message="My knee clicks.")
    sender, pat, pia = owner_of(lead, client_as), client_as("pat"), client_as("pia")
    note = {"text": "Limps a little."}
    assert ask(sender, "POST", f"/leads/{lead.id}/notes", note, at=AT).status_code == 201

    def package(browser: Client, kind: str, at: datetime) -> tuple[dict[str, str], Any]:
        made = offer(sender, lead, at, type=kind, checklist={})
        assert made.status_code == 201, made.content
        seen = ask(browser, "GET", f"/leads/{lead.id}/handoffs/{made.json()['id']}", at=at)
        assert seen.status_code == 200, seen.content
        return {each["field"]: each["value"] for each in seen.json()["passes"]}, seen.json()

    every, first = package(pat, "H-7", AT)
    assert (every["ad_cost"], every["clinical_note"], every["message"]) == ("80", "Limps a little.", "My knee clicks.")
    answer(sender, first["handoff"], "withdraw", AT, reason="The wrong one")
    services, second = package(pat, "H-8", AT + MINUTE)
    assert ("ad_cost" in services, second["withheld"], services["service"]) == (False, ["Ad cost"], "Imaging")
    answer(pat, second["handoff"], "return", AT + MINUTE, reason="Not ours")

    # Pia sees no lead of Central Intake; of the one that she is asked to take she sees what passes.
    assert ask(pia, "GET", f"/leads/{lead.id}", at=AT).status_code == 403
    partners, third = package(pia, "H-9", AT + 2 * MINUTE)
    assert {"clinical_note", "message", "eligibility_note"} & set(partners) == set()
    assert ("Limps" in str(third), third["withheld"]) == (False, ["Clinical notes", "What they wrote"])
    assert ask(client_as("ben"), "GET", f"/leads/{lead.id}/handoffs/{third['handoff']['id']}", at=AT).status_code == 403

    # After the acceptance neither who delivered it nor the sender changes it; the sender lost the view here.
    agency = api("bp-1")
    assert answer(pia, third["handoff"], "accept", AT + 3 * MINUTE).status_code == 200
    refused = agency.patch(f"/leads/{lead.id}", {"payer": "Blue"})
    assert (refused.status_code, refused.json()["code"]) == (403, "agency")
    moved = {"to": "nurture", "reason": "The service is wanted later"}
    assert ask(sender, "POST", f"/leads/{lead.id}/stage", moved, at=AT + 3 * MINUTE).status_code == 403
    with harbor.scope():
        assert lead.team_grants.exclude(group=harbor.team("partnerships").group).count() == 0


@pytest.mark.row("HO-02")
def test_what_was_withheld_is_on_no_page_beside_the_leads(harbor: Tenant, client_as: OpenBrowser) -> None:
    """The person's page, the reasons and the documents: hidden from who took the lead, shown to who gave it."""
    kind = {"id": "H-9", "name": "To services", "from_team": "central-intake", "to_team": "patient-services"}
    kind["withheld"] = ["phone", "payer", "campaign", "referral", "message"]  # type: ignore[assignment]
    kind["keeps_view"] = True  # type: ignore[assignment]
    change_rules(harbor, client_as, "handoffs", add_types(kind))
    told = {"person__phone": "+13125550177", "insurance": {"payer": "Zebrahealth"}, "request__message": "It clicks."}
    lead = make_lead(harbor, source="imaging-spring", person__last_name="Quill", **told)
    with harbor.scope():
        submission = Submission.rows().get(lead_id=lead.id)
        paper = Attached("letter.pdf", b"%PDF-1.7 a letter")
        keep_documents(actor=harbor.system, submission_id=submission.id, files=[paper], now=AT)
        document = SubmissionDocument.rows().get(submission=submission).id
    home = f"/leads/{lead.id}/"
    pages = (f"/people/{lead.person_id}/", f"{home}why/", f"{home}background/", home, f"{home}edit/")
    secrets = ("555-0177", "Quill", "Zebrahealth", "Imaging-Spring", "letter.pdf", "It clicks.")
    sender, pat = owner_of(lead, client_as), client_as("pat")
    offered = offer(sender, lead, type="H-9", checklist={}).json()
    assert answer(pat, offered, "accept", AT).status_code == 200
    with travelling(to=AT):
        seen = {each: pat.get(each).content.decode() for each in pages}
        known = "".join(sender.get(each).content.decode() for each in pages[:4])
        why = [ask(each, "GET", f"/leads/{lead.id}/why", at=AT).content.decode() for each in (pat, sender)]
        papers = [each.get(f"{home}documents/{document}/") for each in (pat, sender)]
    assert [(path, each) for path, text in seen.items() for each in secrets if each in text] == []
    assert [each for each in secrets if each not in known] == []
    assert ["Zebrahealth" in each for each in why] == [False, True]
    assert [each.status_code for each in papers] == [403, 200]
    assert "withheld when the lead was handed on" in papers[0].content.decode()


@pytest.mark.row("HO-04")
def test_a_lead_passes_the_chain_each_time_with_its_list(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead, before = make_lead(harbor), None
    steps = (("H-2", "pat", ["reason"]), ("H-3", "ivy", ["records", "urgent"]), ("H-4", "sue", ["cleared"]))
    giver, at = owner_of(lead, client_as), AT
    for kind, taker, items in steps:
        made = offer(giver, lead, at, type=kind, checklist=dict.fromkeys(items, True))
        assert made.status_code == 201, (kind, made.content)
        assert made.json()["previous"] == before
        giver, at, before = client_as(taker), at + 2 * MINUTE, made.json()["id"]
        assert answer(giver, made.json(), "accept", at).status_code == 200
    passed = ask(giver, "GET", f"/leads/{lead.id}/handoffs", at=at).json()["results"]
    assert [(each["type"], [item["id"] for item in each["checklist"] if item["done"]]) for each in passed[::-1]] == [
        (kind, items) for kind, _, items in steps
    ]
    assert reload(harbor, lead.id).owner_team.key == "scheduling"
    # What is not this team's to hand on is refused by name.
    assert pointers(offer(giver, lead, at, type="H-1")) == {"/type"}


def board_of(name: str, client_as: OpenBrowser, at: datetime) -> str:
    with travelling(to=at):
        return client_as(name).get("/board/").content.decode()


@pytest.mark.row("HO-06")
@pytest.mark.row("HO-08")
def test_what_hangs_between_teams_is_on_the_stuck_list_until_it_goes_on(harbor: Tenant, client_as: OpenBrowser) -> None:
    stays, goes, ends = (make_lead(harbor) for _ in range(3))
    for each in (stays, goes, ends):
        assert offer(owner_of(each, client_as), each).status_code == 201
    ewa = client_as("ewa")

    def listed(at: datetime) -> set[str]:
        return {each["lead"] for each in ask(ewa, "GET", "/handoffs?show=stuck", at=at).json()["results"]}

    assert listed(AT + 119 * MINUTE) == set()
    late = AT + 120 * MINUTE
    with CaptureQueriesContext(connection) as of_three:
        assert listed(late) == {str(each.id) for each in (stays, goes, ends)}
    board = board_of("lena", client_as, late)
    assert "3 leads hang between teams, the oldest for 2 h" in board and stays.ref in board
    assert "hang between teams" not in board_of("lena", client_as, late - MINUTE)
    assert "hang between teams" not in board_of("ola", client_as, late)
    moved = {"team": "oak-calls", "reason": "Lives in Oak Park"}
    assert ask(owner_of(goes, client_as), "POST", f"/leads/{goes.id}/transfers", moved, at=late).status_code == 201
    # A transfer's first outreach is timed as a handoff's is: unstarted after 30 minutes, the new team's lead hears.
    harbor.drain(late + 30 * MINUTE)
    with harbor.scope():
        told = Escalation.rows().filter(timer__lead=goes, timer__policy_id="transfer", who="team_lead", step=2)
        assert told.get(done_at__isnull=False).member == harbor.member("ola")
    gone = {"reason": "not_interested", "note": "Said so", "outcome": "not_qualified"}
    assert ask(owner_of(ends, client_as), "POST", f"/leads/{ends.id}/close", gone, at=late).status_code == 200
    with CaptureQueriesContext(connection) as of_one:
        assert listed(late) == {str(stays.id)}
    assert len(of_one) == len(of_three)
    with harbor.scope():
        ended = Handoff.rows().filter(lead__in=[goes, ends])
        assert {(each.state, each.reason) for each in ended} == {
            ("withdrawn", "It went to Oak Calls."),
            ("withdrawn", "The lead was closed."),
        }
    assert ask(client_as("ben"), "GET", "/handoffs?show=stuck", at=late).json() == {"results": []}


@pytest.mark.row("HO-05")
def test_of_two_who_accept_at_once_one_gets_the_lead_and_the_other_is_told_who(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    browsers = {name: client_as(name) for name in ("sam", "sue")}
    for _ in range(3):
        lead = make_lead(harbor)
        offered, at_once, got = offer(owner_of(lead, client_as), lead).json(), Barrier(2), {}

        def press(name: str, offered: Any = offered, at_once: Barrier = at_once, got: dict[str, Any] = got) -> None:
            at_once.wait()
            try:
                got[name] = answer(browsers[name], offered, "accept", AT + MINUTE)
            finally:
                connection.close()

        pressed = [Thread(target=press, args=(name,)) for name in browsers]
        for each in pressed:
            each.start()
        for each in pressed:
            each.join()
        won, lost = sorted(got, key=lambda name: got[name].status_code)
        assert (got[won].status_code, got[lost].status_code) == (200, 409), {n: a.content for n, a in got.items()}
        with harbor.scope():
            winner = harbor.member(won)
            assert Lead.rows().get(id=lead.id).owner_id == winner.id
            assert Spell.rows().filter(lead=lead, kind="primary", ended_at=None, membership=winner).count() == 1
        assert f"This handoff was accepted by {winner.user.name}" in got[lost].json()["detail"]
