"""The security-measures sheet is read from what is set now; an agreement that is over is shown as such."""

from datetime import date

import pytest

from apps.catalog.vendors import save_certificate, vendor_of
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE
from tests.vendors_made import name_vendor


@pytest.mark.row("AU-11")
def test_six_areas_and_an_expired_agreement_in_red(harbor: Tenant, client_as) -> None:
    for key, name, until in (("oldco", "OldCo", date(2026, 5, 31)), ("hostco", "HostCo", date(2027, 5, 31))):
        name_vendor(harbor, key, name=name, expires_on=until)
    with harbor.scope():
        host = vendor_of("hostco")
        save_certificate(actor=harbor.system, vendor=host, kind="hitrust", expires_on=date(2026, 1, 31))
    with travelling(to=TUESDAY_NINE):
        text = client_as("dev").get("/compliance/security/").content.decode()
    assert text.count('id="area-') == 6
    wrong = [each.split("</div>")[0] for each in text.split("measure--wrong")[1:]]
    assert any("OldCo" in each and "ended on 2026-05-31" in each for each in wrong)
    assert any("HostCo: HITRUST" in each and "expired on 2026-01-31" in each for each in wrong)
    assert any("TextCo" in each for each in wrong) and not any("HostCo</dt>" in each for each in wrong)
    assert "HostCo has an executed agreement. Until 2027-05-31." in text
    assert "AES-256-GCM" in text and "add entries, not change or remove one" in text
    assert client_as("lena").get("/compliance/security/").status_code == 404
