"""Reviews of the routing rules: monthly, when a campaign starts or ends, and when people come and go (row RV-12)."""

import html
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.actions import Place, save_person
from apps.flows.routing_reviews import review_routing
from apps.flows.sweeps import sweep
from apps.policies.models import Review
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.leads_made import inquiry, processed, send_in
from tests.rows.arranging import OpenBrowser, page

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.row("RV-12")
def test_a_campaign_that_starts_raises_a_review_of_its_rules_due_in_seven_days(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    ada, now = client_as("ada"), database_now()
    today = now.astimezone(CHICAGO).date()
    body = {"key": "knee-ad-4", "name": "Knee-Ad-4", "services": ["orthopedics"], "starts_on": str(today)}
    body |= {"ends_on": str(today + timedelta(days=20)), "scope": "", "eligibility": "", "party": ""}
    answer = ada.post("/admin/catalog/campaign/add/", body)
    assert answer.status_code == 302, answer.content.decode()
    with harbor.scope():
        sweep(harbor.organization_id, now)
        sweep(harbor.organization_id, now)
        row = Review.rows().get(subject="knee-ad-4")
        assert row.due_on == today + timedelta(days=7) and row.rules
        assert all(each in row.sentence for each in ("Campaign “Knee-Ad-4” starts", *row.rules))
    listed = html.unescape(page(ada, "/admin/policies/review/", at=now))
    assert "Campaign “Knee-Ad-4” starts" in listed
    assert "Knee-Ad-4” starts" in html.unescape(page(ada, "/admin/", at=now))
    closed = ada.post(f"/admin/policies/review/{row.pk}/change/", {"outcome": "The knee rule stays."})
    assert closed.status_code == 302
    with harbor.scope():
        assert Review.rows().get(id=row.pk).closed_by_id == harbor.member("ada").id
        # The day after its last one it has ended; months later nothing is raised any more.
        ended = review_routing(now + timedelta(days=21))
        assert ["ends" in each.sentence for each in ended if each.subject == "knee-ad-4"] == [True]
        assert not [each for each in review_routing(now + timedelta(days=200)) if each.subject == "knee-ad-4"]


@pytest.mark.row("RV-12")
def test_people_who_come_and_a_month_that_ends_raise_a_review_each(harbor: Tenant) -> None:
    processed(harbor, send_in(harbor, inquiry()))
    now = database_now()
    with harbor.scope():
        member, team = harbor.member("ivy"), harbor.team("oak-calls")
        for _ in range(2):
            save_person(
                actor=harbor.actor("ada"),
                email=member.user.email,
                name=member.user.name,
                role=member.role,
                places=[Place(team, False)],
            )
    harbor.drain()
    with harbor.scope():
        row = Review.rows().get(subject="oak-calls")
        assert row.sentence.startswith(f"The people of {team.name} changed") and row.rules
        assert (row.due_on - now.astimezone(CHICAGO).date()).days == 7
        later = now + timedelta(days=32)
        monthly = [each for each in review_routing(later) if each.subject == "routing"]
        assert len(monthly) == 1 and "1 leads, " in monthly[0].sentence and "scheduled" in monthly[0].sentence
        assert review_routing(later) == []
