"""Rows of tenancy, teams and rights, each played through the door that its check names."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from apps.accounts.models import Membership, Party, Team, TeamMembership
from apps.accounts.terms import PartyKind
from apps.audit.models import AuditEntry
from apps.catalog.models import Location, Queue, Service, TeamCoverage
from apps.leads.models import Lead, LeadParty, Task
from apps.ownership.models import LeadTeamGrant
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.queries import version_in_force
from apps.sla.models import SlaTimer
from apps.tenancy.clock import database_now, travelling
from tests.approving import approve_at
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload, send_in

NEXT_DAY = "2026-12-02T16:00:00Z"


def row_of(tenant, model, **find):
    with tenant.scope():
        return model.rows().get(**find)


def refusals(tenant, lead):
    with tenant.scope():
        rows = AuditEntry.rows().filter(action__startswith="refused:", object_id=lead.id).order_by("seq")
        return [(each.action, each.detail["code"]) for each in rows]


def only_ana_takes_leads(tenant):
    with tenant.scope():
        others = [tenant.member("eli").id, tenant.member("lena").id]
        Membership.rows().filter(id__in=others).update(availability="away")


def body_of(answer):
    return answer.content.decode()


@pytest.mark.row("TA-02")
def test_a_lead_names_its_parties_each_with_its_part(harbor, client_as, api):
    lead = make_lead(harbor, source="imaging-spring")
    ewa, path = client_as("ewa"), f"/leads/{lead.id}/parties"
    sponsor = ask(ewa, "POST", path, {"party": "acme", "part": "sponsor"})
    assert (sponsor.status_code, sponsor.json()["kind"]) == (201, "employer")
    form = {"party": "lake-ortho", "part": "appointment_manager", "idempotency_key": "p-1"}
    assert ewa.post(f"/leads/{lead.id}/party/", form).status_code == 303
    page = body_of(ewa.get(f"/leads/{lead.id}/"))
    assert "BrightPath (source), Acme Manufacturing (sponsor), Lake Ortho (appointment manager)" in page
    shown = ask(ewa, "GET", f"/leads/{lead.id}").json()["parties"]
    assert [(each["party"], each["kind"], each["part"]) for each in shown] == [
        ("brightpath", "agency", "source"),
        ("acme", "employer", "sponsor"),
        ("lake-ortho", "partner_clinic", "appointment_manager"),
    ]
    assert ask(ewa, "POST", path, {"party": "acme", "part": "sponsor"}).status_code == 201
    with harbor.scope():
        assert LeadParty.rows().filter(lead=lead).count() == 3


@pytest.mark.row("TA-02")
def test_no_agency_is_let_in_by_being_named(harbor, client_as, api):
    lead = make_lead(harbor)
    path = f"/leads/{lead.id}/parties"
    assert ask(client_as("ewa"), "POST", path, {"party": "brightpath", "part": "source"}).status_code == 422
    assert ask(client_as("ewa"), "POST", path, {"party": "nobody", "part": "sponsor"}).status_code == 422
    assert ask(client_as("ewa"), "POST", path, {"party": "brightpath", "part": "referrer"}).status_code == 201
    assert api("bp-1").get(f"/leads/{lead.id}").status_code == 404
    assert api("bp-1").post(path, {"party": "acme", "part": "sponsor"}).status_code == 404
    assert ask(client_as("cleo"), "POST", path, {"party": "acme", "part": "sponsor"}).status_code == 403
    with harbor.scope():
        assert [each.part for each in LeadParty.rows().filter(lead=lead)] == ["referrer"]


@pytest.mark.row("TA-02")
def test_an_organisation_of_each_of_the_nine_types_is_registered(harbor, client_as):
    ada = client_as("ada")
    for kind in PartyKind:
        body = {
            "key": f"new-{kind.replace('_', '-')}",
            "name": f"New {kind}",
            "kind": kind,
            "is_active": "on",
            "agreement": "{}",
        }
        assert ada.post("/admin/accounts/party/add/", body).status_code == 302, kind
    with harbor.scope():
        kinds = Party.rows().filter(key__startswith="new-").values_list("kind", flat=True)
        assert sorted(kinds) == sorted(PartyKind) and len(kinds) == 9


@pytest.mark.row("TA-03")
def test_a_team_made_in_admin_is_a_target_of_routing(harbor, client_as):
    ada = client_as("ada")
    with harbor.scope():
        people = [harbor.member(name) for name in ("otis", "ana", "eli")]
        ortho = version_in_force("routing", database_now())
        services = {row.key: row.id for row in Service.rows()}
        offices = {row.key: row.id for row in Location.rows()}
    team = {
        "key": "ortho-north",
        "name": "Ortho North Intake",
        "function": "intake",
        "is_active": "on",
        "members-TOTAL_FORMS": 3,
        "members-INITIAL_FORMS": 0,
        "coverage-TOTAL_FORMS": 4,
        "coverage-INITIAL_FORMS": 0,
        "coverage-0-service": services["orthopedics"],
    }
    team |= {f"members-{place}-membership": person.id for place, person in enumerate(people)}
    team |= {f"coverage-{place}-location": each for place, each in enumerate(offices.values(), 1)}
    team["members-0-is_lead"] = "on"
    assert ada.post("/admin/accounts/team/add/", team).status_code == 302
    made = row_of(harbor, Team, key="ortho-north")
    with harbor.scope():
        assert made.function == "intake"
        assert TeamMembership.rows().filter(team=made).count() == 3
        assert TeamMembership.rows().get(team=made, is_lead=True).membership_id == people[0].id
        assert TeamCoverage.rows().filter(team=made).count() == 4
        calendar = Queue.rows().get(key="elm-calls").calendar_id
    queue = {
        "key": "ortho-north",
        "name": "Ortho North Intake",
        "target_kind": "specialty_practice",
        "team": made.id,
        "calendar": calendar,
        "method": "round_robin",
        "max_wait_seconds": 900,
        "is_active": "on",
    }
    assert ada.post("/admin/catalog/queue/add/", queue).status_code == 302
    document = json.loads(json.dumps(ortho.document).replace('"queue": "ortho-elm"', '"queue": "ortho-north"'))
    rules = row_of(harbor, RuleSet, kind="routing")
    saved = ada.post(
        f"/admin/policies/ruleset/{rules.id}/change/",
        {"document": json.dumps(document), "reason": "a new team"},
    )
    assert saved.status_code == 302, body_of(saved)
    draft = row_of(harbor, RuleSetVersion, rule_set=rules, state="draft")
    assert approve_at(client_as("dev"), draft.id).status_code == 302
    lead = make_lead(harbor, source="web-ortho", request__service="orthopedics")
    assert (lead.owner_team.key, lead.queue.key) == ("ortho-north", "ortho-north")
    assert lead.owner_id in {each.id for each in people}
    offered = body_of(client_as("otis").get(f"/leads/{lead.id}/transfer/"))
    assert "Ortho North Intake" in offered


@pytest.mark.row("TA-05")
def test_marketing_counts_a_campaigns_submissions_and_changes_none(harbor, client_as):
    for _ in range(40):
        send_in(harbor, inquiry(source="imaging-spring"), at=TUESDAY_NINE)
    send_in(harbor, inquiry(source="web-ortho", request__service="orthopedics"), at=TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    cleo = client_as("cleo")
    listed = ask(cleo, "GET", "/attribution?campaign=imaging-spring&page_size=200").json()["results"]
    assert len(listed) == 40
    assert {each["party"] for each in listed} == {"brightpath"}
    assert len(ask(cleo, "GET", "/attribution?page_size=200").json()["results"]) == 41
    with harbor.scope():
        lead = Lead.rows().filter(campaign__key="imaging-spring").first()
    for field in ("status", "stage", "payer"):
        assert ask(cleo, "PATCH", f"/leads/{lead.id}", {field: "qualified"}).status_code == 403
    assert reload(harbor, lead.id).version == lead.version
    assert refusals(harbor, lead) == [("refused:lead.edit", "locked_by_owner")] * 2 + [
        ("refused:lead.edit", "no_permission")
    ]


@pytest.mark.row("TA-07")
def test_after_the_first_attempt_the_assignment_and_the_notes_stand(harbor, client_as):
    lead = make_lead(harbor)
    ana = client_as("ana")
    call = {"kind": "call", "outcome": "no_answer", "next_action_at": NEXT_DAY, "notes": "Rang ten times"}
    with travelling(to=TUESDAY_NINE + timedelta(minutes=10)):
        assert ask(ana, "POST", f"/leads/{lead.id}/activities", call).status_code == 201
        assert ask(ana, "POST", f"/leads/{lead.id}/notes", {"text": "Her daughter answers"}).status_code == 201
    reroute = {"team": "oak-calls", "reason": "Closer to her"}
    with travelling(to=TUESDAY_NINE + timedelta(minutes=12)):
        for name in ("cleo", "ewa"):
            refused = ask(client_as(name), "POST", f"/leads/{lead.id}/transfers", reroute)
            assert (refused.status_code, refused.json()["code"]) == (403, "outreach_started")
            assert "outreach started at 1 Dec, 09:10 by Elm Calls" in refused.json()["detail"]
        form = client_as("cleo").post(f"/leads/{lead.id}/transfer/", reroute)
        assert form.status_code == 403
        assert "outreach started" in body_of(form)
        for method in ("PATCH", "PUT", "DELETE"):
            assert ask(ana, method, f"/leads/{lead.id}/notes", {"text": "x"}).status_code == 405
    for column in ("note_sealed", "sentence_sealed"):
        with pytest.raises(DatabaseError), harbor.scope(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE leads_timelineentry SET {column} = 'x' WHERE lead_id = %s", [lead.id])
    assert reload(harbor, lead.id).owner_team.key == "elm-calls"
    page = body_of(ana.get(f"/leads/{lead.id}/"))
    assert "Her daughter answers" in page and "Rang ten times" in page
    assert [code for _, code in refusals(harbor, lead)] == ["outreach_started"] * 3


@pytest.mark.row("TA-08")
def test_a_transfer_moves_the_object_permissions_with_the_owner(harbor, client_as):
    lead = make_lead(harbor)
    ana, sam, at_ten = client_as("ana"), client_as("sam"), TUESDAY_NINE + timedelta(hours=1)
    with travelling(to=at_ten):
        moved = ask(ana, "POST", f"/leads/{lead.id}/transfers", {"team": "scheduling", "reason": "Wants a date"})
        assert moved.status_code == 201
    with travelling(to=at_ten + timedelta(seconds=1)):
        for change in ({"payer": "Blue"}, {"status": "attempting"}):
            late = ask(ana, "PATCH", f"/leads/{lead.id}", change)
            assert late.status_code == 403
            assert "belongs to Scheduling" in late.json()["detail"]
        page = ana.post(f"/leads/{lead.id}/log-call/", {"kind": "call", "outcome": "no_answer"})
        assert page.status_code == 403 and "Scheduling" in body_of(page)
        assert ask(sam, "PATCH", f"/leads/{lead.id}", {"payer": "Blue"}).status_code == 200
    with harbor.scope():
        grants = LeadTeamGrant.rows().filter(content_object=lead)
        assert {each.group_id for each in grants} == {harbor.team("scheduling").group_id}
        assert grants.count() == 4


@pytest.mark.row("TA-08")
def test_the_policy_leaves_the_old_team_the_view_and_nothing_more(harbor, client_as):
    lead = make_lead(harbor)
    with harbor.scope():
        name = lead.owner.user.email.partition("@")[0]
    owner, path = client_as(name), f"/leads/{lead.id}"
    contact = {"kind": "call", "outcome": "connected", "next_action_at": NEXT_DAY}
    visit = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
    with travelling(to=TUESDAY_NINE + timedelta(hours=1)):
        assert ask(owner, "POST", f"{path}/activities", contact).status_code == 201
        assert ask(owner, "POST", f"{path}/appointments", visit).status_code == 201
        assert ask(owner, "GET", path).json()["owner_team"] == "scheduling"
        for change in ({"payer": "Blue"}, {"stage": "nurture"}):
            late = ask(owner, "PATCH", path, change)
            assert (late.status_code, late.json()["code"]) == (403, "locked_by_owner")
            assert "belongs to Scheduling" in late.json()["detail"]
        assert ask(owner, "POST", f"{path}/notes", {"text": "She comes by bus"}).status_code == 201
        assert ask(owner, "POST", f"{path}/calls", {}).status_code == 403
    assert reload(harbor, lead.id).payer == ""


@pytest.mark.row("TA-13")
def test_a_clinic_team_sees_only_the_leads_of_its_location(harbor, client_as):
    for _ in range(14):
        send_in(harbor, inquiry(), at=TUESDAY_NINE)
    for _ in range(9):
        oak = inquiry(source="landing-pages", request__service="dermatology", request__location="oak-park")
        send_in(harbor, oak, at=TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    with harbor.scope():
        teams = {row.id: row.owner_team.key for row in Lead.rows().select_related("owner_team")}
    assert sorted(teams.values()) == ["elm-calls"] * 14 + ["oak-calls"] * 9
    elm, oak = ({str(each) for each, key in teams.items() if key == team} for team in ("elm-calls", "oak-calls"))
    ana = client_as("ana")
    assert {each["id"] for each in ask(ana, "GET", "/leads?page_size=200").json()["results"]} == elm
    page = body_of(ana.get("/queue/"))
    assert page.count('id="lead-') == 14
    assert not any(each in page for each in oak)
    hidden = ask(ana, "GET", f"/leads/{min(oak)}")
    assert (hidden.status_code, hidden.json()["code"]) == (403, "no_view_grant")
    assert body_of(client_as("ewa").get("/queue/")).count('id="lead-') == 23


@pytest.mark.row("TA-15")
def test_a_leaver_orphans_nothing(harbor, client_as):
    only_ana_takes_leads(harbor)
    leads = [make_lead(harbor) for _ in range(7)]
    ana_id, elm = (
        row_of(harbor, Membership, user=harbor.user("ana")).id,
        row_of(harbor, Team, key="elm-calls"),
    )
    assert {each.owner_id for each in leads} == {ana_id}
    ana = client_as("ana")
    for lead in leads[:2]:
        with travelling(to=TUESDAY_NINE + timedelta(minutes=1)):
            more = {"title": "Send the forms", "due_at": NEXT_DAY}
            assert ask(ana, "POST", f"/leads/{lead.id}/tasks", more).status_code == 201
    with harbor.scope():
        tasks = dict(Task.rows().filter(state="open", assignee=ana_id).values_list("id", "due_at"))
        timers = dict(SlaTimer.rows().values_list("id", "due_at"))
    assert len(tasks) == 9 and len(timers) >= 7
    with travelling(to=TUESDAY_NINE + timedelta(minutes=2)):
        done = client_as("ada").post(f"/admin/accounts/membership/{ana_id}/end-access/")
    assert done.status_code == 302
    with harbor.scope():
        moved = list(Lead.rows().filter(closed_at__isnull=True).select_related("queue"))
        assert {(each.owner_team_id, each.owner_id, each.queue.key) for each in moved} == {(elm.id, None, "elm-calls")}
        assert len(moved) == 7
        rows = Task.rows().filter(state="open")
        assert {row.id: row.due_at for row in rows} == tasks
        assert {(row.team_id, row.assignee_id) for row in rows} == {(elm.id, None)}
        assert dict(SlaTimer.rows().values_list("id", "due_at")) == timers
        assert not SlaTimer.rows().filter(cancelled_at__isnull=False).exists()
        assert AuditEntry.rows().get(action="member.deactivate").detail == {"leads": 7}
    with travelling(to=TUESDAY_NINE + timedelta(minutes=3)):
        page = body_of(client_as("lena").get("/queue/?view=unassigned"))
        assert page.count('id="lead-') == 7
        assert ana.get("/queue/").status_code in (302, 403)
