"""The page of missing information: whoever holds its link is asked for what is missing, one thing at a time.

No session, no cookie, no script. The link is the permission, so a forged post has nothing to borrow; opening it
changes nothing, so that a mail server that looks at links uses none up.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.flows import collected, collecting, link_pages
from apps.flows.collected import Opened
from apps.outreach.terms import LinkStanding
from apps.patients.web.frame import language_of, show
from apps.patients.web.questions import NAME, Page, heading_of, page_of
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import public


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def missing(request: HttpRequest, token: str) -> HttpResponse:
    """Show the next question, or take its answer; a link that serves no more says so kindly."""
    address = link_pages.find_link(token)
    if address is None:
        raise Http404
    with tenant_scope(address.organization_id):
        now = database_now()
        opened = collected.look_at(address.row_id, now)
        person = opened.lead.contact_person or opened.lead.person
        language = language_of(request, person.language)
        with translation.override(language):
            if opened.standing is not LinkStanding.LIVE:
                return _ended(request, opened, language, now)
            return _Visit(request, opened, language, now).answer()


def _ended(request: HttpRequest, opened: Opened, language: str, now: datetime) -> HttpResponse:
    """Say why nothing is asked; who comes too late may have another link sent to where the first one went."""
    standing = opened.standing
    if request.method == "POST" and "again" in request.POST and standing is LinkStanding.EXPIRED:
        collecting.ask_anew(opened.request, now=now)
        return show(request, "patients/again.html", {}, language=language)
    if standing is LinkStanding.ANSWERED and request.method != "POST" and "thanks" in request.GET:
        return show(request, "patients/thanks.html", {}, language=language)
    context = {"standing": str(standing), "may_ask": standing is LinkStanding.EXPIRED}
    return show(request, "patients/ended.html", context, language=language, status=410)


class _Visit:
    """One request for a page behind an open link."""

    def __init__(self, request: HttpRequest, opened: Opened, language: str, now: datetime) -> None:
        self.request, self.opened, self.language, self.now = request, opened, language, now
        self.answers = link_pages.answers_kept(opened)
        self.steps = ([NAME] if link_pages.asks_name(opened.lead) else []) + list(opened.left)

    def answer(self) -> HttpResponse:
        """Show a page, or take it in."""
        question = self._question()
        if self.request.method != "POST":
            if self.request.method == "GET":
                link_pages.note_opened(self.opened, self.now)
            return self._page(page_of(question, self.opened, self.answers))
        filled = page_of(question, self.opened, self.answers, self.request.POST)
        if not filled.is_valid():
            return self._page(filled, status=422)
        return self._confirmed(filled) if question == NAME else self._answered(filled)

    def _question(self) -> str:
        """Return what is asked now: the name first, then what the address names, else what is not answered yet."""
        if NAME in self.steps and self.opened.request.confirmed_at is None:
            return NAME
        wanted = self.request.GET.get("ask", "")
        open_ones = [each for each in self.opened.left if each not in self.answers]
        if wanted in self.opened.left and (wanted in self.answers or wanted == next(iter(open_ones), "")):
            return wanted
        return open_ones[0] if open_ones else self.opened.left[-1]

    def _confirmed(self, filled: Page) -> HttpResponse:
        if link_pages.confirm(self.opened, filled.answer, self.now):
            return self._go()
        after = collected.look_at(self.opened.request.id, self.now)
        if after.standing is not LinkStanding.LIVE:
            return _ended(self.request, after, self.language, self.now)
        filled.add_error(NAME, _("This is not the name that we have. Write it as in your request, or call us."))
        return self._page(filled, status=422)

    def _answered(self, filled: Page) -> HttpResponse:
        answers = {**self.answers, filled.question: filled.answer}
        if any(each not in answers for each in self.opened.left):
            link_pages.keep_answer(self.opened.request.id, answers)
            return self._go()
        return self._finish(filled, self.opened.request.id, answers)

    def _finish(self, filled: Page, request_id: UUID, answers: dict[str, str]) -> HttpResponse:
        try:
            collected.take_answers(request_id, answers, self.now)
        except Invalid:
            # Something went out of the catalog meanwhile: the pages ask anew for what is no answer any more.
            kept = {name: value for name, value in answers.items() if name != filled.question}
            link_pages.keep_answer(request_id, kept)
            filled.add_error(filled.question, _("This cannot be chosen any more. Choose another answer."))
            return self._page(filled, status=422)
        except Conflict:
            return _ended(self.request, collected.look_at(request_id, self.now), self.language, self.now)
        return self._go(thanks="1")

    def _go(self, **more: str) -> HttpResponse:
        words = {"lang": self.language} if "lang" in self.request.GET else {}
        query = urlencode({**words, **more})
        return HttpResponseRedirect(f"{self.request.path}{f'?{query}' if query else ''}", status=303)

    def _page(self, filled: Page, *, status: int = 200) -> HttpResponse:
        place = self.steps.index(filled.question)
        before = self.steps[place - 1] if place and self.steps[place - 1] != NAME else ""
        words = {"lang": self.language} if "lang" in self.request.GET else {}
        context: dict[str, Any] = {
            "form": filled,
            "field": filled[filled.question],
            "heading": heading_of(filled.question, self.opened),
            "place": place + 1,
            "count": len(self.steps),
            "missing": len(self.opened.left),
            "is_last": place + 1 == len(self.steps),
            "action": f"?{urlencode({**words, 'ask': filled.question})}",
            "back_url": f"?{urlencode({**words, 'ask': before})}" if before else "",
        }
        return show(self.request, "patients/question.html", context, language=self.language, status=status)
