"""The access log: who read or did what (rows AU-01, AU-10). To look is noted, to take a file of it, too."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.audit.asking import all_of
from apps.compliance.access import Page, answer, lines_of
from apps.compliance.dots import picture_of
from apps.compliance.manifests import MOST_ROWS, package
from apps.compliance.models import UnusualAccess
from apps.compliance.tables import access_table
from apps.compliance.web.access_form import QUESTION_LABELS, AccessFilter, Wanted
from apps.compliance.web.files import as_zip
from apps.compliance.web.frame import Section
from apps.tenancy.errors import Invalid
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest


@require_safe
def log(request: ActorRequest) -> HttpResponse:
    """Show a page of the log with the day's picture."""
    zone = current_organization().zone
    form = AccessFilter(request.GET)
    wanted = form.wanted(request.now.astimezone(ZoneInfo(zone)).date(), zone)
    page = _page(request, wanted) if wanted else Page([], None)
    things = wanted.asked.things if wanted else None
    lines = lines_of(page.entries, things)
    query = request.GET.copy()
    query.pop("before", None)
    plain = query.copy()
    plain.pop("ask", None)
    context = {
        "form": form,
        "lines": [{"line": each, "at": _time(each.at, zone)} for each in lines],
        "after": _with(query, "before", page.after) if page.after else "",
        "is_short": bool(page.after and len(lines) < 50),
        "query": query.urlencode(),
        "questions": _questions(plain, wanted),
        "everything": plain.urlencode(),
        "picture": picture_of(wanted.day, zone, asked=wanted.asked) if wanted and things is None else None,
        "unusual": UnusualAccess.rows().filter(looked_at=None).count(),
        "readers": sorted({each.actor for each in lines}) if things is not None else [],
    }
    return render(request, "compliance/access.html", context, status=200 if wanted else 422)


@require_safe
def as_file(request: ActorRequest) -> HttpResponse:
    """Return what is asked for as CSV with a signed manifest; saved questions are for looking, not for files."""
    zone = current_organization().zone
    wanted = AccessFilter(request.GET).wanted(request.now.astimezone(ZoneInfo(zone)).date(), zone)
    if wanted is None or wanted.question is not None:
        raise Invalid(_("A file is made of a person, people, an agency, an act and days. Take back what does not fit."))
    entries = all_of(wanted.asked, MOST_ROWS + 1)
    content = package(
        actor=request.actor,
        what="access log",
        tables=[access_table(entries)],
        asked=request.GET.dict(),
        now=request.now,
    )
    return as_zip(content, f"access-log-{request.now:%Y-%m-%d}.zip")


def _page(request: ActorRequest, wanted: Wanted) -> Page:
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
    ledger.record(
        actor=request.actor,
        action="access_log.read",
        object_type="person" if wanted.person_id else "ledger",
        object_id=wanted.person_id,
        detail={"asked": {name: value for name, value in request.GET.dict().items() if value}},
    )
    return answer(wanted.asked, wanted.question, before=before)


def _questions(query: Any, wanted: Wanted | None) -> list[dict[str, Any]]:
    return [
        {"label": label, "query": _with(query, "ask", each.value), "is_current": wanted and wanted.question is each}
        for each, label in QUESTION_LABELS.items()
    ]


def _with(query: Any, name: str, value: object) -> str:
    changed = query.copy()
    changed[name] = str(value)
    return str(changed.urlencode())


def _time(at: Any, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M:%S}"


ACCESS = Section(
    key="access",
    title=gettext_noop("Access log"),
    sentence=gettext_noop("Who read, changed, exported or was refused what, and when, by person, agency, act and day."),
    icon="eye",
    view=log,
    more=(("export/", "access_file", as_file),),
)
