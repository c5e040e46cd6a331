"""The service menu: what a service needs before it counts, and that forms, routing and eligibility read it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from apps.catalog.actions import save_service
from apps.catalog.models import Location, SchedulingWorkflow, Service
from apps.routing.models import RoutingDecision
from apps.tenancy.errors import Invalid
from tests.admin.test_registers import grant
from tests.cast import Tenant
from tests.leads_made import make_lead

REGISTER = "/admin/catalog/service/"
NO_OFFICE = {"offerings-TOTAL_FORMS": 0, "offerings-INITIAL_FORMS": 0}


def sheet(harbor: Tenant, key: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return a new service as its page would send it."""
    with harbor.scope():
        desk = SchedulingWorkflow.rows().get(key="scheduling-desk").id
        owner = harbor.team("central-intake").id
    body = {"key": key, "name": name, "kind": "specialty_care", "accepts_new_patients": "on", "is_active": "on"}
    return body | NO_OFFICE | {"workflow": desk, "owner": owner, "effective_on": "2026-01-01"} | changes


def service(harbor: Tenant, key: str) -> Service:
    """Return a service as it stands."""
    with harbor.scope():
        row: Service = Service.rows().get(key=key)
        return row


@pytest.mark.row("DD-09")
def test_the_sixteenth_is_advised_against_and_waits_for_another_person(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    grant(harbor, "marketing", "admin:use", "settings:write")
    ada, cleo = client_as("ada"), client_as("cleo")
    with harbor.scope():
        desk, owner = SchedulingWorkflow.rows().get(key="scheduling-desk"), harbor.team("central-intake")
        of = {"workflow": desk, "owner": owner, "effective_on": date(2026, 1, 1)}
        for number in range(Service.rows().filter(is_active=True).count() + 1, 16):
            save_service(actor=harbor.system, key=f"s-{number}", values={"name": f"S {number}", **of}, locations=[])
        assert Service.rows().filter(is_active=True).count() == 15
    answer = ada.post(f"{REGISTER}add/", sheet(harbor, "podiatry", "Podiatry"), follow=True)
    assert "15 advised: “Podiatry” is one more. It counts when another person approves it." in answer.content.decode()
    row = service(harbor, "podiatry")
    assert not row.is_active
    approve = f"{REGISTER}{row.id}/approve/"
    own = ada.post(approve)
    assert own.status_code == 422 and "Ask a colleague" in own.content.decode()
    assert ada.post(f"{REGISTER}{row.id}/change/", sheet(harbor, "podiatry", "Podiatry")).status_code == 302
    assert not service(harbor, "podiatry").is_active
    assert cleo.post(approve).status_code == 302
    assert service(harbor, "podiatry").is_active
    answer = ada.post(f"{REGISTER}{row.id}/change/", sheet(harbor, "podiatry", "Podiatry"), follow=True)
    assert "“Podiatry” is little used: 0 leads in 30 days, 5 advised." in answer.content.decode()
    page = cleo.get(REGISTER).content.decode()
    assert "16 services; 15 advised." in page
    assert "0 (at least 5 advised)" in page


@pytest.mark.row("DD-09")
def test_a_service_needs_owner_date_and_a_real_workflow(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    ada = client_as("ada")
    for left_out in ("workflow", "owner", "effective_on"):
        answer = ada.post(f"{REGISTER}add/", sheet(harbor, "podiatry", "Podiatry", **{left_out: ""}))
        assert answer.status_code == 422, left_out
    with harbor.scope():
        assert not Service.rows().filter(key="podiatry").exists()
    quiet = sheet(harbor, "podiatry", "Podiatry", workflow="")
    del quiet["is_active"]
    assert ada.post(f"{REGISTER}add/", quiet).status_code == 302
    path = f"{REGISTER}{service(harbor, 'podiatry').id}/change/"
    answer = ada.post(path, {**quiet, "is_active": "on"})
    assert answer.status_code == 422
    assert "Without a scheduling workflow nobody could book it" in answer.content.decode()
    assert not service(harbor, "podiatry").is_active
    external = {"key": "other-book", "name": "Other book", "kind": "external_system", "is_active": "on"}
    with harbor.scope():
        external["team"] = str(harbor.team("scheduling").id)
        assert Service.rows().get(key="imaging").workflow.kind == "external_system"
        with pytest.raises(Invalid):
            save_service(actor=harbor.system, key="x", values={"name": "X"}, locations=[])
    answer = ada.post("/admin/catalog/schedulingworkflow/add/", external)
    assert answer.status_code == 200 and "Name the system" in answer.content.decode()


@pytest.mark.row("DD-14")
def test_imaging_is_diagnostic_consult_and_scan_at_elm_and_oak_park(
    harbor: Tenant, client_as: Callable[..., Client], client: Client
) -> None:
    row = service(harbor, "imaging")
    body = sheet(harbor, "imaging", "Imaging", kind="diagnostic", appointment_types="consult,scan")
    body |= {"synonyms": "MRI", "eligibility": "With an order", "min_age": "", "max_age": ""}
    with harbor.scope():
        held = list(row.offerings.order_by("id"))
        places = [Location.rows().get(key=key).id for key in ("elm-st", "oak-park")]
    body |= {"offerings-TOTAL_FORMS": len(held) + 2, "offerings-INITIAL_FORMS": len(held)}
    for place, offering in enumerate(held):
        body |= {f"offerings-{place}-id": offering.id, f"offerings-{place}-location": offering.location_id}
        body |= {f"offerings-{place}-service": row.id, f"offerings-{place}-DELETE": "on"}
    for place, location in enumerate(places, len(held)):
        body |= {f"offerings-{place}-location": location, f"offerings-{place}-service": row.id}
    ada, path = client_as("ada"), f"{REGISTER}{row.id}/change/"
    saved = ada.post(path, body)
    assert saved.status_code == 302, saved.content.decode()
    row = service(harbor, "imaging")
    assert (row.kind, row.appointment_types) == ("diagnostic", ["consult", "scan"])
    lead = make_lead(harbor, request__service="imaging", request__location="evanston")
    assert lead.location is not None
    with harbor.scope():
        decision = RoutingDecision.rows().select_related("queue").get(lead=lead)
    assert decision.facts["eligibility"] == "eligible"
    assert decision.queue.key in ("elm-calls", "oak-calls")
    with harbor.scope():
        Service.rows().filter(key="imaging").update(accepts_new_patients=False)
    form = client.get(f"/f/{harbor.slug}-contact/").content.decode()
    assert "Imaging (established patients only)" in form
    closed = make_lead(harbor, request__service="imaging", request__location="elm-st")
    known = make_lead(harbor, request__service="imaging", request__patient_type="established")
    with harbor.scope():
        assert RoutingDecision.rows().get(lead=closed).facts["eligibility"] == "ineligible"
        assert RoutingDecision.rows().get(lead=known).facts["eligibility"] == "eligible"
