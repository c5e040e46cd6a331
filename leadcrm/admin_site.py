"""The admin's frame: who may open it, which registers it shows, and how a register saves.

Rights are the actor's (`request.actor`), never Django's own permissions or the superuser flag. A
register writes through an action, so that its refusals and audit entries are those of every door.

The admin has a content policy of its own: its Alpine build evaluates the expressions in its
templates and its widgets set styles in place. Both are allowed under /admin/ and nowhere else;
inline scripts and other hosts stay forbidden here too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from unfold.sites import UnfoldAdminSite

from apps.accounts.notices import notices_of
from apps.accounts.terms import Permission
from apps.policies.queries import waiting_drafts
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.tenancy.organizations import current_organization
from leadcrm.admin_frame import without_unused_parts
from leadcrm.http.scoping import ActorRequest

View = Callable[..., HttpResponse]

ADMIN_CSP = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
#: Addresses of the library that ask for a password only, or that would ask past the registers.
LEFT_OUT = frozenset({"login", "password_change", "password_change_done", "view_on_site"})

#: The product's blue (static/css/tokens.css), by the library's weights; 500 is the link on dark ground.
PRIMARY = {
    "50": "#f0f6fd",
    "100": "#e0edfb",
    "200": "#c2dcf7",
    "300": "#b3d6fb",
    "400": "#93c4f8",
    "500": "#93c4f8",
    "600": "#0b5cad",
    "700": "#094a8c",
    "800": "#083d73",
    "900": "#07315c",
    "950": "#051f3b",
}

#: The registers by group, in the order of the side bar: icon by model label.
GROUPS: tuple[tuple[str, dict[str, str]], ...] = (
    (gettext_noop("Rules"), {"policies.ruleset": "rule", "policies.review": "fact_check"}),
    (
        gettext_noop("Intake"),
        {
            "catalog.source": "input",
            "catalog.channel": "call_split",
            "catalog.campaign": "campaign",
            "catalog.trackingnumber": "dialpad",
            "catalog.customfield": "view_list",
            "catalog.fieldkeeping": "inventory",
            "connectors.connection": "webhook",
            "connectors.hook": "move_to_inbox",
            "capture.form": "dynamic_form",
            "capture.asset": "download",
            "capture.submission": "inbox",
        },
    ),
    (
        gettext_noop("Services and places"),
        {
            "catalog.service": "medical_services",
            "catalog.schedulingworkflow": "event_available",
            "catalog.outsidesystem": "sync_alt",
            "catalog.provider": "stethoscope",
            "catalog.openslots": "event_upcoming",
            "catalog.location": "location_on",
            "catalog.calendar": "schedule",
            "catalog.queue": "stacks",
        },
    ),
    (
        gettext_noop("People and access"),
        {
            "accounts.team": "groups",
            "accounts.membership": "person",
            "accounts.role": "badge",
            "accounts.party": "handshake",
            "accounts.apikey": "key",
        },
    ),
    (
        gettext_noop("Leads"),
        {
            "leads.lead": "person_search",
            "leads.pipeline": "view_kanban",
            "relationships.relationship": "handshake",
            "relationships.opportunity": "lightbulb",
            "leads.outsidereport": "compare_arrows",
            "leads.outsideupdate": "outbox",
            "consent.consentevent": "verified_user",
            "consent.donotcontact": "do_not_disturb_on",
        },
    ),
    (gettext_noop("Texts"), {"consent.consentwording": "gavel", "outreach.template": "mail"}),
    (gettext_noop("Record"), {"audit.auditentry": "history"}),
)


#: What each group is for, in a sentence on the first page.
ABOUT = {
    "Rules": gettext_noop("Who gets a lead, by when, and who may change it. Every change waits for a second person."),
    "Intake": gettext_noop("Where leads come from, and the forms that ask for them."),
    "Services and places": gettext_noop("What is offered where, at which hours, and who answers."),
    "People and access": gettext_noop("Who works here, in which team, with which rights."),
    "Leads": gettext_noop("The leads themselves, their stages, and what people allowed."),
    "Texts": gettext_noop("Wordings of consent and of messages, each with its version."),
    "Record": gettext_noop("Who did what, and when. Nothing here can be changed."),
}


@dataclass(frozen=True)
class Page:
    """A page beside the registers. It stands in the side bar of its group when it has a title there.

    `or_permission` opens it too.
    """

    route: str
    name: str
    view: View
    permission: str
    title: str = ""
    icon: str = ""
    group: str = "Rules"
    or_permission: str = ""

    def is_open_to(self, actor: Actor) -> bool:
        """Say whether an actor may open the page."""
        return actor.may(self.permission) or bool(self.or_permission and actor.may(self.or_permission))


class TenantAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """The admin of the tenant in scope. Sign-in and the second factor are the product's own."""

    site_title = site_header = "leadcrm"
    index_title = gettext_noop("Set-up")
    enable_nav_sidebar = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages: list[Page] = []

    def add_page(self, page: Page) -> None:
        """Add a page; called by the admin module that owns it, before the addresses are read."""
        self.pages.append(page)

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the actor may open the admin; being staff or superuser is not asked."""
        actor: Actor | None = getattr(request, "actor", None)
        return actor is not None and actor.may(Permission.ADMIN_USE)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Refuse who may not use the admin; answer in the tenant's zone, under the admin's content policy."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def entered(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise Refused(
                    "Your role may not open the admin pages. Ask your tenant's administrator.",
                    action="admin.open",
                    object_type="admin",
                )
            zone = current_organization().zone
            with timezone.override(ZoneInfo(zone)):
                answer: HttpResponse = inner(request, *args, **kwargs)
                render = getattr(answer, "render", None)
                return without_unused_parts(cast(HttpResponse, render()) if callable(render) else answer)

        return cast(View, csp_replace(ADMIN_CSP)(cast(Any, entered)))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the added pages, then the library's addresses without its own forms for passwords."""
        own = [path(page.route, self.admin_view(_guarded(page)), name=page.name) for page in self.pages]
        return [*own, *(each for each in super().get_urls() if getattr(each, "name", None) not in LEFT_OUT)]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show every register and tool by group; above them what the person was told, and drafts that wait."""
        actor = cast(ActorRequest, request).actor
        waiting = waiting_drafts() if actor.may(Permission.RULES_READ) else []
        more = {"waiting": waiting, "notices": notices_of(actor)}
        answer: HttpResponse = super().index(request, {**more, **(extra_context or {})})
        return answer

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out through the product's own page, which also clears what the browser kept."""
        return redirect("account_logout", preserve_request=True)

    def each_context(self, request: ActorRequest) -> dict[str, Any]:
        """Return the frame's words: the tenant's name and the person's own links."""
        context: dict[str, Any] = super().each_context(request)
        organization = current_organization()
        context["site_header"] = organization.name
        context["site_subheader"] = request.actor.label
        context["colors"] = {**(context.get("colors") or {}), "primary": PRIMARY}
        context["styles"] = [*(context.get("styles") or []), static("css/admin.css")]
        context["site_favicons"] = [{"rel": "icon", "href": static("mark.svg"), "type": "image/svg+xml"}]
        context["account_links"] = [
            {"title": _("Change password"), "link": reverse("account_change_password")},
            {"title": _("Second factor"), "link": reverse("mfa_index")},
        ]
        return context

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the registers the actor may look into, by group."""
        return [
            {"title": _(title), "about": _(ABOUT[title]), "items": self._get_navigation_items(request, items)}
            for title, icons in GROUPS
            if (items := [*self._items(request, icons), *self._page_items(request, title)])
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the registers for the first page, in the groups of the side bar."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        found = {
            row["model"]._meta.label_lower: {**row, "name": self._registry[row["model"]].title}
            for app in apps
            for row in app["models"]
        }
        index = reverse("admin:index")
        return [
            {"name": _(title), "app_label": "", "app_url": index, "has_module_perms": True, "models": rows}
            for title, icons in GROUPS
            if (rows := [found[label] for label in icons if label in found])
        ]

    def _items(self, request: HttpRequest, icons: Mapping[str, str]) -> list[dict[str, Any]]:
        registers = {model._meta.label_lower: register for model, register in self._registry.items()}
        return [
            {
                "title": register.title,
                "icon": icon,
                "link": reverse(f"admin:{label.replace('.', '_')}_changelist"),
            }
            for label, icon in icons.items()
            if (register := registers.get(label)) is not None and register.has_view_permission(request)
        ]

    def _page_items(self, request: HttpRequest, group: str) -> list[dict[str, Any]]:
        actor = cast(ActorRequest, request).actor
        return [
            {"title": _(page.title), "icon": page.icon, "link": reverse(f"admin:{page.name}")}
            for page in self.pages
            if page.group == group and page.title and page.is_open_to(actor)
        ]


def _guarded(page: Page) -> View:
    """Let in who may open the page; the refusal is audited."""

    @wraps(page.view)
    def entered(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not page.is_open_to(request.actor):
            raise Refused(
                "Your role may not open this page. Ask your tenant's administrator.",
                action=page.permission,
                object_type=page.name,
            )
        return page.view(request, *args, **kwargs)

    return cast(View, entered)


site = TenantAdminSite()
