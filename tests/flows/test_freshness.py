"""A newer inquiry's values take the place of older ones, field by field, and may send the lead elsewhere (DU-04/05)."""

import json
from datetime import timedelta

import pytest

from apps.flows.intake import process_submission
from apps.flows.invariants import breaches
from apps.leads.models import Lead, Task, TimelineEntry
from apps.policies.models import RuleSet
from apps.policies.queries import version_in_force
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from apps.tenancy.models import Wakeup
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in
from tests.words import words_of

PHONE = "+13125550142"
TOLD = {"request__timeframe": "within_month", "request__best_time": "mornings", "request__patient_type": "new"}

#: Cardiology is offered at both offices, so that the one that is named decides.
HEART, AT_OAK = {"request__service": "cardiology"}, {"request__location": "oak-park"}


def minutes(count):
    return TUESDAY_NINE + timedelta(minutes=count)


def again(tenant, at, **changes):
    return processed(tenant, send_in(tenant, inquiry(person__phone=PHONE, **changes), at=at), at=at)


def story(tenant, lead):
    with tenant.scope():
        return " ".join(words_of(TimelineEntry.rows().filter(lead=lead, kind="repeat"), "sentence"))


def owners_name(tenant, lead):
    with tenant.scope():
        return Lead.rows().select_related("owner__user").get(id=lead.id).owner.user.email.partition("@")[0]


@pytest.fixture
def updating(harbor):
    """A tenant whose rule for the same phone is “update”, for every service."""
    with harbor.scope():
        version = version_in_force("duplicates", TUESDAY_NINE)
        document = json.loads(json.dumps(version.document))
        document["rules"][0] |= {"inside": "update", "scope": "tenant"}
        assert RuleSet.rows().filter(kind="duplicates").count() == 1
    return document


@pytest.fixture
def updates(harbor, client_as, updating):
    """Let that rule rule, by the pages where rules are made and approved."""
    with harbor.scope():
        rules = RuleSet.rows().get(kind="duplicates")
    form = {"document": json.dumps(updating), "reason": "Senders correct what they sent"}
    with travelling(to=TUESDAY_NINE - timedelta(hours=1)):
        assert client_as("ada").post(f"/admin/policies/ruleset/{rules.id}/change/", form).status_code == 302
        with harbor.scope():
            draft = rules.versions.get(state="draft")
        assert client_as("dev").post(f"/admin/policies/rulesetversion/{draft.id}/approve/").status_code == 302


@pytest.mark.row("DU-05")
def test_of_a_merged_inquiry_the_newer_values_win_the_blank_ones_wipe_nothing_and_the_old_are_told(harbor, client_as):
    lead = make_lead(harbor, person__phone=PHONE, **TOLD)
    newer = {"request__timeframe": "asap", "request__best_time": "", "request__preferred_channel": "email"}
    row = again(harbor, minutes(20), request__location="oak-park", **newer)
    assert (row.verdict, row.lead_id) == ("duplicate", lead.id)
    kept = reload(harbor, lead.id)
    assert (kept.timeframe, kept.best_time, kept.preferred_channel) == ("asap", "mornings", "email")
    assert (kept.location.key, kept.owner_team.key) == ("elm-st", "elm-calls")
    told = story(harbor, lead)
    assert "Newer: timeframe, preferred channel." in told
    assert "Before: timeframe “within month”, preferred channel “call”." in told
    assert "Told otherwise, stays as routed: location." in told
    with travelling(to=minutes(21)):
        page = client_as(owners_name(harbor, lead)).get(f"/leads/{lead.id}/").content.decode()
    assert "within month" in page


@pytest.mark.row("DU-05")
def test_what_a_colleague_stated_and_what_was_said_later_stay(harbor, client_as):
    late = inquiry(person__phone=PHONE, request__timeframe="asap")
    receipt = send_in(harbor, late, at=TUESDAY_NINE)
    Wakeup.objects.filter(organization_id=harbor.organization_id).delete()
    lead = make_lead(harbor, at=minutes(20), person__phone=PHONE, **TOLD)
    with harbor.scope():
        process_submission(receipt.submission_id, minutes(21))
    assert reload(harbor, lead.id).timeframe == "within_month"
    with travelling(to=minutes(25)):
        stated = ask(client_as(owners_name(harbor, lead)), "PATCH", f"/leads/{lead.id}", {"timeframe": "within_week"})
    assert stated.status_code == 200, stated.content
    again(harbor, minutes(30), request__timeframe="asap")
    again(harbor, minutes(31), request__timeframe="within_week")
    again(harbor, minutes(32), request__timeframe="asap")
    assert reload(harbor, lead.id).timeframe == "within_week"


@pytest.mark.row("DU-04")
def test_a_correction_of_what_routing_reads_sends_a_lead_that_nobody_works_on_elsewhere(harbor, updates):
    lead = make_lead(harbor, person__phone=PHONE, **HEART)
    assert lead.owner_team.key == "elm-calls"
    row = again(harbor, minutes(5), **HEART | AT_OAK)
    assert (row.verdict, row.lead_id) == ("update", lead.id)
    moved = reload(harbor, lead.id)
    assert (moved.location.key, moved.owner_team.key, moved.queue.key) == ("oak-park", "oak-calls", "oak-calls")
    with harbor.scope():
        causes = list(RoutingDecision.rows().filter(lead=lead).order_by("decided_at").values_list("cause", flat=True))
        tasks = Task.rows().filter(lead=lead, state="open")
        assert causes == ["arrival", "correction"]
        assert list(tasks.values_list("kind", "team__key")) == [("call", "oak-calls")]
        clocks = SlaTimer.rows().filter(lead=lead, met_at__isnull=True, cancelled_at__isnull=True, kind="first_contact")
        assert [each.started_at >= minutes(5) for each in clocks] == [True]
        assert not list(breaches())
        told = " ".join(words_of(TimelineEntry.rows().filter(lead=lead), "sentence"))
    assert "Corrected: location. Before: location “Elm St" in told and "Routed anew after the correction: Oak" in told


@pytest.mark.row("DU-04")
def test_a_lead_in_work_is_corrected_and_stays_with_its_owner(harbor, client_as, updates):
    worked, given = (
        make_lead(harbor, person__phone=PHONE, **HEART),
        make_lead(harbor, person__phone="+13125550199", **HEART),
    )
    call = {"kind": "call", "outcome": "voicemail", "next_action_at": "2026-12-03T16:00:00Z"}
    with travelling(to=minutes(2)):
        answer = ask(client_as(owners_name(harbor, worked)), "POST", f"/leads/{worked.id}/activities", call)
        wish = {"team": "central-intake", "reason": "Asks for Ewa"}
        handed = ask(client_as(owners_name(harbor, given)), "POST", f"/leads/{given.id}/transfers", wish)
    assert (answer.status_code, handed.status_code) == (201, 201)
    again(harbor, minutes(5), **HEART | AT_OAK)
    oak = inquiry(person__phone="+13125550199", **HEART | AT_OAK)
    processed(harbor, send_in(harbor, oak, at=minutes(6)), at=minutes(6))
    for lead, team in ((worked, "elm-calls"), (given, "central-intake")):
        kept = reload(harbor, lead.id)
        assert (kept.location.key, kept.owner_team.key) == ("oak-park", team)
        with harbor.scope():
            assert RoutingDecision.rows().filter(lead=lead).count() == 1
