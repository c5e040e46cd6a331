"""The section about vendors: who carries what, by which agreement."""

from collections.abc import Iterable
from typing import Any

from apps.accounts.models import Membership
from apps.accounts.saving import Change
from apps.catalog.models import Vendor, VendorAgreement, VendorCertificate, VendorUse
from apps.catalog.vendor_terms import AgreementState
from apps.catalog.vendors import name_uses, save_agreement, save_certificate, save_vendor
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema_vendors import AgreementPart, CertificatePart, VendorPart


def apply_vendors(run: Run, parts: Iterable[VendorPart]) -> None:
    """Save the vendors with their agreements, certificates and uses; one that is not named stays as it is."""
    members = {row.user.email: row for row in Membership.rows().select_related("user")}
    for place, part in enumerate(parts):
        before = _as_part(part.key)
        if before == part:
            run.note("vendors", "vendor", part.key, Vendor.rows().get(key=part.key).id, Change.UNCHANGED)
            continue
        values: dict[str, Any] = {"name": part.name, "service": part.service, "touches_phi": part.touches_phi}
        values |= {"owner": members[part.owner] if part.owner else None, "is_active": True}
        with at("vendors", place):
            row = save_vendor(actor=run.actor, key=part.key, values=values)
            if part.agreement is not None and (before is None or before.agreement != part.agreement):
                held = {name: getattr(part.agreement, name) for name in AgreementPart.model_fields}
                save_agreement(actor=run.actor, vendor=row, values=held, now=run.now, row=_agreement(row))
            for each in part.certificates:
                save_certificate(actor=run.actor, vendor=row, kind=each.kind, expires_on=each.expires_on)
            # The connections of the file come after the vendors: a sender is opened switched on where its vendor is.
            name_uses(actor=run.actor, vendor=row, uses=[_use(each) for each in part.uses], is_checked=False)
        run.note("vendors", "vendor", part.key, row.id, Change.UPDATED if before else Change.CREATED)


def _use(text: str) -> tuple[str, str]:
    kind, _, ref = text.partition(" ")
    return kind, ref


def _agreement(row: Vendor) -> VendorAgreement | None:
    """Return the agreement that counts: the executed one, else the one that was changed last."""
    rows = list(VendorAgreement.rows().filter(vendor=row).order_by("-changed_at"))
    return next((each for each in rows if each.state == AgreementState.EXECUTED), rows[0] if rows else None)


def _as_part(key: str) -> VendorPart | None:
    row = Vendor.rows().select_related("owner__user").filter(key=key).first()
    return _export(row) if row is not None else None


def export_vendors() -> list[VendorPart]:
    """Return the vendors in use."""
    return [_export(row) for row in Vendor.rows().filter(is_active=True).select_related("owner__user").order_by("key")]


def _export(row: Vendor) -> VendorPart:
    agreement, uses = _agreement(row), VendorUse.rows().filter(vendor=row).order_by("kind", "ref")
    certificates = VendorCertificate.rows().filter(vendor=row).order_by("kind")
    return VendorPart(
        key=row.key,
        name=row.name,
        service=row.service,
        touches_phi=row.touches_phi,
        owner=row.owner.user.email if row.owner else None,
        agreement=AgreementPart(**{name: getattr(agreement, name) for name in AgreementPart.model_fields})
        if agreement is not None
        else None,
        certificates=tuple(
            CertificatePart.model_validate({"kind": each.kind, "expires_on": each.expires_on}) for each in certificates
        ),
        uses=tuple(f"{each.kind} {each.ref}".strip() for each in uses),
    )
