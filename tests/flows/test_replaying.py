"""Old against new: past leads replayed under a draft, as they were at their time, and what an approval asks of it."""

import html
import re
from datetime import timedelta

import pytest
from django.forms import ValidationError

from apps.accounts.models import Membership
from apps.catalog.models import Queue
from apps.flows.admin.sample_rows import read_rows
from apps.flows.closing import close_lead
from apps.flows.impact import runs
from apps.flows.models import ReplayChange, ReplayRun
from apps.leads.models import Lead
from apps.policies.actions import install, save_draft
from apps.policies.models import RuleSetVersion, VersionTest
from apps.policies.queries import live_document
from apps.policies.testing import tests_of as standing_of
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.errors import Refused
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import add_location_rules, is_, rule

LATER = TUESDAY_NINE + timedelta(hours=6)
IMAGING_TO_NURSES = rule("R-99", is_("service", "imaging"), {"queue": "nurse-line"})
MOVES_IMAGING = add_location_rules(IMAGING_TO_NURSES)
MOVES_AETNA = add_location_rules(rule("R-98", is_("payer", "Aetna"), {"queue": "nurse-line"}))


def draft_of(tenant, kind="routing", change=MOVES_IMAGING):
    """Return a draft of Cleo's made from what rules."""
    document = live_document(kind, database_now())
    change(document)
    return save_draft(actor=tenant.actor("cleo"), kind=kind, document=document, reason="Try it", now=database_now())


@pytest.mark.row("RV-03")
@pytest.mark.ux(12)
def test_past_leads_go_their_way_again_as_they_were_and_nothing_else_is_written(harbor, client_as, monkeypatch):
    imaging = [make_lead(harbor), make_lead(harbor)]
    others = [make_lead(harbor, request__service="dermatology"), make_lead(harbor, is_test=True)]
    monkeypatch.setattr(runs, "AT_ONCE", 0)
    monkeypatch.setattr(runs, "CHUNK", 2)
    monkeypatch.setattr(runs, "PART_SECONDS", 0.0)
    harbor.drain(LATER)
    with travelling(to=LATER):
        with harbor.scope():
            # What has changed since is not what the leads saw: hours and people of then decide.
            Queue.rows().filter(key="nurse-line").update(method="shared")
            draft = draft_of(harbor)
            before = (
                RoutingDecision.rows().count(),
                list(Lead.rows().order_by("id").values_list("queue_id", "version")),
            )
        cleo = client_as("cleo")
        page = f"/admin/policies/rulesetversion/{draft.id}/"
        started = cleo.post(f"{page}replay/", {"days": "30"})
        assert started.status_code == 302
        run_page = started["Location"]
        waiting = cleo.get(run_page)
        assert waiting["Refresh"] == "2" and "0 of 3 leads judged again" in waiting.content.decode()
        refused = client_as("dev").post(f"{page}approve/")
        assert refused.status_code == 409 and "not played over past leads" in html.unescape(refused.content.decode())
        harbor.drain(LATER)
        shown = html.unescape(cleo.get(run_page).content.decode())
    assert "2 of 3 leads (66.7 %) of the last 30 days would change; 2 would move to another queue" in shown
    assert "Elm Calls → <strong>Nurse Line</strong>" in shown and f"/leads/{imaging[0].id}/why/" in shown
    assert all(f"/leads/{each.id}/why/" not in shown for each in others)
    rows = cleo.get(f"{run_page}leads.csv").content.decode().splitlines()
    assert len(rows) == 3 and imaging[1].ref in rows[2] and "Elm Calls,Nurse Line" in rows[2]
    with harbor.scope():
        assert before == (
            RoutingDecision.rows().count(),
            list(Lead.rows().order_by("id").values_list("queue_id", "version")),
        )
        test = VersionTest.rows().get(version=draft, kind="replay")
        assert test.passed and test.made_by == harbor.member("cleo")


@pytest.mark.row("RV-02")
def test_a_replay_counts_for_its_document_and_for_the_rules_that_it_compared_with(harbor, client_as):
    make_lead(harbor)
    dev = client_as("dev")
    with travelling(to=LATER):
        with harbor.scope():
            first = draft_of(harbor)
        page = f"/admin/policies/rulesetversion/{first.id}/"
        assert dev.post(f"{page}replay/", {"last": "1"}).status_code == 302
        with harbor.scope():
            assert not VersionTest.rows().filter(version=first).exists(), "one lead is a look, no test"
        dev.post(f"{page}run-tests/")
        shown = html.unescape(dev.get(f"{page}change/").content.decode())
        assert "1 of 1 leads (100.0 %) of the last 30 days would change" in shown and "Old against new" in shown
        with harbor.scope():
            edited = draft_of(
                harbor, change=add_location_rules(rule("R-98", is_("payer", "Aetna"), {"queue": "nurse-line"}))
            )
            assert all(each.is_passed for each in standing_of(first))
            assert all(each.latest is None for each in standing_of(edited))
            install(kind="routing", document=dict(edited.document), actor=harbor.system, now=database_now())
        stale = dev.post(f"{page}approve/")
        assert stale.status_code == 409 and "rules that rule no more" in html.unescape(stale.content.decode())
        assert "counts no more." in dev.get(f"{page}change/").content.decode()
        dev.post(f"{page}run-tests/")
        assert dev.post(f"{page}approve/").status_code == 302
        with harbor.scope():
            assert RuleSetVersion.rows().get(id=first.id).state == "approved"


def test_scores_gates_and_service_levels_are_replayed_too_and_words_count(harbor):
    make_lead(harbor, request__message="Chest pain since this morning")
    make_lead(harbor, request__service="dermatology", consent=[])

    def no_points(document):
        document["fit"]["rules"], document["intent"]["rules"] = [], []
        document["fit"]["base"] = 0

    def asks_for_payer(document):
        document["gates"]["routed"] = [*document["gates"].get("routed", []), "payer"]

    def no_levels(document):
        document["policies"] = [each for each in document["policies"] if each["when"] == {"always": True}]
        document["policies"][0]["name"] = "Whenever"

    with travelling(to=LATER), harbor.scope():
        found = {}
        for kind, change in (("scoring", no_points), ("gates", asks_for_payer), ("sla", no_levels)):
            version = draft_of(harbor, kind, change)
            run = runs.start(actor=harbor.actor("cleo"), version=version, now=LATER)
            found[kind] = ReplayRun.rows().get(id=run.id)
        nurse = ReplayChange.rows().get(run=found["gates"], lead__service__key="imaging")
        assert (nurse.before["queue"], nurse.after["stopped"]) == ("nurse-line", "payer_missing")
        bands = found["scoring"].tally["matrices"]["band"]
        assert all(was != now for was, row in bands.items() for now in row)
        assert set(found["sla"].tally["matrices"]["policy"]["Hot lead"]) == {"Whenever"}
        with pytest.raises(Refused):
            runs.start(actor=harbor.actor("ana"), version=version, now=LATER)


@pytest.mark.row("RT-21")
def test_twenty_pasted_leads_and_a_picked_one_are_shown_old_against_new_and_nothing_is_saved(harbor, client_as):
    lead = make_lead(harbor)
    cleo = client_as("cleo")
    with travelling(to=LATER):
        with harbor.scope():
            draft = draft_of(harbor)
            before = (Lead.rows().count(), RoutingDecision.rows().count(), ReplayRun.rows().count())
        table = ["service,postal_code", *(f"{('imaging', 'dermatology')[n % 2]},60614" for n in range(20))]
        form = {"source": "web-imaging", "channel": "web_form", "lead_class": "patient", "location": "elm-st"}
        form |= {"preferred_channel": "call", "consents": ["call"], "at": "2026-12-01T10:00", "draft": str(draft.id)}
        answer = cleo.post("/admin/try/sample-lead/", form | {"many": "\n".join(table), "leads": lead.ref})
        shown = html.unescape(answer.content.decode())
        assert shown.count("<td>yes</td>") == 11 and shown.count("<td>no</td>") == 10
        assert len(re.findall(r"Nurse Line · P\d · R-99", shown)) >= 11 and f"/leads/{lead.id}/why/" in shown
        assert shown.count('<summary class="cursor-pointer">The way</summary>') == 2 * 21
        wrong = html.unescape(
            cleo.post("/admin/try/sample-lead/", form | {"many": "shoe\n45", "leads": "L-999"}).content.decode()
        )
        assert "Line 1: “shoe” is not one of" in wrong and "There is no lead L-999" in wrong
    with harbor.scope():
        assert before == (Lead.rows().count(), RoutingDecision.rows().count(), ReplayRun.rows().count())


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("service=imaging; postal_code=60614", [{"service": "imaging", "postal_code": "60614"}]),
        ("service,payer\nimaging,\n,Acme", [{"service": "imaging"}, {"payer": "Acme"}]),
        ('[{"service": "imaging"}]', [{"service": "imaging"}]),
        ("", []),
    ],
)
def test_pasted_leads_are_read_in_each_form(text, rows):
    assert read_rows(text) == rows


@pytest.mark.parametrize(
    ("text", "said"), [("[1]", "an object"), ("[{", "no JSON"), ("service,payer\nimaging", "1 values stand below 2")]
)
def test_pasted_leads_that_cannot_be_read_are_named(text, said):
    with pytest.raises(ValidationError, match=said):
        read_rows(text)


def test_whether_anybody_had_room_is_judged_by_what_people_held_at_the_leads_time(harbor):
    """Of two leads that a draft gives the nurse, the one that came while she was full finds nobody with room."""
    with harbor.scope():
        Membership.rows().filter(teams__team__key="clinical-intake").update(open_lead_cap=1)
    held = make_lead(harbor, request__message="Chest pain since this morning")
    minutes = {name: TUESDAY_NINE + timedelta(minutes=n) for name, n in (("full", 10), ("closed", 20), ("free", 30))}
    full = make_lead(harbor, at=minutes["full"], person__phone="+17735550101")
    with harbor.scope(), travelling(to=minutes["closed"]):
        assert reload(harbor, held.id).owner == harbor.member("ivy")
        close_lead(
            actor=harbor.actor("ivy"),
            lead_id=held.id,
            reason="wrong_contact",
            note="A slip of the number",
            outcome="not_qualified",
            now=minutes["closed"],
        )
    free = make_lead(harbor, at=minutes["free"], person__phone="+17735550102")
    with travelling(to=LATER), harbor.scope():
        run = runs.start(actor=harbor.actor("cleo"), version=draft_of(harbor), now=LATER)
        changes = ReplayChange.rows().filter(run=run)
        rows = {row.lead_id: (row.before["is_full"], row.after["is_full"]) for row in changes}
        assert rows == {full.id: (False, True), free.id: (False, False)}
        assert run.tally["full"] == [0, 1] and "1 more would find everybody full" in run.sentence
