"""The page of what was written to people, of all teams."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.outreach.terms import MessageState
from apps.workspace.message_page import STATE_WORDS
from apps.workspace.messages_page import SPANS, asked_of, messages_listed
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def messages(request: ActorRequest) -> HttpResponse:
    """List messages, newest first, by state, channel and days."""
    wall = wall_of(request)
    asked = asked_of(request.GET, request.now)
    listed = messages_listed(request.actor, asked, wall, request.GET.get("after", ""))
    days = request.GET.get("days", "30")
    kept = {"state": asked.state, "channel": asked.channel, "days": days if days in SPANS else "30"}
    context = {
        "rows": listed.rows,
        "more_url": f"?{urlencode({**kept, 'after': listed.next_cursor})}" if listed.next_cursor else "",
        "states": [(str(each), _(STATE_WORDS[each])) for each in MessageState],
        "channels": [("email", _("Email")), ("text", _("Text"))],
        "spans": [("1", _("Last day")), ("7", _("Last 7 days")), ("30", _("Last 30 days")), ("365", _("Last year"))],
        "asked": kept,
    }
    return render(request, "workspace/messages.html", context)
