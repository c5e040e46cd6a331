"""The agency's first page: how deliveries went, what needs action, and how to begin."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.partners import delivery_log, wording
from apps.partners.decisions import by_day, failures, summary
from apps.partners.delivery_log import Period
from apps.partners.pictures import STACK, stack_of
from apps.partners.terms import Mode, Result, Tally
from apps.partners.web.desk import Desk, desk_of
from leadcrm.http.scoping import ActorRequest, for_agencies

DAYS, ENDS_SOON_DAYS, FEW = 14, 7, 20


@for_agencies
@require_safe
def home(request: ActorRequest) -> HttpResponse:
    """Show the last fourteen days in numbers and a picture. It shows no person, so no read is noted."""
    desk = desk_of(request)
    today = request.now.astimezone(ZoneInfo(desk.zone)).date()
    period = Period(today - timedelta(days=DAYS - 1), today, desk.zone)
    tallies = delivery_log.tallies(desk.party.id, desk.mode, period)
    found = summary(tallies)
    is_new = not tallies and not delivery_log.has_any(desk.party.id, desk.mode)
    context = {
        **desk.shown(),
        "period": period,
        "headline": wording.headline(found),
        "rate": found.rate_percent,
        "judged": found.judged,
        "is_few": 0 < found.judged < FEW,
        "actions": [*_failures(desk, tallies), *_ending_keys(desk, request)],
        "picture": None if is_new else _picture(tallies, period),
        "live_url": desk.url("home", mode=""),
        "test_mode_url": desk.url("home", mode="test"),
        "guide": _guide(desk) if is_new else None,
    }
    return render(request, "partner/home.html", context)


def _failures(desk: Desk, tallies: list[Tally]) -> list[dict[str, str]]:
    return [
        {
            "title": f"{count} {wording.result_word(result).lower()}: {wording.reason_name(reason)}",
            "sentence": wording.fix_of(reason) or _("Open one of them for the reason."),
            "url": desk.url("deliveries", result=str(result)),
            "label": _("See them"),
        }
        for result, reason, count in failures(tallies)
    ]


def _ending_keys(desk: Desk, request: ActorRequest) -> list[dict[str, str]]:
    soon = request.now + timedelta(days=ENDS_SOON_DAYS)
    zone, found = ZoneInfo(desk.zone), []
    for row in delivery_log.keys_of(desk.party.id):
        if row.revoked_at or row.expires_at is None or not request.now < row.expires_at <= soon:
            continue
        words = {"name": row.name, "prefix": row.prefix, "day": f"{row.expires_at.astimezone(zone):%d %b, %H:%M}"}
        found.append(
            {
                "title": _("Key “%(name)s” (%(prefix)s…) ends on %(day)s") % words,
                "sentence": _("Put its successor into every system that still uses it."),
                "url": desk.url("keys"),
                "label": _("See keys"),
            }
        )
    return found


def _picture(tallies: list[Tally], period: Period) -> dict[str, Any]:
    days = by_day(tallies, period.first, period.last)
    sums = {result: sum(counts[result] for _, counts in days) for result in STACK}
    shown = [result for result in STACK if sums[result] or result is not Result.RECEIVED]
    return {
        "stack": stack_of(days),
        "results": [{"key": each, "word": wording.result_word(each), "sum": sums[each]} for each in shown],
        "rows": [{"day": day, "cells": [counts[each] for each in shown]} for day, counts in reversed(days)],
    }


def _guide(desk: Desk) -> dict[str, str]:
    """Return the copyable request with the agency's own source key."""
    sources = delivery_log.sources_of(desk.party.id)
    body = {
        "source": sources[0].key if sources else "YOUR_SOURCE",
        "external_id": "first-1",
        "person": {"first_name": "Test", "last_name": "Person", "email": "test.person@example.com"},
        "consent": [{"channel": "email", "state": "granted", "text": "I agree.", "text_version": "1"}],
    }
    text = json.dumps(body, indent=2)
    address = f"{settings.LEADCRM_BASE_URL.rstrip('/')}/api/v1/leads"
    mode = "test" if desk.mode is Mode.TEST else "live"
    request = (
        f"curl -i {address} \\\n"
        f'  -H "Authorization: Bearer lk_{mode}_YOUR_KEY" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f'  -H "Prefer: wait=5" \\\n'
        f"  -d '{text}'"
    )
    return {"request": request, "has_source": "yes" if sources else ""}
