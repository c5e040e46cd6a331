"""What holds of a channel: its seven parts on one page, and that inquiries are taken in by them (row CP-02)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.catalog.actions import save_source
from apps.catalog.models import Channel, Source
from apps.leads.models import Task, TimelineEntry
from apps.sla.models import SlaTimer
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.chat.visiting import KNEE, Visitor
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead

SEVEN = ("capture_method", "initial_fields", "required_fields", "start_event", "owning_team", "consent_step")


def chat_page(harbor: Tenant) -> str:
    """Return the address of the channel Chat."""
    with harbor.scope():
        return f"/admin/catalog/channel/{Channel.rows().get(key='chat').id}/change/"


def chat_as_it_is(harbor: Tenant, **changes: Any) -> dict[str, Any]:
    """Return the channel Chat as its page would send it."""
    with harbor.scope():
        row = Channel.rows().get(key="chat")
        names = ("name", "capture_method", "initial_fields", "required_fields", "start_event", "consent_step")
        body = {name: getattr(row, name) for name in names}
        return {**body, "owning_team": row.owning_team_id, "sla_policy": row.sla_policy, "is_active": "on", **changes}


def chat(**changes: Any) -> dict[str, Any]:
    """Return an inquiry by chat of somebody in no hurry."""
    asked = {"request__timeframe": "researching", "request__service": "cosmetic", **changes}
    return inquiry(source="chat", capture_method="chat", **asked)


@pytest.mark.row("CP-02")
def test_the_channel_chat_shows_all_seven_and_needs_a_start_event(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    ada, path = client_as("ada"), chat_page(harbor)
    page = ada.get(path).content.decode()
    for name in (*SEVEN, "sla_policy"):
        assert f'name="{name}"' in page, name
    for held in ("chat accepted", "Tele-sales", "S-2 Every lead"):
        assert held in page, held
    answer = ada.post(path, chat_as_it_is(harbor, start_event=""))
    assert answer.status_code == 200
    assert "This field is required" in answer.content.decode()
    answer = ada.post(path, chat_as_it_is(harbor, start_event="call_connected"))
    assert answer.status_code == 422
    assert "“call connected” does not happen by chat. Choose from: chat accepted." in answer.content.decode()
    with harbor.scope():
        assert Channel.rows().get(key="chat").start_event == "chat_accepted"


@pytest.mark.row("CP-02")
def test_the_order_of_the_initial_fields_is_the_order_in_which_they_are_asked(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    ada, ana = client_as("ada"), client_as("ana")
    with harbor.scope():
        manual = Channel.rows().get(key="manual")
        body = {name: getattr(manual, name) for name in ("name", "capture_method", "start_event", "consent_step")}
        path = f"/admin/catalog/channel/{manual.id}/change/"
    body |= {"required_fields": manual.required_fields, "owning_team": manual.owning_team_id or "", "is_active": "on"}

    def places(browser: Client, page: str, names: tuple[str, ...]) -> list[str]:
        text = browser.get(page).content.decode()
        return sorted(names, key=lambda name: text.index(f'name="{name}"'))

    entry, asked = "/leads/new/?blank", ("first_name", "phone", "email", "service", "timeframe")
    must = ["preferred_channel", "consent_any"]
    orders = (
        ["email", "phone", "first_name", "timeframe", "service", *must],
        ["phone", "first_name", "service", *must],
    )
    for order in orders:
        sent = body | {"initial_fields": [*order, "", order[0]], "sla_policy": manual.sla_policy}
        assert ada.post(path, sent).status_code == 302
        with harbor.scope():
            assert Channel.rows().get(key="manual").initial_fields == order
        who = [name for name in places(ana, entry, asked) if name in ("first_name", "phone", "email")]
        assert who[:2] == [name for name in order if name in who][:2]
        what = [name for name in places(ana, entry, asked) if name in ("service", "timeframe")]
        assert what[0] == next(name for name in order if name in what)
    page = ada.get(path).content.decode()
    assert page.index('aria-label="Place 1"') < page.index('aria-label="Place 3"')
    chat_order = ["email", "phone", "first_name"]
    asked_too = chat_as_it_is(harbor, initial_fields=[*chat_order, *must])
    assert ada.post(chat_page(harbor), asked_too).status_code == 302
    visitor = Visitor(harbor)
    visitor.say(KNEE)
    asks = visitor.text
    assert sorted(chat_order, key=lambda name: asks.index(f'name="{name}"')) == chat_order


@pytest.mark.row("CN-02")
def test_a_way_in_that_asks_for_no_consent_cannot_be_activated(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    ada = client_as("ada")
    mute = {"key": "kiosk", "name": "Kiosk", "capture_method": "event", "start_event": "event_check_in"}
    body = {**mute, "initial_fields": ["first_name", "phone"], "consent_step": "hold", "is_active": "on"}
    refused = ada.post("/admin/catalog/channel/add/", body)
    said = refused.content.decode()
    assert refused.status_code == 422 and "Ask for consent and opt-outs" in said and "want to be contacted" in said
    # Switched off it may be kept, and no source can be opened on it.
    off = {name: value for name, value in body.items() if name != "is_active"}
    assert ada.post("/admin/catalog/channel/add/", off).status_code == 302
    source = {"key": "kiosk-1", "name": "Kiosk 1", "type": "event", "channel": "kiosk", "is_active": "on"}
    with harbor.scope():
        with pytest.raises(Invalid, match="There is no channel"):
            save_source(actor=harbor.system, key="kiosk-1", values=source)
        Channel.rows().filter(key="kiosk").update(is_active=True)
    with harbor.scope(), pytest.raises(Invalid, match="cannot take inquiries in. Ask for consent"):
        save_source(actor=harbor.system, key="kiosk-1", values=source)
    assert ada.post("/admin/catalog/source/add/", source).status_code == 422
    with harbor.scope():
        assert not Source.rows().filter(key="kiosk-1").exists()
        channel = Channel.rows().get(key="kiosk")
    asks = {**body, "initial_fields": ["phone", "preferred_channel", "consent_any"]}
    assert ada.post(f"/admin/catalog/channel/{channel.id}/change/", asks).status_code == 302
    assert ada.post("/admin/catalog/source/add/", source).status_code == 302


@pytest.mark.row("CP-02")
def test_an_inquiry_is_taken_in_as_its_channel_asks(harbor: Tenant, client_as: Callable[..., Client], api: Any) -> None:
    ada, path = client_as("ada"), chat_page(harbor)
    usual = make_lead(harbor, **chat(), at=TUESDAY_NINE)
    with harbor.scope():
        first = TimelineEntry.rows().filter(lead=usual, kind="captured").get()
        assert "Ownership starts with the event “chat accepted”." in first.sentence
        assert SlaTimer.rows().get(lead=usual, kind="first_contact").policy_id == "S-2"
    assert ada.post(path, chat_as_it_is(harbor, sla_policy="S-4", required_fields=["message"])).status_code == 302
    quick = make_lead(harbor, **chat(request__message="A question"), at=TUESDAY_NINE)
    with harbor.scope():
        assert SlaTimer.rows().get(lead=quick, kind="first_contact").policy_id == "S-4"
    vague = make_lead(harbor, **chat(), at=TUESDAY_NINE)
    assert (quick.exception, vague.exception) == ("", "required_field_missing")
    with harbor.scope():
        assert Task.rows().filter(lead=vague, state="open").exists()
        Source.rows().filter(key="chat").update(missing_consent="")
    assert ada.post(path, chat_as_it_is(harbor, consent_step="refuse")).status_code == 302
    program: Api = api("bp-1")
    refused = program.post("/leads", chat(consent=[]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/consent")


@pytest.mark.row("CP-02")
def test_what_no_rule_sends_anywhere_goes_to_the_team_of_the_channel(harbor: Tenant) -> None:
    asked = {"request__service": "", "request__location": "", "request__timeframe": ""}
    at = TUESDAY_NINE + timedelta(hours=1)
    by_phone = make_lead(harbor, **inquiry(source="call", capture_method="call", **asked), at=at)
    assert by_phone.queue.key == "tele-sales"
    by_page = make_lead(harbor, **inquiry(source="landing-pages", **asked), at=at)
    assert by_page.queue.key == "general-intake"
