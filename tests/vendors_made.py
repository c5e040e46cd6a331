"""Vendors with an agreement, for what a test lets them carry."""

from datetime import date
from typing import Any

from apps.catalog.models import Vendor, VendorAgreement
from apps.catalog.vendors import name_uses, save_agreement, save_vendor
from apps.tenancy.clock import database_now
from tests.cast import Tenant

PROVISIONS = ("permitted_uses", "safeguards", "subcontractors", "access_and_amendment", "termination")


def name_vendor(tenant: Tenant, key: str, *uses: tuple[str, str], name: str = "", **agreement: Any) -> Vendor:
    """Put a vendor into the register that carries these uses, with an executed agreement that provides all it must.

    `agreement` says what is different of it, such as `expires_on` or `notice_days`.
    """
    with tenant.scope():
        values = {"name": name or key.title(), "service": "For a test", "is_active": True}
        row = save_vendor(actor=tenant.system, key=key, values=values)
        held: dict[str, Any] = {"state": "executed", "signed_on": date(2026, 1, 5), "effective_on": date(2026, 1, 12)}
        held |= {"notice_days": 60, **dict.fromkeys(PROVISIONS, True), **agreement}
        there = VendorAgreement.rows().filter(vendor=row).order_by("-changed_at").first()
        save_agreement(actor=tenant.system, vendor=row, values=held, now=database_now(), row=there)
        name_uses(actor=tenant.system, vendor=row, uses=uses, is_checked=False)
        return row
