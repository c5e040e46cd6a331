"""Every stored decision gives the same verdict again: routes and scores of leads of all kinds."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.catalog.models import Service
from apps.flows.replay import replay_routing, replay_score
from apps.leads.models import Lead
from apps.privacy.models import HealthDetail
from apps.qualification.models import ScoreResult
from apps.routing.models import RoutingDecision
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, send_in

SATURDAY_NIGHT = TUESDAY_NINE + timedelta(days=4, hours=11)
VARIED = [
    {"request__message": "MRI before my race, can I book today?"},
    {"request__message": "Chest pain since this morning"},
    {"request__service": None, "request__message": "How much is a scan, what is the price?"},
    {"source": "imaging-spring"},
    {"request__service": "dermatology", "request__timeframe": "within_24h", "request__location": "oak-park"},
    {"request__patient_type": "established"},
    {"request__preferred_channel": "", "request__message": "Please write"},
    {"consent": [], "request__message": "What is next?"},
    {"source": "job-board", "lead_class": "recruitment"},
    {"attribution": {"landing_page": "SCR-01"}, "at": SATURDAY_NIGHT},
]


def stored(tenant):
    """Return every decision and every score of the tenant."""
    rows = RoutingDecision.rows().select_related("version").order_by("id")
    return list(rows), list(ScoreResult.rows().select_related("version").order_by("id"))


@pytest.mark.row("RT-16")
@pytest.mark.ux(11)
def test_every_decision_and_score_of_ten_leads_replays_to_the_same_verdict(harbor):
    for changes in VARIED:
        make_lead(harbor, **{"at": TUESDAY_NINE, **changes})
    with harbor.scope():
        Service.rows().filter(key="dermatology").update(name="Skin")
        decisions, scores = stored(harbor)
        assert (Lead.rows().count(), len(decisions), len(scores)) == (10, 10, 10)
        assert {each.exception for each in decisions} >= {"", "preferred_channel_missing"}
        assert len({each.rule_id for each in decisions}) >= 6
        for row in decisions:
            found = replay_routing(row)
            assert found.same, (row.verdict["reason"], found.differences)
        for result in scores:
            found = replay_score(result)
            assert found.same, found.differences
        reads = AuditEntry.rows().filter(action="health.read", actor_kind="system")
    with harbor.scope():
        assert reads.count() == 2 * HealthDetail.rows().filter(kind="message").count()


@pytest.mark.row("RT-16")
def test_a_released_lead_replays_with_all_that_was_written_until_then(harbor):
    phone = "+13125550188"
    make_lead(harbor, consent=[], person__phone=phone, request__message="I want to book an appointment")
    later = TUESDAY_NINE + timedelta(minutes=20)
    again = inquiry(person__phone=phone, consent=[consent("call")], request__message="You may call me")
    processed(harbor, send_in(harbor, again, at=later), at=later)
    third = later + timedelta(minutes=5)
    more = inquiry(person__phone=phone, request__message="How much is it, and chest pain?")
    processed(harbor, send_in(harbor, more, at=third), at=third)
    with harbor.scope():
        decisions, scores = stored(harbor)
        assert [each.cause for each in decisions] == ["arrival", "release"]
        assert [replay_routing(each).same for each in decisions] == [True, True]
        assert [replay_score(each).same for each in scores] == [True, True]
        assert "Speaks of booking" in str(scores[1].verdict)


@pytest.mark.row("RT-16")
def test_a_replay_names_what_was_changed_behind_its_back(harbor):
    make_lead(harbor, request__message="Chest pain")
    with harbor.scope():
        [decision], [result] = stored(harbor)
        assert decision.queue.key == "nurse-line"
        HealthDetail.rows().delete()
        found = replay_routing(decision)
        assert not found.same
        assert ("queue_key", "nurse-line", "elm-calls") in [
            (each.key, each.stored, each.replayed) for each in found.differences
        ]
        result.intent = 1
        assert [each.key for each in replay_score(result).differences] == ["totals"]
