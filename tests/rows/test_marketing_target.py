"""Marketing's target and who has a lead at each stage of qualification: rows QL-03, QL-05; who only asks: SC-09."""

import pytest

from apps.accounts.actions import Place, save_person
from apps.accounts.models import Team, TeamMembership
from apps.flows.leasing import takeable_leads
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, Person, StageSpell, Task
from apps.ownership.models import Spell
from apps.qualification.models import CriteriaResult
from apps.sla.models import SlaTimer
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_verdicts import ANSWERS, CALLED, CONNECTED, GOOD


def stages(tenant, lead):
    with tenant.scope():
        rows = StageSpell.rows().filter(lead=lead).order_by("started_at", "id")
        return list(rows.values_list("stage__key", flat=True))


@pytest.mark.row("QL-03")
def test_the_target_and_valid_contact_details_make_a_lead_marketing_qualified(harbor, client_as):
    good = make_lead(harbor)
    assert stages(harbor, good) == ["new", "mql", "routed"]
    lost = make_lead(harbor, person__phone="12", person__email="nobody")
    assert (lost.stage.key, stages(harbor, lost)) == ("new", ["new"])
    far = make_lead(harbor, person__postal_code="60901", person__city="Kankakee")
    assert stages(harbor, far) == ["new", "routed"]
    with harbor.scope():
        found = {row.lead_id: row.verdict for row in CriteriaResult.rows().filter(moment="marketing")}
    judged = [(found[each.id]["reachable"], found[each.id]["marketing_qualified"]) for each in (good, lost, far)]
    assert judged == [(True, True), (False, False), (True, False)]
    by_hand = ask(client_as("ewa"), "POST", f"/leads/{lost.id}/stage", {"to": "mql", "reason": "Fits"}, at=TUESDAY_NINE)
    assert by_hand.status_code in (403, 409)
    assert reload(harbor, lost.id).stage.key == "new"


def test_where_the_target_comes_first_nobody_routes_a_lead_below_it(harbor, client_as):
    """Assumption A-02: the switch of a pipeline lets only what marketing qualified be routed, on every path."""
    far = {"person__postal_code": "60901", "person__city": "Kankakee", "request__service": "imaging"}
    change_rules(harbor, client_as, "criteria", lambda document: document.update(qualify_first=["patient"]))
    good, below = make_lead(harbor), make_lead(harbor, **far)
    assert (good.stage.key, below.stage.key, below.exception) == ("routed", "new", "")
    assert (below.queue.key, below.owner_team_id is not None) == ("general-intake", True)
    ewa = client_as("ewa")
    assert "Not met: Lives within 25 miles of an open clinic." in page(ewa, f"/leads/{below.id}/", at=TUESDAY_NINE)
    by_hand = ask(ewa, "POST", f"/leads/{below.id}/stage", {"to": "routed", "reason": "She drives"}, at=TUESDAY_NINE)
    assert (by_hand.status_code, by_hand.json()["code"]) == (422, "below_target")
    with harbor.scope():
        Person.rows().filter(id=below.person_id).update(latitude=41.92, longitude=-87.65, postal_code="60614")
    told = ask(ewa, "PATCH", f"/leads/{below.id}", {"timeframe": "asap"}, at=TUESDAY_NINE)
    assert told.status_code == 200, told.content
    harbor.drain(TUESDAY_NINE)
    assert stages(harbor, below) == ["new", "mql", "routed"]


@pytest.mark.row("QL-05")
def test_each_stage_of_qualification_has_its_owner_at_that_moment(harbor, client_as):
    def owned_by(document):
        document["stages"] += [
            {"stage": "mql", "team": "marketing-ops"},
            {"stage": "qualified", "team": "central-intake", "keeps_view": True},
        ]

    change_rules(harbor, client_as, "ownership", owned_by)
    with harbor.scope():
        ana = harbor.member("ana")
        held = [Place(row.team, row.is_lead) for row in TeamMembership.rows().filter(membership=ana)]
        places = [*held, Place(Team.rows().get(key="marketing-ops"), False)]
        save_person(actor=harbor.system, email=ana.user.email, name=ana.user.name, role=ana.role, places=places)
    lead = make_lead(harbor)
    assert (lead.stage.key, lead.owner_team.key, lead.queue.key) == ("mql", "marketing-ops", "nurture")
    with harbor.scope():
        assert set(Task.rows().filter(lead=lead, state="open").values_list("team__key", flat=True)) == {"marketing-ops"}
        assert SlaTimer.rows().filter(lead=lead, met_at=None, cancelled_at=None).exists()
    sent = ask(client_as("ana"), "POST", f"/leads/{lead.id}/stage", {"to": "routed", "reason": "Fits"}, at=TUESDAY_NINE)
    assert sent.status_code == 200, sent.content
    routed = reload(harbor, lead.id)
    assert (routed.stage.key, routed.owner_team.key) == ("routed", "elm-calls")
    owner = client_as(routed.owner.user.email.partition("@")[0])
    for part, body in (("activities", CONNECTED), ("verification", {"answers": ANSWERS})):
        assert ask(owner, "POST", f"/leads/{lead.id}/{part}", body, at=CALLED).status_code == 201
    done = ask(owner, "POST", f"/leads/{lead.id}/qualification", GOOD, at=CALLED)
    assert (done.status_code, done.json()["stage"]) == (200, "qualified")
    assert reload(harbor, lead.id).owner_team.key == "central-intake"
    with harbor.scope():
        spell = Spell.rows().get(lead=lead, kind="primary", ended_at=None)
        assert (spell.started_at, spell.trigger) == (CALLED, "stage:qualified")
        left = Task.rows().filter(lead=lead, state="open").values_list("team__key", flat=True)
        assert set(left) <= {"central-intake"}
    assert stages(harbor, lead) == ["new", "mql", "routed", "contacted", "qualified"]


@pytest.mark.row("SC-09")
def test_who_asks_for_prices_only_is_offered_nurture_and_not_called(harbor, client_as):
    asks = {"message": "What are your prices?", "preferred_channel": "email"}
    price = make_lead(harbor, source="landing-pages", request=asks, person__postal_code="", person__city="")
    ready = make_lead(harbor, source="landing-pages", request={**asks, "service": "imaging"})
    assert (price.workflow, price.priority, ready.workflow) == ("information", "P3", "")
    ewa = client_as("ewa")
    said = [ask(ewa, "GET", f"/leads/{each.id}/criteria", at=TUESDAY_NINE).json() for each in (price, ready)]
    assert [each["information_only"] for each in said] == [True, False]
    with harbor.scope():
        kinds = set(Task.rows().filter(lead=price, state="open").values_list("kind", flat=True))
        assert "nurture" in kinds and not kinds & {"call", "email", "text"}
        rows = Lead.rows().filter(id__in=[price.id, ready.id])
        with acting_as_system():
            rows.update(owner=harbor.member("ewa"), owner_team=Team.rows().get(key="central-intake"))
        offered = set(takeable_leads(harbor.actor("ewa"), TUESDAY_NINE).values_list("id", flat=True))
        assert ready.id in offered and price.id not in offered
    told = ask(ewa, "PATCH", f"/leads/{price.id}", {"timeframe": "within_week"}, at=TUESDAY_NINE)
    assert told.status_code == 200, told.content
    assert reload(harbor, price.id).workflow == ""
    with harbor.scope():
        assert set(Task.rows().filter(lead=price, state="open").values_list("kind", flat=True)) >= {"email"}
