"""HO-09: how often leads changed teams, by rules or by hand, and what that saved."""

from datetime import timedelta

import pytest

from apps.leads.models import Lead
from apps.ownership.models import Spell
from apps.tenancy.ids import new_id
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.reporting.test_web import DAY, page, table
from tests.rows.arranging import ask
from tests.rows.test_handoffs import answer, offer, owner_of

AT = TUESDAY_NINE + timedelta(minutes=5)


@pytest.mark.row("HO-09")
@pytest.mark.row("QA-03")
def test_handoffs_are_counted_by_hand_and_by_rule_with_the_minutes_saved(harbor, client_as):
    lead, other = make_lead(harbor), make_lead(harbor, request__location="evanston", request__service="dermatology")
    owner, sue = owner_of(lead, client_as), client_as("sue")
    assert answer(sue, offer(owner, lead, AT).json(), "accept", AT).status_code == 200
    moved = {"team": "elm-calls", "reason": "Lives there"}
    assert ask(owner_of(other, client_as), "POST", f"/leads/{other.id}/transfers", moved, at=AT).status_code == 201
    wrong = {"service": "imaging", "reason": "Wants a picture"}
    assert ask(owner, "POST", f"/leads/{other.id}/mismatches", wrong, at=AT).status_code == 201
    with harbor.scope():
        teams = harbor.team("elm-calls"), harbor.team("scheduling")
        leads, spells, base = [], [], Lead.rows().count() * 1000
        for number in range(118):
            row = Lead.rows().get(id=lead.id)
            row.id, row.number = new_id(), base + number
            trigger = "transfer" if number < 6 else "stage:scheduled"
            leads.append(row)
            spells.append(Spell(lead=row, team=teams[0], started_at=TUESDAY_NINE, ended_at=AT, trigger="routing"))
            # A colleague's claim is no handoff, and a first owner is none.
            then = {"started_at": AT, "ended_at": AT + timedelta(minutes=1)}
            spells.append(Spell(lead=row, team=teams[1], trigger=trigger, **then))
            spells.append(Spell(lead=row, team=teams[1], started_at=then["ended_at"], trigger="claim"))
        Lead.objects.bulk_create(leads)
        Spell.objects.bulk_create(spells)
    body = page(client_as("lena"), f"/reports/handoffs/?{DAY}")
    assert "120 handoffs, 8 manual; 672 min saved." in body
    assert "automatic handoffs times the 6 minutes" in body
    for cell in ("To scheduling", "Dermatology", "What came of handoffs", "Wrong categories"):
        assert cell in body, cell
    _, rows = table(client_as("lena"), f"/reports/handoffs.csv?{DAY}")
    assert rows[1:] == [
        ["Stage Appointment scheduled", "automatic", "112", "672"],
        ["Transfer", "by hand", "7", "0"],
        ["To scheduling", "by hand", "1", "0"],
        ["All", "", "120", "672 min"],
    ]
