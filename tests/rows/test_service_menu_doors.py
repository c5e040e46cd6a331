"""A service binds from its first day at every door; its workflow stays while it is used; files ask for approval too."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Team
from apps.capture.form_queries import services_to_choose
from apps.catalog.actions import save_service
from apps.catalog.models import Location, SchedulingWorkflow, Service
from apps.catalog.queries import local_today, offered
from apps.flows.sweeps import sweep_all
from apps.leads.models import Lead
from apps.onboarding.file.applying import apply
from apps.onboarding.file.exporting import export
from apps.onboarding.file.references import find_broken_references
from apps.onboarding.file.schema import TenantFile
from apps.onboarding.file.schema_catalog import ServicePart
from apps.onboarding.terms import FileRefused
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, send_in
from tests.rows.test_service_menu import service, sheet

WORKFLOWS = "/admin/catalog/schedulingworkflow/"
FIRST_DAY = TUESDAY_NINE.date() + timedelta(days=3)


def podiatry(harbor: Tenant, first_day: date) -> Service:
    """Set up a service that begins on a day, offered at Elm St."""
    with harbor.scope():
        values: dict[str, Any] = {"name": "Podiatry", "effective_on": first_day, "owner": harbor.team("central-intake")}
        values["workflow"] = SchedulingWorkflow.rows().get(key="scheduling-desk")
        places = [Location.rows().get(key="elm-st")]
        return save_service(actor=harbor.system, key="podiatry", values=values, locations=places).row


def lead_now(harbor: Tenant, lead: Lead) -> Lead:
    """Return a lead as it stands."""
    with harbor.scope():
        row: Lead = Lead.rows().select_related("service").get(id=lead.id)
        return row


@pytest.mark.row("DD-09")
def test_a_service_of_friday_is_at_no_door_on_tuesday(
    harbor: Tenant, client_as: Callable[..., Client], only_harbor: None
) -> None:
    podiatry(harbor, FIRST_DAY)
    lead = make_lead(harbor)
    waits = processed(harbor, send_in(harbor, inquiry(request__service="podiatry"), at=TUESDAY_NINE), at=TUESDAY_NINE)
    assert waits.lead_id is not None
    with harbor.scope():
        waiting = Lead.rows().get(id=waits.lead_id)
        assert (waiting.service, waiting.exception) == (None, "unmapped_value")
    ana, lou = client_as("ana"), client_as("lou")
    doors = {"entry": "/leads/new/?blank", "edit": f"/leads/{lead.id}/edit/", "transfer": f"/leads/{lead.id}/transfer/"}
    path = f"/leads/{lead.id}"
    with travelling(to=TUESDAY_NINE):
        with harbor.scope():
            assert "podiatry" not in offered()["elm-st"] and "podiatry" not in services_to_choose([])
        partner = lou.get("/partner/submit/").content.decode()
        assert "Imaging" in partner and "Podiatry" not in partner
        for name, door in doors.items():
            page = ana.get(door)
            assert page.status_code == 200 and "Imaging" in page.content.decode(), name
            assert "Podiatry" not in page.content.decode(), name
        said = ask(ana, "PATCH", path, {"service": "podiatry"})
        assert said.status_code == 422 and f"“Podiatry” counts from {FIRST_DAY} on." in said.content.decode()
        handed = {"team": "oak-calls", "reason": "Feet", "service": "podiatry"}
        assert ana.post(doors["transfer"], handed).status_code == 422
        booked = {"starts_at": "2026-12-08T16:00:00Z", "service": "podiatry", "confirmed_by": "Ana"}
        assert ask(ana, "POST", f"{path}/appointments", booked).status_code == 422
        assert lead_now(harbor, lead).service.key == "imaging"
    friday = TUESDAY_NINE + timedelta(days=3)
    with travelling(to=friday):
        with harbor.scope():
            assert "podiatry" in offered()["elm-st"] and "podiatry" in services_to_choose([])
        assert "Podiatry" in ana.get(doors["edit"]).content.decode()
        sweep_all()
    harbor.drain(friday)
    with harbor.scope():
        assert Lead.rows().select_related("service").get(id=waits.lead_id).service.key == "podiatry"


@pytest.mark.row("DD-09")
def test_a_workflow_that_is_in_use_is_not_switched_off(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    with harbor.scope():
        row = SchedulingWorkflow.rows().get(key="imaging-book")
        team = Team.rows().get(id=row.team_id).id
    body = {"key": row.key, "name": row.name, "kind": row.kind, "team": team, "system": row.system}
    ada, path = client_as("ada"), f"{WORKFLOWS}{row.id}/change/"
    answer = ada.post(path, body)
    assert answer.status_code == 422
    assert f"“{row.name}” schedules Imaging: give them another workflow first" in answer.content.decode()
    with harbor.scope():
        assert SchedulingWorkflow.rows().get(key="imaging-book").is_active
    assert ada.post(f"{WORKFLOWS}{row.id}/delete/", {"post": "yes"}).status_code == 403
    with harbor.scope():
        moved = SchedulingWorkflow.rows().get(key="scheduling-desk")
        Service.rows().filter(workflow=row).update(workflow=moved)
    assert ada.post(path, body).status_code == 302
    with harbor.scope():
        assert not SchedulingWorkflow.rows().get(key="imaging-book").is_active


def file_of(harbor: Tenant, **changes: Any) -> TenantFile:
    """Return the tenant's file with sections changed."""
    with harbor.scope():
        return export().model_copy(update=changes)


@pytest.mark.row("DD-09")
def test_a_file_ends_no_workflow_in_use_and_ends_one_that_it_frees(harbor: Tenant) -> None:
    whole = file_of(harbor)
    fewer = tuple(each for each in whole.workflows or () if each.key != "imaging-book")
    with pytest.raises(FileRefused) as refused:
        apply(file_of(harbor, workflows=fewer, services=None))
    assert "schedules Imaging" in refused.value.faults[0].sentence and refused.value.faults[0].place == "workflows"
    moved = tuple(
        each.model_copy(update={"workflow": "scheduling-desk"}) if each.workflow == "imaging-book" else each
        for each in whole.services or ()
    )
    apply(file_of(harbor, workflows=fewer, services=moved))
    with harbor.scope():
        assert not SchedulingWorkflow.rows().get(key="imaging-book").is_active
        assert service(harbor, "imaging").is_active


@pytest.mark.row("DD-09")
def test_the_sixteenth_of_a_file_waits_for_a_person(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    whole = file_of(harbor)
    of = {"workflow": "scheduling-desk", "owner": "central-intake", "effective_on": date(2026, 1, 1)}
    there = list(whole.services or ())
    there += [ServicePart(key=f"s-{n}", name=f"S {n}", at=(), **of) for n in range(len(there) + 1, 16)]
    file = whole.model_copy(update={"services": (*there, ServicePart(key="podiatry", name="Podiatry", at=(), **of))})
    lines = apply(file).changes.lines
    assert "15 services advised: podiatry is one more and counts when a person approves it" in lines
    assert not service(harbor, "podiatry").is_active and service(harbor, "s-15").is_active
    assert apply(file).changes.is_empty, "a file that is applied again is no approval"
    ada = client_as("ada")
    assert "“Podiatry” waits for approval by another person." in ada.get("/admin/catalog/service/").content.decode()
    path = f"/admin/catalog/service/{service(harbor, 'podiatry').id}"
    assert ada.post(f"{path}/change/", sheet(harbor, "podiatry", "Podiatry")).status_code == 302
    assert not service(harbor, "podiatry").is_active
    assert ada.post(f"{path}/approve/").status_code == 302
    assert service(harbor, "podiatry").is_active
    assert apply(file).changes.is_empty
    bare = ServicePart(key="feet", name="Feet", at=(), workflow="scheduling-desk")
    faults = find_broken_references(whole.model_copy(update={"services": (*there, bare)}), {})
    assert "“feet” needs the team that owns it, and its first day." in [each.sentence for each in faults]


def test_the_day_is_the_tenants(harbor: Tenant) -> None:
    with travelling(to=TUESDAY_NINE.replace(hour=3)), harbor.scope():
        assert local_today() == TUESDAY_NINE.date() - timedelta(days=1)
