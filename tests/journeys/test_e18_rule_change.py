"""E-18: a routing rule is changed safely: replayed, approved, tried on a share, watched, and taken back in one step."""

import html
import re
from datetime import timedelta

import pytest

from apps.flows.sweeps import sweep
from apps.leads.models import Lead, Task
from apps.policies.models import Experiment, RuleSetVersion
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.leads_made import inquiry, processed, send_in
from tests.rows.arranging import OpenBrowser, add_location_rules, draft_rules, is_, page, rule

RULE = rule("R-99", is_("service", "cardiology"), {"queue": "nurse-line"})


def came(tenant: Tenant, service: str) -> RoutingDecision:
    """Let an inquiry come; return the decision about its lead."""
    row = processed(tenant, send_in(tenant, inquiry(request__service=service, request__location="elm-st")))
    with tenant.scope():
        return RoutingDecision.rows().select_related("lead", "version").get(lead_id=row.lead_id)


@pytest.mark.journey("E-18")
@pytest.mark.row("RV-05")
@pytest.mark.row("RV-07")
def test_a_rule_is_replayed_approved_tried_on_20_percent_watched_and_taken_back(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    ada, dev, now = client_as("ada"), client_as("dev"), database_now()
    for service in ("cardiology", "cardiology", "imaging"):
        came(harbor, service)
    # The draft is linted, played over samples and the leads of the past; its author cannot let it rule.
    assert draft_rules(harbor, client_as, "routing", add_location_rules(RULE)).status_code == 302
    with harbor.scope():
        draft = RuleSetVersion.rows().filter(rule_set__kind="routing").order_by("-number")[0]
    version = f"/admin/policies/rulesetversion/{draft.pk}/"
    assert ada.post(f"{version}run-tests/").status_code == 302
    told = html.unescape(page(ada, f"{version}change/", at=now))
    assert "2 of 3 leads (66.7 %)" in told and "never reached" not in told
    assert ada.post(f"{version}approve/").status_code == 403

    # 20 % of cardiology for 14 days: approved by somebody else, and each lead in an arm that its page names.
    plan = {"title": "Nurses first", "candidate": draft.number, "hypothesis": "Nurses book more", "percent": 20}
    plan |= {"services": ["cardiology"], "goal": "scheduled", "wanted_points": 3, "priority": 1}
    plan |= {"most_fallback": 2, "most_mismatch": 2, "ends_at": f"{now + timedelta(days=14):%Y-%m-%dT%H:%M}"}
    planned = ada.post("/admin/experiments/new/", plan)
    assert planned.status_code == 302, planned.content.decode()
    with harbor.scope():
        row = Experiment.rows().get()
    address = f"/admin/experiments/{row.pk}/"
    assert ada.post(address, {"act": "approve"}).status_code == 403
    assert "is approved" in dev.post(address, {"act": "approve"}, follow=True).content.decode()
    decided = came(harbor, "cardiology")
    why = page(client_as("cleo"), f"/leads/{decided.lead_id}/why/", at=database_now())
    assert f"Experiment {row}, arm {decided.arm}" in why

    # Adopted, it rules for all; the watch finds a lead that is torn apart, and one step goes back.
    adopted = dev.post(address, {"act": "adopt", "reason": "3 points more"}, follow=True)
    assert f"{row} is adopted" in adopted.content.decode()
    moved = came(harbor, "cardiology")
    assert moved.rule_id == "R-99"
    with harbor.scope():
        Task.rows().filter(lead=moved.lead, state="open").update(team=harbor.team("tele-sales"))
        sweep(harbor.organization_id, database_now())
    assert "apart on 1 of 1 leads" in page(ada, "/admin/", at=database_now())
    shown = html.unescape(page(dev, f"{version}change/", at=database_now()))
    back = re.search(r'action="([^"]+/roll-back/)".*?Go back to v1 now', shown, re.DOTALL)
    assert back is not None
    assert dev.post(back.group(1), {"reason": "Owner and queue apart"}).status_code == 302
    assert came(harbor, "cardiology").rule_id != "R-99"

    # The change, its undoing and the version that rules stand beside the charts and in the playbook.
    # Days are the tenant's own, which begin some hours after ours.
    days = f"since={now.date() - timedelta(days=1)}&until={now.date() + timedelta(days=1)}"
    chart = html.unescape(page(client_as("cleo"), f"/reports/speed/?{days}", at=database_now()))
    assert f"v{draft.number} rules" in chart
    assert f"v{draft.number + 1}" in page(client_as("cleo"), "/playbook/", at=database_now())
    with harbor.scope():
        assert Lead.rows().filter(queue__isnull=True).count() == 0
