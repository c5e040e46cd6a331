"""Forms of the register of vendors: who it is and what it carries, its agreement, its certificates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.catalog.models import Vendor, VendorAgreement, VendorUse
from apps.catalog.vendor_terms import AgreementState, CertificateKind, UseKind
from apps.catalog.vendors import known_uses

FIELDS = ("name", "service", "touches_phi", "owner", "is_active")
AGREEMENT = (
    *("state", "signed_on", "effective_on", "expires_on", "permitted_uses", "safeguards", "notice_days"),
    *("subcontractors", "access_and_amendment", "termination", "note"),
)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def _tick(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class VendorForm(forms.Form):
    """Who the vendor is, and what it carries for us."""

    key = forms.SlugField(
        label=_("Key"), max_length=63, help_text=_("A short name that stays, such as: textco."), required=True
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    service = forms.CharField(label=_("What it does for us"), max_length=200)
    touches_phi = _tick(_("It may see protected health information (PHI)"))
    owner: "forms.ModelChoiceField[Membership]" = forms.ModelChoiceField(
        label=_("Who answers for it"),
        queryset=None,
        required=False,
        help_text=_("Hears when an agreement ends."),
    )
    uses = forms.MultipleChoiceField(
        label=_("What it carries"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each runs only while the vendor's agreement is in order."),
    )
    is_active = _tick(_("In use"))

    def __init__(self, data: Any = None, *, vendor: Vendor | None = None) -> None:
        held = [] if vendor is None else [_word(row.kind, row.ref) for row in VendorUse.rows().filter(vendor=vendor)]
        values: dict[str, Any] = {"touches_phi": True, "is_active": True}
        if vendor is not None:
            values = {name: getattr(vendor, name) for name in FIELDS}
        super().__init__(data, initial={**values, "uses": held})
        members = Membership.rows().filter(is_active=True, party=None).select_related("user").order_by("user__name")
        self.fields["owner"].queryset = members  # type: ignore[attr-defined]
        self.fields["uses"].choices = [  # type: ignore[attr-defined]
            (_word(kind, ref), f"{UseKind(kind).label}: {name}" if name else UseKind(kind).label)
            for (kind, ref), name in known_uses().items()
        ]
        if vendor is not None:
            del self.fields["key"]

    @property
    def chosen_uses(self) -> list[tuple[str, str]]:
        """Return what is ticked, as (kind, ref)."""
        parts = [each.partition(" ") for each in self.cleaned_data["uses"]]
        return [(kind, ref) for kind, _space, ref in parts]


class AgreementForm(forms.Form):
    """A business associate agreement: its days, and what it provides."""

    state = forms.ChoiceField(label=_("How far it is"), choices=AgreementState.choices)
    signed_on = _day(_("Signed on"))
    effective_on = _day(_("Holds from"))
    expires_on = _day(_("Holds until, that day included"))
    permitted_uses = _tick(_("It lists permitted uses and disclosures"))
    safeguards = _tick(_("Encryption and access control are agreed"))
    notice_days = forms.IntegerField(
        label=_("Days within which a breach is reported"),
        min_value=0,
        max_value=3650,
        required=False,
        help_text=_("At most 60."),
    )
    subcontractors = _tick(_("Subcontractors are bound to the same terms"))
    access_and_amendment = _tick(_("Access and amendment of a person's record are supported"))
    termination = _tick(_("It can be terminated; data come back or are destroyed"))
    note = forms.CharField(label=_("Where it is filed"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, agreement: VendorAgreement | None = None) -> None:
        held = {name: getattr(agreement, name) for name in AGREEMENT} if agreement is not None else {}
        super().__init__(data, initial=held)


class CertificateForm(forms.Form):
    """A certificate and its last day."""

    kind = forms.ChoiceField(label=_("Certificate"), choices=CertificateKind.choices)
    expires_on = forms.DateField(label=_("Holds until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def _word(kind: str, ref: str) -> str:
    return f"{kind} {ref}".strip()
