"""What every page of a public form shows, and in which language."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.capture.form_queries import FormSheet, form_sheet
from apps.capture.form_terms import ORIGIN, STEP_OF, FormKind, QuestionKind, Step
from apps.capture.web.arms import LINK
from apps.capture.web.fields import HONEYPOT
from apps.capture.web.inquiry import InquiryForm
from apps.capture.web.ticket import Ticket
from apps.catalog.business_hours import is_open, next_opening
from apps.tenancy.models import Address

LANGUAGES = {"en": "English", "es": "Español"}
STEP_WORDS = {
    Step.NEED: gettext_lazy("What you need"),
    Step.WHERE: gettext_lazy("Where"),
    Step.VISIT: gettext_lazy("Your visit"),
    Step.CONTACT: gettext_lazy("About you"),
    Step.DOCUMENTS: gettext_lazy("Documents"),
    Step.REACH: gettext_lazy("How may we contact you?"),
    Step.CHECK: gettext_lazy("Check your answers"),
}


#: On a referral form the contact details are the patient's, not the writer's.
REFERRAL_WORDS = {
    QuestionKind.REFERRAL: gettext_lazy("Your office"),
    QuestionKind.CONTACT: gettext_lazy("The person you refer"),
}


def language_of(request: HttpRequest, kept: str = "") -> str:
    """Return the language asked for: by the switch, by the pages before, by the browser; else English."""
    for wanted in (request.POST.get("lang", ""), request.GET.get("lang", ""), kept):
        if wanted in LANGUAGES:
            return wanted
    found = translation.get_language_from_request(request)[:2]
    return found if found in LANGUAGES else "en"


def sheet_of(address: Address, language: str, version_id: UUID | None = None) -> FormSheet:
    """Return the published form in a language, as it is or as a version of it said; without one it does not exist."""
    sheet = form_sheet(address.row_id, language, version_id)
    if sheet is None:
        raise Http404
    return sheet


def show(
    request: HttpRequest,
    sheet: FormSheet,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    embedded: bool = False,
    arm: str = "",
) -> HttpResponse:
    """Answer with a page of the form, which no shared store may keep: it holds a token or a person's text.

    `arm` goes with the links to the other language.
    """
    common = {
        "brand": brand_of(sheet),
        "is_embedded": embedded,
        "languages": [
            {"code": code, "name": name, "url": _other_language(request, code, arm), "is_shown": code == sheet.language}
            for code, name in LANGUAGES.items()
        ],
    }
    answer = render(request, template, {**common, **context}, status=status)
    return framed(answer, sheet) if embedded else kept_private(answer)


def page_of(sheet: FormSheet, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return what stands around the questions."""
    return {
        "slug": sheet.form.slug,
        "title": sheet.title,
        "intro": sheet.intro,
        "emergency": "",
        "next_steps": sheet.next_steps,
        "opening": opening(sheet, now),
        "privacy_url": "",
        "token": ticket.sign(sheet.form.slug),
        "language": sheet.language,
    }


def groups_of(filled: InquiryForm) -> list[dict[str, Any]]:
    """Return the questions by the step they belong to, in the form's order; consent stands apart."""
    found: dict[str, list[BoundField]] = {}
    words = {**STEP_WORDS, Step.REACH: _("Reaching you")}
    is_referral = filled.sheet.content.kind is FormKind.REFERRAL
    for question, names in filled.groups:
        if question.kind is not QuestionKind.CONSENT:
            title = REFERRAL_WORDS.get(question.kind) if is_referral else None
            place = str(title or words[STEP_OF[question.kind]])
            found.setdefault(place, []).extend(filled[name] for name in names)
    return [{"title": title, "fields": fields} for title, fields in found.items()]


def consents_of(filled: InquiryForm) -> list[dict[str, Any]]:
    """Return the boxes with what each says in full; none is ticked before."""
    if not filled.asks(QuestionKind.CONSENT):
        return []
    return [
        {"field": filled[each.field], "label": filled[each.field].label, "wording": each.text}
        for each in filled.sheet.wordings
    ]


def whole_page(filled: InquiryForm, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return the context of a page with questions."""
    return {
        "page": page_of(filled.sheet, ticket, now),
        "form": filled,
        "groups": groups_of(filled),
        "consents": consents_of(filled),
        "honeypot": filled[HONEYPOT],
    }


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
        "day": date_format(local, "l, F j" if sheet.language == "en" else r"l j \d\e F"),
        "time": date_format(local, "H:i"),
    }


def brand_of(sheet: FormSheet) -> dict[str, Any]:
    """Return whose form it is, and the phone to call instead."""
    phone = str(sheet.organization.settings.get("phone", ""))
    return {"name": sheet.organization.name, "phone": phone, "phone_href": f"tel:{phone}" if phone else ""}


def kept_private(response: HttpResponse) -> HttpResponse:
    """No shared store may keep a page with a token or a person's text."""
    response["Cache-Control"] = "private, no-store"
    response["Content-Language"] = translation.get_language() or "en"
    return response


def framed(response: HttpResponse, sheet: FormSheet) -> HttpResponse:
    """Let the form's own sites show the page in a frame, and no other."""
    sites = [site for site in sheet.form.allowed_sites if re.fullmatch(ORIGIN, site)]
    response._csp_replace = {"frame-ancestors": sites or ["'none'"]}  # type: ignore[attr-defined]
    response.is_framed_by_policy = bool(sites)  # type: ignore[attr-defined]
    return kept_private(response)


def _other_language(request: HttpRequest, code: str, arm: str) -> str:
    query = request.GET.copy()
    query["lang"] = code
    if arm:
        query[LINK] = arm
    return f"?{query.urlencode()}"
