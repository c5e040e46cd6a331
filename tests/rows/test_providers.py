"""Who can see them, and how soon: providers' skills and open slots in routing, score and pages (RT-15, SC-07)."""

import html
from datetime import timedelta

import pytest

from apps.accounts.keys import create_key
from apps.accounts.models import ApiKey
from apps.catalog.models import OpenSlots, OutsideSystem, Provider
from apps.flows.replay import State, replay_everything
from apps.policies.models import RuleSetVersion
from apps.qualification.models import ScoreResult
from apps.tenancy.clock import travelling
from tests.approving import approve_at
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, change_rules, is_, page, rule
from tests.rows.test_routing import decision_of

SOON = TUESDAY_NINE + timedelta(minutes=4)
KNEE = {"request__service": "orthopedics", "request__location": "elm-st", "request__message": "My knee hurts"}


@pytest.fixture
def scheduler(harbor, client_as):
    """The scheduling system's program: a key that its record in the admin names."""
    with harbor.scope():
        made = create_key(
            actor=harbor.actor("ada"),
            name="slots-sync",
            scopes=["lead:view"],
            now=TUESDAY_NINE,
            membership=harbor.member("ewa"),
        )
        system, key = OutsideSystem.rows().get(key="ehr"), ApiKey.rows().get(name="slots-sync")
    body = {"name": "EHR", "adapter": "by_hand", "address": "", "secret": "", "api_key": key.pk, "is_active": "on"}
    answer = client_as("ada").post(f"/admin/catalog/outsidesystem/{system.pk}/change/", body)
    assert answer.status_code == 302, answer.content.decode()
    return Api(made.secret)


def slots(provider, office, service, *days, at=TUESDAY_NINE):
    """Return an item that says the first slots of a provider, in days from an instant."""
    starts = [(at + timedelta(days=each)).isoformat() for each in days]
    return {"provider": provider, "office": office, "service": service, "starts": starts}


def tell(program, *items, at=TUESDAY_NINE, **more):
    with travelling(to=at):
        return program.post("/open-slots", {"items": list(items), **more})


def ask_for_a_knee_provider(harbor, client_as):
    """Write the rule in its form, in the layer before the office is chosen, and let compliance approve it."""
    ada = client_as("ada")
    with harbor.scope():
        live = RuleSetVersion.rows().get(rule_set__kind="routing", state="approved")
    form = f"/admin/policies/rulesetversion/{live.pk}/rule/?at=/layers/service/rules/-"
    shown = ada.get(form).content.decode()
    assert '<option value="knee"' in shown and 'name="then-slot_within"' in shown
    said = {
        "id": "R-90",
        "name": "Knee",
        "meaning": "A knee is seen by who is skilled in it, within two weeks.",
        "joint": "all",
        "rows": "1",
        "field-0": "message_words",
        "op-0": "contains_word",
        "value-0": "knee",
        "then-expertise": "knee",
        "then-slot_within": "14",
        "is_active": "on",
        "reason": "knees wait too long",
    }
    assert "whole number from 1 to 365" in ada.post(form, said | {"then-slot_within": "0"}).content.decode()
    saved = ada.post(form, said)
    assert saved.status_code == 302, saved.content.decode()
    with harbor.scope():
        draft = RuleSetVersion.rows().get(rule_set__kind="routing", state="draft")
    assert approve_at(client_as("dev"), draft.id).status_code == 302


@pytest.mark.row("RT-15")
def test_only_who_has_the_skill_and_a_slot_in_time_is_matched_and_the_losers_are_told(harbor, client_as, scheduler):
    ask_for_a_knee_provider(harbor, client_as)
    unknown = decision_of(harbor, make_lead(harbor, **KNEE)).verdict
    assert unknown["providers"] == [] and unknown["office_key"] is None and unknown["is_fallback"]
    told = tell(
        scheduler,
        slots("dr-kim", "elm-st", "orthopedics", 20, 21),
        slots("dr-kim", "oak-park", "orthopedics", 6),
        slots("dr-osei", "elm-st", "orthopedics", 3),
    )
    assert (told.status_code, told.json()["changed"]) == (200, [0, 1, 2]), told.content.decode()
    knee = make_lead(harbor, **KNEE)
    verdict = decision_of(harbor, knee).verdict
    assert (verdict["providers"], verdict["office_key"], knee.queue.key) == (["dr-kim"], "oak-park", "oak-calls")
    assert verdict["fallback_for"] == "elm-st"
    shown = html.unescape(page(client_as("ben"), f"/leads/{knee.id}/why/", at=SOON))
    assert "Elm St has no provider with the skill knee and an open slot within 14 days" in shown
    assert "seen by Dr. Mina Kim (first slot 7 Dec 2026, 09:00)" in shown
    assert "Dr. Mina Kim at Elm St" in shown and "no slot within 14 days; the next is 21 Dec 2026, 09:00" in shown
    assert "Dr. Kofi Osei" in shown and "lacks the skill knee" in shown
    taken = tell(scheduler, slots("dr-kim", "oak-park", "orthopedics"), at=SOON)
    assert taken.json()["changed"] == [0]
    none = decision_of(harbor, make_lead(harbor, at=SOON, **KNEE)).verdict
    assert (none["providers"], none["office_key"], none["is_fallback"]) == ([], None, True)
    stale = TUESDAY_NINE + timedelta(days=2)
    lost = decision_of(harbor, make_lead(harbor, at=stale, **KNEE)).verdict["alternatives"]
    assert any("too long ago to rely on" in each["why_not"] for each in lost if each["kind"] == "provider")
    with harbor.scope():
        assert {each.state for each in replay_everything()} <= {State.SAME, State.NOT_KEPT}


@pytest.mark.row("RT-15")
def test_slots_come_by_the_api_or_the_admin_and_what_is_wrong_is_named(harbor, client_as, scheduler):
    wrong = tell(
        scheduler,
        slots("dr-kim", "elm-st", "orthopedics", 5),
        slots("dr-kim", "evanston", "orthopedics", 5),
        slots("nobody", "elm-st", "orthopedics", 5),
    )
    assert wrong.status_code == 422
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/items/1/service", "/items/2/provider"]
    with harbor.scope():
        assert not OpenSlots.rows().exists()
        kim = Provider.rows().get(key="dr-kim")
    assert tell(scheduler, slots("dr-kim", "elm-st", "orthopedics", 5)).json()["changed"] == [0]
    older = tell(
        scheduler,
        slots("dr-kim", "elm-st", "orthopedics", 9),
        at=SOON,
        as_of=(TUESDAY_NINE - timedelta(hours=1)).isoformat(),
    )
    assert older.json()["older"] == [0]
    assert ask(client_as("ana"), "POST", "/open-slots", {"items": [slots("dr-kim", "elm-st", "orthopedics", 1)]},
               at=SOON).status_code == 403  # fmt: skip
    cleo = client_as("cleo")
    with harbor.scope():
        row = OpenSlots.rows().get(provider=kim)
        assert row.starts == [TUESDAY_NINE + timedelta(days=5)] and row.heard_from == "EHR"
    change = f"/admin/catalog/openslots/{row.pk}/change/"
    assert "write a date and a time" in cleo.post(change, {"starts": "soon"}).content.decode()
    with travelling(to=SOON):
        saved = cleo.post(change, {"starts": "2026-12-04 09:30\n2026-12-03 14:00"})
    assert saved.status_code == 302, saved.content.decode()
    with harbor.scope():
        row.refresh_from_db()
    assert [f"{each:%m-%d %H:%M}" for each in row.starts] == ["12-03 20:00", "12-04 15:30"]
    listed = page(cleo, "/admin/catalog/openslots/", at=SOON + timedelta(days=2))
    assert "stale: not relied on" in listed
    form = f"/admin/catalog/provider/{kim.pk}/change/"
    body = {"name": kim.name, "skills": "knee", "services": ["orthopedics"], "is_active": "on"}
    assert "Name where the provider sees people." in cleo.post(form, body).content.decode()


@pytest.mark.row("SC-07")
def test_a_high_score_without_a_slot_in_time_is_flagged_and_another_clinic_is_shown(harbor, client_as, scheduler):
    def weigh(document):
        next(each for each in document["fit"]["rules"] if each["id"] == "F-3")["points"] = 12

    def hasten(document):
        layer = next(each for each in document["layers"] if each["key"] == "urgency")
        late = {"all": [is_("slot_in_time", False), is_("fit_band", "high")]}
        layer["rules"] = [rule("R-91", late, {"priority": "P1"}), *layer["rules"]]

    change_rules(harbor, client_as, "scoring", weigh)
    change_rules(harbor, client_as, "routing", hasten)
    derm = {"request__service": "dermatology", "request__location": "oak-park", "request__timeframe": "later"}
    before = make_lead(harbor, **derm)
    assert (before.fit, before.priority) == (82, "P2")
    oak = slots("dr-vale", "oak-park", "dermatology", 31)
    assert tell(scheduler, oak, slots("dr-marsh", "evanston", "dermatology", 5)).status_code == 200
    harbor.drain(SOON)
    with harbor.scope():
        anew = ScoreResult.rows().filter(lead_id=before.id).order_by("-scored_at").first()
    assert (anew.cause, anew.facts["slot_in_time"], anew.facts["next_slot_days"]) == (
        "changed: slot_in_time",
        False,
        30,
    )
    lead = make_lead(harbor, **derm)
    assert (lead.fit, lead.priority) == (82, "P1")
    ben = client_as("ben")
    shown = html.unescape(page(ben, f"/leads/{lead.id}/", at=TUESDAY_NINE))
    assert "High score (fit 82) and no open slot of Dermatology at Oak Park within 14 days; the first is in 31" in shown
    assert "Sooner at Evanston: Dr. Leo Marsh, Sun 09:00 (in 5 days)." in shown
    queue = page(ben, "/queue/", at=TUESDAY_NINE)
    assert queue.count("No slot within 14 days. Evanston: in 5 days") == 2
    tell(scheduler, slots("dr-vale", "oak-park", "dermatology", 10), at=SOON)
    assert "No slot within" not in page(ben, "/queue/", at=SOON)
    assert "First open slot of Dermatology: Dr. Ruth Vale" in page(ben, f"/leads/{lead.id}/", at=SOON)
    later = page(ben, f"/leads/{lead.id}/", at=SOON + timedelta(days=2))
    assert "were told last at" in later and "ask before you promise one" in later
    assert "No slot within" not in page(ben, "/queue/", at=SOON + timedelta(days=2))
