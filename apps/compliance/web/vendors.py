"""The register of vendors on pages: who may carry PHI, by which agreement, and what waits (rows PH-08, PH-09)."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.models import Vendor, VendorAgreement, VendorCertificate, VendorUse
from apps.catalog.vendor_decisions import checklist, standing
from apps.catalog.vendor_terms import AgreementState, UseKind
from apps.catalog.vendors import (
    fact_of,
    known_uses,
    name_uses,
    require_manager,
    save_agreement,
    save_certificate,
    save_vendor,
    today_of,
    unnamed_uses,
    vendor_facts,
    vendor_of,
)
from apps.compliance.web.frame import Section
from apps.compliance.web.vendor_forms import FIELDS, AgreementForm, CertificateForm, VendorForm
from apps.connectors.queries import held_deliveries
from apps.flows.vendors import kept_for
from apps.tenancy.errors import Conflict, Invalid
from leadcrm.http.scoping import ActorRequest


@require_safe
def vendors(request: ActorRequest) -> HttpResponse:
    """List the vendors, what may not carry PHI first."""
    today, facts = today_of(request.now), vendor_facts()
    certificates: dict[Any, list[VendorCertificate]] = {}
    for each in VendorCertificate.rows().order_by("kind"):
        certificates.setdefault(each.vendor_id, []).append(each)
    rows: list[dict[str, Any]] = [
        {
            "vendor": row,
            "standing": standing(facts[row.id], today),
            "provisions": _provisions(_agreement(row.agreements.all())),
            "certificates": [(each, each.expires_on < today) for each in certificates.get(row.id, [])],
        }
        for row in Vendor.rows().select_related("owner__user").prefetch_related("agreements").order_by("name")
    ]
    rows.sort(key=lambda each: (each["standing"].allowed, each["vendor"].name.casefold()))
    ledger.record(actor=request.actor, action="vendor.list", object_type="vendor", object_id=None)
    context = {"rows": rows, "unnamed": unnamed_uses(), "may_change": _may(request)}
    return render(request, "compliance/vendors/list.html", context)


@require_safe
def vendor(request: ActorRequest, key: str) -> HttpResponse:
    """Show a vendor: its standing, the checklist of its agreement, what it carries and what waits for it."""
    row = vendor_of(key)
    agreements = list(VendorAgreement.rows().filter(vendor=row).order_by("-changed_at"))
    held = _agreement(agreements)
    known = known_uses()
    uses = [
        f"{UseKind(each.kind).label}: {known.get((each.kind, each.ref)) or each.ref}".removesuffix(": ")
        for each in VendorUse.rows().filter(vendor=row).order_by("kind", "ref")
    ]
    today = today_of(request.now)
    context = {
        "vendor": row,
        "standing": standing(vendor_facts()[row.id], today),
        "agreement": held,
        "earlier": [each for each in agreements if held is None or each.id != held.id],
        "checklist": checklist(fact_of(held)) if held is not None else (),
        "provisions": _provisions(held),
        "uses": uses,
        "waits": _waits(row),
        "certificates": [(each, each.expires_on < today) for each in row.certificates.order_by("kind")],
        "may_change": _may(request),
    }
    ledger.record(actor=request.actor, action="vendor.view", object_type="vendor", object_id=row.id)
    return render(request, "compliance/vendors/vendor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_vendor(request: ActorRequest) -> HttpResponse:
    """Put a vendor into the register."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_vendor(request: ActorRequest, key: str) -> HttpResponse:
    """Change who a vendor is, and what it carries."""
    return _edit(request, vendor_of(key))


def _edit(request: ActorRequest, row: Vendor | None) -> HttpResponse:
    require_manager(request.actor)
    form = VendorForm(request.POST or None, vendor=row)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        key = row.key if row is not None else str(data["key"])
        try:
            with transaction.atomic():
                if row is None and Vendor.rows().filter(key=key).exists():
                    raise Conflict(_("There is a vendor with this key already."), code="taken")
                saved = save_vendor(actor=request.actor, key=key, values={name: data[name] for name in FIELDS})
                name_uses(actor=request.actor, vendor=saved, uses=form.chosen_uses)
        except (Conflict, Invalid) as error:
            _show(form, error)
        else:
            return _see(saved)
    title = row.name if row is not None else _("New vendor")
    return _form(request, form, title, row)


@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: ActorRequest, key: str) -> HttpResponse:
    """Write down a vendor's agreement."""
    require_manager(request.actor)
    row = vendor_of(key)
    there = _agreement(VendorAgreement.rows().filter(vendor=row).order_by("-changed_at"))
    form = AgreementForm(request.POST or None, agreement=there)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                save_agreement(actor=request.actor, vendor=row, values=form.cleaned_data, now=request.now, row=there)
        except (Conflict, Invalid) as error:
            _show(form, error)
        else:
            return _see(row)
    return _form(request, form, _("Agreement with %(vendor)s") % {"vendor": row.name}, row)


@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: ActorRequest, key: str) -> HttpResponse:
    """Write down a certificate of a vendor."""
    require_manager(request.actor)
    row, form = vendor_of(key), CertificateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save_certificate(actor=request.actor, vendor=row, **form.cleaned_data)
        return _see(row)
    return _form(request, form, _("Certificate of %(vendor)s") % {"vendor": row.name}, row)


@require_POST
def end_agreement(request: ActorRequest, key: str) -> HttpResponse:
    """End a vendor's agreement today: what it carries pauses."""
    row = vendor_of(key)
    there = _agreement(VendorAgreement.rows().filter(vendor=row, state=AgreementState.EXECUTED))
    if there is not None:
        values = {"state": AgreementState.ENDED, "ended_on": today_of(request.now)}
        save_agreement(actor=request.actor, vendor=row, values=values, now=request.now, row=there)
    return _see(row)


def _form(request: ActorRequest, form: Form, title: str, row: Vendor | None) -> HttpResponse:
    context = {"form": form, "title": title, "vendor": row}
    return render(request, "compliance/vendors/form.html", context, status=422 if form.errors else 200)


def _show(form: Form, error: Conflict | Invalid) -> None:
    problems = error.problems if isinstance(error, Invalid) else ()
    for each in problems:
        name = each.pointer.strip("/")
        form.add_error(name if name in form.fields else None, each.detail)
    if not problems:
        form.add_error(None, error.detail)


def _agreement(rows: "QuerySet[VendorAgreement] | list[VendorAgreement]") -> VendorAgreement | None:
    """Return the agreement that counts: the executed one, else the one that was changed last."""
    found = sorted(rows, key=lambda each: each.changed_at, reverse=True)
    return next((each for each in found if each.state == AgreementState.EXECUTED), found[0] if found else None)


def _provisions(held: VendorAgreement | None) -> str:
    if held is None:
        return ""
    found = checklist(fact_of(held))
    return _("%(n)d of %(all)d") % {"n": sum(each.holds for each in found), "all": len(found)}


def _waits(row: Vendor) -> list[str]:
    kept = kept_for(row.id)
    found = held_deliveries(VendorUse.rows().filter(vendor=row, kind=UseKind.CONNECTION).values("ref"))
    texts, mails, updates, deliveries = (
        kept[each] for each in (UseKind.TEXTS, UseKind.MAIL, UseKind.SYSTEM, UseKind.AGENCY)
    )
    words = (
        (found + deliveries, ngettext("%d delivery", "%d deliveries", found + deliveries)),
        (texts, ngettext("%d text message", "%d text messages", texts)),
        (mails, ngettext("%d mail", "%d mails", mails)),
        (updates, ngettext("%d update to a system", "%d updates to a system", updates)),
    )
    return [word % n for n, word in words if n]


def _may(request: ActorRequest) -> bool:
    return request.actor.may(Permission.VENDOR_MANAGE) or request.actor.may(Permission.SETTINGS_WRITE)


def _see(row: Vendor) -> HttpResponse:
    return HttpResponseRedirect(reverse("compliance:vendor", args=[row.key]))


VENDORS = Section(
    key="vendors",
    title=gettext_noop("Vendors"),
    sentence=gettext_noop("Who carries PHI for us, by which agreement, what it must provide, and what is paused."),
    icon="agency",
    view=vendors,
    more=(
        ("new/", "vendor_new", new_vendor),
        ("<slug:key>/", "vendor", vendor),
        ("<slug:key>/edit/", "vendor_edit", edit_vendor),
        ("<slug:key>/agreement/", "vendor_agreement", agreement),
        ("<slug:key>/agreement/end/", "vendor_end", end_agreement),
        ("<slug:key>/certificate/", "vendor_certificate", certificate),
    ),
)
