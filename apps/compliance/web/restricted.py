"""Restricted leads and who broke the glass (rows PH-16, AU-09)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import Team
from apps.audit import ledger
from apps.compliance.web.frame import Section
from apps.leads.models import Lead
from apps.privacy.topic_models import REASONS, BrokenGlass, LeadTopic
from apps.privacy.topics import look_at_glass, topics
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest

SHOWN = 100


@require_safe
def restricted(request: ActorRequest) -> HttpResponse:
    """Show the topics, how many leads each restricts, and every time that somebody opened one."""
    zone = ZoneInfo(current_organization().zone)
    teams = dict(Team.rows().values_list("id", "name"))
    opened = list(BrokenGlass.rows().select_related("member__user").order_by("looked_at", "-at", "-id")[:SHOWN])
    opened.sort(key=lambda each: (each.looked_at is not None, -each.at.timestamp()))
    refs = {each.id: each.ref for each in Lead.rows().filter(id__in={each.subject_id for each in opened})}
    ledger.record_read(actor=request.actor, what="lead", object_ids=sorted(refs), fields=["break_glass"])
    context = {
        "topics": [
            {
                "topic": each,
                "teams": ", ".join(teams.get(team, "") for team in each.team_ids),
                "leads": LeadTopic.rows().filter(topic=each).count(),
            }
            for each in topics()
        ],
        "opened": [
            {
                "row": each,
                "ref": refs.get(each.subject_id, ""),
                "who": each.member.user.name,
                "at": f"{each.at.astimezone(zone):%-d %b %Y, %H:%M}",
                "until": f"{each.until.astimezone(zone):%H:%M}",
                "reason": REASONS[each.reason],
            }
            for each in opened
        ],
        "waiting": sum(each.looked_at is None for each in opened),
    }
    return render(request, "compliance/restricted.html", context)


@require_POST
def looked(request: ActorRequest, glass_id: UUID) -> HttpResponse:
    """Note that compliance looked at one opening."""
    look_at_glass(actor=request.actor, glass_id=glass_id, now=request.now)
    return HttpResponseRedirect(reverse("compliance:restricted"), status=303)


RESTRICTED = Section(
    key="restricted",
    title=gettext_noop("Restricted leads"),
    sentence=gettext_noop("Sensitive topics, the teams trained for them, and who opened a restricted lead, and why."),
    icon="lock",
    view=restricted,
    more=(("<uuid:glass_id>/looked-at/", "restricted_looked", looked),),
)
