"""The suite of test leads: the whole way for real, nothing left, and no approval of rules that break it."""

import html
from pathlib import Path

import pytest

from apps.capture.models import Submission
from apps.flows.receipts import FIRST
from apps.flows.suite.decisions import Played, check_document, outcome_sentence, read_suite
from apps.leads.models import Lead, Person
from apps.onboarding.file.reading import read_file
from apps.outreach.models import Message, Template
from apps.policies.actions import install, save_draft
from apps.policies.models import RuleSetVersion, VersionTest
from apps.policies.queries import field_specs, live_document, version_in_force
from apps.policies.registry import known
from apps.tenancy.clock import database_now
from apps.tenancy.models import Wakeup
from tests.rows.arranging import add_location_rules, is_, rule

DEMO = read_file((Path(__file__).parents[2] / "demo" / "harbor.yaml").read_text(encoding="utf-8"), "harbor.yaml")
SUITE = DEMO.file.rules.suite


def left(tenant):
    """Count what a lead leaves behind."""
    waiting = Wakeup.objects.filter(organization_id=tenant.organization_id).count()
    return [each.rows().count() for each in (Lead, Person, Submission, Message)] + [waiting]


@pytest.mark.row("RV-04")
def test_the_demo_suite_passes_whole_and_a_broken_channel_fails_it_and_the_approval(harbor, client_as):
    with harbor.scope():
        install(kind="suite", document=SUITE, actor=harbor.system, now=database_now())
    cleo, dev = client_as("cleo"), client_as("dev")
    good = html.unescape(cleo.post("/admin/try/suite/").content.decode())
    assert "Suite 12/12." in good and good.count("As expected") == 12

    with harbor.scope():
        short = {"leads": [each for each in SUITE["leads"] if each["id"] in ("T-1", "T-9")]}
        install(kind="suite", document=short, actor=harbor.system, now=database_now())
        routing = live_document("routing", database_now())
        add_location_rules(rule("R-97", is_("channel", "call"), {"queue": "general-intake"}))(routing)
        cleo_now = harbor.actor("cleo")
        draft = save_draft(actor=cleo_now, kind="routing", document=routing, reason="Try", now=database_now())
        live = version_in_force("routing", database_now())
        before = left(harbor)
    page = f"/admin/policies/rulesetversion/{draft.id}/"
    dev.post(f"{page}run-tests/")
    shown = html.unescape(dev.get(f"{page}change/").content.decode())
    assert "A call about imaging: Owner: expected elm-calls, got central-intake" in shown
    refused = dev.post(f"{page}approve/")
    assert refused.status_code == 409 and "Suite 1/2" in html.unescape(refused.content.decode())

    with harbor.scope():
        Template.rows().filter(key=FIRST).update(key="gone")
    broken = html.unescape(cleo.post("/admin/try/suite/").content.decode())
    assert "Suite 1/2: Imaging on the web: Message channel: expected email, got none." in broken

    with harbor.scope():
        assert left(harbor) == before
        assert version_in_force("routing", database_now()) == live
        assert RuleSetVersion.rows().get(id=draft.id).state == "draft"
        assert VersionTest.rows().get(version=draft, kind="suite").summary["failed"] == 1
    assert client_as("ana").post("/admin/try/suite/").status_code == 403


def test_a_suite_names_what_it_cannot_mean(harbor):
    broken = {
        "leads": [
            {"id": "T-1", "name": "x", "door": "fax", "says": {"source": "nowhere", "shoe": "45"}, "expects": {}},
            {"id": "T-1", "says": {"source": "call"}, "expects": {"owner": "nobody", "channel": "pigeon"}},
        ]
    }
    with harbor.scope():
        found = {(each.path, each.code, str(each.severity)) for each in check_document(broken, field_specs(), known())}
        assert check_document(SUITE, field_specs(), known()) == []
    assert found == {
        ("/leads/0/door", "bad_value", "error"),
        ("/leads/0/says/source", "bad_value", "error"),
        ("/leads/0/says/shoe", "unknown_key", "error"),
        ("/leads/0/expects", "expects_nothing", "error"),
        ("/leads/1/name", "missing", "error"),
        ("/leads/1/id", "duplicate_id", "error"),
        ("/leads/1/expects/owner", "unknown_owner", "blocks"),
        ("/leads/1/expects/channel", "unknown_channel", "error"),
    }


def test_the_sentence_counts_and_names_the_first_that_fails():
    one, two = read_suite(SUITE)[:2]
    good, bad = Played(one, dict(one.expects)), Played(two, {}, "did not arrive: closed")
    assert outcome_sentence([good, good]) == "Suite 2/2."
    assert outcome_sentence([good, bad]) == "Suite 1/2: Imaging on the web at night: did not arrive: closed."
    assert outcome_sentence([]) == "The suite has no test leads yet: nothing was played."
