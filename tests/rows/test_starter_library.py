"""A new tenant has templates that wait for approval and steps to begin with (row TN-15)."""

import secrets
from collections import defaultdict
from datetime import timedelta

import pytest

from apps.onboarding.file.applying import apply
from apps.onboarding.file.reading import read_file
from apps.onboarding.starter.adding import starter_templates
from apps.outreach.models import TemplateVersion
from apps.outreach.templates import sendable
from apps.policies.queries import live_document
from apps.tenancy.clock import travelling
from tests.cast import FOUNDED, Tenant
from tests.leads_made import TUESDAY_NINE
from tests.rows.arranging import ask, page
from tests.rows.test_templates import do

MINIMAL = """
organization: {slug: MARK, name: New Clinic, settings: {postal_address: "1 Elm Street, Chicago, IL 60601"}}
roles: [{key: boss, name: Boss, permissions: [settings:read, settings:write, template:approve, admin:use]}]
people: [{email: ann@MARK.example, name: Ann, role: boss}]
"""
KINDS = {
    *("acknowledgement", "missed-call", "scheduling-offer", "appointment-reminder", "no-show-rebook", "data-request"),
    *("referral-received", "records-request", "education-1", "education-2", "education-3", "education-4"),
    *("reactivation", "preferences"),
}
SOON = TUESDAY_NINE


def founded(text):
    """Apply a minimal file; return the tenant and what changed."""
    slug = f"n{secrets.token_hex(5)}"
    reading = read_file(text.replace("MARK", slug), "new.yaml")
    assert reading.file is not None, reading.faults
    with travelling(to=FOUNDED):
        applied = apply(reading.file)
        again = apply(reading.file)
    assert set(again.changes.counts) <= {"unchanged"}, again.changes.lines
    return Tenant(slug, applied.organization_id, {}, f"{slug}.example")


@pytest.mark.row("TN-15")
def test_a_new_tenant_has_healthcare_templates_that_wait_for_approval_and_steps_of_stages(client_as):
    tenant = founded(MINIMAL)
    with tenant.scope():
        rows = list(TemplateVersion.rows().select_related("template"))
        assert {each.state for each in rows} == {"submitted"} and sendable(SOON) == []
        ways = defaultdict(set)
        for each in rows:
            ways[each.template.key].add((each.template.channel, each.template.language))
        assert ways.keys() >= KINDS and len(ways) >= 10
        mails = {("email", "en"), ("email", "es")}
        both = mails | {("text", "en"), ("text", "es")}
        assert all(ways[key] == (mails if key.startswith("education") else both) for key in KINDS)
        cadences = {each["id"]: each for each in live_document("cadences", SOON)["cadences"]}
    learning = [each["templates"] for each in cadences["learning"]["steps"]]
    assert learning == [[f"education-{n}"] for n in (1, 2, 3, 4)] and cadences["learning"]["starts"] == {
        "stage": "nurture"
    }
    assert [each.get("templates") for each in cadences["qualified-plan"]["steps"]] == [None, ["scheduling-offer"]]
    ann = client_as("ann", tenant)
    waiting = ask(ann, "GET", "/templates?state=submitted", at=SOON).json()["results"]
    assert len(waiting) == len(rows) == len(starter_templates())
    assert "waits for approval" in page(ann, f"/admin/outreach/template/{rows[0].template_id}/change/", at=SOON)


@pytest.mark.row("TN-15")
def test_every_template_that_ships_can_be_approved_by_a_person(client_as):
    tenant = founded(MINIMAL)
    ann = client_as("ann", tenant)
    for part in starter_templates():
        if part.language == "en":
            status, said = do(ann, SOON, tenant, part.key, "approve", channel=part.channel)
            assert status == 200 and "goes out with these words" in said, (part.key, said)
    with tenant.scope():
        assert len(sendable(SOON + timedelta(minutes=1))) == len(
            [each for each in starter_templates() if each.language == "en"]
        )


@pytest.mark.row("TN-15")
def test_a_file_may_have_them_approved_or_do_without(harbor):
    with harbor.scope():
        live = {(each.template.key, each.template.channel, each.template.language) for each in sendable(SOON)}
    assert {(each.key, each.channel, each.language) for each in starter_templates()} <= live
    for asked, expected in (("approved", len(starter_templates())), ("none", 0)):
        tenant = founded(f"{MINIMAL}starter_templates: {asked}\n")
        with tenant.scope():
            assert len(sendable(SOON)) == expected
