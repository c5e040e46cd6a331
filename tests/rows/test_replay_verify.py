"""`manage.py replay verify`: every decision ever made follows again from what it kept, whatever became of its words."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from apps.audit.models import AuditEntry
from apps.catalog.models import Queue
from apps.identity.models import MatchDecision
from apps.leads.models import Lead, Touch
from apps.privacy.models import HealthDetail
from apps.qualification.models import ScoreResult
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, send_in
from tests.rows.arranging import add_location_rules, change_rules, chicago, page

PHONE = "+13125550142"
LATER, LOOKED = TUESDAY_NINE + timedelta(minutes=20), TUESDAY_NINE + timedelta(hours=3)


def verified(tenant, *options):
    """Run the command for a tenant; return its exit code and its answer."""
    said = io.StringIO()
    try:
        call_command("replay", "verify", "--json", "--tenant", tenant.slug, *options, stdout=said, stderr=io.StringIO())
    except SystemExit as left:
        return left.code, json.loads(said.getvalue())
    return 0, json.loads(said.getvalue())


@pytest.fixture
def released(harbor):
    """A lead that was held, and went on with a second message, of chest pain, from the same phone."""
    lead = make_lead(harbor, consent=[], person__phone=PHONE, request__message="When are you open?")
    again = inquiry(
        person__phone=PHONE,
        person__first_name="M.",
        person__email="m.lopez@example.com",
        consent=[consent("call")],
        request__message="Chest pain, can I book today?",
    )
    row = processed(harbor, send_in(harbor, again, at=LATER), at=LATER)
    with harbor.scope():
        decisions = RoutingDecision.rows().filter(lead=lead).order_by("decided_at")
        assert [each.cause for each in decisions] == ["arrival", "release"]
        assert decisions[1].queue.key == "nurse-line"
        assert [len(each.heard) for each in decisions] == [1, 2]
    return lead, row


@pytest.mark.row("RT-16")
def test_decisions_follow_again_after_the_words_they_heard_moved_to_another_lead(harbor, client_as, released):
    lead, row = released
    with harbor.scope():
        touch = Touch.rows().get(submission_id=row.id)
    with travelling(to=LOOKED):
        split = {"step": "split", "kind": "person", "reason": "It is her brother"}
        assert client_as("ewa").post(f"/leads/{lead.id}/touches/{touch.id}/split/", split).status_code == 303
    with harbor.scope():
        other = Lead.rows().get(related_to=lead)
        words = HealthDetail.rows().filter(kind="message")
        assert sorted(words.values_list("subject_id", flat=True)) == sorted([lead.id, other.id])
        Queue.rows().filter(key="nurse-line").update(name="Nurses")
    code, found = verified(harbor)
    kinds = found["tenants"][0]["kinds"]
    assert (code, found["same"], found["tenants"][0]["named"]) == (0, True, [])
    assert kinds["routing"] == kinds["score"] == {"same": 3}
    assert kinds["service level"]["same"] >= 2
    # What the rules decided follows again; the colleague's own word for it follows from no rule.
    assert kinds["match"] == {"same": 2, "not_kept": 1}
    with harbor.scope():
        read = AuditEntry.rows().filter(action="health.read", actor_label="replay of a decision")
        assert [len(each.detail["ids"]) for each in read] == [2, 2]
        assert AuditEntry.rows().get(action="platform.replay").detail["routing:same"] == 3


@pytest.mark.row("RT-16")
def test_what_does_not_follow_is_named_with_exit_code_1_and_erased_words_prove_nothing(harbor, released):
    lead, _ = released
    with harbor.scope():
        HealthDetail.rows().filter(subject_id=lead.id).delete()
    code, found = verified(harbor)
    assert code == 0
    assert {(each["state"], each["kind"]) for each in found["tenants"][0]["named"]} == {
        ("words_gone", "routing"),
        ("words_gone", "score"),
    }
    with harbor.scope():
        wrong = []
        for row, changes in (
            (RoutingDecision.rows().filter(cause="arrival").get(), {"exception": "", "rule_id": "R-0", "heard": []}),
            (ScoreResult.rows().order_by("id")[0], {"fit": 99, "heard": []}),
            (MatchDecision.rows().filter(action="merge").get(), {"submission_id": new_id(), "rule_id": "D-0"}),
        ):
            facts = row.facts
            row.id, row._state.adding = new_id(), True
            for name, value in changes.items():
                setattr(row, name, value)
            if isinstance(row, RoutingDecision):
                row.verdict = row.verdict | {"queue_key": "elm-calls"}
            if isinstance(row, MatchDecision):
                row.facts = facts | {"answer": facts["answer"] | {"rule_id": "D-0"}}
            row.save(force_insert=True)
            wrong.append(str(row.id))
        timer = SlaTimer.rows().filter(picked__isnull=False).order_by("id")[0]
        SlaTimer.rows().filter(id=timer.id).update(policy_id="S-0")
        wrong.append(str(timer.id))
    code, found = verified(harbor)
    differing = [each for each in found["tenants"][0]["named"] if each["state"] == "differs"]
    assert (code, found["same"]) == (1, False)
    assert sorted(each["id"] for each in differing) == sorted(wrong)
    assert "chest" not in json.dumps(found).lower()
    code, later = verified(harbor, "--since", "2027-01-01")
    assert (code, later["tenants"][0]["kinds"]) == (0, {})


@pytest.mark.row("RV-10")
def test_a_lead_of_april_shows_version_4_after_two_later_ones(harbor, client_as):
    def approve_one_more(at, queue):
        rule = {"id": f"R-{at:%m%d}", "name": "Newest", "meaning": "The plan of the month", "when": {"always": True}}
        newest = {**rule, "then": {"queue": queue}}
        with travelling(to=at):
            change_rules(harbor, client_as, "routing", add_location_rules(newest))

    april, june = chicago("2027-04-13 10:00"), chicago("2027-06-15 10:00")
    for days, queue in ((-3, "elm-calls"), (-2, "oak-calls"), (-1, "evanston-calls")):
        approve_one_more(april + timedelta(days=days), queue)
    lead = make_lead(harbor, at=april)
    for days in (-2, -1):
        approve_one_more(june + timedelta(days=days), "oak-calls")
    shown = page(client_as("ewa"), f"/leads/{lead.id}/why/", at=june)
    assert "Routing rules, version 4" in shown and "version 6" not in shown
    assert "Evanston Calls" in shown
    assert make_lead(harbor, at=june).queue.key == "oak-calls"
    code, found = verified(harbor)
    assert (code, found["tenants"][0]["kinds"]["routing"]) == (0, {"same": 2})
