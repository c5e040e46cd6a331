"""Why is this lead here: what would have changed it, who was passed over, and what a role may not see of it."""

from datetime import timedelta

import pytest

from apps.accounts.models import Membership
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead

SOON = TUESDAY_NINE + timedelta(minutes=5)


def seen_by(client, lead):
    """Return the page's parts below their headings, and the latest decision that the API tells."""
    with travelling(to=SOON):
        page = client.get(f"/leads/{lead.id}/why/").content.decode()
        [told] = client.get(f"/api/v1/leads/{lead.id}/why").json()["decisions"]
    return page, told


def part(page, anchor):
    return page.partition(f'id="{anchor}"')[2].partition("</section>")[0]


@pytest.mark.row("RT-16")
def test_the_page_and_the_api_tell_what_would_have_changed_it_and_who_was_passed_over(harbor, client_as):
    with harbor.scope():
        Membership.rows().filter(user__name="Eli Stone").update(availability="away")
    lead = make_lead(harbor, request__service="imaging", person__postal_code="60614")
    page, told = seen_by(client_as("ana"), lead)
    assert (told["queue"], told["version"], told["person"]) == ("Elm Calls", 1, "Ana Ruiz")
    assert {"name": "Eli Stone", "reason": "absent"} in told["not_chosen"]
    assert "Eli Stone" in page and "absent" in page
    assert told["would_change"][0] == "Service Bariatrics → Bariatrics"
    assert "Requested location Evanston → Evanston Calls" in told["would_change"]
    changes = part(page, "change-title")
    assert changes.count("<li>") == len(told["would_change"]) <= 6
    assert "Bariatrics" in changes and "Evanston Calls" in changes
    level = part(page, "level-title")
    assert told["service_level"]["version"] == 1 and "Service levels, version 1" in level
    assert told["service_level"]["reason"] in level.replace("&#x27;", "'")
    assert told["seen"]["service"] == "imaging"


@pytest.mark.row("RT-16")
def test_what_a_role_may_not_see_of_health_and_consent_is_left_out(harbor, client_as):
    lead = make_lead(harbor, request__message="Chest pain since this morning", request__service="cardiology")
    with harbor.scope():
        decision = RoutingDecision.rows().get(lead=lead)
        assert decision.queue.key == "nurse-line" and "chest pain" in str(decision.verdict).lower()
    page, told = seen_by(client_as("ewa"), lead)
    assert "chest pain" in page.lower() and "chest pain" in told["reason"].lower()
    page, told = seen_by(client_as("cleo"), lead)
    assert "chest" not in page.lower() and "chest" not in str(told).lower()
    assert "tests what is hidden from your role" in page
    assert told["rule_id"] == decision.rule_id and "Nurse" in told["queue"]
    with harbor.scope():
        role = Membership.rows().get(user__name="Cleo Marsh").role
        role.hidden_field_groups = [*role.hidden_field_groups, "consent", "insurance"]
        role.save(update_fields=["hidden_field_groups"])
    page, told = seen_by(client_as("cleo"), lead)
    assert not {each for each in told["seen"] if each.startswith("consent") or each == "payer"}
    assert not any("onsent" in each for each in told["would_change"])


@pytest.mark.row("RT-16")
def test_an_exception_tells_where_the_rules_would_have_sent_it(harbor, client_as):
    lead = make_lead(harbor, request__preferred_channel="")
    page, told = seen_by(client_as("ewa"), lead)
    assert lead.exception == "preferred_channel_missing" and told["is_fallback"]
    assert told["would_change"] == ["Without the exception “preferred channel missing” → Elm Calls"]
    assert "Without the exception" in part(page, "change-title")
