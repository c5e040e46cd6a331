"""The place of a lead in the list one came from: a signed token in the address that tells nothing by itself.

The list (its filter and page) is kept with the session under a short name; the token holds that name and the
row's place in the list's order. So no word of a filter stands beside a lead's id in an address, and previous and next
go on from the row as it stood in the visible list, however the lead itself has moved since.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import int_to_base36
from django.utils.translation import gettext as _

from apps.leads.models import Lead
from apps.workspace.ordering import Order, order_of
from apps.workspace.queries import LeadFilter, seen_leads
from leadcrm.http.scoping import ActorRequest

_SALT = "leadcrm.place"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_LISTS = 20
LONGEST_TOKEN = 200
MARK_BYTES = 9


def queue_address(wanted: LeadFilter, after: str = "") -> str:
    """Return the address of the queue with its view, filters, order and page."""
    text = urlencode(wanted.words | ({"after": after} if after else {}))
    return reverse("workspace:queue") + (f"?{text}" if text else "")


@dataclass(frozen=True, slots=True)
class VisibleList:
    """A list as it was shown: the page it is on, its filter, and the cursor of its page."""

    page: str = "queue"
    wanted: LeadFilter = LeadFilter()
    after: str = ""

    @property
    def address(self) -> str:
        """Where the list is."""
        if self.page == "my_work":
            return reverse("workspace:my_work")
        return queue_address(self.wanted, self.after)


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a visible list, by what the list is ordered by."""

    shown: VisibleList
    value: datetime | None
    lead_id: UUID


def tokens_of(request: ActorRequest, shown: VisibleList, leads: Iterable[Lead]) -> dict[UUID, str]:
    """Keep the list with the session and return each row's token."""
    entry = [shown.page, *astuple(shown.wanted), shown.after]
    name = salted_hmac(_SALT, "\n".join(entry)).hexdigest()[:8]
    lists = request.session.get("lists", {})
    if name not in lists:
        kept = list(lists.items())[-MOST_LISTS + 1 :]
        request.session["lists"] = dict([*kept, (name, entry)])
    order = order_of(shown.wanted.sort)
    return {lead.id: _token(name, order.value_of(lead), lead.id) for lead in leads}


def place_of(request: ActorRequest, lead_id: UUID | None = None) -> tuple[str, Place] | None:
    """Return the token of the address and its place; None for a forged one or a list that is forgotten."""
    token = request.GET.get("from", "")
    name, _dot, rest = token.partition(".")
    value, _dot, _mark = rest.partition(".")
    match = request.resolver_match
    lead_id = lead_id or (match.kwargs.get("lead_id") if match else None)
    if not token or len(token) > LONGEST_TOKEN or lead_id is None:
        return None
    if not constant_time_compare(token, _signed(name, value, lead_id)):
        return None
    entry = request.session.get("lists", {}).get(name)
    if entry is None:
        return None
    page, *wanted, after = entry
    shown = VisibleList(page, LeadFilter(*wanted), after)
    return token, Place(shown, _EPOCH + timedelta(microseconds=int(value, 36)) if value else None, lead_id)


def neighbours_of(request: ActorRequest, lead: Lead) -> dict[str, str] | None:
    """Return workspace/parts/crumbs.html's list, previous and next; None when one came from no list."""
    found = place_of(request, lead.id)
    if found is None:
        return None
    token, place = found
    order = order_of(place.shown.wanted.sort)
    rows = seen_leads(request.actor, place.shown.wanted, request.now).exclude(id=lead.id)
    following = order.of(rows.filter(order.after(place.value, place.lead_id))).first()
    before = order.of(rows.filter(order.before(place.value, place.lead_id)), backwards=True).first()
    name = token.partition(".")[0]
    return {
        "list_url": f"{place.shown.address}#lead-{lead.ref}",
        "list_label": _("My work") if place.shown.page == "my_work" else _("Queue"),
        "previous_url": _address(before, order, name),
        "next_url": _address(following, order, name),
        "position_label": "",
    }


def from_query(request: ActorRequest) -> str:
    """Return the query that carries the place on to the forms of a lead, or ""."""
    found = place_of(request)
    return f"?{urlencode({'from': found[0]})}" if found else ""


def _letters(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _token(name: str, value: datetime | None, lead_id: UUID) -> str:
    """Return the list's name, the row's value in microseconds and a mark nobody else can make; short, for lists."""
    microseconds = (value - _EPOCH) // timedelta(microseconds=1) if value else None
    return _signed(name, int_to_base36(microseconds) if microseconds is not None else "", lead_id)


def _signed(name: str, value: str, lead_id: UUID) -> str:
    mark = _letters(salted_hmac(_SALT, f"{name}.{value}.{lead_id.hex}", algorithm="sha256").digest()[:MARK_BYTES])
    return f"{name}.{value}.{mark}"


def _address(lead: Lead | None, order: Order, name: str) -> str:
    if lead is None:
        return ""
    query = urlencode({"from": _token(name, order.value_of(lead), lead.id)})
    return f"{reverse('workspace:lead', args=[lead.id])}?{query}"
