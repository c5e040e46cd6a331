"""What every page behind a link shows, in which language, and what no page of it may give away."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from apps.leads.phone_numbers import number_read
from apps.tenancy.organizations import current_organization

LANGUAGES = {"en": "English", "es": "Español"}
#: What a page is about stays when the other language is chosen.
KEPT = ("day", "done", "thanks", "ask")


def language_of(request: HttpRequest, known: str) -> str:
    """Return the language asked for by the switch, else the person's own, else the browser's."""
    wanted = request.GET.get("lang", "")
    if wanted in LANGUAGES:
        return wanted
    found = known[:2] or translation.get_language_from_request(request)[:2]
    return found if found in LANGUAGES else "en"


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, language: str, status: int = 200
) -> HttpResponse:
    """Answer with a page that nobody stores and that no other site learns the address of."""
    organization = current_organization()
    phone = str(organization.settings.get("phone", ""))
    brand = {"name": organization.name, "phone": number_read(phone), "phone_href": f"tel:{phone}" if phone else ""}
    return _shown(request, template, {"brand": brand, **context}, language, status)


def show_to_nobody(request: HttpRequest, template: str, *, language: str, status: int) -> HttpResponse:
    """Answer who holds no link of ours: the same page for everybody, without a tenant."""
    return _shown(request, template, {}, language, status)


def _shown(request: HttpRequest, template: str, context: Mapping[str, Any], language: str, status: int) -> HttpResponse:
    kept = {name: request.GET[name] for name in KEPT if name in request.GET}
    common = {
        "language": language,
        "languages": [
            {"code": code, "name": name, "url": f"?{urlencode({**kept, 'lang': code})}", "is_shown": code == language}
            for code, name in LANGUAGES.items()
        ],
    }
    answer = render(request, template, {**common, **context}, status=status)
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Content-Language"] = language
    return answer
