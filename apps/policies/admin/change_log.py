"""The change log: what was changed about the set-up, by whom, when and why, newest first."""

from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date

from apps.accounts.terms import Permission
from apps.policies.change_log import MOST, changes
from apps.policies.decisions.change_words import AREA_WORDS, Area
from apps.tenancy.organizations import current_organization
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest


def change_log(request: ActorRequest) -> HttpResponse:
    """Show a page of changes; area and days stand in the address."""
    area, since, until = (request.GET.get(name, "") for name in ("area", "since", "until"))
    before = request.GET.get("before", "")
    found = changes(
        area=Area(area) if area in set(Area) else None,
        since=_midnight(since),
        until=_midnight(until, days=1),
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        most=MOST + 1,
    )
    shown = found[:MOST]
    asked = {name: value for name, value in (("area", area), ("since", since), ("until", until)) if value}
    context = {
        **site.each_context(request),
        "title": "Change log",
        "changes": shown,
        "areas": list(AREA_WORDS.items()),
        "area": area,
        "since": since,
        "until": until,
        "older": urlencode({**asked, "before": shown[-1].seq}) if len(found) > MOST else "",
    }
    return TemplateResponse(request, "admin/policies/change_log.html", context)


def _midnight(text: str, days: int = 0) -> datetime | None:
    """Return the beginning of a day in the tenant's zone, some days on; None for what is no day."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not 1970 < day.year < 9000:
        return None
    return datetime.combine(day + timedelta(days=days), time.min, ZoneInfo(current_organization().zone))


site.add_page(
    Page(
        "change-log/",
        "change_log",
        change_log,
        permission=Permission.RULES_READ,
        or_permission=Permission.SETTINGS_READ,
        title="Change log",
        icon="history_edu",
        group="Record",
    )
)
