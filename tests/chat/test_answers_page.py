"""The form of what the chat says in the admin: texts in two languages, words, waits and answers become a draft."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from apps.chat.decisions import reply_to
from apps.policies import actions as rules
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE

CALL = "Call 911 at once. Our team knows."
LLAME = "Llame al 911 ahora mismo. Nuestro equipo lo sabe."


def filled(page: str) -> dict[str, Any]:
    """Return what a browser would send of the form as it stands."""
    form = page[page.index('class="rule-form"') :]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        value = re.search(r'value="([^"]*)"', tag)
        if "checkbox" not in tag or " checked" in tag:
            sent[_name(tag)] = unescape(value[1]) if value else "on"
    for tag, text in re.findall(r"(<textarea [^>]*>)(.*?)</textarea>", form, re.DOTALL):
        sent[_name(tag)] = unescape(text).replace("\n", "\r\n")
    return sent


def _name(tag: str) -> str:
    found = re.search(r'name="([^"]+)"', tag)
    assert found
    return found[1]


def live_version(harbor: Tenant) -> RuleSetVersion:
    """Return the version of the chat's answers that rules."""
    with harbor.scope():
        return RuleSetVersion.rows().select_related("rule_set").get(rule_set__kind="chat", state="approved")


def draft_of(harbor: Tenant) -> RuleSetVersion:
    """Return the draft that was saved last."""
    with harbor.scope():
        return RuleSetVersion.rows().filter(rule_set__kind="chat", state="draft").latest("number")


@pytest.mark.row("CP-12")
def test_safety_texts_words_and_waits_are_written_in_a_form_and_a_second_person_lets_them_rule(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    cleo, live = client_as("cleo"), live_version(harbor)
    path = f"/admin/policies/rulesetversion/{live.id}/chat/"
    with travelling(to=TUESDAY_NINE):
        for door in (f"ruleset/{live.rule_set_id}/change/", f"rulesetversion/{live.id}/change/"):
            assert path in cleo.get(f"/admin/policies/{door}").content.decode()
        page = cleo.get(path).content.decode()
        sent = filled(page)
        assert sent["emergency"] == "collapsed" and sent["give_up_seconds"] == "300" and sent["a0-id"] == "Q-1"
        assert "This may be an emergency. Call 911 now" in page, "the product's own stands where the tenant's may"
        sent |= {"safety-emergency-en": "Call the office.", "reason": "Our own words", "do": "save"}
        refused = cleo.post(path, sent)
        assert refused.status_code == 422
        said = refused.content.decode()
        assert "A safety text names 911." in said and "Write the safety text in Spanish too" in said
        sent |= {
            "safety-emergency-en": CALL,
            "safety-emergency-es": LLAME,
            "emergency": "collapsed\r\n\r\n keeled over ",
        }
        sent |= {"escalate_seconds": "9", "urgent_escalate_seconds": ""}
        refused = cleo.post(path, sent)
        assert refused.status_code == 422 and "waits for 30 seconds to an hour" in refused.content.decode()
        assert cleo.post(path, sent | {"escalate_seconds": "soon"}).status_code == 422
        sent |= {"escalate_seconds": "120", "a0-say-es": "Abrimos de lunes a viernes."}
        assert cleo.post(path, sent | {"reason": " "}).status_code == 422, "without a reason"
        assert "It is not saved yet" in cleo.post(path, sent | {"do": "check"}).content.decode()
        assert cleo.post(path, sent).status_code == 302
        draft = draft_of(harbor)
        with harbor.scope():
            assert live_document("chat", TUESDAY_NINE) == live.document, "a draft rules nothing"
        approve = f"/admin/policies/rulesetversion/{draft.id}/approve/"
        assert cleo.post(approve).status_code == 403
        assert client_as("dev").post(approve).status_code == 302
        with harbor.scope():
            document = live_document("chat", TUESDAY_NINE)
    assert document["safety"] == {"emergency": {"en": CALL, "es": LLAME}}
    assert document["emergency"] == ["collapsed", "keeled over"] and document["escalate_seconds"] == 120
    assert "urgent_escalate_seconds" not in document, "left empty: the product's own holds"
    assert reply_to("He keeled over", 0, document).text == CALL
    assert reply_to("Cual es su horario", 0, document, "es").text.startswith("Abrimos de lunes a viernes.\nWould you")
    assert reply_to("What are your hours?", 0, document).text.startswith("We are open Monday")
    changed = {"safety", "emergency", "escalate_seconds", "urgent_escalate_seconds", "answers"}
    assert {key: value for key, value in document.items() if key not in changed} == {
        key: value for key, value in live.document.items() if key not in changed
    }


def test_a_form_that_nobody_touched_gives_the_document_it_was_drawn_from(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    cleo, live = client_as("cleo"), live_version(harbor)
    path = f"/admin/policies/rulesetversion/{live.id}/chat/"
    page = cleo.get(path).content.decode()
    assert cleo.post(path, filled(page) | {"do": "save", "reason": "As it is"}).status_code == 302
    assert draft_of(harbor).document == live.document


def test_answers_are_added_moved_and_removed_and_readers_change_nothing(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    cleo, dev, live = client_as("cleo"), client_as("dev"), live_version(harbor)
    path = f"/admin/policies/rulesetversion/{live.id}/chat/"
    sent = filled(cleo.get(path).content.decode())
    sent = filled(cleo.post(path, sent | {"do": "add"}).content.decode())
    assert (sent["answers"], sent["a3-id"]) == ("4", "Q-4")
    sent |= {"a3-meaning": "Which papers to bring.", "a3-ask": "what do i bring\r\nque debo llevar"}
    sent |= {"a3-say-en": "Your insurance card.", "a3-say-es": "Su tarjeta del seguro."}
    sent = filled(cleo.post(path, sent | {"do": "up-3"}).content.decode())
    assert (sent["a2-id"], sent["a3-id"]) == ("Q-4", "Q-3")
    sent = filled(cleo.post(path, sent | {"do": "drop-3"}).content.decode())
    del sent["a1-is_active"]
    assert cleo.post(path, sent | {"do": "save", "reason": "Papers"}).status_code == 302
    answers = draft_of(harbor).document["answers"]
    assert [each["id"] for each in answers] == ["Q-1", "Q-2", "Q-4"] and answers[1]["is_active"] is False
    assert answers[0] == live.document["answers"][0]
    assert answers[2]["ask"] == ["what do i bring", "que debo llevar"]
    assert answers[2]["say"] == {"en": "Your insurance card.", "es": "Su tarjeta del seguro."}
    shown = dev.get(path)
    assert shown.status_code == 200 and "Save as draft" not in shown.content.decode()
    assert dev.post(path, filled(shown.content.decode()) | {"do": "save", "reason": "x"}).status_code == 403
    with harbor.scope():
        other = RuleSetVersion.rows().filter(rule_set__kind="scripts").first()
    assert other and cleo.get(f"/admin/policies/rulesetversion/{other.id}/chat/").status_code == 404
    with harbor.scope():
        found = rules.find_problems("chat", {"answers": [{**answers[2], "say": {"es": "Sí", "fr": "Oui"}}]})
    assert {each.code for each in found} == {"answer_missing", "unknown_key"}
