"""What every page's frame shows: tenant, person, team, the ways they may go, the server's time.

Computed when a template first asks, so that a fragment costs no query for a frame it has not.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.tenancy.actor import Actor
from apps.tenancy.models import Organization
from apps.tenancy.scope import organization_in_scope, tenant_scope


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the rail: shown to who holds one of the permissions (none named: to everybody)."""

    label: str
    url: str
    icon: str
    permissions: tuple[str, ...] = ()


WAYS = (
    Way(gettext_noop("My work"), "/", "work", (Permission.LEAD_VIEW,)),
    Way(gettext_noop("Queue"), "/queue/", "queue", (Permission.LEAD_VIEW,)),
    Way(gettext_noop("Board"), "/board/", "stage", (Permission.REPORT_READ, Permission.LEAD_VIEW_ALL)),
    Way(gettext_noop("Exceptions"), "/exceptions/", "warning", (Permission.SUBMISSION_READ,)),
    Way(gettext_noop("Duplicates"), "/duplicates/", "duplicate", (Permission.SUBMISSION_READ,)),
    Way(gettext_noop("Reports"), "/reports/", "document", (Permission.REPORT_READ,)),
    Way(gettext_noop("Playbook"), "/playbook/", "book"),
    Way(gettext_noop("Compliance"), "/compliance/", "shield", (Permission.AUDIT_READ,)),
    Way(gettext_noop("Agencies"), "/partner/", "agency", (Permission.DELIVERY_READ,)),
    Way(gettext_noop("Admin"), "/admin/", "admin", (Permission.ADMIN_USE,)),
)


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
    """Return what the frame shows: two queries, inside the view's scope or on error pages outside it."""
    now = getattr(request, "now", None)
    return {
        "tenant_name": organization.name,
        "user_name": actor.label,
        "team_name": _team_names(actor),
        "theme": request.session.get("theme", ""),
        "density": request.session.get("density", ""),
        "now": now,
        "updated_label": f"{now.astimezone(ZoneInfo(organization.zone)):%H:%M:%S}" if now else "",
        "may_admin": actor.may(Permission.ADMIN_USE),
        "is_demo": settings.LEADCRM_DEMO,
        "nav": ways_of(actor, request.path),
        "search_url": _address("workspace:search"),
        "may_start": actor.may(Permission.LEAD_CLAIM) and actor.membership_id is not None,
        "keys": request.session.get("keys", "letters"),
        "keys_url": _address("workspace:keys"),
        "help_url": "",
    }


def ways_of(actor: Actor, path: str) -> list[dict[str, Any]]:
    """Return the rail's entries that lead somewhere and that the actor may use, the present one marked."""
    return [
        {"label": _(way.label), "url": way.url, "icon": way.icon, "count": "", "current": _is_at(way, path)}
        for way in WAYS
        if is_valid_path(way.url) and (not way.permissions or any(actor.may(each) for each in way.permissions))
    ]


def _is_at(way: Way, path: str) -> bool:
    return path == way.url or (way.url != "/" and path.startswith(way.url))


def _organization(actor: Actor) -> Organization:
    with _scope_of(actor):
        return Organization.objects.get(id=actor.organization_id)


def _scope_of(actor: Actor) -> AbstractContextManager[None]:
    """Return the scope to read in; where one is open already, no savepoint is spent."""
    return nullcontext() if organization_in_scope() else tenant_scope(actor.organization_id)


def _team_names(actor: Actor) -> str:
    if not actor.team_ids:
        return ""
    with _scope_of(actor):
        names = Team.rows().filter(id__in=actor.team_ids).order_by("name").values_list("name", flat=True)
        return ", ".join(names)


def _address(name: str) -> str:
    """Return the address of a view, or "" where this installation has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
