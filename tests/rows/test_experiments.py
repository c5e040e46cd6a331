"""Experiments: a draft of the routing rules tried on a part of the leads, and a pilot on all of one service."""

import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.accounts.models import Notice
from apps.flows.sweeps import sweep
from apps.flows.watching import watch_all, watch_of
from apps.leads.models import ContactPoint, Lead, Task
from apps.policies.decisions.experiments import Arm, arm_of
from apps.policies.models import Experiment, ExperimentIssue, Review, RuleSetVersion
from apps.policies.queries import live_document
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now
from apps.tenancy.ids import new_id
from tests.cast import Tenant
from tests.leads_made import inquiry, processed, send_in
from tests.rows.arranging import OpenBrowser, add_location_rules, change_rules, draft_rules, is_, page, rule

NEW = "/admin/experiments/new/"
HEART = {"request__service": "cardiology", "request__location": "elm-st"}


def to_nurses(document: dict[str, Any]) -> None:
    """Send cardiology and imaging to the nurse line, as the candidate does."""
    add_location_rules(
        rule("R-99", is_("service", "cardiology"), {"queue": "nurse-line"}),
        rule("R-98", is_("service", "imaging"), {"queue": "nurse-line"}),
    )(document)


def candidate(tenant: Tenant, client_as: OpenBrowser) -> RuleSetVersion:
    """Let Ada write the candidate and run its tests."""
    assert draft_rules(tenant, client_as, "routing", to_nurses).status_code == 302
    with tenant.scope():
        found: RuleSetVersion = RuleSetVersion.rows().filter(rule_set__kind="routing").order_by("-number")[0]
    tried = client_as("ada").post(f"/admin/policies/rulesetversion/{found.pk}/run-tests/")
    assert tried.status_code == 302
    return found


def planned(tenant: Tenant, client: Client, version: RuleSetVersion, **changes: Any) -> Experiment:
    """Plan an experiment in the admin; it ends in 14 days."""
    ends = (database_now() + timedelta(days=14)).strftime("%Y-%m-%dT%H:%M")
    body = {
        "title": "Nurses first",
        "candidate": version.number,
        "hypothesis": "Nurses book more of them.",
        "percent": 20,
        "services": ["cardiology"],
        "ends_at": ends,
        "goal": "scheduled",
        "wanted_points": 3,
        "most_fallback": 2,
        "most_mismatch": 2,
        "priority": 1,
    } | changes
    answer = client.post(NEW, body)
    assert answer.status_code == 302, answer.content.decode()
    with tenant.scope():
        found: Experiment = Experiment.rows().order_by("-number")[0]
    return found


def decided(client: Client, row: Experiment, act: str, reason: str = "") -> str:
    """Decide about an experiment in the admin; return its page afterwards."""
    answer = client.post(f"/admin/experiments/{row.pk}/", {"act": act, "reason": reason}, follow=True)
    return html.unescape(answer.content.decode())


def arrived(tenant: Tenant, **changes: Any) -> tuple[Lead, RoutingDecision]:
    """Let an inquiry come; return its lead and the decision about it."""
    row = processed(tenant, send_in(tenant, inquiry(**{**HEART, **changes})))
    with tenant.scope():
        rows = RoutingDecision.rows().select_related("version", "queue", "experiment", "lead")
        decision = rows.get(lead_id=row.lead_id)
    return decision.lead, decision


def until_both_arms(tenant: Tenant) -> dict[str, tuple[Lead, RoutingDecision]]:
    """Let cardiology leads come until one is in each arm."""
    found: dict[str, tuple[Lead, RoutingDecision]] = {}
    for _ in range(80):
        lead, decision = arrived(tenant)
        found.setdefault(decision.arm, (lead, decision))
        if len(found) == 2:
            return found
    raise AssertionError("no lead came into one of the arms")


@pytest.mark.row("RV-05")
def test_20_percent_of_a_service_for_14_days_and_a_lead_stays_in_its_arm(
    harbor: Tenant, client_as: OpenBrowser, capsys: pytest.CaptureFixture[str]
) -> None:
    version, ada, dev = candidate(harbor, client_as), client_as("ada"), client_as("dev")
    row = planned(harbor, ada, version)
    refused = ada.post(f"/admin/experiments/{row.pk}/", {"act": "approve"})
    assert refused.status_code == 403
    assert arrived(harbor)[1].experiment is None
    told = decided(dev, row, "approve")
    assert f"{row} is approved." in told and "running" in told and "20 % of Cardiology" in told

    arms = until_both_arms(harbor)
    (kept, by_a), (tried, by_b) = arms["A"], arms["B"]
    assert by_a.version is not None and by_b.version is not None
    assert by_a.version.number < version.number == by_b.version.number
    assert by_a.rule_id != "R-99" == by_b.rule_id
    assert arm_of(row.pk, tried.pk, 20) is Arm.CANDIDATE and arm_of(row.pk, kept.pk, 20) is Arm.CONTROL
    # What is no cardiology lead is part of nothing.
    assert arrived(harbor, request__service="imaging")[1].experiment is None
    why = page(client_as("cleo"), f"/leads/{tried.pk}/why/", at=database_now())
    assert f"version {version.number} · Experiment {row}, arm B" in why

    # The sender corrects the office: the lead is routed anew, in the same arm.
    change_rules(harbor, client_as, "duplicates", updating)
    told_again = inquiry(**{**HEART, "request__location": "oak-park", "person__phone": phone_of(harbor, tried)})
    assert processed(harbor, send_in(harbor, told_again)).lead_id == tried.pk
    with harbor.scope():
        latest = RoutingDecision.rows().filter(lead=tried).order_by("-decided_at", "-id")[0]
        assert (latest.cause, latest.arm, latest.version_id) == ("correction", "B", version.pk)

    # Stopped, every lead goes by what rules; the decisions are still proved by the version that made them.
    assert "is stopped" in decided(dev, row, "stop", "Nurses are swamped")
    assert [arrived(harbor)[1].arm for _ in range(3)] == ["", "", ""]
    said = io.StringIO()
    call_command("replay", "verify", "--tenant", harbor.slug, stdout=said)
    assert "routing same" in said.getvalue() and "routing differs" not in said.getvalue()


@pytest.mark.row("ON-07")
def test_a_pilot_takes_all_leads_of_one_service_and_then_rules_for_all(harbor: Tenant, client_as: OpenBrowser) -> None:
    version, ada, dev = candidate(harbor, client_as), client_as("ada"), client_as("dev")
    short = ada.post(NEW, {"candidate": version.number, "is_pilot": "on", "percent": 20, "ends_at": "2020-01-01T00:00"})
    assert short.status_code == 422 and "A pilot takes all leads" in short.content.decode()
    row = planned(harbor, ada, version, is_pilot="on", percent=100)
    assert "is approved" in decided(dev, row, "approve")
    # Cardiology only goes by the new rules; imaging, which they would move too, by the old ones.
    assert [arrived(harbor)[1].rule_id for _ in range(3)] == ["R-99"] * 3
    assert arrived(harbor, request__service="imaging")[1].rule_id != "R-98"
    # A second experiment on some of the same leads waits until this one is over.
    other = planned(harbor, ada, version, services=[])
    assert f"{row} runs with some of the same leads" in decided(dev, other, "approve")

    told = decided(client_as("cleo"), row, "issue", "The nurse line has no room on Mondays.")
    assert "no room on Mondays" in told
    with harbor.scope():
        issue = ExperimentIssue.rows().get(experiment=row)
    solved = {"act": "solve", "issue": issue.pk, "reason": "A second nurse on Mondays"}
    assert "A second nurse" in ada.post(f"/admin/experiments/{row.pk}/", solved, follow=True).content.decode()

    # Adopted by somebody else than its author, the candidate rules for all and the documents are asked for.
    assert ada.post(f"/admin/experiments/{row.pk}/", {"act": "adopt", "reason": "Works"}).status_code == 403
    assert f"{row} is adopted" in decided(dev, row, "adopt", "No lead lay, nobody complained.")
    assert arrived(harbor, request__service="imaging")[1].rule_id == "R-98"
    with harbor.scope():
        assert live_document("routing", database_now()) == version.document
        review = Review.rows().get(kind="documentation")
    assert review.subject == str(row) and review.closed_at is None
    assert "No lead lay" in page(ada, "/admin/experiments/", at=database_now())


@pytest.mark.row("RV-07")
@pytest.mark.row("RV-11")
def test_48_hours_after_a_change_a_mismatch_beyond_2_percent_is_told_and_one_step_goes_back(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    version, ada, dev = candidate(harbor, client_as), client_as("ada"), client_as("dev")
    row = planned(harbor, ada, version, percent=99)
    assert "is approved" in decided(dev, row, "approve")
    # One in a hundred goes to arm A all the same.
    while arrived(harbor)[1].arm != Arm.CANDIDATE:
        pass
    approved = dev.post(f"/admin/policies/rulesetversion/{version.pk}/approve/", {"effective_from": ""})
    assert approved.status_code == 302
    leads = [arrived(harbor)[0] for _ in range(2)]
    address = f"/admin/policies/rulesetversion/{version.pk}/change/"
    assert "2 leads, 0 with owner, queue and tasks apart" in page(dev, address, at=database_now())
    with harbor.scope():
        # Somebody moves a lead's task behind the product's back.
        Task.rows().filter(lead=leads[0], state="open").update(team=harbor.team("tele-sales"))
        sweep(harbor.organization_id, database_now())
        told = Notice.rows().filter(kind="rule_watch").select_related("member__user")
        assert sorted(each.member.user.name for each in told if "apart" in each.sentence) == ["Ada Wells", "Dev Patel"]
    assert "apart on 1 of 2 leads (50.0 %)" in page(ada, "/admin/", at=database_now())
    # The experiment whose candidate rules for all by now has ended by itself, with what came of it in the list.
    listed = html.unescape(page(ada, "/admin/experiments/", at=database_now()))
    assert "Ended by itself" in listed and "adopted" in listed and "B: 0 of 1, 0.0 % (0.0 to 79.3)" in listed
    shown = html.unescape(page(dev, address, at=database_now()))
    back = re.search(r'action="([^"]+/roll-back/)".*?Go back to v1 now', shown, re.DOTALL)
    assert back is not None and 'value="Owner, queue and tasks are apart on 1 of 2' in back.group(0)
    assert dev.post(back.group(1), {"reason": "Apart on 1 of 2"}).status_code == 302
    newer = arrived(harbor)[1]
    assert newer.rule_id != "R-99"
    # A lead that came apart after other rules had decided about it counts for these no more.
    with harbor.scope():
        decision = RoutingDecision.rows().get(lead=leads[1])
        decision.id, decision.version, decision.decided_at = new_id(), newer.version, database_now()
        decision.save(force_insert=True)
        Task.rows().filter(lead=leads[1], state="open").update(team=harbor.team("tele-sales"))
        sweep(harbor.organization_id, database_now())
        version.refresh_from_db()
        counted = watch_of(version, database_now())
    assert counted is not None and (counted.leads, counted.mismatched) == (2, 1)
    # Three days later nothing of it is watched any more.
    with harbor.scope():
        before = Notice.rows().count()
        watch_all(database_now() + timedelta(days=3))
        assert Notice.rows().count() == before


def updating(document: dict[str, Any]) -> None:
    """Let a repeat of a person's inquiry correct the lead."""
    document["rules"][0] |= {"inside": "update", "scope": "tenant"}


def phone_of(tenant: Tenant, lead: Lead) -> str:
    """Return the number that a lead's person told."""
    with tenant.scope():
        return str(ContactPoint.rows().get(person_id=lead.person_id, kind="phone").value)
