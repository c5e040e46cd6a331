"""Row CP-23: what a campaign promised beside what its leads asked for."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.catalog.models import Campaign, Service
from apps.leads.models import Lead
from apps.reporting.decisions import mismatch
from apps.reporting.terms import Promise, Wish
from apps.tenancy.ids import new_id
from tests.cast import Tenant
from tests.leads_made import make_lead
from tests.reporting.test_web import DAY, page, table


def copies(tenant: Tenant, lead: Lead, count: int) -> None:
    """Let the same inquiry have come from so many people more."""
    with tenant.scope():
        rows = []
        for place in range(count):
            row = Lead.rows().get(id=lead.id)
            row.id, row.number = new_id(), lead.number + 1000 * lead.number + place
            rows.append(row)
        Lead.objects.bulk_create(rows)


@pytest.mark.row("CP-23")
def test_forty_of_a_hundred_ask_for_something_else(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    form = {"name": "Derm-Winter", "scope": "Skin checks at Oak Park", "services": "dermatology"}
    form |= {"eligibility": "Adults and children, no referral needed", "key": "derm-winter"}
    with harbor.scope():
        campaign = Campaign.rows().get(key="derm-winter")
    saved = client_as("ada").post(f"/admin/catalog/campaign/{campaign.id}/change/", form)
    assert saved.status_code == 302
    skin = make_lead(harbor, source="derm-winter", request__service="dermatology", request__location="evanston")
    other = make_lead(harbor, source="derm-winter", request__service="cosmetic", request__location="evanston")
    copies(harbor, skin, 59)
    copies(harbor, other, 39)
    body = page(client_as("lena"), f"/reports/promises/?{DAY}")
    assert "Derm-Winter: 40 % of 100 leads ask for something else than it promises." in body
    assert "Adults and children, no referral needed" in body and "Skin checks at Oak Park" in body
    assert "Mismatch: leads of a campaign that ask for a service it does not promise" in body
    _, rows = table(client_as("lena"), f"/reports/promises.csv?{DAY}")
    assert rows[1] == ["Derm-Winter", "Dermatology", "40", "100", "40 %", "0", "Cosmetic 40"]
    for cell in rows[1]:
        assert cell in body
    with harbor.scope():
        Service.rows().filter(key="dermatology").update(name="Skin care")
    assert "Skin care" in page(client_as("lena"), f"/reports/promises/?{DAY}")


def test_who_names_no_service_and_what_promises_none_are_not_judged() -> None:
    wishes = (Wish("imaging", "Imaging", 6), Wish("cosmetic", "Cosmetic", 2), Wish("", "", 4))
    found = mismatch(Promise("Spring", "", {"imaging": "Imaging"}, "", wishes))
    assert (found.leads, found.named, found.elsewhere, found.percent) == (12, 8, 2, 25)
    assert found.others == (Wish("cosmetic", "Cosmetic", 2),) and not found.is_enough
    assert mismatch(Promise("Vague", "", {}, "", wishes)).percent is None
