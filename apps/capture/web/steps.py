"""A form that asks one thing at a time: each page is saved on the server, Back keeps what was typed."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.capture.actions import Receipt
from apps.capture.document_field import GONE, lay_out, names_held
from apps.capture.document_field import NAME as DOCUMENTS
from apps.capture.drafts import Filled, begin_draft, mark_sent, read_draft, save_answers
from apps.capture.form_queries import FormSheet
from apps.capture.form_terms import STEP_OF, Question, QuestionKind, Step
from apps.capture.quarantine import TooManySent
from apps.capture.web.arms import link_of, sent, version_of
from apps.capture.web.fields import HONEYPOT
from apps.capture.web.inquiry import InquiryForm
from apps.capture.web.pages import STEP_WORDS, language_of, sheet_of, show, whole_page
from apps.capture.web.sending import hold_documents, send, to_thanks
from apps.capture.web.ticket import Age, Ticket, new_ticket, ticket_of
from apps.tenancy.errors import Invalid
from apps.tenancy.models import Address


def first_page(request: HttpRequest, sheet: FormSheet, ticket: Ticket, now: datetime) -> HttpResponse:
    """Show the first questions; nothing is kept yet."""
    step = sheet.content.steps[0]
    return _show(request, _asked(sheet, step), step, ticket, now)


def begin(request: HttpRequest, sheet: FormSheet, brought: Ticket | None, now: datetime) -> HttpResponse:
    """Keep the first answers and go on under a token; `brought` is the ticket of the page that was posted."""
    step = sheet.content.steps[0]
    ticket = brought or new_ticket({}, "", now)
    filled, is_good = _posted(request, sheet, step, ticket, now)
    if brought is None:
        # A page that was never shown, or lay open for hours, is shown anew with what was typed.
        note_age(filled, Age.EXPIRED)
    if not is_good or brought is None:
        return _show(request, filled, step, ticket, now, status=422)
    kept = Filled(ticket.parts, sheet.language, _typed(filled, request))
    token = begin_draft(form_id=sheet.form.id, filled=kept, now=now)
    return _go(sheet, token, _after(sheet, step))


def answer(request: HttpRequest, address: Address, token: str, name: str, now: datetime) -> HttpResponse:
    """Show a page of a draft, or save it and go on; the last one sends. A draft that is gone starts anew."""
    kept = read_draft(token, address.row_id, now)
    language = language_of(request, kept.language if kept else "")
    with translation.override(language):
        if kept is not None and kept.submission_id is not None:
            return to_thanks(sheet_of(address, language), Receipt(kept.submission_id, is_replay=True))
        sheet = sheet_of(address, language, version_of(ticket_of(kept.ticket).trial) if kept else None)
        if kept is None or name not in set(sheet.content.steps):
            if name not in set(Step):
                raise Http404
            return HttpResponseRedirect(reverse("capture:form", args=[sheet.form.slug]), status=303)
        step, ticket = Step(name), ticket_of(kept.ticket)
        if request.method == "POST" and step is Step.CHECK:
            return _send(request, sheet, kept, token, now)
        if request.method == "POST":
            return _save(request, sheet, step, ticket, token, now, kept.answers)
        if language != kept.language:
            save_answers(token=token, form_id=address.row_id, answers={}, language=language, now=now)
        filled = (
            InquiryForm(sheet, kept.answers)
            if step is Step.CHECK
            else _asked(sheet, step, initial=kept.answers, kept=kept.answers)
        )
        lay_out(filled, ticket.shelf)
        return _show(request, filled, step, ticket, now, token=token)


def note_age(filled: InquiryForm, age: Age) -> None:
    """Tell the person when the page was sent faster than people read, or was open for too long."""
    if age is Age.TOO_FAST:
        filled.add_error(None, _("That was very quick. Look at it once more, then send it."))
    if age is Age.EXPIRED:
        filled.add_error(None, _("This page was open too long. Your text is kept: send it again, please."))


def _save(
    request: HttpRequest,
    sheet: FormSheet,
    step: Step,
    ticket: Ticket,
    token: str,
    now: datetime,
    kept: Mapping[str, str],
) -> HttpResponse:
    filled, is_good = _posted(request, sheet, step, ticket, now, kept)
    if not is_good:
        return _show(request, filled, step, ticket, now, token=token, status=422)
    answers = _typed(filled, request)
    if save_answers(token=token, form_id=sheet.form.id, answers=answers, language=sheet.language, now=now) is None:
        return HttpResponseRedirect(reverse("capture:form", args=[sheet.form.slug]), status=303)
    return _go(sheet, token, Step.CHECK if request.POST.get("from") == Step.CHECK else _after(sheet, step))


def _send(request: HttpRequest, sheet: FormSheet, kept: Filled, token: str, now: datetime) -> HttpResponse:
    """Send all answers; where a page does not fit, it is shown with what is wrong."""
    ticket, filled = ticket_of(kept.ticket), InquiryForm(sheet, kept.answers)
    lay_out(filled, ticket.shelf)
    if not filled.is_valid():
        for step in sheet.content.steps:
            page = _asked(sheet, step, kept.answers, kept=kept.answers)
            lay_out(page, ticket.shelf)
            if step is not Step.CHECK and not page.is_valid():
                return _show(request, page, step, ticket, now, token=token, status=422)
    status = 422
    if ticket.age(now) is Age.TOO_FAST:
        note_age(filled, Age.TOO_FAST)
    elif filled.is_valid():
        try:
            receipt = send(request, filled, ticket, now)
        except TooManySent:
            filled.add_error(None, _("Too many requests came from your network. Wait a minute, then send it again."))
            status = 429
        except Invalid as problem:
            filled.add_error(DOCUMENTS, problem.detail)
        else:
            mark_sent(token=token, submission_id=receipt.submission_id, now=now)
            answer = to_thanks(sheet, receipt)
            sent(request, answer, sheet.form.slug, ticket.trial, receipt.submission_id, now)
            return answer
    return _show(request, filled, Step.CHECK, ticket, now, token=token, status=status)


def _posted(
    request: HttpRequest,
    sheet: FormSheet,
    step: Step,
    ticket: Ticket,
    now: datetime,
    kept: Mapping[str, str] = MappingProxyType({}),
) -> tuple[InquiryForm, bool]:
    """Return a page as it was posted and whether all of it is right; documents that are taken are held in any case."""
    filled = _asked(sheet, step, request.POST, files=request.FILES, kept=kept)
    lay_out(filled, ticket.shelf, request.POST.getlist(GONE))
    is_good = filled.is_valid()
    return filled, hold_documents(request, filled, ticket, now) and is_good


def _asked(
    sheet: FormSheet,
    step: Step,
    data: Any = None,
    *,
    files: Any = None,
    initial: Any = None,
    kept: Mapping[str, str] = MappingProxyType({}),
) -> InquiryForm:
    """Return one page's form; what was asked for on another page narrows its offices."""
    questions = _questions(sheet, step)
    service = "" if any(each.kind is QuestionKind.SERVICE for each in questions) else kept.get("service", "")
    return InquiryForm(sheet, data, files, questions=questions, service=service, initial=_ticked(sheet, initial))


def _ticked(sheet: FormSheet, answers: Any) -> Any:
    """Return kept answers as initial values: a box that was ticked stays ticked."""
    boxes = {each.field for each in sheet.wordings}
    return {name: (value == "on" if name in boxes else value) for name, value in (answers or {}).items()}


def _questions(sheet: FormSheet, step: Step) -> list[Question]:
    return [each for each in sheet.content.questions if STEP_OF[each.kind] is step]


def _typed(filled: InquiryForm, request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:5000] for name in filled.fields}


def _after(sheet: FormSheet, step: Step) -> Step:
    steps = sheet.content.steps
    return steps[steps.index(step) + 1]


def _go(sheet: FormSheet, token: str, step: Step) -> HttpResponse:
    return HttpResponseRedirect(reverse("capture:step", args=[sheet.form.slug, token, step]), status=303)


def _show(
    request: HttpRequest,
    filled: InquiryForm,
    step: Step,
    ticket: Ticket,
    now: datetime,
    *,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    sheet = filled.sheet
    steps, slug = sheet.content.steps, sheet.form.slug
    place = steps.index(step)
    here = reverse("capture:step", args=[slug, token, step]) if token else reverse("capture:form", args=[slug])
    context = whole_page(filled, ticket, now)
    context["page"] |= {
        "action": here,
        "step": step,
        "heading": STEP_WORDS[step],
        "place": place + 1,
        "count": len(steps),
        "is_first": place == 0,
        "is_last": step is Step.CHECK,
        "back_url": reverse("capture:step", args=[slug, token, steps[place - 1]]) if token and place else "",
        "from": Step.CHECK if request.GET.get("from") == Step.CHECK or request.POST.get("from") == Step.CHECK else "",
        "token": "" if token else context["page"]["token"],
    }
    if step is Step.CHECK:
        context["answers"] = _answers(filled, token)
    return show(request, sheet, "capture/step.html", context, status=status, arm=link_of(ticket, slug))


def _answers(filled: InquiryForm, token: str) -> list[dict[str, Any]]:
    """Return what was answered, each with the page where it can be changed."""
    filled.is_valid()
    found = []
    for question, names in filled.groups:
        url = reverse("capture:step", args=[filled.sheet.form.slug, token, STEP_OF[question.kind]])
        is_consent = question.kind is QuestionKind.CONSENT
        for name in names:
            value = _said(filled, name)
            # Of a question of several fields only what was filled in is repeated.
            if value or (len(names) == 1 and not is_consent):
                found.append({"label": filled[name].label, "value": value, "url": f"{url}?from=check#id_{name}"})
    return [each for each in found if each["label"] and HONEYPOT not in each["url"]]


def _said(filled: InquiryForm, name: str) -> str:
    if name == DOCUMENTS:
        return ", ".join(names_held(filled))
    value = filled.data.get(name, "")
    options = dict(getattr(filled.fields[name], "choices", ()))
    if options:
        label = str(options.get(value, ""))
        return "" if label == _("Choose") else label
    return _("Yes") if value == "on" and name.startswith("consent_") else str(value)
