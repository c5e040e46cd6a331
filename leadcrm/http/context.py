"""What every page's frame shows: tenant, person, team, the ways they may go, the server's time.

Computed when a template first asks, so that a fragment costs no query for a frame it has not.
"""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.models import Party
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import Availability, Permission
from apps.chat.queries import Waiting, waiting_for
from apps.tenancy.actor import Actor
from apps.tenancy.models import Organization
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import organization_in_scope, tenant_scope
from apps.workspace.rail import rail_counts
from leadcrm.http.sessions import POLL_HEADER
from leadcrm.live.addresses import stream_url


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the rail: shown to who holds one of the permissions (none named: to everybody).

    `counts` says what its number counts, for who hears the page.
    """

    label: str
    url: str
    icon: str
    permissions: tuple[str, ...] = ()
    is_exact: bool = False
    counts: str = ""


WAYS = (
    Way(gettext_noop("My work"), "/", "work", (Permission.LEAD_VIEW,), counts=gettext_noop("open leads of yours")),
    Way(
        gettext_noop("Queue"),
        "/queue/",
        "queue",
        (Permission.LEAD_VIEW,),
        counts=gettext_noop("leads of your teams that nobody has taken"),
    ),
    Way(
        gettext_noop("Chats"),
        "/chats/",
        "text",
        (Permission.LEAD_CONTACT,),
        counts=gettext_noop("people who wait in the chat"),
    ),
    Way(gettext_noop("New inquiry"), "/leads/new/", "plus", (Permission.LEAD_EDIT,)),
    Way(gettext_noop("Messages"), "/messages/", "email", (Permission.LEAD_VIEW_ALL,)),
    Way(gettext_noop("Relationships"), "/relationships/", "team", (Permission.RELATIONSHIP_VIEW,)),
    Way(gettext_noop("Board"), "/board/", "stage", (Permission.REPORT_READ, Permission.LEAD_VIEW_ALL)),
    Way(gettext_noop("Exceptions"), "/exceptions/", "warning", (Permission.SUBMISSION_READ,)),
    Way(gettext_noop("Duplicates"), "/duplicates/", "duplicate", (Permission.SUBMISSION_READ,)),
    Way(
        gettext_noop("Quarantine"),
        "/quarantine/",
        "no",
        (Permission.SUBMISSION_READ,),
        counts=gettext_noop("inquiries that look like spam and wait for a person"),
    ),
    Way(gettext_noop("Forms and lists"), "/forms/", "web", (Permission.LEAD_VIEW,)),
    Way(gettext_noop("Data quality"), "/quality/", "eye", (Permission.REPORT_READ,)),
    Way(gettext_noop("Imports"), "/imports/", "note", (Permission.SETTINGS_WRITE,)),
    Way(gettext_noop("Groups"), "/segments/", "filter", (Permission.RULES_WRITE,)),
    Way(gettext_noop("Reports"), "/reports/", "document", (Permission.REPORT_READ,)),
    Way(gettext_noop("Playbook"), "/playbook/", "book"),
    Way(gettext_noop("Compliance"), "/compliance/", "shield", (Permission.COMPLIANCE_VIEW,)),
    Way(gettext_noop("Agencies"), "/partner/", "agency", (Permission.DELIVERY_READ,)),
    Way(gettext_noop("Admin"), "/admin/", "admin", (Permission.ADMIN_USE,)),
)
#: The rail of an agency's people, who have no other pages.
AGENCY_WAYS = (
    Way(gettext_noop("Home"), "/partner/", "work", (Permission.DELIVERY_READ,), is_exact=True),
    Way(gettext_noop("Submit a lead"), "/partner/submit/", "plus", (Permission.DELIVERY_POST,)),
    Way(gettext_noop("Deliveries"), "/partner/deliveries/", "queue", (Permission.DELIVERY_READ,)),
    Way(gettext_noop("Keys"), "/partner/keys/", "lock", (Permission.DELIVERY_READ,)),
    Way(gettext_noop("Test lead"), "/partner/test/", "route", (Permission.DELIVERY_POST, Permission.AGENCY_MANAGE)),
    Way(gettext_noop("API docs"), "/api/v1/docs", "document"),
)


#: After so long without a touch a page of the staff is covered.
COVER_SECONDS = 600
#: Pages that bring themselves up to date.
LIVE_PAGES = frozenset(
    ("workspace:my_work", "workspace:queue", "workspace:lead", "reporting:board", "chat:waiting", "chat:talk")
)

AVAILABILITY_WORDS = {
    Availability.AVAILABLE: gettext_noop("Available"),
    Availability.ON_CALL: gettext_noop("On call"),
    Availability.WRAP_UP: gettext_noop("Wrap-up"),
    Availability.BREAK: gettext_noop("Break"),
    Availability.AWAY: gettext_noop("Away"),
}
#: What the switch offers, and what each means for new leads (`apps.accounts.terms.TAKES_LEADS`).
AVAILABILITY_SENTENCES = {
    Availability.AVAILABLE: gettext_noop("New leads come to you"),
    Availability.ON_CALL: gettext_noop("On the phone; new leads still come"),
    Availability.WRAP_UP: gettext_noop("Finishing notes; new leads still come"),
    Availability.BREAK: gettext_noop("No new leads until you are back"),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates `shell` (see templates/shell.html), `actor`, `organization`, `demo`, `path`."""
    actor: Actor | None = getattr(request, "actor", None)
    found: dict[str, Any] = {"actor": actor, "demo": settings.LEADCRM_DEMO, "path": request.path}
    if actor is not None:
        someone = actor
        organization = SimpleLazyObject(lambda: _organization(someone))
        found["organization"] = organization
        found["shell"] = SimpleLazyObject(lambda: frame(request, someone, organization))
    return found


def frame(request: HttpRequest, actor: Actor, organization: Any) -> dict[str, Any]:
    """Return what the frame shows, read inside the view's scope or on error pages outside it."""
    now, waiting = getattr(request, "now", None), _waiting(actor)
    return {
        "tenant_name": organization.name,
        "user_name": actor.label,
        "team_name": _party_name(actor) if actor.is_agency else _team_names(actor),
        "availability": availability_shown(actor.availability) if actor.availability and not actor.is_agency else None,
        "live_url": _live_url(request) if actor.may(Permission.LEAD_VIEW) else "",
        "is_poll": POLL_HEADER in request.headers,
        "made": time.time_ns() // 1_000_000 - 2000,
        "is_live": request.method == "GET" and _view_name(request) in LIVE_PAGES,
        "theme": request.session.get("theme", ""),
        "density": request.session.get("density", ""),
        "now": now,
        "updated_label": f"{now.astimezone(ZoneInfo(organization.zone)):%H:%M:%S}" if now else "",
        "may_admin": actor.may(Permission.ADMIN_USE),
        "is_demo": settings.LEADCRM_DEMO,
        "nav": ways_of(actor, request.path, _counts(actor, waiting)),
        "urgent_chats": waiting.urgent,
        "urgent_since": _on_clock(waiting.urgent_since, organization),
        "search_url": "" if actor.is_agency else _address("workspace:search"),
        "may_start": actor.may(Permission.LEAD_CLAIM) and actor.membership_id is not None,
        "keys": "off" if actor.is_agency else getattr(request.user, "key_mode", "letters"),
        "keys_url": "" if actor.is_agency else _address("workspace:keys"),
        "own_keys": own_keys_shown(getattr(request.user, "own_keys", {})),
        "stay_url": "" if actor.is_agency else _address("workspace:stay"),
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "cover_seconds": min(COVER_SECONDS, settings.SESSION_IDLE_SECONDS * 2 // 3),
        "help_url": "",
    }


def own_keys_shown(own: Mapping[str, str]) -> str:
    """Return a person's own keys as the pages' script reads them: what a command usually has, and what it has now."""
    return " ".join(f"{usual}={chosen}" for usual, chosen in sorted(own.items()))


def ways_of(actor: Actor, path: str, counts: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the rail's entries that lead somewhere and that the actor may use, the present one marked."""
    return [
        {
            "label": _(way.label),
            "url": way.url,
            "icon": way.icon,
            "count": (counts or {}).get(way.url, ""),
            "counts": _(way.counts),
            "current": _is_at(way, path),
        }
        for way in (AGENCY_WAYS if actor.is_agency else WAYS)
        if is_valid_path(way.url) and (not way.permissions or any(actor.may(each) for each in way.permissions))
    ]


def _waiting(actor: Actor) -> Waiting:
    """Return who waits in a chat; on a page of an error, which has no scope, nobody is asked."""
    return Waiting() if not organization_in_scope() or actor.is_agency else waiting_for(actor)


def _counts(actor: Actor, waiting: Waiting) -> dict[str, str]:
    """Return the rail's numbers; on a page of an error, which has no scope, the rail goes without."""
    if not organization_in_scope() or actor.is_agency:
        return {}
    return rail_counts(actor) | ({"/chats/": str(waiting.count)} if waiting.count else {})


def _on_clock(at: datetime | None, organization: Organization) -> str:
    return f"{at.astimezone(ZoneInfo(organization.zone)):%H:%M}" if at else ""


def _is_at(way: Way, path: str) -> bool:
    return path == way.url or (way.url != "/" and not way.is_exact and path.startswith(way.url))


def _organization(actor: Actor) -> Organization:
    with _scope_of(actor):
        return current_organization()


def _scope_of(actor: Actor) -> AbstractContextManager[None]:
    """Return the scope to read in; where one is open already, no savepoint is spent."""
    return nullcontext() if organization_in_scope() else tenant_scope(actor.organization_id)


def _team_names(actor: Actor) -> str:
    with _scope_of(actor):
        return ", ".join(sorted(row.name for row in teams_by_id().values() if row.id in actor.team_ids))


def availability_shown(value: str) -> dict[str, Any]:
    """Return the switch: what it says now, and what may be chosen."""
    chosen = Availability(value)
    return {
        "value": value,
        "word": _(AVAILABILITY_WORDS[chosen]),
        "options": [
            {"value": str(each), "word": _(AVAILABILITY_WORDS[each]), "sentence": _(sentence)}
            for each, sentence in AVAILABILITY_SENTENCES.items()
        ],
    }


def _live_url(request: HttpRequest) -> str:
    return stream_url(settings.LEADCRM_LIVE_URL, scheme=request.scheme or "http", host=request.get_host())


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _party_name(actor: Actor) -> str:
    if actor.party_id is None:
        return ""
    with _scope_of(actor):
        return Party.rows().filter(id=actor.party_id).values_list("name", flat=True).first() or ""


def _address(name: str) -> str:
    """Return the address of a view, or "" where this installation has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
