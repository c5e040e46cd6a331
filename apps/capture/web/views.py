"""The public form: shown, taken in, thanked for. No session, no script; the tenant comes from the address."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.capture.actions import Envelope, Receipt, receive
from apps.capture.queries import FormSheet, find_form, form_sheet
from apps.capture.web.inquiry import HONEYPOT, PERSON, InquiryForm
from apps.capture.web.ticket import Age, Ticket, new_ticket, read_receipt, read_ticket, sign_receipt
from apps.catalog.business_hours import is_open, next_opening
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.models import Address
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import public

log = structlog.get_logger("form")


@public
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form; take it in when it is posted."""
    address = _address(slug)
    with tenant_scope(address.organization_id):
        sheet = _sheet(address)
        now = database_now()
        if request.method == "POST":
            return _take_in(request, sheet, now)
        ticket = new_ticket(request.GET.dict(), request.headers.get("Referer", ""), now)
        return _page(request, sheet, InquiryForm(sheet), ticket, now)


@public
@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank: the same page for a new person, a known one and a double send."""
    address = _address(slug)
    with tenant_scope(address.organization_id):
        sheet = _sheet(address)
        receipt = {
            "reference": read_receipt(request.GET.get("r", ""), slug),
            "promise": "",
            "next_steps": _steps(sheet),
            "opening": opening(sheet, database_now()),
            "change_url": "",
        }
        return _kept_private(render(request, "capture/thanks.html", {"brand": _brand(sheet), "receipt": receipt}))


def _take_in(request: HttpRequest, sheet: FormSheet, now: datetime) -> HttpResponse:
    """Store the inquiry and lead to the thanks; a machine's is thanked for and counted, not stored."""
    slug = sheet.form.slug
    if request.POST.get(HONEYPOT):
        log.info("form_decoy_filled", form=str(sheet.form.id))
        return HttpResponseRedirect(reverse("capture:thanks", args=[slug]), status=303)
    ticket = read_ticket(request.POST.get("token", ""), slug)
    filled = InquiryForm(sheet, request.POST)
    age = ticket.age(now) if ticket else Age.EXPIRED
    is_good = filled.is_valid()
    if age is Age.TOO_FAST:
        filled.add_error(None, _("That was very quick. Look at it once more, then send it."))
    if age is Age.EXPIRED:
        filled.add_error(None, _("This page was open too long. Your text is kept: send it again, please."))
    if ticket is None or age is not Age.GOOD or not is_good:
        kept = ticket if ticket and age is not Age.EXPIRED else new_ticket({}, "", now)
        return _page(request, sheet, filled, kept, now, status=422)
    receipt = _store(request, sheet, filled, ticket, now)
    query = urlencode({"r": sign_receipt(receipt.submission_id, slug)})
    return HttpResponseRedirect(f"{reverse('capture:thanks', args=[slug])}?{query}", status=303)


def _store(request: HttpRequest, sheet: FormSheet, filled: InquiryForm, ticket: Ticket, now: datetime) -> Receipt:
    """Store under the page's own key; a corrected form sent from the same page is a delivery of its own."""
    body = filled.body(
        ticket,
        ip=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
        page_url=request.build_absolute_uri(request.path),
    )
    actor = system_actor(sheet.organization.id, f"form {sheet.form.slug}", Door.FORM)
    envelope = Envelope(
        source=sheet.form.source,
        source_typed=sheet.form.source.key,
        payload=body,
        capture_method="web_form",
        event_at=now,
        received_at=now,
        idempotency_key=f"form:{ticket.id}",
        party_id=sheet.form.source.party_id,
    )
    receipt = receive(actor=actor, envelope=envelope, now=now)
    if receipt.mismatch:
        receipt = receive(actor=actor, envelope=replace(envelope, idempotency_key=""), now=now)
    return receipt


def _page(
    request: HttpRequest,
    sheet: FormSheet,
    filled: InquiryForm,
    ticket: Ticket,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    asked = ("service", "location", "patient_type", "timeframe", "message")
    reached = ("preferred_channel", "best_time")
    context = {
        "brand": _brand(sheet),
        "page": {
            "slug": sheet.form.slug,
            "title": sheet.form.title,
            "intro": sheet.form.intro,
            "emergency": "",
            "next_steps": _steps(sheet),
            "opening": opening(sheet, now),
            "privacy_url": "",
            "token": ticket.sign(sheet.form.slug),
        },
        "form": filled,
        "groups": [
            {"title": _("About you"), "fields": [filled[name] for name in PERSON]},
            {"title": _("Your request"), "fields": [filled[name] for name in asked]},
            {"title": _("Reaching you"), "fields": [filled[name] for name in reached]},
        ],
        "consents": [
            {
                "field": filled[f"consent_{channel}"],
                "label": filled[f"consent_{channel}"].label,
                "wording": text,
            }
            for channel, text in sheet.wordings.items()
        ],
        "honeypot": filled[HONEYPOT],
    }
    return _kept_private(render(request, "capture/form.html", context, status=status))


def opening(sheet: FormSheet, now: datetime) -> str:
    """Say when somebody is there: now, or from when on."""
    if sheet.hours is None:
        return ""
    if is_open(sheet.hours, now):
        return _("We are open now.")
    opens_at = next_opening(sheet.hours, now)
    if opens_at is None:
        return ""
    local = opens_at.astimezone(ZoneInfo(sheet.organization.zone))
    return _("We are open again from %(day)s, %(time)s on.") % {
        "day": date_format(local, "l, F j"),
        "time": date_format(local, "H:i"),
    }


def _address(slug: str) -> Address:
    address = find_form(slug)
    if address is None:
        raise Http404
    return address


def _sheet(address: Address) -> FormSheet:
    sheet = form_sheet(address.row_id)
    if sheet is None:
        raise Http404
    return sheet


def _steps(sheet: FormSheet) -> list[str]:
    return [line.strip() for line in sheet.form.what_happens_next.splitlines() if line.strip()]


def _brand(sheet: FormSheet) -> dict[str, Any]:
    phone = str(sheet.organization.settings.get("phone", ""))
    return {"name": sheet.organization.name, "phone": phone, "phone_href": f"tel:{phone}" if phone else ""}


def _kept_private(response: HttpResponse) -> HttpResponse:
    """No shared store may keep a page with a token or a person's text."""
    response["Cache-Control"] = "private, no-store"
    return response
