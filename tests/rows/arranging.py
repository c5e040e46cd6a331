"""How the rows' tests set a tenant up and ask at its doors: by the admin's registers, as people do."""

import copy
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.test import Client

from apps.accounts.actions import Place, save_person, save_team
from apps.accounts.models import Team, TeamMembership
from apps.accounts.terms import Availability
from apps.catalog.models import Calendar, Queue
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.queries import live_document
from apps.tenancy.clock import database_now, travelling
from tests.approving import approve_at
from tests.cast import Tenant

OpenBrowser = Callable[..., Client]
CHICAGO = ZoneInfo("America/Chicago")
WEEKDAYS = range(5)


def chicago(text: str) -> datetime:
    """Return an instant written as the clinic's wall clock shows it: `chicago("2026-12-04 16:58")`."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


def ask(client: Client, method: str, path: str, body: Any = None, *, at: datetime) -> HttpResponse:
    """Ask the REST API as the signed-in person, at an instant."""
    data = "" if body is None else json.dumps(body)
    with travelling(to=at):
        answer: HttpResponse = client.generic(method, f"/api/v1{path}", data, "application/json")
    return answer


def page(client: Client, path: str, *, at: datetime) -> str:
    """Return a page as the signed-in person sees it at an instant."""
    with travelling(to=at):
        answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def draft_rules(
    tenant: Tenant, client_as: OpenBrowser, kind: str, change: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Let the administrator save changed rules as a draft."""
    with tenant.scope():
        document = copy.deepcopy(live_document(kind, database_now()))
        rule_set = RuleSet.rows().get(kind=kind)
    change(document)
    body = {"document": json.dumps(document), "reason": "as the row asks"}
    answer: HttpResponse = client_as("ada").post(f"/admin/policies/ruleset/{rule_set.id}/change/", body)
    return answer


def change_rules(tenant: Tenant, client_as: OpenBrowser, kind: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Let the administrator change rules and compliance approve them."""
    saved = draft_rules(tenant, client_as, kind, change)
    assert saved.status_code == 302, saved.content.decode()
    with tenant.scope():
        draft = RuleSetVersion.rows().get(rule_set__kind=kind, state="draft")
    answer = approve_at(client_as("dev"), draft.id)
    assert answer.status_code == 302, answer.content.decode()


def add_location_rules(*rules: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Return a change that puts routing rules first in the location layer."""

    def change(document: dict[str, Any]) -> None:
        layer = next(each for each in document["layers"] if each["key"] == "location")
        layer["rules"] = [*rules, *layer["rules"]]

    return change


def rule(key: str, when: dict[str, Any], then: dict[str, str]) -> dict[str, Any]:
    """Return a routing rule."""
    return {"id": key, "name": key, "meaning": "As the row asks.", "when": when, "then": then}


def is_(field: str, value: Any) -> dict[str, Any]:
    """Return a condition on one field."""
    return {"field": field, "op": "is", "value": value}


def add_team(tenant: Tenant, key: str, name: str, *people: str) -> None:
    """Add a team of colleagues who keep the places they have; the first one leads it."""
    with tenant.scope():
        team = save_team(actor=tenant.system, key=key, name=name, function="intake").row
        for position, person in enumerate(people):
            member = tenant.member(person)
            held = TeamMembership.rows().filter(membership=member).select_related("team")
            places = [*(Place(row.team, row.is_lead) for row in held), Place(team, position == 0)]
            save_person(
                actor=tenant.system, email=member.user.email, name=member.user.name, role=member.role, places=places
            )


def add_queue(tenant: Tenant, client_as: OpenBrowser, key: str, name: str, team: str, **more: Any) -> None:
    """Add a queue of a team in the admin."""
    with tenant.scope():
        body = {
            "key": key,
            "name": name,
            "target_kind": "scheduling_team",
            "team": Team.rows().get(key=team).id,
            "calendar": Calendar.rows().get(key="clinic").id,
            "method": "round_robin",
            "max_wait_seconds": 900,
            "is_active": "on",
            **more,
        }
    answer = client_as("ada").post("/admin/catalog/queue/add/", body)
    assert answer.status_code == 302, answer.content.decode()


def give_calendar(tenant: Tenant, client_as: OpenBrowser, queue_key: str, calendar_key: str) -> None:
    """Let a queue keep other hours, in the admin."""
    with tenant.scope():
        calendar = Calendar.rows().get(key=calendar_key)
    change_queue(tenant, client_as, queue_key, calendar=calendar.id)


def change_queue(tenant: Tenant, client_as: OpenBrowser, queue_key: str, **more: Any) -> None:
    """Change a queue in the admin."""
    with tenant.scope():
        row = Queue.rows().get(key=queue_key)
    body = {
        "name": row.name,
        "target_kind": row.target_kind,
        "team": row.team_id,
        "calendar": row.calendar_id,
        "location": row.location_id or "",
        "method": row.method,
        "tag": row.tag,
        "is_active": "on",
        "max_wait_seconds": row.max_wait_seconds,
        "after_hours_queue": row.after_hours_queue_id or "",
        "batch_times": ",".join(f"{each:%H:%M}" for each in row.batch_times),
        "channels": row.channels,
        **more,
    }
    answer = client_as("ada").post(f"/admin/catalog/queue/{row.id}/change/", body)
    assert answer.status_code == 302, answer.content.decode()


def keep_calendar(
    tenant: Tenant,
    client_as: OpenBrowser,
    key: str,
    *,
    zone: str = "America/Chicago",
    hours: tuple[str, str] = ("08:00", "17:00"),
    holidays: Sequence[str] = (),
) -> None:
    """Make or change weekday hours with exactly these closed days, in the admin."""
    with tenant.scope():
        found = Calendar.rows().filter(key=key).first()
    body: dict[str, Any] = {
        "key": key,
        "name": key.capitalize(),
        "zone": zone,
        "spans-TOTAL_FORMS": len(WEEKDAYS),
        "spans-INITIAL_FORMS": 0,
        "holidays-TOTAL_FORMS": len(holidays),
        "holidays-INITIAL_FORMS": 0,
    }
    for day in WEEKDAYS:
        body |= {f"spans-{day}-weekday": day, f"spans-{day}-opens": hours[0], f"spans-{day}-closes": hours[1]}
    for place, closed in enumerate(holidays):
        body |= {f"holidays-{place}-day": closed, f"holidays-{place}-name": "Closed"}
    path = f"/admin/catalog/calendar/{found.id}/change/" if found else "/admin/catalog/calendar/add/"
    answer = client_as("ada").post(path, body)
    assert answer.status_code == 302, answer.content.decode()


def set_availability(tenant: Tenant, client_as: OpenBrowser, name: str, state: Availability) -> None:
    """Switch a colleague to another availability, in the admin."""
    change_person(tenant, client_as, name, availability=str(state))


def change_person(tenant: Tenant, client_as: OpenBrowser, name: str, **more: Any) -> None:
    """Change what the admin knows of a colleague."""
    with tenant.scope():
        member = tenant.member(name)
        rows = list(TeamMembership.rows().filter(membership=member).select_related("team"))
        body = {
            "email": member.user.email,
            "person_name": member.user.name,
            "role": member.role_id,
            "teams": [row.team.key for row in rows],
            "leads": [row.team.key for row in rows if row.is_lead],
            "availability": member.availability,
            "open_lead_cap": member.open_lead_cap,
            "skills": ",".join(member.skills),
            **more,
        }
    answer = client_as("ada").post(f"/admin/accounts/membership/{member.id}/change/", body)
    assert answer.status_code == 302, answer.content.decode()
