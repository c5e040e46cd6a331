"""The page of data quality: what is wrong, whose it is, since when; each check with its list."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.queries import teams_by_id
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.ownership.mismatch import expected_of
from apps.ownership.queries import policy_of
from apps.quality import actions, queries
from apps.quality.pictures import spark
from apps.quality.terms import Check, SourceStanding, Standing
from apps.quality.wording import FIXES, LABELS
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest


def in_own_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show times as the tenant's clocks do."""

    @wraps(view)
    def shown(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(ZoneInfo(current_organization().zone)):
            return view(request, *args, **kwargs)

    return shown


@require_safe
@in_own_zone
def quality(request: ActorRequest) -> HttpResponse:
    """Show every check with count, trend, owner and oldest, and how the leads of each source stand."""
    found = queries.overview(request.actor, request.now)
    highest = max((max(each.trend) for each in found.sources if each.trend), default=0)
    context = {
        "found": found,
        "checks": [_check_shown(each) for each in found.standings],
        "total": len(Check),
        "open": sum(each.count for each in found.standings),
        "failed": [str(LABELS[each.check]) for each in found.standings if each.error],
        "sources": [_source_shown(each, highest) for each in found.sources],
        "empty": {
            "icon": "eye",
            "title": _("Nothing was checked yet"),
            "sentence": _("The checks are made every 15 minutes. “Check now” makes them at once."),
        },
        "may_recheck": queries.may_recheck(request.actor),
        "may_change": request.actor.may(Permission.LEAD_EDIT),
    }
    return render(request, "quality/quality.html", context)


@require_safe
@in_own_zone
def items(request: ActorRequest, key: str) -> HttpResponse:
    """List what a check has open, each with the page on which it is mended."""
    found = queries.items_of(request.actor, key, request.now)
    shown = [each.lead_id for each in found.rows if each.lead_id]
    if shown:
        ledger.record_read(actor=request.actor, what="quality_items", object_ids=shown)
    context = {
        "label": LABELS[found.check],
        "fix": FIXES[found.check],
        "count": found.count,
        "rows": [
            {
                "item": each,
                "pair": found.pairs.get(each.subject_id),
                "sentences": _sentences(found.check, each, request.now),
            }
            for each in found.rows
        ],
        "empty": {"icon": "tick", "title": _("Nothing to fix here"), "sentence": ""},
        "is_owner": found.check is Check.STAGE_OWNER and request.actor.may(Permission.LEAD_TRANSFER),
        "is_campaign": found.check is Check.MISSING_ATTRIBUTION,
        "may_change": request.actor.may(Permission.LEAD_EDIT),
    }
    return render(request, "quality/items.html", context)


@require_POST
def asked(request: ActorRequest) -> HttpResponse:
    """Have every check made now."""
    actions.ask_for_run(actor=request.actor, now=request.now)
    messages.success(request, _("The checks are being made. This page says when they were."))
    return _back()


@require_POST
def rechecked(request: ActorRequest) -> HttpResponse:
    """Have contact data that is due looked at again."""
    found, waiting = actions.recheck_due(actor=request.actor, now=request.now)
    words = {"n": found.looked_at, "invalid": found.invalid, "waiting": waiting}
    messages.success(request, _("%(n)d looked at, %(invalid)d cannot work, %(waiting)d still to refresh.") % words)
    return _back()


def _check_shown(each: Standing) -> dict[str, Any]:
    return {
        "standing": each,
        "label": LABELS[each.check],
        "url": reverse("quality:items", args=[each.check.value]),
        "spark": spark(each.trend),
        "is_shared": each.owner_count < each.count,
    }


def _source_shown(each: SourceStanding, highest: int) -> dict[str, Any]:
    return {"standing": each, "spark": spark(each.trend, highest)}


def _sentences(check: Check, item: Any, now: datetime) -> list[str]:
    """Say what is wrong where the lead knows it; nothing else of the lead is shown here."""
    if check is Check.DISAGREES and item.lead is not None:
        return [str(each["sentence"]) for each in item.lead.flags]
    if check is Check.STAGE_OWNER and item.lead is not None:
        teams = {row.key: row.name for row in teams_by_id().values()}
        key, policy = expected_of(item.lead, now), policy_of(item.lead, now)
        named = {"stage": item.lead.stage.label, "team": teams.get(key, key), "policy": policy.name}
        words = _("%(stage)s belongs to %(team)s by the policy “%(policy)s”.")
        return [(words if policy.name else _("%(stage)s belongs to %(team)s by the ownership matrix.")) % named]
    return []


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("quality:quality"), status=303)
