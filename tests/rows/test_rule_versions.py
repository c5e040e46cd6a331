"""Rules have versions: linted, tested, approved by another person, live from a date, rolled back, and logged."""

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.policies.actions import roll_back
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document, version_in_force
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now, travelling
from tests.approving import approve_at
from tests.cast import Tenant
from tests.leads_made import inquiry, processed, send_in
from tests.rows.arranging import OpenBrowser, add_location_rules, chicago, draft_rules, is_, page, rule

AUTHOR_REFUSED = "The author cannot approve their own version. Ask a colleague."
JUNE = chicago("2027-06-01 00:00")


def drafted(tenant: Tenant, client_as: OpenBrowser, change: Callable[[dict[str, Any]], object]) -> RuleSetVersion:
    """Let Ada save changed routing rules; return the draft."""
    saved = draft_rules(tenant, client_as, "routing", change)
    assert saved.status_code == 302, saved.content.decode()
    with tenant.scope():
        found: RuleSetVersion = RuleSetVersion.rows().filter(rule_set__kind="routing").order_by("-number")[0]
    return found


def to_nurses(document: dict[str, Any]) -> None:
    """Send orthopedics at Elm St to the nurse line."""
    add_location_rules(
        rule("R-99", {"all": [is_("service", "orthopedics"), is_("location", "elm-st")]}, {"queue": "nurse-line"})
    )(document)


def shown(client: Client, version: RuleSetVersion) -> str:
    """Return the version's page as text."""
    return html.unescape(client.get(f"/admin/policies/rulesetversion/{version.pk}/change/").content.decode())


def routed_by(tenant: Tenant, at: datetime) -> tuple[int, str]:
    """Let an orthopedics inquiry come at an instant; return the version that routed it, and the rule."""
    came = inquiry(source="web-ortho", request__service="orthopedics", request__location="elm-st")
    row = processed(tenant, send_in(tenant, came, at=at), at=at)
    with tenant.scope():
        decision = RoutingDecision.rows().select_related("version").get(lead_id=row.lead_id)
    assert decision.version is not None
    return decision.version.number, decision.rule_id


@pytest.mark.row("RT-10")
def test_rule_7_shadowed_by_rule_3_is_named_with_it(harbor: Tenant, client_as: OpenBrowser) -> None:
    ortho = is_("service", "orthopedics")
    many = [rule(f"Rule {n}", is_("keyword", f"word {n}"), {"priority": "P1"}) for n in range(1, 11)]
    many[2] |= {"when": {"any": [ortho, is_("service", "imaging")]}, "then": {"queue": "nurse-line"}}
    many[6] |= {"when": {"all": [ortho, {"not": is_("location", "elm-st")}]}, "then": {"queue": "ortho-elm"}}
    draft = drafted(harbor, client_as, add_location_rules(*many))
    told = shown(client_as("cleo"), draft)
    assert "Rule 7 is never reached: Rule 3 comes first and holds whenever Rule 7 does." in told
    assert "When everything is urgent, nothing is." in told
    # A warning can be accepted: it keeps the draft neither from being saved nor from being approved.
    assert approve_at(client_as("dev"), draft.pk).status_code == 302


@pytest.mark.row("RV-01")
def test_v6_rules_from_1_june_00_00_and_v5_until_then(harbor: Tenant, client_as: OpenBrowser) -> None:
    with harbor.scope():
        for _ in range(4):
            roll_back(actor=harbor.actor("dev"), kind="routing", to_number=1, reason="Again", now=database_now())
    draft = drafted(harbor, client_as, to_nurses)
    assert draft.number == 6
    assert approve_at(client_as("dev"), draft.pk, starts="2027-06-01T00:00").status_code == 302
    told = shown(client_as("cleo"), draft)
    assert "Approved; it rules from 1 Jun 2027, 00:00" in told
    assert all(word in told for word in ("as the row asks", "Ada", "Dev"))
    assert routed_by(harbor, JUNE - timedelta(seconds=1))[0] == 5
    assert routed_by(harbor, JUNE) == (6, "R-99")


@pytest.mark.row("RV-02")
@pytest.mark.ux(13)
def test_a_draft_is_tested_approved_by_another_person_goes_live_and_is_rolled_back(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    draft = drafted(harbor, client_as, to_nurses)
    ada, dev = client_as("ada"), client_as("dev")
    address = f"/admin/policies/rulesetversion/{draft.pk}/"
    # Its author may test it, and never approve it.
    assert "It can be approved once its tests are passed." in shown(dev, draft)
    untested = dev.post(f"{address}approve/")
    assert untested.status_code == 409
    assert "cannot be approved yet" in html.unescape(untested.content.decode())
    assert ada.post(f"{address}run-tests/").status_code == 302
    told = shown(dev, draft)
    assert "passed." in told and "treated otherwise than today" in told
    assert re.search(r"<li>Orthopedics: .+ → Nurse Line, ", told)
    refused = ada.post(f"{address}approve/")
    assert refused.status_code == 403 and AUTHOR_REFUSED in refused.content.decode()
    assert dev.post(f"{address}approve/").status_code == 302
    with harbor.scope():
        assert live_document("routing", database_now()) == draft.document
    first = f"/admin/policies/rulesetversion/{number_one(harbor).pk}/roll-back/"
    assert dev.post(first, {"reason": "Too many for the nurses"}).status_code == 302
    with harbor.scope():
        assert live_document("routing", database_now()) == number_one(harbor).document


@pytest.mark.row("RV-08")
def test_v5_rules_again_within_a_minute_by_two_clicks_and_the_ledger_says_who(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    draft = drafted(harbor, client_as, to_nurses)
    dev = client_as("dev")
    assert approve_at(dev, draft.pk).status_code == 302
    old = number_one(harbor)
    # The first click opens the reason on the old version's page, the second rolls back.
    told = shown(dev, old)
    assert "Roll back to this version" in told and 'name="reason"' in told
    before = database_now()
    answer = dev.post(f"/admin/policies/rulesetversion/{old.pk}/roll-back/", {"reason": "Nurses are swamped"})
    assert answer.status_code == 302
    with harbor.scope():
        ruling = version_in_force("routing", before + timedelta(minutes=1))
        assert ruling is not None and ruling.document == old.document and ruling.number == draft.number + 1
        entry = AuditEntry.rows().get(action="rules.roll_back")
        assert (entry.actor_label, entry.object_id, entry.detail["of"]) == (
            harbor.member("dev").user.name,
            ruling.id,
            old.number,
        )
    log = page(client_as("cleo"), "/admin/change-log/?area=rules", at=database_now())
    assert f"rolled back to v1: Routing layers v{ruling.number} rules" in log and "Nurses are swamped" in log


@pytest.mark.row("RV-09")
@pytest.mark.row("RP-21")
def test_a_new_field_and_a_new_rule_stand_in_the_log_and_beside_the_charts(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    may = chicago("2027-05-04 09:00")
    with travelling(to=may):
        draft = drafted(harbor, client_as, to_nurses)
        assert approve_at(client_as("dev"), draft.pk).status_code == 302
        field = {"key": "payer_tier", "label": "Payer tier", "kind": "text", "privacy": "plain", "is_active": "on"}
        field |= {"synonyms": "", "picklist": ""}
        added = client_as("ada").post("/admin/catalog/customfield/add/", field)
    assert added.status_code == 302, added.content.decode()
    later = may + timedelta(days=3)
    log = html.unescape(page(client_as("cleo"), "/admin/change-log/?since=2027-05-04&until=2027-05-04", at=later))
    with harbor.scope():
        name, approver = (harbor.member(each).user.name for each in ("ada", "dev"))
    rows = re.findall(r"<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td>(.*?)</td>", log, re.DOTALL)
    told = [(when, who, re.sub("<.*?>", "", what), why) for when, who, what, why in rows]
    assert ("4 May 2027, 09:00", name, "added the field “Payer tier”", "") in told
    approved = f"approved Routing layers v{draft.number}"
    assert ("4 May 2027, 09:00", approver, approved, "as the row asks") in told
    assert f"/admin/policies/rulesetversion/{draft.pk}/change/" in log
    assert "payer_tier" not in html.unescape(page(client_as("cleo"), "/admin/change-log/?area=rules", at=later))

    days = "since=2027-05-01&until=2027-05-07"
    for panel in ("funnel", "speed"):
        chart = html.unescape(page(client_as("cleo"), f"/reports/{panel}/?{days}", at=later))
        assert "What changed in this period" in chart
        assert f"Routing layers v{draft.number} rules: as the row asks" in chart
        assert f"{name} added the field “Payer tier”." in chart
        with travelling(to=later):
            file = client_as("cleo").get(f"/reports/{panel}.csv?{days}").content.decode("utf-8-sig")
        assert ["Changed 2027-05-04 09:00", f"{name} added the field “Payer tier”."] in [
            line[:2] for line in csv.reader(io.StringIO(file))
        ]


def number_one(tenant: Tenant) -> RuleSetVersion:
    """Return the first version of the routing rules."""
    with tenant.scope():
        found: RuleSetVersion = RuleSetVersion.rows().get(rule_set__kind="routing", number=1)
    return found
