"""The page of preferences: whoever holds its link says what we may do, and stops everything in one press.

No session, no cookie, no script. Opening it changes nothing: programs that look at links in mails open them all. A link
that never was and one that is too old get the same page, which names no one.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.consent.preference_links import find_link
from apps.consent.terms import Channel, ConsentValue, Purpose
from apps.flows import preferences as acts
from apps.flows.preferences import Choice, Opened, Wishes
from apps.outreach.mail import ONE_CLICK
from apps.patients.web.frame import LANGUAGES, language_of, show, show_to_nobody
from apps.patients.web.limits import is_guessing, note_miss
from apps.tenancy.clock import database_now
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import public

TIMES = ("", "mornings", "afternoons")
Answer = Callable[[HttpRequest, Opened, str], HttpResponse]


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what we may do, or keep what the person says of it."""
    return _behind(request, token, _kept if request.method == "POST" else _page)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe as RFC 8058 says: by a POST alone that says so; whoever opens the address finds a button."""
    name, value = ONE_CLICK.split("=")
    return _behind(request, token, _unsubscribed if request.POST.get(name) == value else _button)


def _behind(request: HttpRequest, token: str, answer: Answer) -> HttpResponse:
    """Answer behind an open link, in the person's language; everybody else learns nothing."""
    asker = str(request.META.get("REMOTE_ADDR", ""))
    if is_guessing(asker):
        return _nothing(request, status=429)
    address = find_link(token)
    if address is None:
        note_miss(asker)
        return _nothing(request)
    with tenant_scope(address.organization_id):
        wanted = request.GET.get("lang", "")
        opened = acts.look(address.row_id, database_now(), wanted if wanted in LANGUAGES else "")
        if opened is not None:
            language = language_of(request, opened.language)
            with translation.override(language):
                return answer(request, opened, language)
    return _nothing(request)


def _nothing(request: HttpRequest, status: int = 404) -> HttpResponse:
    language = language_of(request, "")
    with translation.override(language):
        return show_to_nobody(request, "patients/no_preferences.html", language=language, status=status)


def _kept(request: HttpRequest, opened: Opened, language: str) -> HttpResponse:
    now, sent = database_now(), request.POST
    if "stop" in sent:
        acts.stop_all(opened.link.id, now)
        return _go(request, "stopped")
    if opened.person is None:
        return _page(request, opened, language, status=422)
    if not acts.save(opened.link.id, _wishes(sent, opened), now, language):
        return _page(request, opened, language, status=429)
    return _go(request, "saved")


def _wishes(sent: QueryDict, opened: Opened) -> Wishes:
    """Return what differs from what the page showed them; what changed since by another word stays as it is."""
    choices = {
        (each.channel, each.purpose): said == "yes"
        for each in opened.choices
        if (said := sent.get(_name(each), "")) in ("yes", "no") and said != sent.get(f"was_{_name(each)}", "")
    }
    time, tongue = sent.get("best_time"), sent.get("language")
    return Wishes(
        choices,
        best_time=time if time in TIMES and time != sent.get("was_best_time", "") else None,
        language=tongue if tongue in LANGUAGES and tongue != sent.get("was_language", "") else None,
    )


def _unsubscribed(request: HttpRequest, opened: Opened, language: str) -> HttpResponse:
    acts.stop_mail(opened.link.id, database_now())
    context = {"is_done": True, "channel": opened.link.channel, "preferences_url": "../"}
    return show(request, "patients/one_click.html", context, language=language)


def _button(request: HttpRequest, opened: Opened, language: str) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"is_done": False, "channel": opened.link.channel, "preferences_url": "../"}
    return show(request, "patients/one_click.html", context, language=language, status=status)


def _page(request: HttpRequest, opened: Opened, language: str, status: int = 200) -> HttpResponse:
    done = request.GET.get("done", "") if request.method != "POST" else ""
    context: dict[str, Any] = {
        "channels": _channels(opened),
        "is_known": opened.person is not None,
        "is_all_stopped": opened.person is not None and opened.is_all_stopped,
        "is_saved": done == "saved",
        "is_stopped": done == "stopped" and (opened.person is None or opened.is_all_stopped),
        "is_too_often": status == 429,
        "is_listed": any(each.bar == "listed" for each in opened.choices),
        "times": _times(opened.best_time),
        "best_time": opened.best_time,
        "tongues": [(code, name, code == opened.language[:2]) for code, name in LANGUAGES.items()],
        "tongue": opened.language[:2],
        "action": f"?{urlencode({'lang': language})}" if "lang" in request.GET else "?",
    }
    return show(request, "patients/preferences.html", context, language=language, status=status)


def _channels(opened: Opened) -> list[dict[str, Any]]:
    """Return each channel with where it ends, shortened, and its purposes as two answers each."""
    names = {
        Channel.CALL: _("Phone calls"),
        Channel.TEXT: _("Text messages"),
        Channel.EMAIL: _("E-mail"),
    }
    found = []
    for channel, name in names.items():
        own = [each for each in opened.choices if each.channel is channel]
        if own:
            rows = [_row(each) for each in own]
            found.append({"name": name, "where": _shortened(own[0].contact_value), "rows": rows, "bar": own[0].bar})
    return found


def _row(choice: Choice) -> dict[str, Any]:
    names = (_("About your request"), _("Reminders"), _("News and offers"), _("Business mail"))
    about = dict(zip(map(str, Purpose), names, strict=True))
    is_no = choice.value in (ConsentValue.WITHDRAWN, ConsentValue.DENIED)
    return {
        "name": _name(choice),
        "about": about[choice.purpose],
        "wording": choice.asked.text if choice.asked else "",
        "language": choice.asked.language if choice.asked else "",
        "is_yes": choice.is_permitted,
        "is_no": is_no,
        "was": "yes" if choice.is_permitted else "no" if is_no else "",
        "may_agree": choice.is_permitted or not choice.bar,
    }


def _name(choice: Choice) -> str:
    return f"{choice.channel}_{choice.purpose}"


def _times(known: str) -> list[tuple[str, str, bool]]:
    words = dict(zip(TIMES, (_("Any time"), _("Mornings"), _("Afternoons")), strict=True))
    if known and known not in words:
        words = {known: known, **words}
    return [(key, word, key == known) for key, word in words.items()]


def _shortened(value: str) -> str:
    """Return as much of a number or an address as its owner needs to know it."""
    name, at, host = value.partition("@")
    return f"{name[:1]}…@{host}" if at else f"…{value[-4:]}"


def _go(request: HttpRequest, done: str) -> HttpResponse:
    words = {"lang": request.GET["lang"]} if request.GET.get("lang") in LANGUAGES else {}
    return HttpResponseRedirect(f"{request.path}?{urlencode({**words, 'done': done})}", status=303)
