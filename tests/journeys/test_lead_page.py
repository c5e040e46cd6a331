"""The lead page in a browser: a voicemail counted in keys and clicks, a locked field, and text that is never lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page

from apps.flows.notes import edit_lead
from apps.flows.people import deactivate_member
from apps.flows.transfer import Transfer, transfer_lead
from apps.leads.models import Draft, Lead, Task, TimelineEntry
from apps.outreach.models import Activity
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.live import Live, wait_until
from tests.sign_in_page import sign_in_by_hand

NOW = TUESDAY_NINE + timedelta(minutes=2)
WORDS = "Wants mornings; her sister drives, so two seats in the waiting room please"
Window = Callable[[str], Page]


@pytest.fixture
def leads(harbor: Tenant) -> list[Lead]:
    """Two leads of Ana's, who is alone in her team today."""
    with harbor.scope():
        for name in ("eli", "lena"):
            deactivate_member(actor=harbor.system, membership_id=harbor.member(name).id, now=TUESDAY_NINE)
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(seconds=n)) for n in range(2)]


@pytest.mark.ux(1)
def test_a_voicemail_takes_three_keys_or_three_clicks_and_the_next_lead_opens(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Window
) -> None:
    live.start(at=NOW, worker=False)
    ana = page_as("ana")
    ana.keyboard.press("n")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")

    ana.keyboard.press("l")
    ana.wait_for_url("**/log-call/")
    ana.keyboard.press("2")
    said = ana.inner_text("#effect")
    assert "Attempt 1 counted. First-contact clock keeps running." in said and "tomorrow 14:00 their time." in said
    assert ana.input_value("input[name=next_at]") == "2026-12-02T14:00"
    ana.keyboard.press("Enter")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")
    assert "Call: voicemail" in ana.inner_text("#story")
    assert "1 attempt, at 09–10 their time." in ana.inner_text("#tries-words")

    ana.goto(f"/leads/{leads[0].id}/")
    ana.click(".actions >> text=Log call")
    ana.click("label:has-text('Voicemail left')")
    ana.click("button:has-text('Save & next')")
    ana.wait_for_url(f"**/leads/{leads[1].id}/")
    with harbor.scope():
        assert [row.outcome for row in Activity.rows().filter(lead=leads[0])] == ["voicemail", "voicemail"]
        assert reload(harbor, leads[0].id).next_action_at > NOW + timedelta(hours=20)


@pytest.mark.ux(8)
def test_a_locked_field_is_asked_for_in_three_clicks_and_its_name_says_all(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Window
) -> None:
    live.start(at=NOW, worker=False)
    ewa = page_as("ewa")
    ewa.goto(f"/leads/{leads[0].id}/")
    locked = ewa.locator(".locked[data-code=locked_by_owner]").first
    name = locked.get_attribute("aria-label") or ""
    assert locked.get_attribute("tabindex") == "0"
    assert "Stage: Routed" in name and "belongs to Elm Calls since" in name and "Ask to change" in name
    locked.locator("a:has-text('Ask to change')").click()
    ewa.wait_for_url("**/ask/?field=stage")
    ewa.fill("input[name=proposed]", "Nurture")
    ewa.fill("textarea[name=reason]", "They travel until May")
    ewa.click("button:has-text('Ask')")
    ewa.wait_for_url(f"**/leads/{leads[0].id}/")
    assert "Waiting for the owner" in ewa.inner_text(".panel:has(#asked-title)")
    with harbor.scope():
        assert Task.rows().get(lead=leads[0], kind="change_request").state == "open"


@pytest.mark.ux(9)
def test_no_character_is_lost_when_the_version_moves_on_while_typing(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Window
) -> None:
    live.start(at=NOW, worker=False)
    ana = page_as("ana")
    ana.goto(f"/leads/{leads[0].id}/edit/")
    ana.fill("input[name=payer]", "Blue Cross")
    ana.fill("input[name=best_time]", WORDS[:40])
    with harbor.scope():
        edit_lead(actor=harbor.actor("ewa"), lead_id=leads[0].id, changes={"payer": "Aetna"}, now=NOW)
    ana.click("#act button.button--primary")
    ana.wait_for_selector(".mine-theirs")
    assert ana.input_value("input[name=best_time]") == WORDS[:40]
    row = ana.inner_text(".mine-theirs tbody tr")
    assert "Blue Cross" in row and "Aetna" in row and "Ewa Nowak" in row
    ana.click(".mine-theirs label:has-text('Aetna')")
    ana.click("#act button.button--primary")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")
    after = reload(harbor, leads[0].id)
    assert (after.payer, after.best_time) == ("Aetna", WORDS[:40])


@pytest.mark.ux(9)
def test_no_character_is_lost_when_the_lead_goes_to_another_team_while_typing(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Window
) -> None:
    live.start(at=NOW, worker=False)
    ana = page_as("ana")
    ana.goto(f"/leads/{leads[0].id}/note/")
    ana.type("textarea[name=text]", WORDS)
    with harbor.scope():
        elsewhere = Transfer(team_key="ortho-intake", reason="knee")
        transfer_lead(actor=harbor.actor("ana"), lead_id=leads[0].id, transfer=elsewhere, now=NOW)
    ana.click("#act button.button--primary")
    ana.wait_for_selector("text=Your text is kept:")
    assert WORDS in ana.inner_text(".event__text")


@pytest.mark.ux(9, 23)
def test_no_character_is_lost_when_the_session_ends_while_typing(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Window
) -> None:
    live.start(at=NOW, worker=False)
    ana = page_as("ana")
    ana.goto(f"/leads/{leads[0].id}/note/")
    ana.type("textarea[name=text]", WORDS[:20])
    ana.focus("#act button.button--primary")
    ana.wait_for_selector("#draft-state:text-is('Draft kept')")
    ana.reload()
    assert ana.input_value("textarea[name=text]") == WORDS[:20]
    assert "restored" in ana.inner_text(".draft-line")

    Session.objects.all().delete()
    ana.fill("textarea[name=text]", WORDS)
    ana.click("#act button.button--primary")
    ana.wait_for_selector("#sign-in-again[open]")
    assert ana.input_value("textarea[name=text]") == WORDS

    beside = ana.context.new_page()
    sign_in_by_hand(beside, harbor.user("ana"))
    beside.close()
    ana.bring_to_front()
    if ana.locator("#sign-in-again[open]").count():
        ana.click("#sign-in-again [data-retry]")
    ana.wait_for_url(f"**/leads/{leads[0].id}/")
    with harbor.scope():
        assert TimelineEntry.rows().get(lead=leads[0], kind="note").note == WORDS
        assert wait_until(lambda: not Draft.rows().exists(), "the end of the draft")
    assert WORDS[:9] not in ana.evaluate("JSON.stringify([localStorage, sessionStorage])")
