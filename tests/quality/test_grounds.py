"""Every lead ties to an inquiry; one entered by hand needs a known source and a reason."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.capture.models import Submission
from apps.leads.models import Lead, Touch
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import inquiry

MANUAL = {"capture_method": "manual", "entry_reason": "Called the front desk while the phones were down"}


@pytest.mark.row("VQ-15")
def test_a_manual_lead_without_source_or_reason_is_refused(harbor: Tenant, api: Callable[..., Api]) -> None:
    agency = api("bp-1")
    nowhere = agency.post("/leads", inquiry(source="nobody-knows", **MANUAL))
    assert nowhere.status_code == 422
    assert [each["pointer"] for each in nowhere.json()["errors"]] == ["/source"]
    unfounded = agency.post("/leads", inquiry(source="imaging-spring", capture_method="manual", entry_reason=" "))
    assert [each["pointer"] for each in unfounded.json()["errors"]] == ["/entry_reason"]
    assert agency.post("/leads", inquiry(source="", **MANUAL)).status_code == 422
    with harbor.scope():
        assert not Submission.rows().exists()
    assert agency.post("/leads", inquiry(source="imaging-spring", **MANUAL)).status_code == 202
    harbor.drain()
    with harbor.scope():
        lead = Lead.rows().get()
        assert Touch.rows().filter(lead=lead).count() == 1


@pytest.mark.row("VQ-15")
def test_the_admin_adds_no_lead_past_the_capture(client_as: Callable[[str], Client]) -> None:
    assert client_as("cleo").get("/admin/leads/lead/add/").status_code == 404
