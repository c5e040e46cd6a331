"""The public form: shown, taken in, thanked for. No session, no script needed; the tenant comes from the address. The
one cookie there may be is the letter of an experiment's arm (`arms`).

Nothing here is done in a signed-in person's name, so there is nothing that a forged post could borrow: instead of a
cookie, the signed ticket of the page is asked for.
"""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from apps.capture.document_field import GONE, lay_out
from apps.capture.document_field import NAME as DOCUMENTS
from apps.capture.form_queries import FormSheet, find_form, form_by_id, preview_sheet
from apps.capture.form_terms import FormKind, FormLayout
from apps.capture.preview import read_preview
from apps.capture.promise import promised
from apps.capture.proof_of_work import challenge as new_challenge
from apps.capture.quarantine import TooManySent
from apps.capture.trials import version_sent
from apps.capture.web import arms, steps
from apps.capture.web.inquiry import InquiryForm
from apps.capture.web.pages import kept_private, language_of, opening, sheet_of, show, whole_page
from apps.capture.web.sending import hold_documents, send, to_thanks
from apps.capture.web.ticket import (
    Age,
    Ticket,
    may_download,
    new_ticket,
    read_receipt,
    read_ticket,
    receipt_of,
    sign_download,
)
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid
from apps.tenancy.models import Address
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import public


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, one page or the first of several; take it in when it is posted."""
    return _form(request, slug, embedded=False)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form on one page, for a frame on one of the form's own sites."""
    return _form(request, slug, embedded=True)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, slug: str, token: str, name: str) -> HttpResponse:
    """Show or save one page of several."""
    address = _address(slug)
    with tenant_scope(address.organization_id):
        return steps.answer(request, address, token, name, database_now())


@public
@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank: the same page for a new person, a known one and a double send."""
    address = _address(slug)
    language, receipt = language_of(request), request.GET.get("r", "")
    with tenant_scope(address.organization_id), translation.override(language):
        submission_id = receipt_of(receipt, slug)
        sheet = sheet_of(address, language, version_sent(submission_id) if submission_id else None)
        download = sign_download(receipt, slug) if sheet.form.asset else ""
        context = {
            "receipt": {
                "reference": read_receipt(receipt, slug),
                "promise": promised(sheet, submission_id, database_now()) if submission_id else "",
                "next_steps": sheet.next_steps,
                "opening": opening(sheet, database_now()),
                "change_url": "",
                "download_url": reverse("capture:asset", args=[slug, download]) if download else "",
                "download_title": sheet.form.asset.title if sheet.form.asset else "",
                "again_url": reverse("capture:form", args=[slug]) if sheet.content.kind is FormKind.EVENT else "",
            },
        }
        return show(request, sheet, "capture/thanks.html", context, embedded=request.GET.get("embed") == "1")


@public
@require_safe
def preview(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the form as it is worked on, or a version of it, on one page; it cannot be sent from here."""
    address, language = _address(slug), language_of(request)
    with tenant_scope(address.organization_id), translation.override(language):
        previewed = read_preview(token, address.row_id)
        form = form_by_id(address.row_id) if previewed else None
        if form is None or previewed is None:
            raise Http404
        now = database_now()
        version_id = previewed.version_id
        sheet = sheet_of(address, language, version_id) if version_id else preview_sheet(form, language)
        context = whole_page(InquiryForm(sheet), new_ticket({}, "", now), now)
        context["page"] |= {"action": "", "is_preview": True}
        return show(request, sheet, "capture/form.html", context)


@public
@require_safe
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a browser a piece of work to prove that it is none of thousands."""
    address = _address(slug)
    with tenant_scope(address.organization_id):
        return kept_private(JsonResponse(new_challenge(slug, database_now())))


@public
@require_safe
def asset(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Give what the form promised to who has sent it, for a week (row CP-18)."""
    address = _address(slug)
    if not may_download(token, slug):
        raise Http404
    with tenant_scope(address.organization_id):
        given = sheet_of(address, "en").form.asset
        if given is None:
            raise Http404
        if given.data is None:
            return HttpResponseRedirect(given.url)
        answer = HttpResponse(bytes(given.data), content_type=given.media_type or "application/octet-stream")
        name = given.file_name.replace('"', "").replace("\\", "")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return kept_private(answer)


def _form(request: HttpRequest, slug: str, *, embedded: bool) -> HttpResponse:
    address, language = _address(slug), language_of(request)
    with tenant_scope(address.organization_id), translation.override(language):
        now = database_now()
        if request.method == "POST":
            return _posted(request, address, language, now, embedded=embedded)
        ticket = new_ticket(request.GET.dict(), request.headers.get("Referer", ""), now)
        place = None if embedded else arms.place_of(request, address.row_id, slug, ticket, now)
        ticket = replace(ticket, trial=place.trial if place else "")
        sheet = sheet_of(address, language, arms.version_of(ticket.trial))
        if sheet.layout is FormLayout.STEPS and not embedded:
            answer = steps.first_page(request, sheet, ticket, now)
        else:
            answer = _page(request, InquiryForm(sheet), ticket, now, embedded=embedded)
        return arms.keep(request, answer, slug, ticket.trial)


def _posted(request: HttpRequest, address: Address, language: str, now: datetime, *, embedded: bool) -> HttpResponse:
    """Take in what was posted by what its page showed: the version on the net, or that of its arm."""
    brought = read_ticket(request.POST.get("token", ""), address.key)
    sheet = sheet_of(address, language, arms.version_of(brought.trial) if brought else None)
    if sheet.layout is FormLayout.STEPS and not embedded:
        return steps.begin(request, sheet, brought, now)
    return _take_in(request, sheet, brought, now, embedded)


def _take_in(
    request: HttpRequest, sheet: FormSheet, brought: Ticket | None, now: datetime, embedded: bool
) -> HttpResponse:
    """Store the inquiry and lead to the thanks; what does not fit is shown again with its text."""
    ticket = brought or new_ticket({}, "", now)
    filled = InquiryForm(sheet, request.POST, request.FILES)
    lay_out(filled, ticket.shelf, request.POST.getlist(GONE))
    age, is_good = (ticket.age(now) if brought else Age.EXPIRED), filled.is_valid()
    is_good = hold_documents(request, filled, ticket, now) and is_good
    steps.note_age(filled, age)
    status = 422
    if age is Age.GOOD and is_good:
        try:
            receipt = send(request, filled, ticket, now)
        except TooManySent:
            filled.add_error(None, _("Too many requests came from your network. Wait a minute, then send it again."))
            status = 429
        except Invalid as problem:
            filled.add_error(DOCUMENTS, problem.detail)
        else:
            answer = to_thanks(sheet, receipt, embedded=embedded)
            arms.sent(request, answer, sheet.form.slug, ticket.trial, receipt.submission_id, now)
            return answer
    kept = ticket.renewed(now) if age is Age.EXPIRED else ticket
    return _page(request, filled, kept, now, status=status, embedded=embedded)


def _page(
    request: HttpRequest,
    filled: InquiryForm,
    ticket: Ticket,
    now: datetime,
    *,
    status: int = 200,
    embedded: bool = False,
) -> HttpResponse:
    context = whole_page(filled, ticket, now)
    name = "capture:embed" if embedded else "capture:form"
    context["page"]["action"] = reverse(name, args=[filled.sheet.form.slug])
    arm = arms.link_of(ticket, filled.sheet.form.slug)
    return show(request, filled.sheet, "capture/form.html", context, status=status, embedded=embedded, arm=arm)


def _address(slug: str) -> Address:
    address = find_form(slug)
    if address is None:
        raise Http404
    return address
