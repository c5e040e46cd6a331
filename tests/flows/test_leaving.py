"""A team leaves: all its open leads go to another team, in parts, with grants, tasks and clocks (row TA-15)."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.flows.models import TeamMove
from apps.leads.models import Lead, Task, TimelineEntry
from apps.ownership.models import LeadTeamGrant, Spell
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import page

LATER = TUESDAY_NINE + timedelta(minutes=2)


@pytest.mark.row("TA-15")
def test_a_leaving_teams_leads_go_to_another_with_all_that_hangs_on_them(harbor, client_as, monkeypatch):
    monkeypatch.setattr("apps.flows.leaving.PART", 2)
    leads = [make_lead(harbor) for _ in range(5)]
    elsewhere = make_lead(harbor, source="web-ortho", request__service="orthopedics")
    ids = [each.id for each in leads]
    with harbor.scope():
        (team,) = {each.owner_team for each in leads}
        others = Lead.rows().get(id=elsewhere.id).owner_team_id
        due = dict(SlaTimer.rows().filter(lead__in=ids).values_list("id", "due_at"))
        tasks = set(Task.rows().filter(lead__in=ids, state="open").values_list("id", "due_at"))
    ada, form = client_as("ada"), {"from_team": team.key, "to_team": "oak-calls", "reason": "The office closes"}
    with travelling(to=LATER):
        assert client_as("ewa").post("/admin/teams/leaves/", form).status_code in (302, 403)
        assert ada.post("/admin/teams/leaves/", form | {"to_team": team.key}).status_code == 422
        assert ada.post("/admin/teams/leaves/", form).status_code == 302
        assert ada.post("/admin/teams/leaves/", form).status_code == 422, "they are on their way already"
    harbor.drain(LATER)
    with harbor.scope():
        move = TeamMove.rows().get()
        assert (move.moved, move.ended_at) == (5, LATER)
        now = list(Lead.rows().filter(id__in=ids).select_related("owner_team", "queue__team"))
        assert {(each.owner_team.key, each.owner_id, each.queue.team.key) for each in now} == {
            ("oak-calls", None, "oak-calls")
        }
        for each in ids:
            old, new = Spell.rows().filter(lead=each, kind="primary").order_by("started_at")
            assert (old.ended_at, new.started_at, new.ended_at) == (LATER, LATER, None)
        grants = LeadTeamGrant.rows().filter(content_object__in=ids)
        assert set(grants.values_list("group_id", flat=True)) == {move.to_team.group_id} and grants.count() == 20
        moved = Task.rows().filter(lead__in=ids, state="open")
        assert set(moved.values_list("id", "due_at")) == tasks
        assert set(moved.values_list("team_id", "assignee_id")) == {(move.to_team_id, None)}
        assert dict(SlaTimer.rows().filter(lead__in=ids).values_list("id", "due_at")) == due
        assert AuditEntry.rows().filter(action="lead.assign", object_id__in=ids, event_id=move.event_id).count() == 5
        assert TimelineEntry.rows().filter(lead__in=ids, kind="transfer", event_id=move.event_id).count() == 5
        assert Lead.rows().get(id=elsewhere.id).owner_team_id == others
    assert leads[0].ref in page(client_as("ben"), "/queue/?view=team", at=LATER)
