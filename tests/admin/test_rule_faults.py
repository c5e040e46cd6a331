"""What keeps a draft from being approved, and rules that break later: fallback, mark, notice, and mended again."""

import html

import pytest

from apps.accounts.models import Notice, TeamMembership
from apps.accounts.notices import notices_of
from apps.catalog.models import Queue
from apps.flows.sweeps import sweep
from apps.leads.models import Lead
from apps.policies import registry
from apps.policies.actions import approve, install, save_draft
from apps.policies.models import RuleFault, RuleSetVersion, VersionTest
from apps.policies.queries import live_document, version_in_force
from apps.policies.terms import Outcome
from apps.policies.testing import run_tests
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid, Refused
from tests.leads_made import TUESDAY_NINE, inquiry, processed, send_in
from tests.rows.arranging import add_location_rules, is_, rule


def changed(document, *rules):
    """Return the live routing document with rules before those of the location layer."""
    copy = {**document, "layers": [dict(layer) for layer in document["layers"]]}
    add_location_rules(*rules)(copy)
    return copy


def drafted(tenant, *rules):
    """Return a draft of Cleo's with more rules; the scope is open."""
    document = changed(live_document("routing", database_now()), *rules)
    actor = tenant.actor("cleo")
    return save_draft(actor=actor, kind="routing", document=document, reason="x", now=database_now())


def switch(tenant, is_active):
    """Switch the nurse line on or off."""
    with tenant.scope():
        row = Queue.rows().get(key="nurse-line")
        row.is_active = is_active
        row.save(update_fields=["is_active"])


def swept(tenant):
    """Let the minute's sweep run; return the open faults."""
    with tenant.scope():
        sweep(tenant.organization_id, database_now())
        return list(RuleFault.rows().filter(mended_at=None))


TO_NURSES = rule("R-99", is_("service", "orthopedics"), {"queue": "nurse-line"})


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (rule("R-98", is_("service", "orthopedics"), {"queue": "no-such"}), "There is no queue “no-such”"),
        (rule("R-98", is_("shoe_size", "45"), {"queue": "nurse-line"}), "There is no field “shoe_size”"),
        (rule("R-98", is_("service", "orthopedics"), {"office": "mars"}), "There is no office “mars”"),
        (rule("R-98", is_("service", "imaging"), {"office": "oak-park"}), "“oak-park”, which does not offer imaging"),
    ],
)
def test_a_target_or_field_that_is_not_there_is_saved_in_a_draft_and_never_approved(harbor, broken, said):
    with harbor.scope():
        draft = drafted(harbor, broken)
        run_tests(actor=harbor.actor("cleo"), version_id=draft.id, now=database_now())
        with pytest.raises(Invalid, match=said):
            approve(actor=harbor.actor("dev"), version_id=draft.id, now=database_now())


def test_a_queue_that_is_closed_blocks_and_the_page_says_so(harbor, client_as):
    switch(harbor, False)
    with harbor.scope():
        draft = drafted(harbor, TO_NURSES)
    shown = html.unescape(client_as("dev").get(f"/admin/policies/rulesetversion/{draft.id}/change/").content.decode())
    assert "Blocks approval:" in shown and "The queue “nurse-line” is closed" in shown
    answer = client_as("dev").post(f"/admin/policies/rulesetversion/{draft.id}/approve/")
    assert answer.status_code == 422 and "is closed" in html.unescape(answer.content.decode())


def test_what_names_a_closed_target_is_not_installed_from_a_file_either(harbor):
    with harbor.scope(), pytest.raises(Invalid, match="no queue “no-such”"):
        broken = rule("R-98", is_("service", "orthopedics"), {"queue": "no-such"})
        document = changed(live_document("routing", database_now()), broken)
        install(kind="routing", document=document, actor=harbor.system, now=database_now())


def test_a_change_needs_a_reason_at_every_door(harbor):
    with harbor.scope(), pytest.raises(Invalid, match="Say why this changes"):
        document = live_document("routing", database_now())
        save_draft(actor=harbor.actor("cleo"), kind="routing", document=document, reason=" ", now=database_now())


def test_a_rule_that_breaks_later_takes_the_fallback_is_marked_told_and_mended(harbor, client_as):
    with harbor.scope():
        live = version_in_force("routing", database_now())
        document = changed(live.document, TO_NURSES)
        version = install(kind="routing", document=document, actor=harbor.system, now=database_now())
    assert swept(harbor) == []
    switch(harbor, False)
    faults = {(each.rule_id, each.code) for each in swept(harbor)}
    assert ("R-99", "inactive_target") in faults
    assert len(swept(harbor)) == len(faults)

    # The lead is not lost: it lies where the fallback says.
    came = inquiry(source="web-ortho", request__service="orthopedics", request__location="elm-st")
    row = processed(harbor, send_in(harbor, came, at=TUESDAY_NINE), at=TUESDAY_NINE)
    with harbor.scope():
        decision = RoutingDecision.rows().get(lead_id=row.lead_id)
        lead = Lead.rows().select_related("queue").get(id=row.lead_id)
        assert decision.is_fallback and lead.queue.is_active
        told = [each.sentence for each in notices_of(harbor.actor("cleo"))]
        assert any("R-99: The queue “nurse-line” is closed" in each for each in told)
        assert notices_of(harbor.actor("ana")) == []
        notice = Notice.rows().filter(member=harbor.member("cleo"), sentence__contains="R-99").get()

    cleo = client_as("cleo")
    page = html.unescape(cleo.get(f"/admin/policies/rulesetversion/{version.id}/change/").content.decode())
    assert '<span class="rung-broken">Broken</span>' in page and "Broken since" in page
    assert notice.sentence in html.unescape(cleo.get("/admin/").content.decode())
    assert cleo.post(f"/admin/notices/{notice.id}/put-aside/").status_code == 302
    assert notice.sentence not in html.unescape(cleo.get("/admin/").content.decode())

    switch(harbor, True)
    assert swept(harbor) == []
    with harbor.scope():
        assert RuleFault.rows().filter(mended_at__isnull=False).count() == len(faults)
    assert "Broken since" not in cleo.get(f"/admin/policies/rulesetversion/{version.id}/change/").content.decode()


def test_a_test_counts_for_its_own_document_and_the_latest_decides(harbor, monkeypatch):
    with harbor.scope():
        draft = drafted(harbor, TO_NURSES)
        cleo, dev = harbor.actor("cleo"), harbor.actor("dev")
        tested, *_ = run_tests(actor=cleo, version_id=draft.id, now=database_now())
        assert tested.is_passed and tested.latest.summary["changed"] >= 1
        assert RuleSetVersion.rows().get(id=draft.id).state == "tested"
        failed = Outcome(False, "1 of 2 samples fail: nobody is there.", {})
        nobody = registry.NeededTest("sample", "Samples", "Try it.", lambda version, actor, now: failed)
        monkeypatch.setitem(registry._tests, "routing", (nobody,))
        run_tests(actor=cleo, version_id=draft.id, now=database_now())
        assert RuleSetVersion.rows().get(id=draft.id).state == "draft"
        with pytest.raises(Conflict, match="nobody is there") as refused:
            approve(actor=dev, version_id=draft.id, now=database_now())
        assert refused.value.code == "not_tested"
        assert VersionTest.rows().filter(version=draft, kind="sample").count() == 2
        with pytest.raises(Refused):
            run_tests(actor=harbor.actor("ana"), version_id=draft.id, now=database_now())


def test_samples_fail_where_people_would_wait_for_nobody(harbor):
    with harbor.scope():
        nurses = Queue.rows().select_related("team").get(key="nurse-line").team
        TeamMembership.rows().filter(team=nurses).delete()
        draft = drafted(harbor, TO_NURSES)
        tested, *_ = run_tests(actor=harbor.actor("cleo"), version_id=draft.id, now=database_now())
    assert not tested.is_passed
    assert "waits in Nurse Line, where nobody works" in tested.latest.sentence
