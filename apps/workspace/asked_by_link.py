"""What a person was asked for by a link, in words: when it went, whether they opened it, what became of it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.exceptions.terms import ASKED_WORDS
from apps.leads.models import Lead
from apps.outreach.models import DataRequest, SchedulingLink
from apps.outreach.scheduling_links import links_of
from apps.outreach.terms import MessageState, RequestState
from apps.workspace.lacking import lacks
from apps.workspace.words import Wall

_ENDS = {
    RequestState.ANSWERED: gettext_noop("answered %(at)s"),
    RequestState.REPLACED: gettext_noop("replaced by a newer link %(at)s"),
    RequestState.SETTLED: gettext_noop("no longer needed %(at)s"),
    RequestState.LOCKED: gettext_noop("closed after wrong names %(at)s"),
}


def request_line(request: DataRequest, wall: Wall) -> str:
    """Return a request in a line: “Asked by link for: location. Sent 09:00, not opened yet”."""
    asked = ", ".join(_(ASKED_WORDS[each]) for each in request.asked)
    return _("Asked by link for: %(asked)s. %(state)s") % {"asked": asked, "state": _state(request, wall)}


def link_line(link: SchedulingLink, wall: Wall) -> str:
    """Return a scheduling link in a line: “Sent 09:00, opened 09:10, booked 09:12”."""
    parts = [_("Sent %(at)s") % {"at": wall.at(link.sent_at)}]
    opened = _("opened %(at)s") % {"at": wall.at(link.opened_at)} if link.opened_at else _("not opened yet")
    parts.append(opened)
    if link.visit_id is not None:
        parts.append(_("booked %(at)s") % {"at": wall.at(link.ended_at)})
    elif link.ended_at is not None:
        parts.append(_("ended %(at)s") % {"at": wall.at(link.ended_at)})
    elif link.expires_at <= wall.now:
        parts.append(_("ended %(at)s") % {"at": wall.at(link.expires_at)})
    return ", ".join(parts)


def links_shown(lead: Lead, wall: Wall) -> list[dict[str, Any]]:
    """Return one fact that says when the last scheduling link went and was opened; none where none went (row TK-10)."""
    found = [] if lacks(lead, "links") else links_of(lead)[:1]
    return [{"label": _("Scheduling link"), "value": link_line(each, wall), "lock": None} for each in found]


def _state(request: DataRequest, wall: Wall) -> str:
    if request.state != RequestState.OPEN:
        return _(_ENDS[RequestState(request.state)]).capitalize() % {"at": wall.at(request.ended_at)}
    if request.sent_at is None or request.expires_at is None:
        return _unsent(request)
    if request.message.state in (MessageState.FAILED, MessageState.UNKNOWN):
        return _("It may not have arrived: the sender gave no good answer")
    words: dict[str, Any] = {"sent": wall.at(request.sent_at), "until": wall.at(request.expires_at)}
    if request.expires_at <= wall.now:
        return _("Sent %(sent)s, not answered; the link ended %(until)s") % words
    if request.opened_at is None:
        return _("Sent %(sent)s, not opened yet; the link serves until %(until)s") % words
    words["opened"] = wall.at(request.opened_at)
    return _("Sent %(sent)s, opened %(opened)s, not answered yet; the link serves until %(until)s") % words


def _unsent(request: DataRequest) -> str:
    message = request.message
    if message.state == MessageState.PENDING:
        return _("Not sent yet")
    return _("Not sent: %(reason)s") % {"reason": message.reason or message.state}
