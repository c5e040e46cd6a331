"""Rows of ownership: who owns by program, channel and status, and the history of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Team
from apps.catalog.models import Source
from apps.leads.models import Lead, Task
from apps.ownership.models import Spell
from apps.sla.models import SlaTimer
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload
from tests.rows.arranging import add_location_rules, add_queue, add_team, ask, change_rules, is_, page, rule

OpenBrowser = Callable[..., Client]
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
TOMORROW = "2026-12-02T16:00:00Z"


def name_of_owner(lead: Lead) -> str:
    """Return the sign-in name of the person who has the lead."""
    return str(lead.owner.user.email.partition("@")[0])


@pytest.mark.row("OW-03")
def test_a_program_at_a_place_has_its_own_team(harbor: Tenant, client_as: OpenBrowser) -> None:
    add_team(harbor, "bariatric", "Bariatric team", "otis")
    add_queue(harbor, client_as, "bariatric", "Bariatric program", "bariatric")
    program = {"all": [is_("service", "bariatrics"), is_("requested_location", "oak-park")]}
    seminar = {"field": "message_words", "op": "contains_word", "value": ["seminar"]}
    change_rules(
        harbor,
        client_as,
        "routing",
        add_location_rules(
            rule("R-47", program, {"queue": "bariatric"}),
            rule("R-48", seminar, {"queue": "bariatric"}),
        ),
    )
    source = {"source": "landing-pages"}
    here = make_lead(harbor, **source, request__service="bariatrics", request__location="oak-park")
    reason = make_lead(harbor, **source, request__message="I would like to come to the seminar.")
    other = make_lead(harbor, **source, request__service="cardiology", request__location="oak-park")
    assert (here.owner_team.name, name_of_owner(here)) == ("Bariatric team", "otis")
    assert reason.owner_team.name == "Bariatric team"
    assert other.owner_team.key == "oak-calls"


@pytest.mark.row("OW-05")
def test_the_channel_decides_owner_service_level_and_consent_steps(
    harbor: Tenant, client_as: OpenBrowser, api: Callable[..., Api]
) -> None:
    add_queue(harbor, client_as, "marketing-intake", "Marketing Intake", "marketing-ops")
    change_rules(
        harbor,
        client_as,
        "routing",
        add_location_rules(
            rule("R-47", is_("channel", "call"), {"queue": "tele-sales"}),
            rule(
                "R-48",
                {"all": [is_("channel", "web_form"), {"field": "party", "op": "is_unknown"}]},
                {"queue": "marketing-intake"},
            ),
        ),
    )
    routine: dict[str, Any] = {
        "request__service": "cardiology",
        "request__timeframe": "",
        "request__preferred_channel": "email",
    }
    form = make_lead(harbor, source="landing-pages", **routine)
    by_phone = routine | {"source": "call", "capture_method": "call", "request__service": "imaging"}
    call = make_lead(harbor, **by_phone)
    assert (form.queue.name, form.owner_team.key) == ("Marketing Intake", "marketing-ops")
    assert (call.queue.name, call.owner_team.key) == ("Tele-sales", "tele-sales")
    with harbor.scope():
        clocks = {row.lead_id: row for row in SlaTimer.rows().filter(kind="first_contact")}
        assert (clocks[form.id].policy_name, clocks[form.id].limit_seconds) == ("Every lead", 1800)
        assert (clocks[call.id].policy_name, clocks[call.id].limit_seconds) == ("Phone", 900)
        source = Source.rows().get(key="imaging-spring")

    agency = api("bp-1")
    held = agency.post("/leads", inquiry(source="imaging-spring", consent=[]))
    assert held.status_code == 202
    harbor.drain()
    with harbor.scope():
        assert Task.rows().get(lead__status="held").kind == "obtain_consent"
    answer = client_as("ada").post(
        f"/admin/catalog/source/{source.id}/change/",
        {
            "name": source.name,
            "type": source.type,
            "is_active": "on",
            "channel": source.channel,
            "start_event": source.start_event,
            "required_fields": "",
            "missing_consent": "refuse",
            "owning_team": source.owning_team_id,
            "party": source.party_id,
            "campaign": source.campaign_id,
        },
    )
    assert answer.status_code == 302
    refused = agency.post("/leads", inquiry(source="imaging-spring", consent=[]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/consent")


@pytest.mark.row("OW-07")
def test_intake_owns_until_the_visit_is_scheduled_then_care_coordination(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    def hand_to_care(document: dict[str, Any]) -> None:
        document["stages"] = [{"stage": "scheduled", "team": "care-coordination", "keeps_view": True}]

    change_rules(harbor, client_as, "ownership", hand_to_care)
    lead = make_lead(harbor, source="imaging-spring")
    intake, at = client_as(name_of_owner(lead)), TUESDAY_NINE + timedelta(minutes=5)
    path = f"/leads/{lead.id}"

    def owner_and_stage() -> tuple[str, str]:
        row = ask(intake, "GET", path, at=at).json()
        return row["owner_team"], row["stage"]

    assert owner_and_stage() == ("central-intake", "routed")
    contact = {"kind": "call", "outcome": "connected", "next_action_at": TOMORROW}
    assert ask(intake, "POST", f"{path}/activities", contact, at=at).status_code == 201
    assert owner_and_stage() == ("central-intake", "contacted")
    verified = {"V-1": "imaging", "V-2": "has a referral", "V-3": "yes", "V-4": "first visit"}
    assert ask(intake, "POST", f"{path}/verification", {"answers": verified}, at=at).status_code == 201
    move = {"to": "qualified", "reason": "Service and location fit."}
    assert ask(intake, "POST", f"{path}/stage", move, at=at).status_code == 200
    assert owner_and_stage() == ("central-intake", "qualified")
    assert ask(intake, "POST", f"{path}/appointments", VISIT, at=at).status_code == 201
    assert owner_and_stage() == ("care-coordination", "scheduled")
    refused = ask(intake, "POST", f"{path}/stage", {"to": "in_treatment", "reason": "Seen."}, at=at)
    assert (refused.status_code, refused.json()["code"]) == (403, "locked_by_owner")
    taken_on = {"to": "in_treatment", "reason": "First visit took place."}
    assert ask(client_as("ivy"), "POST", f"{path}/stage", taken_on, at=at).status_code == 200
    with harbor.scope():
        assert Spell.rows().get(lead=lead, ended_at__isnull=True).trigger == "stage:scheduled"


@pytest.mark.row("OW-15")
def test_the_lead_shows_its_owners_with_durations(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor)
    first = lead.owner.user.name
    after = {minutes: TUESDAY_NINE + timedelta(minutes=minutes) for minutes in (10, 25, 40)}
    transfer = {"team": "oak-calls", "reason": "Lives in Oak Park"}
    path, owner = f"/leads/{lead.id}", client_as(name_of_owner(lead))
    assert ask(owner, "POST", f"{path}/transfers", transfer, at=after[10]).status_code == 201
    assert ask(client_as("ben"), "POST", f"{path}/claim", at=after[25]).status_code == 200
    shown = page(client_as("ben"), f"{path}/why/", at=after[40])
    part = shown[shown.index("Owners so far") :].partition("</section>")[0]
    lines = [
        " ".join(re.sub(r"<[^>]+>", " ", item).replace(" ,", ",").split())
        for item in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)
    ]
    day = "1 Dec 2026, "
    assert lines[0] == f"Ben Okafor, Oak Calls {day}09:25 – now (15 min) · Claim, Ben Okafor"
    assert lines[1] == (f"Oak Calls {day}09:10 – {day}09:25 (15 min) · Transfer: Lives in Oak Park, {first}")
    assert lines[2].startswith(f"{first}, Elm Calls {day}09:00 – {day}09:10 (10 min) · Routing: Elm Calls:")
    assert len(lines) == 3
    with harbor.scope():
        oak = Team.rows().get(key="oak-calls")
        spells = list(Spell.rows().filter(lead=lead).order_by("started_at"))
        assert [row.trigger for row in spells] == ["routing", "transfer", "claim"]
        assert [row.ended_at for row in spells] == [after[10], after[25], None]
    assert reload(harbor, lead.id).owner_team_id == oak.id
