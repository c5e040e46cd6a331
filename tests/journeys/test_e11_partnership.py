"""E-11: marketing brings a lead to a partner, who calls and books; both are credited, and it is one lead."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.leads.models import Lead, Task
from apps.ownership.models import LeadTeamGrant, Spell
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page

AT = {minutes: TUESDAY_NINE + timedelta(minutes=minutes) for minutes in (1, 10, 20, 30)}
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
TALKED = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}


@pytest.mark.journey("E-11")
@pytest.mark.row("OW-04")
def test_marketing_delivers_lake_ortho_books_and_both_are_credited(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    def spells(kind: str) -> list[tuple[str, str, bool]]:
        with harbor.scope():
            rows = Spell.rows().filter(lead=lead, kind=kind).order_by("started_at", "id")
            return [(each.team.key, each.policy, each.ended_at is None) for each in rows.select_related("team")]

    def grants(team: str) -> set[str]:
        with harbor.scope():
            rows = LeadTeamGrant.rows().filter(content_object=lead, group__team__key=team)
            return set(rows.values_list("permission__codename", flat=True))

    def credits_shown() -> list[list[str]]:
        day = "since=2026-12-01&until=2026-12-01"
        lines = client_as("dev").get(f"/reports/credits.csv?{day}").content.decode("utf-8-sig").splitlines()
        return [line.split(",")[:4] for line in lines if line.startswith(("Lake Ortho", "Marketing Ops"))]

    # 1. Marketing owns the lead for tracking; who delivered and who answers for the outcome are named beside it.
    knee = {"request__service": "orthopedics", "attribution": {"utm_campaign": "knee-days"}}
    lead = make_lead(harbor, source="landing-pages", **knee)
    assert (lead.owner_team.key, lead.queue.key) == ("marketing-ops", "nurture")
    assert [spells(kind) for kind in ("primary", "delivery", "outcome")] == [
        [("marketing-ops", "P-3", True)],
        [("marketing-ops", "P-3", True)],
        [("lake-ortho", "P-3", True)],
    ]
    assert grants("lake-ortho") == {"view_lead", "contact_lead"} and "change_lead" in grants("marketing-ops")
    kai, cleo = client_as("kai"), client_as("cleo")
    opened = page(kai, f"/leads/{lead.id}/", at=AT[1])
    assert "Outcome owner" in opened and "Delivery owner" in opened
    why = page(kai, f"/leads/{lead.id}/why/", at=AT[1])
    assert "Knee days with Lake Ortho" in why and "partnership in two stages" in why
    assert credits_shown() == [["Lake Ortho", "0", "1", "0"], ["Marketing Ops", "1", "0", "0"]]

    # Lake Ortho may not set the stage, and Marketing's colleague from elsewhere may not book.
    path = f"/leads/{lead.id}"
    moved = ask(kai, "POST", f"{path}/stage", {"to": "nurture", "reason": "The service is wanted later"}, at=AT[1])
    assert (moved.status_code, moved.json()["code"]) == (403, "locked_by_owner")
    assert ask(client_as("ben"), "POST", f"{path}/appointments", VISIT, at=AT[10]).status_code == 403

    # 2. Lake Ortho calls and books: owner in the same transaction, Marketing keeps the view and loses the edit.
    assert ask(kai, "POST", f"{path}/activities", TALKED, at=AT[10]).status_code == 201
    assert reload(harbor, lead.id).owner_team.key == "marketing-ops"
    booked = ask(kai, "POST", f"{path}/appointments", VISIT, at=AT[20])
    assert booked.status_code == 201, booked.content.decode()
    now = reload(harbor, lead.id)
    assert (now.stage.key, now.owner_team.key, now.queue.key) == ("scheduled", "lake-ortho", "lake-ortho-desk")
    assert now.owner_since == AT[20]
    assert spells("primary") == [("marketing-ops", "P-3", False), ("lake-ortho", "P-3", True)]
    assert spells("delivery") == [("marketing-ops", "P-3", True)] and spells("outcome") == [("lake-ortho", "P-3", True)]
    assert grants("marketing-ops") == {"view_lead"}
    assert ask(cleo, "GET", path, at=AT[30]).status_code == 200
    refused = ask(cleo, "PATCH", path, {"payer": "Aetna"}, at=AT[30])
    assert refused.status_code == 403
    with harbor.scope():
        left = Task.rows().filter(lead=lead, state="open")
        assert set(left.values_list("team__key", flat=True)) == {"lake-ortho"}

    # 3. Both are credited: delivered 1, booked 1, and it is one lead.
    assert credits_shown() == [["Lake Ortho", "0", "1", "1"], ["Marketing Ops", "1", "0", "0"]]
    assert "Leads of partnerships: 1, booked: 1; each lead once." in page(
        client_as("dev"), "/reports/credits/?since=2026-12-01&until=2026-12-01", at=AT[30]
    )
    with harbor.scope():
        assert Lead.rows().filter(person=lead.person).count() == 1
