"""A team is switched off when nothing hangs on it any more, on every door that does so (row TA-15)."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from apps.accounts.models import Team, TeamMembership
from apps.audit.models import AuditEntry
from apps.capture.models import Form
from apps.catalog.models import TeamCoverage
from apps.flows.team_ties import ties_of
from apps.handoffs.models import Handoff
from apps.imports.models import ImportRun
from apps.leads.models import Lead, Task
from apps.onboarding.file.run import Run
from apps.onboarding.file.sections.people import end_teams, export_teams
from apps.onboarding.terms import FileRefused
from apps.ownership.actions import Part, take_parts
from apps.ownership.models import LeadShare, LeadTeamGrant, Spell
from apps.ownership.terms import Role
from apps.relationships.actions import add_relationship
from apps.relationships.owners import Cause, set_owner
from apps.relationships.terms import SpellTrigger
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.cast import Tenant
from tests.doors import ask as ask_now
from tests.imports.test_imports import file_of, opened, people
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import OpenBrowser, add_team, ask
from tests.rows.test_handoffs import AT, offer, owner_of

LATER = TUESDAY_NINE + timedelta(minutes=20)


def switch_off(harbor: Tenant, client_as: OpenBrowser, key: str) -> HttpResponse:
    """Take the tick off a team in the admin, with its people and places as they are."""
    with harbor.scope():
        team = Team.rows().get(key=key)
        members = list(TeamMembership.rows().filter(team=team, membership__is_active=True).order_by("id"))
        covered = list(TeamCoverage.rows().filter(team=team).order_by("id"))
    body: dict[str, Any] = {"key": key, "name": team.name, "function": team.function}
    for name, rows in (("members", members), ("coverage", covered)):
        body |= {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": len(rows)}
        body |= {f"{name}-{place}-id": row.id for place, row in enumerate(rows)}
        body |= {f"{name}-{place}-team": team.id for place in range(len(rows))}
    for place, row in enumerate(members):
        body |= {f"members-{place}-membership": row.membership_id} | (
            {f"members-{place}-is_lead": "on"} if row.is_lead else {}
        )
    for place, each in enumerate(covered):
        body |= {
            f"coverage-{place}-location": each.location_id or "",
            f"coverage-{place}-service": each.service_id or "",
        }
    with travelling(to=LATER):
        return client_as("ada").post(f"/admin/accounts/team/{team.id}/change/", body)


@pytest.mark.row("TA-15")
def test_nothing_is_left_without_a_team_that_works(harbor: Tenant, client_as: OpenBrowser) -> None:
    lena, cleo, ada = client_as("lena"), client_as("cleo"), client_as("ada")
    given, offered, shown, delivered = (make_lead(harbor) for _ in range(4))
    moved = {"team": "scheduling", "reason": "They find a date"}
    assert ask(owner_of(given, client_as), "POST", f"/leads/{given.id}/transfers", moved, at=AT).status_code == 201
    assert offer(owner_of(offered, client_as), offered).status_code == 201
    until = {**moved, "ends_at": "2026-12-02T16:00:00Z"}
    assert ask(lena, "POST", f"/leads/{shown.id}/shares", until, at=AT).status_code == 201
    opened(cleo, file_of(people(200, 2)))
    with harbor.scope():
        team, heir = harbor.team("scheduling"), harbor.team("central-intake")
        group = add_relationship(
            actor=harbor.actor("pia"),
            party_key="",
            name="North Clinics",
            kind="partner_clinic",
            team_key="partnerships",
            now=AT,
        )
        cause = Cause(SpellTrigger.TRANSFER, "Ours", new_id())
        set_owner(group, team, None, cause, actor=harbor.system, now=AT)
        part = [Part(Role.DELIVERY, team)]
        take_parts(Lead.rows().get(id=delivered.id), part, reason="Ours", actor=harbor.system, now=AT)
        form = Form.rows().get(slug=f"{harbor.slug}-imaging-spring")
        assets = [("form", form.id), ("list", ImportRun.rows().get().id)]
    for kind, asset_id in assets:
        access = {"owner": "scheduling", "teams": ["elm-calls"]}
        assert ask_now(cleo, "PUT", f"/capture-assets/{kind}/{asset_id}/access", access).status_code == 200

    # The admin and the tenant file refuse, and name all that hangs on it; nothing changes.
    refused = switch_off(harbor, client_as, "scheduling")
    said = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    for words in (
        *("1 open lead.", "1 part in a lead.", "1 handoff to answer.", "1 shared lead.", "1 calling list."),
        "1 relationship.",
        "open task",
        *("the form “Imaging-Spring", "the queue “Scheduling Desk”", "the service “Imaging”", "a place in the rules"),
        *("“A team leaves” hands it over.", "Point it to another team first."),
    ):
        assert words in said, words
    with harbor.scope():
        rest = [each for each in export_teams() if each.key != "scheduling"]
        with pytest.raises(FileRefused) as of_file:
            end_teams(Run(harbor.system, LATER), rest)
        assert "Scheduling still has 1 open lead" in of_file.value.faults[0].sentence
        assert Team.rows().get(key="scheduling").is_active

    # "A team leaves" hands over what it works on; what people set up remains to be pointed elsewhere.
    leaves = {"from_team": "scheduling", "to_team": "central-intake", "reason": "The desk closes"}
    with travelling(to=LATER):
        assert ada.post("/admin/teams/leaves/", leaves).status_code == 302
    harbor.drain(LATER)
    with harbor.scope():
        assert not [each for each in ties_of(team, LATER) if each.moves_along]
        assert {each.code for each in ties_of(team, LATER)} >= {"queues", "services", "rules"}
        assert Lead.rows().get(id=given.id).owner_team_id == heir.id
        back = Handoff.rows().get(lead=offered.id)
        assert (back.state, back.reason) == ("returned", "Scheduling leaves: The desk closes")
        assert Task.rows().filter(lead=offered.id, kind="handoff_returned", state="open").exists()
        share = LeadShare.rows().get()
        assert (share.ended_at, share.ended_because) == (LATER, "Scheduling left")
        held = Spell.rows().filter(lead=delivered.id, kind="delivery", ended_at=None)
        assert [each.team_id for each in held] == [heir.id]
        others = [offered.id, shown.id, delivered.id]
        assert not LeadTeamGrant.rows().filter(group_id=team.group_id, content_object__in=others).exists()
        for model, asset_id in ((Form, assets[0][1]), (ImportRun, assets[1][1])):
            row = model.rows().get(id=asset_id)
            assert (row.owning_team_id, row.shared_team_ids) == (heir.id, [harbor.team("elm-calls").id])

    # A team on which only a form hangs is off once the form is another's.
    add_team(harbor, "north-calls", "North Calls", "ben")
    access = {"owner": "north-calls", "teams": []}
    assert ask_now(ada, "PUT", f"/capture-assets/form/{form.id}/access", access).status_code == 200
    refused = switch_off(harbor, client_as, "north-calls")
    assert refused.status_code == 422 and "It still has the form “Imaging-Spring" in html.unescape(
        refused.content.decode()
    )
    access = {"owner": "marketing-ops", "teams": []}
    assert ask_now(ada, "PUT", f"/capture-assets/form/{form.id}/access", access).status_code == 200
    assert switch_off(harbor, client_as, "north-calls").status_code == 302
    with harbor.scope():
        closed = Team.rows().get(key="north-calls")
        assert not closed.is_active
        assert AuditEntry.rows().filter(action="team.deactivate", object_id=closed.id).count() == 1
