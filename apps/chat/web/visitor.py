"""The visitor's chat: a page that works as plain posts, and brings new lines by itself where scripts run.

No cookie is set or read, so that it also works in a frame of another site; what opens a conversation is a signed
text in the page itself. Therefore these posts need no token against forgery: nothing rides along by itself.
"""

from typing import Any
from uuid import UUID

import structlog
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from apps.chat import actions, texts
from apps.chat.models import Chat
from apps.chat.queries import PageSheet, find_page, lines_of, page_sheet
from apps.chat.terms import ChatState, Language, Said, Speaker
from apps.chat.web.forms import ContactForm
from apps.tenancy.clock import database_now
from apps.tenancy.errors import LeadcrmError
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import is_fragment, public

log = structlog.get_logger("chat")
HONEYPOT, LONGEST_SECONDS = "website", 12 * 3600
LANGUAGE_NAMES = {Language.ENGLISH: "English", Language.SPANISH: "Español"}
GOING_ON = (ChatState.OPEN, ChatState.WAITING, ChatState.ACCEPTED)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def chat(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the chat, or take in what was written."""
    return _answer(request, slug, "chat:page")


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the same for a frame, which only the sites that the page names may hold."""
    return _answer(request, slug, "chat:embed")


@public
@csrf_exempt
@require_POST
def lines(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the lines so far, for a page that asks again by itself."""
    address = _address(slug)
    with tenant_scope(address.organization_id), translation.override(_language(request)):
        sheet = _sheet(address.row_id)
        found = _opened(request, sheet)
        if found is None:
            raise Http404
        return _private(render(request, "chat/lines.html", {"lines": _shown(sheet, found), "state": _word(found)}))


def _answer(request: HttpRequest, slug: str, view: str) -> HttpResponse:
    address = _address(slug)
    with tenant_scope(address.organization_id), translation.override(_language(request)):
        sheet = _sheet(address.row_id)
        response = _take(request, sheet, view) if request.method == "POST" else _page(request, sheet, view, None)
        return _framed(response, sheet) if view == "chat:embed" else response


def _take(request: HttpRequest, sheet: PageSheet, view: str) -> HttpResponse:
    found = _opened(request, sheet)
    if request.POST.get(HONEYPOT):
        log.info("chat_decoy_filled", page=str(sheet.page.id))
        return _page(request, sheet, view, found)
    if request.POST.get("act") == "contact" and found is not None:
        return _contact(request, sheet, view, found)
    text = request.POST.get("text", "")
    try:
        found = actions.say(
            sheet,
            found.id if found else None,
            text,
            nonce=request.POST.get("nonce", "") or new_id().hex,
            address=request.META.get("REMOTE_ADDR", ""),
            now=database_now(),
            language=_language(request),
        )
    except LeadcrmError as error:
        return _page(request, sheet, view, found, problem=error.detail, typed=text, status=error.status)
    return _page(request, sheet, view, found)


def _contact(request: HttpRequest, sheet: PageSheet, view: str, found: Chat) -> HttpResponse:
    filled = ContactForm(sheet, request.POST)
    if not filled.is_valid():
        return _page(request, sheet, view, found, form=filled, status=422)
    values = filled.values(
        ip=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
        page_url=request.build_absolute_uri(reverse("chat:page", args=[sheet.page.slug])),
    )
    return _page(request, sheet, view, actions.leave_contact(found.id, values, now=database_now()))


def _page(
    request: HttpRequest,
    sheet: PageSheet,
    view: str,
    found: Chat | None,
    *,
    problem: str = "",
    typed: str = "",
    form: ContactForm | None = None,
    status: int = 200,
) -> HttpResponse:
    filled = form or ContactForm(sheet)
    boxes = [
        {"field": filled[f"consent_{channel}"], "label": filled[f"consent_{channel}"].label, "wording": text}
        for channel, text in sheet.wordings.items()
    ]
    phone = str(current_organization().settings.get("phone", ""))
    context: dict[str, Any] = {
        "brand": {"name": current_organization().name, "phone": phone, "phone_href": f"tel:{phone}" if phone else ""},
        "page": {
            "title": sheet.page.title,
            "slug": sheet.page.slug,
            "url": f"{reverse(view, args=[sheet.page.slug])}?lang={_language(request)}",
            "lines_url": f"{reverse('chat:lines', args=[sheet.page.slug])}?lang={_language(request)}",
            "token": _sign(sheet, found),
            "nonce": new_id().hex,
        },
        "lines": _shown(sheet, found),
        "state": _word(found),
        "is_going_on": found is None or found.state in GOING_ON,
        "asks_again": bool(found and found.state in GOING_ON),
        "has_contact": bool(found and found.contact is not None),
        "asks_contact": bool(found and found.contact is None and found.state in GOING_ON),
        "is_embedded": view == "chat:embed",
        "languages": [
            {"code": str(code), "name": name, "url": f"?lang={code}", "is_shown": code == _language(request)}
            for code, name in LANGUAGE_NAMES.items()
        ]
        if found is None
        else [],
        "problem": problem,
        "typed": typed,
        "form": filled,
        "boxes": boxes,
        "opens_contact": bool(form) or bool(found and found.state == ChatState.WAITING),
    }
    if is_fragment(request):
        return _private(render(request, "chat/talk.html", context))
    return _private(render(request, "chat/page.html", context, status=status))


def _shown(sheet: PageSheet, found: Chat | None) -> list[Said]:
    if found is None:
        return [Said(Speaker.BOT, texts.greeting_of(sheet.document, translation.get_language() or ""))]
    return lines_of(found)


def _language(request: HttpRequest) -> Language:
    """Return the language asked for by the page's switch, which its addresses keep; else the browser's."""
    asked = request.GET.get("lang", "")
    return texts.as_language(asked or translation.get_language_from_request(request))


def _word(found: Chat | None) -> str:
    """Say how the conversation stands, to the visitor."""
    if found is None or found.state == ChatState.OPEN:
        return _("You are talking with our automatic assistant.")
    if found.state == ChatState.ACCEPTED:
        name = found.accepted_by.user.name.partition(" ")[0] if found.accepted_by else ""
        return _("%(name)s is here and answers you.") % {"name": name}
    if found.state == ChatState.WAITING:
        return _("A person is asked to join. You may leave a number or an address in case we get cut off.")
    if found.state == ChatState.MISSED:
        return _("Nobody was free just now. We have what you left and will contact you.")
    return _("This conversation has ended.")


def _opened(request: HttpRequest, sheet: PageSheet) -> Chat | None:
    """Return the conversation that the page's signed text opens; None for one that is not ours or too old."""
    try:
        chat_id = signing.loads(request.POST.get("token", ""), salt=_salt(sheet), max_age=LONGEST_SECONDS)
    except signing.BadSignature:
        return None
    rows = Chat.rows().select_related("accepted_by__user")
    found: Chat | None = rows.filter(id=UUID(str(chat_id)), page=sheet.page).first() if chat_id else None
    return found


def _sign(sheet: PageSheet, found: Chat | None) -> str:
    return signing.dumps(found.id.hex if found else "", salt=_salt(sheet))


def _salt(sheet: PageSheet) -> str:
    return f"leadcrm.chat:{sheet.page.id}"


def _address(slug: str) -> Any:
    address = find_page(slug)
    if address is None:
        raise Http404
    return address


def _sheet(page_id: UUID) -> PageSheet:
    sheet = page_sheet(page_id, database_now())
    if sheet is None:
        raise Http404
    return sheet


def _framed(response: HttpResponse, sheet: PageSheet) -> HttpResponse:
    """Let the sites that the page names show it in a frame, and nobody else."""
    sites = [str(each) for each in sheet.page.allowed_sites]
    holder: Any = response
    holder._csp_replace = {"frame-ancestors": sites or ["'none'"]}
    holder.is_framed_by_policy = bool(sites)
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["Content-Language"] = translation.get_language() or "en"
    return response
