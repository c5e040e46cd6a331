"""The register of vendors. Part of `models`, which names these tables; code imports them from there."""

from django.db import models

from apps.accounts.models import Membership
from apps.catalog.vendor_terms import AgreementState, CertificateKind, UseKind
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped


class Vendor(TenantModel):
    """Somebody who does a service for the tenant and may see protected health information with it (row PH-08).

    Without `touches_phi` no agreement is asked for. `owner` hears when an agreement ends. Until `grace_until` a vendor
    that came with an update works on without one.
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    service = models.CharField(max_length=200)
    touches_phi = models.BooleanField(default=True)
    owner = TenantForeignKey(Membership, null=True, blank=True, related_name="+", indexed=False)
    grace_until = models.DateField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="vendor_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class VendorAgreement(TenantModel):
    """A business associate agreement with a vendor: its days, and what it provides (45 CFR 164.504(e)).

    `notice_days` is how long the vendor may take to report a breach. An executed one holds from `effective_on` up to
    and including `expires_on`; without that until it is ended.
    """

    vendor = TenantForeignKey(Vendor, models.CASCADE, related_name="agreements")
    state = models.CharField(max_length=10, choices=[(each.value, each.label) for each in AgreementState])
    signed_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    permitted_uses = models.BooleanField(default=False)
    safeguards = models.BooleanField(default=False)
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)
    subcontractors = models.BooleanField(default=False)
    access_and_amendment = models.BooleanField(default=False)
    termination = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "vendor"],
                condition=models.Q(state=AgreementState.EXECUTED),
                name="one_executed_agreement",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__isnull=True) | models.Q(expires_on__gte=models.F("effective_on")),
                name="agreement_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=AgreementState.EXECUTED)
                | models.Q(signed_on__isnull=False, effective_on__isnull=False),
                name="executed_agreement_is_signed",
            ),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.vendor} {self.state}"


class VendorCertificate(TenantModel):
    """A certificate that a vendor showed, and the day up to and including which it holds."""

    vendor = TenantForeignKey(Vendor, models.CASCADE, related_name="certificates", indexed=False)
    kind = models.CharField(max_length=20, choices=[(each.value, each.label) for each in CertificateKind])
    expires_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "vendor", "kind"], name="certificate_once")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires_on}"


class VendorUse(TenantModel):
    """What a vendor does for us: a sender's connection, an outside system, texts, mail or an agency's deliveries.

    `ref` is the key of the connection, system or party; empty for texts and mail, which the tenant has once.
    """

    vendor = TenantForeignKey(Vendor, models.CASCADE, related_name="uses")
    kind = models.CharField(max_length=12, choices=[(each.value, each.label) for each in UseKind])
    ref = models.CharField(max_length=63, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind", "ref"], name="vendor_use_once")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}".strip()
