"""The place of a lead in the list one came from: a signed token in the address that tells nothing by itself.

The list (its filter and page) is kept with the session under a short name; the token holds that name and the
row's place by the clock. So no word of a filter stands beside a lead's id in an address, and previous and next
go on from the row as it stood in the visible list, however the lead itself has moved since.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.leads.models import Lead
from apps.workspace.queries import LeadFilter, open_leads
from leadcrm.http.scoping import ActorRequest

_SALT = "leadcrm.place"
MOST_LISTS = 20
LONGEST_TOKEN = 200


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
        query = {"view": self.wanted.view, **self.wanted.chosen, "after": self.after}
        text = urlencode({name: value for name, value in query.items() if value})
        return reverse("workspace:queue") + (f"?{text}" if text else "")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a visible list, by the clock."""

    shown: VisibleList
    due_at: datetime | None
    lead_id: UUID


def tokens_of(request: ActorRequest, shown: VisibleList, leads: Iterable[Lead]) -> dict[UUID, str]:
    """Keep the list with the session and return each row's token."""
    entry = [shown.page, *astuple(shown.wanted), shown.after]
    name = salted_hmac(_SALT, "\n".join(entry)).hexdigest()[:12]
    lists = request.session.get("lists", {})
    if name not in lists:
        kept = list(lists.items())[-MOST_LISTS + 1 :]
        request.session["lists"] = dict([*kept, (name, entry)])
    return {lead.id: _token(name, lead.due_at, lead.id) for lead in leads}


def place_of(request: ActorRequest) -> tuple[str, Place] | None:
    """Return the token of the address and its place; None for a forged one or a list that is forgotten."""
    token = request.GET.get("from", "")
    if not token or len(token) > LONGEST_TOKEN:
        return None
    try:
        name, due, lead_id = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    entry = request.session.get("lists", {}).get(name)
    if entry is None:
        return None
    page, *wanted, after = entry
    shown = VisibleList(page, LeadFilter(*wanted), after)
    return token, Place(shown, datetime.fromisoformat(due) if due else None, UUID(lead_id))


def neighbours_of(request: ActorRequest, lead: Lead) -> dict[str, str] | None:
    """Return workspace/parts/crumbs.html's list, previous and next; None when one came from no list."""
    found = place_of(request)
    if found is None or found[1].lead_id != lead.id:
        return None
    token, place = found
    rows = open_leads(request.actor, place.shown.wanted, request.now).select_related(None).exclude(id=lead.id)
    following = rows.filter(_after(place)).first()
    before = rows.filter(_before(place)).order_by(F("due_at").desc(nulls_first=True), "-id").first()
    name = signing.loads(token, salt=_SALT)[0]
    return {
        "list_url": f"{place.shown.address}#lead-{lead.ref}",
        "list_label": _("My work") if place.shown.page == "my_work" else _("Queue"),
        "previous_url": _address(before, name),
        "next_url": _address(following, name),
        "position_label": "",
    }


def from_query(request: ActorRequest) -> str:
    """Return the query that carries the place on to the forms of a lead, or ""."""
    found = place_of(request)
    return f"?{urlencode({'from': found[0]})}" if found else ""


def _token(name: str, due_at: datetime | None, lead_id: UUID) -> str:
    return signing.dumps([name, due_at.isoformat() if due_at else "", lead_id.hex], salt=_SALT)


def _address(lead: Lead | None, name: str) -> str:
    if lead is None:
        return ""
    query = urlencode({"from": _token(name, lead.due_at, lead.id)})
    return f"{reverse('workspace:lead', args=[lead.id])}?{query}"


def _after(place: Place) -> Q:
    if place.due_at is None:
        return Q(due_at__isnull=True, id__gt=place.lead_id)
    return Q(due_at__gt=place.due_at) | Q(due_at=place.due_at, id__gt=place.lead_id) | Q(due_at__isnull=True)


def _before(place: Place) -> Q:
    if place.due_at is None:
        return Q(due_at__isnull=False) | Q(due_at__isnull=True, id__lt=place.lead_id)
    return Q(due_at__lt=place.due_at) | Q(due_at=place.due_at, id__lt=place.lead_id)
