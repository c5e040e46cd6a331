"""The security-measures sheet is read from what is set now; an agreement that is over is shown as such."""

import pytest

from apps.accounts.models import Party
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE


@pytest.mark.row("AU-11")
def test_six_areas_and_an_expired_agreement_in_red(harbor: Tenant, client_as) -> None:
    with harbor.scope():
        over = {"baa": {"executed_on": "2025-06-01", "expires_on": "2026-05-31"}}
        valid = {"baa": {"executed_on": "2026-06-01", "expires_on": "2027-05-31"}}
        valid |= {"certificates": [{"name": "HITRUST r2", "expires_on": "2026-01-31"}]}
        Party.rows().create(key="textco", name="TextCo", kind="vendor", agreement=over)
        Party.rows().create(key="hostco", name="HostCo", kind="vendor", agreement=valid)
    with travelling(to=TUESDAY_NINE):
        text = client_as("dev").get("/compliance/security/").content.decode()
    assert text.count('id="area-') == 6
    wrong = [each.split("</div>")[0] for each in text.split("measure--wrong")[1:]]
    assert any("TextCo" in each and "expired on 2026-05-31" in each for each in wrong)
    assert any("HITRUST r2" in each for each in wrong)
    assert not any("HostCo</dt>" in each for each in wrong) and "executed on 2026-06-01" in text
    assert "AES-256-GCM" in text and "add entries, not change or remove one" in text
    assert client_as("lena").get("/compliance/security/").status_code == 404
