"""Rows of ownership policies: models, triggers, shared leads, who calls first, and what keeps a policy from ruling."""

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.leads.models import Lead, StageSpell, Task, TimelineEntry
from apps.ownership.models import LeadTeamGrant, Spell
from apps.ownership.terms import SECTIONS, STEPS
from apps.policies.models import RuleSetVersion
from apps.quality.models import FixItem
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.approving import approve_at
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import ask, change_rules, draft_rules, page
from tests.words import saying

OpenBrowser = Callable[..., Client]
SOON = TUESDAY_NINE + timedelta(minutes=5)
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
TALKED = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
MISSED = TALKED | {"outcome": "no_answer"}
ANSWERS = {"answers": {"V-1": "imaging", "V-2": "has a referral", "V-3": "yes", "V-4": "first visit"}}
WHOLE = {"responsibility": dict.fromkeys(STEPS, "central-intake"), "sections": dict.fromkeys(SECTIONS, "As agreed.")}


def policy(**parts: Any) -> dict[str, Any]:
    """Return a complete policy for the website form of imaging."""
    return {"id": "P-9", "name": "Row", "model": "territory", "sources": ["landing-pages"], **WHOLE, **parts}


def rule_by(tenant: Tenant, client_as: OpenBrowser, **parts: Any) -> None:
    """Let a policy rule: drafted by the administrator, approved by compliance."""
    change_rules(
        tenant, client_as, "ownership", lambda document: document.setdefault("policies", []).append(policy(**parts))
    )


def lead_of(tenant: Tenant, **changes: Any) -> Lead:
    return make_lead(tenant, **{"source": "landing-pages", **changes})


def name_of_owner(lead: Lead) -> str:
    return str(lead.owner.user.email.partition("@")[0])


def grants(tenant: Tenant, lead: Lead, team: str) -> set[str]:
    """Return what a team may do with a lead by its object grants."""
    with tenant.scope():
        rows = LeadTeamGrant.rows().filter(content_object=lead, group__team__key=team)
        return set(rows.values_list("permission__codename", flat=True))


def spells(tenant: Tenant, lead: Lead, kind: str = "primary") -> list[Spell]:
    with tenant.scope():
        rows = Spell.rows().filter(lead=lead, kind=kind).select_related("team", "version")
        return list(rows.order_by("started_at", "id"))


@pytest.mark.row("OW-01")
def test_the_imaging_campaign_uses_territory_and_the_tele_line_uses_channel(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    imaging = make_lead(harbor, source="web-imaging")
    change_rules(
        harbor,
        client_as,
        "ownership",
        lambda document: document["policies"][1].update(channels=[{"channel": "call", "team": "tele-sales"}]),
    )
    by_phone = {"source": "call", "capture_method": "call", "request__service": "dermatology"}
    call = make_lead(harbor, **by_phone)
    assert (imaging.owner_team.key, call.owner_team.key) == ("elm-calls", "tele-sales")
    kept = [spells(harbor, lead)[0] for lead in (imaging, call)]
    assert [(each.policy, each.version.number) for each in kept] == [("P-1", 1), ("P-2", 2)]
    shown = page(client_as("ewa"), f"/leads/{imaging.id}/why/", at=SOON)
    assert "Imaging by territory" in shown and "territory or program" in shown
    shown = page(client_as("ewa"), f"/leads/{call.id}/why/", at=SOON)
    assert "Tele line by channel" in shown and "Tele-sales own it by the policy" in shown


@pytest.mark.row("OW-02")
def test_a_single_owner_keeps_the_lead_through_nine_changes_of_stage(harbor: Tenant, client_as: OpenBrowser) -> None:
    rule_by(harbor, client_as, model="single_owner", team="central-intake")
    lead = lead_of(harbor)
    ewa, path = client_as("ewa"), f"/leads/{lead.id}"
    assert (lead.owner_team.key, lead.queue.team_id) == ("central-intake", lead.owner_team_id)

    def post(part: str, body: dict[str, Any], status: int) -> None:
        answer = ask(ewa, "POST", f"{path}/{part}", body, at=SOON)
        assert answer.status_code == status, (part, body, answer.content.decode())
        assert reload(harbor, lead.id).owner_team.key == "central-intake"

    def move(to: str, reason: str = "The service is wanted later") -> None:
        post("stage", {"to": to, "reason": reason}, 200)

    post("activities", MISSED, 201)
    post("activities", TALKED, 201)
    post("verification", ANSWERS, 201)
    move("qualified", "Service and location fit.")
    post("appointments", VISIT, 201)
    move("in_treatment", "First visit took place.")
    move("nurture")
    post("activities", TALKED, 201)
    move("nurture")
    post("activities", TALKED, 201)
    with harbor.scope():
        entered = list(StageSpell.rows().filter(lead=lead).order_by("started_at", "id").values_list("stage__key"))
    assert len(entered) - 2 >= 9, entered
    assert {each.team.key for each in spells(harbor, lead)} == {"central-intake"}


@pytest.mark.journey("E-20")
@pytest.mark.row("OW-08")
@pytest.mark.row("OW-13")
def test_a_policy_with_a_gap_is_not_published_and_a_whole_one_is_versioned_and_in_the_playbook(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    texts = {key: text for key, text in WHOLE["sections"].items() if key != "disputes"}
    steps = {**WHOLE["responsibility"], "closure_notes": ""}
    gaps = policy(pipelines=["recruitment"], sources=[], sections=texts, responsibility=steps, name="Candidates")
    saved = draft_rules(harbor, client_as, "ownership", lambda document: document["policies"].append(gaps))
    assert saved.status_code == 302, "a policy in the making may be kept"
    with harbor.scope():
        draft = RuleSetVersion.rows().get(rule_set__kind="ownership", state="draft")
    refused = approve_at(client_as("dev"), draft.id)
    said = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert "no team answers for closure notes" in said and "section disputes missing" in said
    with harbor.scope():
        assert RuleSetVersion.rows().get(id=draft.id).approved_at is None

    whole = {**gaps, **WHOLE, "stages": [{"stage": "qualified", "team": "operations", "keeps_view": True}]}
    assert draft_rules(harbor, client_as, "ownership", lambda it: it["policies"].append(whole)).status_code == 302
    with harbor.scope():
        draft = RuleSetVersion.rows().filter(rule_set__kind="ownership", state="draft").latest("number")
    assert approve_at(client_as("dev"), draft.id).status_code == 302
    book = page(client_as("ewa"), "/playbook/", at=SOON)
    chapter = book[book.index("Candidates") :]
    for words in ("territory or program", "Closure notes", "Central Intake", "Disputes", "As agreed.", "Operations"):
        assert words in chapter, words
    assert "version 1" in chapter
    lead = make_lead(harbor, source="job-board", lead_class="recruitment", request__service="")
    assert spells(harbor, lead)[0].policy == "P-9"


@pytest.mark.row("CN-08")
def test_a_policy_says_where_consent_lives_and_who_maintains_it(harbor: Tenant, client_as: OpenBrowser) -> None:
    def chapter() -> str:
        book = page(client_as("dev"), "/playbook/", at=SOON)
        return " ".join(book[book.index("Imaging by territory") :].split())

    assert "Person consent record, Central Intake" in chapter()
    assert "maintained by Central Intake" in refused_grant(harbor, client_as)
    change_rules(harbor, client_as, "ownership", lambda document: document["consent"].update(team="scheduling"))
    assert "Person consent record, Scheduling" in chapter()
    assert "maintained by Scheduling" in refused_grant(harbor, client_as)


def refused_grant(harbor: Tenant, client_as: OpenBrowser) -> str:
    """Return what an agent of another team reads who tries to record a grant."""
    grant = {"channel": "text", "state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}
    answer = ask(client_as("ben"), "POST", f"/leads/{lead_of(harbor).id}/consents", grant, at=SOON)
    assert answer.status_code == 403
    return str(answer.json()["detail"])


@pytest.mark.row("OW-09")
def test_each_trigger_moves_the_owner_in_the_second_it_happens(harbor: Tenant, client_as: OpenBrowser) -> None:
    rule_by(
        harbor,
        client_as,
        triggers=[
            {"event": "contacted", "team": "central-intake", "keeps_view": True},
            {"event": "qualified", "team": "patient-services"},
            {"event": "scheduled", "team": "care-coordination", "keeps_view": True},
            {"event": "no_valid_contact", "team": "marketing-ops"},
            {"event": "custom", "name": "second_opinion", "team": "clinical-intake"},
        ],
    )
    lead = lead_of(harbor)
    path = f"/leads/{lead.id}"

    def step(name: str, part: str, body: dict[str, Any], team: str, status: int = 201) -> None:
        answer = ask(client_as(name), "POST", f"{path}/{part}", body, at=SOON)
        assert answer.status_code == status, answer.content.decode()
        assert reload(harbor, lead.id).owner_team.key == team
        last = spells(harbor, lead)[-1]
        assert (last.team.key, last.started_at, last.policy) == (team, SOON, "P-9")

    first = name_of_owner(lead)
    step(first, "activities", TALKED, "central-intake")
    assert grants(harbor, lead, "elm-calls") == {"view_lead"}
    refused = ask(client_as(first), "POST", f"{path}/owner-events", {"event": "second_opinion", "note": "x"}, at=SOON)
    assert refused.status_code == 403
    wrong = ask(client_as("ewa"), "POST", f"{path}/owner-events", {"event": "moon_rises", "note": "x"}, at=SOON)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_event")
    said = {"event": "second_opinion", "note": "Dr Kim asked for it on 1 Dec"}
    step("ewa", "owner-events", said, "clinical-intake", 200)
    with harbor.scope():
        story = TimelineEntry.rows().filter(lead=lead, kind="event").get()
        assert "Dr Kim asked for it" in story.note
        assert Task.rows().filter(lead=lead, state="open", team__key="clinical-intake").exists()
    booked = lead_of(harbor)
    caller = client_as(name_of_owner(booked))
    lead, path = booked, f"/leads/{booked.id}"
    assert ask(caller, "POST", f"{path}/activities", TALKED, at=SOON).status_code == 201
    step("ewa", "appointments", VISIT, "care-coordination")
    # The verdict after a conversation and its verification is the event “qualified”.
    lead = lead_of(harbor)
    path = f"/leads/{lead.id}"
    assert ask(client_as(name_of_owner(lead)), "POST", f"{path}/activities", TALKED, at=SOON).status_code == 201
    assert ask(client_as("ewa"), "POST", f"{path}/verification", ANSWERS, at=SOON).status_code == 201
    good = {"verdict": "qualified", "reason": "Imaging interest and Elm location match", "next_step": "Find a date"}
    good["next_step_at"] = TALKED["next_action_at"]
    step("ewa", "qualification", good, "patient-services", 200)
    assert spells(harbor, lead)[-1].trigger in ("stage:qualified", "event:qualified")
    lost = lead_of(harbor, person__email="")
    gone = TALKED | {"outcome": "wrong_number"}
    assert ask(client_as(name_of_owner(lost)), "POST", f"/leads/{lost.id}/activities", gone, at=SOON).status_code == 201
    assert reload(harbor, lost.id).owner_team.key == "marketing-ops"


@pytest.mark.row("OW-09")
def test_a_meeting_agreed_stays_with_partnerships_and_approved_terms_go_to_operations(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, source="landing-pages", lead_class="partnership", request__service="")
    assert (lead.owner_team.key, spells(harbor, lead)[0].policy) == ("partnerships", "P-4")
    pia, path = client_as("pia"), f"/leads/{lead.id}/record-event/"
    offered = page(pia, path, at=SOON)
    assert "Meeting agreed: Partnerships take over." in offered and "Operations take over." in offered

    def record(event: str) -> str:
        with travelling(to=SOON):
            answer = pia.post(path, {"event": event, "note": "Dr Kim, by mail of 30 Nov"})
        assert answer.status_code == 303, answer.content.decode()
        return str(reload(harbor, lead.id).owner_team.key)

    assert [record(event) for event in ("meeting_agreed", "terms_approved")] == ["partnerships", "operations"]
    last = spells(harbor, lead)[-1]
    assert (last.trigger, last.started_at, grants(harbor, lead, "partnerships")) == (
        "event:terms_approved",
        SOON,
        {"view_lead"},
    )
    refused = ask(pia, "PATCH", f"/leads/{lead.id}", {"payer": "x"}, at=SOON)
    assert refused.status_code == 403


def delivered(tenant: Tenant) -> Lead:
    """Return a lead that Northlight delivered."""
    body = inquiry(source="derm-winter", request__service="dermatology", request__location="oak-park")
    row = processed(tenant, send_in(tenant, body, at=TUESDAY_NINE, key="northlight-1"), at=TUESDAY_NINE)
    return reload(tenant, row.lead_id)


@pytest.mark.row("OW-10")
def test_a_shared_lead_is_logged_by_several_and_written_by_one_until_its_stage(
    harbor: Tenant, client_as: OpenBrowser, api: Callable[..., Api]
) -> None:
    rule_by(
        harbor,
        client_as,
        sources=["derm-winter"],
        campaigns=["derm-winter"],
        shared={"until": "qualified", "teams": ["oak-calls"], "agency": True},
    )
    lead = delivered(harbor)
    path = f"/leads/{lead.id}"
    assert lead.owner_team.key == "central-intake" and grants(harbor, lead, "oak-calls") == {"view_lead"}
    agency, ben, owner = api("northlight-1"), client_as("ben"), client_as(name_of_owner(lead))
    before = reload(harbor, lead.id)
    with travelling(to=SOON):
        assert agency.post(f"{path}/activities", MISSED).status_code == 201
    assert ask(ben, "POST", f"{path}/activities", TALKED, at=SOON).status_code == 201
    after = reload(harbor, lead.id)
    assert (after.status, after.stage_id, after.owner_team_id) == (before.status, before.stage_id, before.owner_team_id)
    assert agency.post(f"{path}/stage", {"to": "contacted", "reason": "x"}).status_code == 403
    refused = ask(ben, "POST", f"{path}/stage", {"to": "contacted", "reason": "x"}, at=SOON)
    assert (refused.status_code, refused.json()["code"]) == (403, "locked_by_owner")
    assert ask(owner, "POST", f"{path}/activities", TALKED, at=SOON).status_code == 201
    answers = {"answers": {**ANSWERS["answers"], "V-1": "dermatology"}}
    verified = ask(owner, "POST", f"{path}/verification", answers, at=SOON)
    assert verified.status_code == 201, verified.content.decode()
    good = {"to": "qualified", "reason": "Service and location fit."}
    moved = ask(owner, "POST", f"{path}/stage", good, at=SOON)
    assert moved.status_code == 200, moved.content.decode()
    with travelling(to=SOON):
        ended = agency.post(f"{path}/activities", MISSED)
    assert ended.status_code == 403 and "until Qualified" in ended.json()["detail"]
    assert ask(ben, "POST", f"{path}/activities", TALKED, at=SOON).status_code == 403


@pytest.mark.row("OW-12")
def test_the_clinic_makes_the_first_contact_and_intake_owns_the_lead(harbor: Tenant, client_as: OpenBrowser) -> None:
    rule_by(harbor, client_as, model="single_owner", team="central-intake", first_outreach="routing")
    lead = lead_of(harbor)
    path = f"/leads/{lead.id}"
    with harbor.scope():
        task = Task.rows().select_related("team", "assignee__user").get(lead=lead, state="open", kind="call")
        clock = SlaTimer.rows().get(lead=lead, kind="first_contact")
    assert (lead.owner_team.key, task.team.key, task.first_outreach) == ("central-intake", "elm-calls", True)
    assert clock.due_at == task.due_at
    caller = task.assignee.user.email.partition("@")[0]
    assert lead.ref in page(client_as(caller), "/", at=SOON)
    opened = page(client_as(caller), f"/leads/{lead.id}/", at=SOON)
    assert "Central Intake" in opened
    refused = ask(client_as(caller), "POST", f"{path}/stage", {"to": "nurture", "reason": "x"}, at=SOON)
    assert refused.status_code == 403
    for body, team in ((MISSED, "elm-calls"), (TALKED, "central-intake")):
        logged = ask(client_as(caller), "POST", f"{path}/activities", body, at=SOON)
        assert logged.status_code == 201, logged.content.decode()
        with harbor.scope():
            left = Task.rows().filter(lead=lead, state="open")
            assert set(left.values_list("team__key", flat=True)) == {team}
    now = reload(harbor, lead.id)
    assert (now.stage.key, now.owner_team.key) == ("contacted", "central-intake")
    assert spells(harbor, lead, "outreach")[0].ended_at == SOON
    assert grants(harbor, lead, "elm-calls") == {"view_lead"}
    assert ask(client_as(caller), "POST", f"{path}/activities", TALKED, at=SOON).status_code == 403
    assert ask(client_as("ewa"), "POST", f"{path}/activities", TALKED, at=SOON).status_code == 201


@pytest.mark.row("OW-16")
def test_a_lead_whose_owner_is_not_the_stages_is_listed_and_repaired_or_explained(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    found = []
    for _ in range(2):
        lead = make_lead(harbor)
        owner = client_as(name_of_owner(lead))
        assert ask(owner, "POST", f"/leads/{lead.id}/activities", TALKED, at=SOON).status_code == 201
        assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=SOON).status_code == 201
        back = {"team": "elm-calls", "reason": "They know her"}
        assert ask(client_as("sam"), "POST", f"/leads/{lead.id}/transfers", back, at=SOON).status_code == 201
        found.append(reload(harbor, lead.id))
    other = make_lead(harbor)
    lena, later = client_as("lena"), SOON + timedelta(minutes=1)

    def listed() -> str:
        with travelling(to=later):
            assert lena.post("/quality/run/").status_code == 303
            harbor.drain(later)
        return page(lena, "/quality/stage_owner/", at=later)

    shown = listed()
    assert all(each.ref in shown for each in found) and other.ref not in shown
    assert "Appointment scheduled belongs to Scheduling by the policy “Imaging by territory”." in shown
    with harbor.scope():
        first, second = (FixItem.rows().get(lead=each, check_key="stage_owner") for each in found)
    with travelling(to=later):
        stranger = client_as("ola").post(f"/quality/items/{first.id}/", {"do": "give"})
        assert stranger.status_code == 403
        assert lena.post(f"/quality/items/{first.id}/", {"do": "give"}).status_code == 303
        assert lena.post(f"/quality/items/{second.id}/", {"do": "explain", "because": " "}).status_code == 303
        assert (
            lena.post(f"/quality/items/{second.id}/", {"do": "explain", "because": "Asked for Ana"}).status_code == 303
        )
    given = reload(harbor, found[0].id)
    assert (given.owner_team.key, spells(harbor, given)[-1].trigger) == ("scheduling", "policy")
    shown = listed()
    assert not any(each.ref in shown for each in found)
    with harbor.scope():
        kept = FixItem.rows().get(id=second.id)
        assert (kept.explained_because, kept.closed_at) == ("Asked for Ana", None)
        assert saying(TimelineEntry.rows().filter(lead=found[1]), sentence__contains="Asked for Ana")
