"""What permission costs on a list: the same number of statements for one lead and for fifty, with 3 teams and 200."""

from copy import copy

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Team, TeamMembership
from apps.leads.models import Lead
from apps.ownership.models import LeadTeamGrant
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.cast import Tenant
from tests.doors import ask, sign_in
from tests.leads_made import TUESDAY_NINE, make_lead


def more_leads(tenant: Tenant, lead: Lead, count: int) -> None:
    """Make copies of a lead with the grants of its team."""
    with tenant.scope():
        grants = list(LeadTeamGrant.rows().filter(content_object=lead))
        leads = []
        for number in range(count):
            other = copy(lead)
            other.id, other.number = new_id(), 90_000 + number + Lead.rows().count()
            leads.append(other)
        Lead.objects.bulk_create(leads)
        LeadTeamGrant.objects.bulk_create(
            LeadTeamGrant(content_object=each, group_id=grant.group_id, permission_id=grant.permission_id)
            for each in leads
            for grant in grants
        )


def more_teams(tenant: Tenant, name: str, count: int) -> None:
    """Put a person into many more teams."""
    with tenant.scope():
        groups = Group.objects.bulk_create(Group(name=f"{tenant.slug}-{each}") for each in range(count))
        rows = [
            Team(key=f"team-{each}", name=f"Team {each}", function="intake", group=group)
            for each, group in enumerate(groups)
        ]
        Team.objects.bulk_create(rows)
        member = tenant.member(name)
        TeamMembership.objects.bulk_create(TeamMembership(team=team, membership=member) for team in rows)


@pytest.mark.row("TA-04")
def test_a_page_of_leads_asks_for_rights_as_often_as_one_lead(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with harbor.scope():
        name = lead.owner.user.email.partition("@")[0]
    browser, counted = sign_in(harbor.user(name)), {}
    for leads, teams in ((1, 0), (3, 0), (50, 0), (50, 197)):
        with harbor.scope():
            missing = leads - Lead.rows().count()
        more_leads(harbor, lead, missing)
        more_teams(harbor, name, teams)
        with travelling(to=TUESDAY_NINE):
            for address in ("/queue/", "/api/v1/leads?page_size=200"):
                browser.get(address)
                with CaptureQueriesContext(connection) as asked:
                    answer = browser.get(address)
                counted.setdefault(address, []).append(len(asked))
                shown = answer.content.decode()
            assert shown.count('"called":') == leads
    assert {address: len(set(counts)) for address, counts in counted.items()} == dict.fromkeys(counted, 1), counted
    assert ask(browser, "GET", f"/leads/{lead.id}").status_code == 200
