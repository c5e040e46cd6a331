"""The builder of scripts in the admin: a question is added and bound, a second person approves, and it is asked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.policies import actions as rules
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload


def filled(page: str) -> dict[str, Any]:
    """Return what a browser would send of the form as it stands."""
    form = page[page.index('class="rule-form"') :]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>|<select .*?</select>", form, re.DOTALL):
        name = re.search(r'name="([^"]+)"', tag)[1]
        if tag.startswith("<select"):
            chosen = re.findall(r'<option value="([^"]*)" selected', tag)
            sent.setdefault(name, []).extend(
                chosen or ([] if "multiple" in tag else [re.findall(r'value="([^"]*)"', tag)[0]])
            )
        elif "checkbox" not in tag or " checked" in tag:
            value = re.search(r'value="([^"]*)"', tag)
            sent.setdefault(name, []).append(value[1] if value else "on")
    return sent


@pytest.mark.row("DD-13")
def test_a_built_question_is_asked_after_a_second_person_approved_and_its_answer_fills_the_field(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    cleo = client_as("cleo")
    with harbor.scope():
        live = RuleSetVersion.rows().get(rule_set__kind="scripts")
        rule_set = live.rule_set_id
    path = f"/admin/policies/rulesetversion/{live.id}/script/?script=0"
    with travelling(to=TUESDAY_NINE):
        assert f"{live.id}/script/?script=0" in cleo.get(f"/admin/policies/ruleset/{rule_set}/change/").content.decode()
        page = cleo.get(path).content.decode()
        assert "Dermatology" in page and "existing patient" in page
        page = cleo.post(path, filled(page) | {"do": "add"}).content.decode()
        sent = filled(page)
        assert sent["questions"] == ["8"] and sent["q7-id"] == ["S-8"]
        sent |= {"q7-ask": "Have we seen you?", "q7-fills": "patient_type"}
        refused = cleo.post(path, sent | {"do": "save", "reason": "Ask it again"})
        assert refused.status_code == 422 and "say which answer means which patient_type" in refused.content.decode()
        sent = filled(refused.content.decode()) | {"q7-word": ["existing patient", "never"]}
        sent |= {"q7-value": ["established", "new"]}
        moved = cleo.post(path, sent | {"do": "up-7"}).content.decode()
        assert filled(moved)["q6-id"] == ["S-8"]
        assert cleo.post(path, filled(moved) | {"do": "save", "reason": ""}).status_code == 422
        assert cleo.post(path, filled(moved) | {"do": "save", "reason": "Ask it"}).status_code == 302
    lead = make_lead(harbor, source="web-imaging", request__patient_type="new")
    ana = client_as("ana")
    with harbor.scope():
        before = live_document("scripts", TUESDAY_NINE)
        draft = RuleSetVersion.rows().get(rule_set__kind="scripts", state__in=["draft", "tested"])
        asked = [each["id"] for each in draft.document["scripts"][0]["questions"]]
        kept = [each for each in draft.document["scripts"][0]["questions"] if each["id"] != "S-8"]
    assert asked == [*(f"S-{n}" for n in range(1, 7)), "S-8", "S-7"] and kept == before["scripts"][0]["questions"]
    assert "Have we seen you?" not in ana.get(f"/leads/{lead.id}/").content.decode()
    with harbor.scope():
        rules.approve(actor=harbor.actor("dev"), version_id=draft.id, now=TUESDAY_NINE)
    with travelling(to=TUESDAY_NINE):
        assert "Have we seen you?" in ana.get(f"/leads/{lead.id}/log-call/").content.decode()
        ana.post(f"/leads/{lead.id}/script/", {"answer-S-8": "existing patient"})
    assert reload(harbor, lead.id).patient_type == "established"


def test_a_script_is_begun_changed_and_refused_to_readers(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    with harbor.scope():
        live = RuleSetVersion.rows().get(rule_set__kind="scripts")
    path = f"/admin/policies/rulesetversion/{live.id}/script/"
    cleo, dev = client_as("cleo"), client_as("dev")
    page = cleo.get(f"{path}?script=new").content.decode()
    assert filled(page)["id"] == ["SCRIPT-1"]
    page = cleo.post(f"{path}?script=new", filled(page) | {"do": "add"}).content.decode()
    dropped = cleo.post(f"{path}?script=new", filled(page) | {"do": "drop-0"}).content.decode()
    assert filled(dropped)["questions"] == ["0"]
    checked = cleo.post(f"{path}?script=new", filled(page) | {"do": "check"}).content.decode()
    assert "A script needs its name." in checked
    assert cleo.get(f"{path}?script=9").status_code == 404
    shown = dev.get(f"{path}?script=0")
    assert shown.status_code == 200 and "Save as draft" not in shown.content.decode()
    sent = filled(shown.content.decode()) | {"do": "save", "reason": "x"}
    assert dev.post(f"{path}?script=0", sent).status_code == 403
