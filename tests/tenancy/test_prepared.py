"""A statement put together once serves every tenant, and takes no value for a constant."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db.models import Exists, OuterRef

from apps.accounts.models import Team, TeamMembership
from apps.leads.models import Lead, TimelineEntry
from apps.tenancy.prepared import prepared
from tests.leads_made import make_lead

LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


@prepared(lead_id=UUID, since=datetime)
def _told(lead_id, since):
    entries = TimelineEntry.rows().filter(lead=OuterRef("id"), at__gt=since)
    return Lead.rows().filter(id=lead_id).values(is_told=Exists(entries))


@prepared(team_id=UUID)
def _led(team_id):
    return Team.rows().filter(id=team_id).values(has_people=Exists(TeamMembership.rows().filter(team=OuterRef("id"))))


def test_it_is_put_together_once_and_asked_for_each_tenant(harbor, lakeside):
    def a_team(tenant):
        with tenant.scope():
            return TeamMembership.rows().values_list("team_id", flat=True).first()

    ours, theirs = a_team(harbor), a_team(lakeside)
    for tenant, own, foreign in ((harbor, ours, theirs), (lakeside, theirs, ours), (harbor, ours, theirs)):
        with tenant.scope():
            assert _led(team_id=own) == [{"has_people": True}]
            assert _led(team_id=foreign) == []
            assert _led(team_id=None) == []


def test_its_values_are_those_of_this_time(harbor):
    lead = make_lead(harbor)
    with harbor.scope():
        assert _told(lead_id=lead.id, since=LONG_AGO) == [{"is_told": True}]
        assert _told(lead_id=lead.id, since=LATER) == [{"is_told": False}]


def test_what_is_computed_from_a_value_is_refused_instead_of_kept(harbor):
    @prepared(since=datetime)
    def lately(since):
        return Lead.rows().filter(created_at__gt=since - timedelta(days=1)).values(is_told=Exists(Lead.rows()))

    with harbor.scope(), pytest.raises(ValueError, match="no argument"):
        lately(since=LATER)


def test_a_value_that_is_not_asked_for_is_refused(harbor):
    @prepared(since=datetime)
    def always(since):
        return Lead.rows().values(is_told=Exists(Lead.rows()))

    with harbor.scope(), pytest.raises(ValueError, match="is not in it"):
        always(since=LATER)
