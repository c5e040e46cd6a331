"""What one may do with a lead: one main button, the deeds of each day beside it, the rest by kind."""

import re
from datetime import timedelta

import pytest

from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.test_consent import plain_text

SOON = TUESDAY_NINE + timedelta(minutes=2)
KINDS = ["Contact", "Plan", "Ownership", "Record"]


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


def next_of(client, lead):
    """Return the section of the next action, as markup."""
    with travelling(to=SOON):
        shown = client.get(f"/leads/{lead.id}/").content.decode()
    return shown.partition('<section class="next"')[2].partition('<section class="panel"')[0]


def test_one_main_button_the_daily_deeds_and_the_rest_by_kind_in_a_menu_without_script(harbor, lead, client_as):
    shown = next_of(client_as("ana"), lead)
    assert shown.count("button--primary") == 1
    daily, _, more = shown.partition('<details class="actions__more">')
    assert re.findall(r'data-key="(\w)"', daily) == ["c", "l", "m", "q", "b", "h"]
    assert '<summary class="button" data-key="a"' in more
    assert re.findall(r'<h3 class="actions__kind"[^>]*>(\w+)<', more) == KINDS
    groups = [plain_text(each) for each in more.split('<section class="actions__group"')[1:]]
    for words, group in zip(("Opt out", "Park", "Transfer", "Add note"), groups, strict=True):
        assert words in group
    assert "Opt out" not in plain_text(daily)


def test_an_unowned_lead_is_claimed_by_a_plain_button_beside_the_next_action(harbor, lead, client_as):
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(owner=None)
    shown = next_of(client_as("ana"), lead)
    assert shown.count("button--primary") == 1
    assert f'action="/leads/{lead.id}/claim/"' in shown


def test_another_teams_reader_finds_each_deed_at_its_place_with_the_reason(harbor, lead, client_as):
    shown = next_of(client_as("ewa"), lead)
    assert "button--primary" not in shown
    more = shown.partition('<details class="actions__more">')[2]
    blocked = re.findall(r'<details class="action--blocked">(.*?)</details>', more, re.DOTALL)
    (transfer,) = [plain_text(each) for each in blocked if 'data-key="t"' in each]
    assert "Elm Calls" in transfer and "ask for a transfer" in transfer
