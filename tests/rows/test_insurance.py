"""Insurance: verification, pre-authorisation, and counselling where it does not cover (row AP-11)."""

from datetime import timedelta

import pytest

from apps.leads.models import Task
from apps.qualification.insurance import InsuranceStatus, PreAuthorisation, authorisation_of, verification_of
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, page

LATER = TUESDAY_NINE + timedelta(minutes=10)


def owner_of(lead, client_as):
    return client_as(lead.owner.user.email.partition("@")[0])


def counselling(tenant, lead):
    with tenant.scope():
        return list(Task.rows().filter(lead=lead, kind="counselling").select_related("team"))


@pytest.mark.row("AP-11")
def test_who_is_not_covered_is_counselled_by_the_team_that_the_tenant_names(harbor, client_as):
    """Asked, then not covered: one task with patient services, who may look, and end it; the owner stays the owner."""
    lead = make_lead(harbor)
    ana, path = owner_of(lead, client_as), f"/leads/{lead.id}"
    started = ask(ana, "GET", f"{path}/insurance", at=LATER).json()
    assert (started["verification"]["status"], started["history"]) == ("not_started", [])
    asked = {"step": "insurance_verification", "status": "requested", "since": "2026-12-01"}
    asked |= {"look_again_at": "2026-12-03T16:00:00Z"}
    assert ask(ana, "POST", f"{path}/clearance", asked, at=LATER).status_code == 201
    assert ask(ana, "GET", f"{path}/insurance", at=LATER).json()["verification"]["status"] == "asked"
    answered = {"answer": "not_covered", "payer": "Aetna", "plan": "PPO", "reference": "AE-9"}
    pat = client_as("pat")
    for _ in range(2):
        assert ask(ana, "POST", f"{path}/coverage", answered, at=LATER).status_code == 201
    stands = ask(ana, "GET", f"{path}/insurance", at=LATER).json()
    verified = stands["verification"]
    assert (verified["status"], verified["payer"], verified["plan"]) == ("not_covered", "Aetna", "PPO")
    assert verified["recorded_by"] == lead.owner.user.name and verified["recorded_at"]
    assert {each["about"] for each in stands["history"]} == {"insurer", "insurance_verification"}
    (task,) = counselling(harbor, lead)
    assert (task.team.key, task.assignee_id, task.due_at) == ("patient-services", None, LATER + timedelta(hours=8))
    shown = page(ana, f"{path}/", at=LATER)
    assert "Not covered, Aetna PPO, AE-9" in shown and "Financial counselling asked of Patient Services" in shown
    assert "Financial counselling" in page(pat, "/", at=LATER)
    assert page(pat, f"{path}/", at=LATER)
    assert reload(harbor, lead.id).owner_team.key == lead.owner_team.key != "patient-services"
    done = ask(pat, "PATCH", f"{path}/tasks/{task.id}", {"state": "done"}, at=LATER)
    assert done.status_code == 200, done.content
    marketing = ask(client_as("cleo"), "GET", f"{path}/insurance", at=LATER)
    assert marketing.status_code == 403


@pytest.mark.row("AP-11")
def test_a_pre_authorisation_is_asked_granted_until_a_day_and_runs_out(harbor, client_as):
    lead = make_lead(harbor)
    ana, path = owner_of(lead, client_as), f"/leads/{lead.id}"
    step = {"step": "pre_authorisation", "status": "requested", "since": "2026-12-01"}
    assert (
        ask(ana, "POST", f"{path}/clearance", step | {"look_again_at": "2026-12-04T16:00:00Z"}, at=LATER).status_code
        == 201
    )
    granted = {"step": "pre_authorisation", "status": "done", "since": "2026-12-02", "valid_until": "2026-12-20"}
    at = LATER + timedelta(days=1)
    early = ask(ana, "POST", f"{path}/clearance", granted | {"valid_until": "2026-12-01"}, at=at)
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/valid_until")
    odd = ask(ana, "POST", f"{path}/clearance", granted | {"step": "referring_physician"}, at=at)
    assert odd.status_code == 422
    assert ask(ana, "POST", f"{path}/clearance", granted, at=at).status_code == 201
    stands = ask(ana, "GET", f"{path}/insurance", at=at).json()["pre_authorisation"]
    told = (stands["status"], stands["asked_on"], stands["granted_until"])
    assert told == ("granted", "2026-12-01", "2026-12-20")
    assert "Granted since 2 Dec, until 20 Dec, asked 1 Dec" in page(ana, f"{path}/", at=at)
    late = ask(ana, "GET", f"{path}/insurance", at=at + timedelta(days=30)).json()["pre_authorisation"]
    assert late["status"] == "expired"
    refused = ask(ana, "POST", f"{path}/clearance", step | {"status": "denied", "since": "2026-12-02"}, at=at)
    assert refused.status_code == 201
    assert ask(ana, "GET", f"{path}/insurance", at=at).json()["pre_authorisation"]["status"] == "refused"
    assert counselling(harbor, lead) == []


@pytest.mark.row("AP-11")
def test_only_the_owning_team_says_where_the_insurance_stands_and_the_rules_name_who_counsels(harbor, client_as):
    lead = make_lead(harbor)
    ana, path = owner_of(lead, client_as), f"/leads/{lead.id}"
    denied = {"step": "insurance_verification", "status": "denied", "since": "2026-12-01"}
    sue = ask(client_as("sue"), "POST", f"{path}/clearance", denied, at=LATER)
    assert sue.status_code == 403 and lead.owner_team.name in sue.json()["detail"]
    change_rules(harbor, client_as, "intake", lambda rules: rules.update(counselling={"team": "scheduling"}))
    assert ask(ana, "POST", f"{path}/clearance", denied, at=LATER).status_code == 201
    assert [each.team.key for each in counselling(harbor, lead)] == ["scheduling"]
    assert ask(ana, "GET", f"{path}/insurance", at=LATER).json()["verification"]["status"] == "not_covered"


def test_nothing_recorded_is_not_started():
    assert verification_of((), (), "Aetna").status is InsuranceStatus.NOT_STARTED
    assert authorisation_of((), TUESDAY_NINE.date()).status is PreAuthorisation.NOT_STARTED
