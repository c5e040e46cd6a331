"""Rows of missing data: three ways by rule, asked by a link through every door, answered once and by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from apps.catalog.combinations import offices_with
from apps.exceptions.models import ExceptionItem
from apps.leads.models import Lead, TimelineEntry
from apps.outreach.models import DataRequest, Message
from apps.outreach.texts import NullTexts
from apps.ownership.models import Spell
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.links import follow, links_in, links_mailed, text_of
from tests.rows.arranging import OpenBrowser, ask, change_rules, draft_rules, page
from tests.rows.test_exceptions import NO_LOCATION, decide, open_item
from tests.words import the_one_saying

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _outboxes() -> None:
    mail.outbox.clear()
    NullTexts.sent.clear()


def set_policy(value: Any, **more: Any) -> Any:
    """Return a change of the rule about missing fields."""

    def change(document: dict[str, Any]) -> None:
        row = next(each for each in document["types"] if each["type"] == "missing_fields")
        row.update(missing_data=value, **more)

    return change


@pytest.mark.row("EX-03")
def test_the_same_lead_goes_three_ways_as_the_rule_says(harbor: Tenant, client_as: OpenBrowser) -> None:
    ewa, found = client_as("ewa"), {}
    for number, policy in enumerate(("collect", "hold", "general_team")):
        if policy != "collect":
            change_rules(harbor, client_as, "exceptions", set_policy(policy))
        address, at = f"{policy}@example.com", TUESDAY_NINE + number * MINUTE
        lead = make_lead(harbor, at=at, **NO_LOCATION, person__email=address, person__phone=f"+1312555016{number}")
        shown = ask(ewa, "GET", f"/leads/{lead.id}", at=at).json()
        waiting = [each["lead"] for each in ask(ewa, "GET", "/exceptions", at=at).json()["exceptions"]]
        with harbor.scope():
            spell = Spell.rows().get(lead=lead, ended_at__isnull=True)
        is_open = str(lead.id) in waiting
        found[policy] = (shown["stage"], spell.trigger, lead.queue.key, is_open, len(links_mailed(address)))
    assert found == {
        "collect": ("new", "interim", "general-intake", True, 1),
        "hold": ("new", "interim", "general-intake", True, 0),
        "general_team": ("routed", "routing", "general-intake", False, 0),
    }
    told = "Missing location: the general team goes on with what is known"
    assert told in page(ewa, f"/leads/{lead.id}/", at=at)
    refused = draft_rules(harbor, client_as, "exceptions", set_policy("perhaps"))
    assert refused.status_code == 422 and "Say one of: hold, general_team, collect." in refused.content.decode()


@pytest.mark.row("EX-04")
@pytest.mark.row("EX-02")
def test_a_coordinator_asks_by_hand_sees_what_became_of_it_and_asks_again(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, **NO_LOCATION, person__email="ida@example.com")
    (first,) = links_mailed("ida@example.com")
    item, gus, ben = open_item(harbor, lead), client_as("gus"), client_as("ben")
    one = TUESDAY_NINE + MINUTE
    form = page(gus, f"/leads/{lead.id}/ask-person/", at=one)
    assert "Asked by link for: location. Sent 09:00, not opened yet" in form
    assert "Ask by a link" in page(gus, f"/leads/{lead.id}/", at=one)
    assert ask(ben, "POST", f"/leads/{lead.id}/data-requests", {}, at=one).status_code == 403
    with travelling(to=one):
        empty = gus.post(f"/leads/{lead.id}/ask-person/", {"version": lead.version})
        sent = gus.post(f"/leads/{lead.id}/ask-person/", {"fields_asked": ["location"]})
    assert (empty.status_code, sent.status_code) == (422, 303)
    harbor.drain(one)
    second = links_mailed("ida@example.com")[-1]
    gone = follow(first, one)
    assert gone.status_code == 410 and "There is a newer link" in text_of(gone)
    assert follow(second, one).status_code == 200

    card = page(gus, f"/exceptions/?item={item.id}", at=one)
    assert "Ask the person by a link" in card and "opened 09:01, not answered yet" in card
    assert decide(gus, item, one, decision="ask").status_code == 303
    assert open_item(harbor, lead).state == "open", "asking decides nothing"
    path = f"/leads/{lead.id}/data-requests"
    fourth = ask(gus, "POST", path, {"fields": ["location"]}, at=one)
    assert (fourth.status_code, fourth.json()["code"]) == (409, "asked_often")
    listed = ask(gus, "GET", path, at=one).json()["results"]
    assert [each["state"] for each in listed] == ["open", "replaced", "replaced"]
    assert ask(gus, "POST", path, {"fields": ["payer"]}, at=one).status_code == 422
    refused = decide(gus, item, one, decision="ask")
    assert refused.status_code == 422 and "They were asked 3 times today" in refused.content.decode()


@pytest.mark.row("EX-04")
def test_what_nobody_permits_is_not_asked_and_the_story_says_so(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, **NO_LOCATION, consent=[consent("call")])
    with harbor.scope():
        assert not Message.rows().filter(lead=lead, purpose="data-request").exists()
        told = the_one_saying(TimelineEntry.rows().filter(lead=lead), sentence__startswith="Not asked by a link:")
    assert "permit neither e-mail nor text" in told.sentence
    answer = ask(client_as("ewa"), "POST", f"/leads/{lead.id}/data-requests", {}, at=TUESDAY_NINE)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_permitted_channel")
    assert reload(harbor, lead.id).exception == "location_missing"


def test_two_things_are_asked_one_after_the_other_by_text_in_spanish(harbor: Tenant) -> None:
    changes = {**NO_LOCATION, "request__service": "", "person__email": "", "person__phone": "+13125550171"}
    changes |= {"person__preferred_language": "es", "consent": [consent("text")], "person__last_name": "Núñez"}
    lead = make_lead(harbor, **changes)
    (link,) = [each for sent in NullTexts.sent for each in links_in(sent.body)]
    at = TUESDAY_NINE + MINUTE
    name = text_of(follow(link, at))
    assert 'lang="es"' in name and "¿Cuál es su apellido?" in name and "Paso 1 de 3" in name
    assert "Faltan 2 datos" in name, "two details are missing, not one"
    assert follow(link, at, {"name": "Nunez"}).status_code == 303
    service = text_of(follow(link, at))
    assert "Paso 2 de 3" in service and 'value="bariatrics"' in service
    assert follow(f"{link}?ask=service", at, {}).status_code == 422
    assert follow(f"{link}?ask=service", at, {"service": "bariatrics"}).status_code == 303
    with harbor.scope():
        row = DataRequest.rows().get(lead=lead)
        offices = set(offices_with("bariatrics"))
        assert b"bariatrics" not in bytes(row.sealed)
    office = text_of(follow(link, at))
    shown = {each for each in ("elm-st", "oak-park", "evanston") if f'value="{each}"' in office}
    assert shown == offices != {"elm-st", "oak-park", "evanston"}, "an office without the service is not offered"
    other = min({"elm-st", "oak-park", "evanston"} - shown)
    assert follow(f"{link}?ask=location", at, {"location": other}).status_code == 422
    back = text_of(follow(f"{link}?ask=service", at))
    assert 'value="bariatrics" id="id_service_' in back and "checked" in back, "Back keeps what was answered"
    done = follow(f"{link}?ask=location", at, {"location": min(shown)})
    assert done.status_code == 303 and "No tiene que hacer nada más" in text_of(follow(done["Location"], at))
    lead = reload(harbor, lead.id)
    assert (lead.service.key, lead.location.key, lead.exception, lead.stage.key) == (
        "bariatrics",
        min(shown),
        "",
        "routed",
    )


def test_a_link_opens_to_nobody_else_and_bad_input_changes_nothing(harbor: Tenant, lakeside: Tenant) -> None:
    lead = make_lead(harbor, **NO_LOCATION, person__email="eva@example.com")
    (link,) = links_mailed("eva@example.com")
    nowhere = follow("/there/is/no/such/page/", TUESDAY_NINE)
    for made_up in (f"/c/{'x' * 32}/", f"/c/{link.split('/')[2][:-1]}/", "/c/%00/", f"/c/{'é' * 300}/"):
        answer = follow(made_up, TUESDAY_NINE)
        assert (answer.status_code, answer.content) == (404, nowhere.content), made_up
        assert follow(made_up, TUESDAY_NINE, {"name": "Lopez"}).status_code == 404
    for bad in ({}, {"name": ""}, {"name": "x" * 5000}, {"name": "Lo\x00pez"}, {"location": "oak-park"}):
        assert follow(link, TUESDAY_NINE, bad).status_code == 422, bad
    assert follow(f"{link}?ask=location", TUESDAY_NINE, {"location": "elm-st"}).status_code == 422, "the name is first"
    last = [follow(link, TUESDAY_NINE, {"name": f"Guess {each}"}) for each in range(8)][-1]
    assert last.status_code == 410 and "This link is closed" in text_of(last)
    assert follow(link, TUESDAY_NINE, {"name": "Lopez"}).status_code == 410
    found = reload(harbor, lead.id)
    assert (found.location, found.exception) == (None, "location_missing")
    with lakeside.scope():
        assert not Lead.rows().exists() and not DataRequest.rows().exists()


def test_what_a_colleague_found_out_meanwhile_stays(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, **NO_LOCATION, person__email="uma@example.com")
    (link,) = links_mailed("uma@example.com")
    follow(link, TUESDAY_NINE, {"name": "Lopez"})
    fixed = decide(
        client_as("ewa"), open_item(harbor, lead), TUESDAY_NINE + MINUTE, decision="fix", fix="location:evanston",
        reason="She said so",
    )  # fmt: skip
    assert fixed.status_code == 303
    late = follow(f"{link}?ask=location", TUESDAY_NINE + 2 * MINUTE, {"location": "elm-st"})
    assert late.status_code == 410 and "Nothing is missing any more" in text_of(late)
    assert reload(harbor, lead.id).location.key == "evanston"
    with harbor.scope():
        assert ExceptionItem.rows().get(lead=lead).decision == "fix"
