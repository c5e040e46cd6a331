"""Every address of the product and what it needs: who gets which answer. A new address fails until it is listed.

The columns are seven askers. Whoever has no business with an id gets 404, as for an id that does not exist; a
colleague, who may know that the lead exists, gets 403 with a sentence; who is not signed in is led to sign-in
by pages and gets 401 by the API.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.actions import Place, save_person, save_role
from apps.leads.models import Lead, Task
from apps.capture.models import Submission
from apps.tenancy.clock import travelling
from tests.cast import Tenant, new_tenant
from tests.doors import sign_in
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead

#: Not signed in; staff without any right; staff who see all leads and change none; an agent of another team; an
#: agency's key; a manager of another tenant; the lead's owner.
ASKERS = ("anonymous", "bystander", "viewer", "colleague", "agency", "outsider", "owner")
PAGE, API = "leads/<canonical_uuid:lead_id>/", "api/v1/leads/<uuid:lead_id>"
LATER = "2026-12-02T16:00:00Z"
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
CALL = {"kind": "call", "outcome": "voicemail", "next_action_at": LATER}

#: Address: what is sent, and the answers in the order of ASKERS.
OF_STAFF: list[tuple[str, str, Any, str]] = [
    ("GET", "", None, ""),
    ("GET", "queue/", None, ""),
    ("POST", "search/", {"q": "L-1"}, ""),
    ("GET", PAGE, None, ""),
    ("GET", f"{PAGE}why/", None, ""),
    ("GET", "people/<canonical_uuid:person_id>/", None, ""),
    ("POST", f"{PAGE}claim/", {}, ""),
    ("POST", f"{PAGE}call/", {}, ""),
    *((method, f"{PAGE}{deed}/", {}, "") for deed in ("log-call", "transfer", "book", "move", "note", "party", "close", "opt-out", "allow") for method in ("GET", "POST")),
    ("GET", "api/v1/leads", None, ""),
    ("POST", "api/v1/leads", inquiry(source="imaging-spring"), ""),
    ("POST", "api/v1/leads/batch", {"leads": [inquiry(source="imaging-spring")]}, ""),
    ("GET", API, None, ""),
    ("PATCH", API, {"payer": "Blue"}, ""),
    ("POST", f"{API}/stage", {"to": "nurture", "reason": "Later"}, ""),
    ("POST", f"{API}/transfers", {"team": "oak-calls", "reason": "Lives there"}, ""),
    ("POST", f"{API}/claim", {}, ""),
    ("POST", f"{API}/close", {"reason": "not_interested", "note": "Said so", "outcome": "lost"}, ""),
    ("POST", f"{API}/notes", {"text": "Prefers Tuesdays"}, ""),
    ("POST", f"{API}/parties", {"party": "acme", "part": "payer"}, ""),
    ("POST", f"{API}/calls", {}, ""),
    ("GET", f"{API}/consents", None, ""),
    ("POST", f"{API}/consents", {"channel": "call", "state": "withdrawn"}, ""),
    ("GET", f"{API}/tasks", None, ""),
    ("POST", f"{API}/tasks", {"title": "Send forms", "due_at": LATER}, ""),
    ("PATCH", f"{API}/tasks/<uuid:task_id>", {"state": "done"}, ""),
    ("GET", f"{API}/appointments", None, ""),
    ("POST", f"{API}/appointments", VISIT, ""),
    ("PATCH", f"{API}/appointments/<uuid:appointment_id>", {"state": "confirmed"}, ""),
    ("GET", f"{API}/activities", None, ""),
    ("POST", f"{API}/activities", CALL, ""),
    ("GET", "api/v1/submissions/<uuid:submission_id>", None, ""),
    ("GET", "api/v1/deliveries", None, ""),
    ("GET", "api/v1/attribution", None, ""),
]  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Two tenants, and a browser or program for each asker."""

    harbor: Tenant
    lakeside: Tenant
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def cast() -> Cast:
    """Return the askers; the owner is Ana, to whom every lead is given."""
    harbor, lakeside = new_tenant("harbor"), new_tenant("lakeside")
    with harbor.scope():
        for name, rights in (("bystander", []), ("viewer", ["lead:view", "lead:view_all"])):
            role = save_role(actor=harbor.system, key=name, name=name, permissions=rights, hidden_field_groups=[])
            save_person(actor=harbor.system, email=f"{name}@{harbor.domain}", name=name, role=role.row, places=[])
        team, role = harbor.team("elm-calls"), harbor.member("ana").role
        for name in ("eli", "lena"):
            member = harbor.member(name)
            save_person(actor=harbor.system, email=member.user.email, name=name, role=member.role, places=[])
        save_person(actor=harbor.system, email=f"ana@{harbor.domain}", name="Ana", role=role, places=[Place(team)])
    clients = {name: sign_in(harbor.user(name)) for name in ("bystander", "viewer")}
    clients |= {"colleague": sign_in(harbor.user("ben")), "owner": sign_in(harbor.user("ana")),
                "outsider": sign_in(lakeside.user("max")), "anonymous": Client(),
                "agency": Client(headers={"authorization": f"Bearer {harbor.keys['bp-1']}"})}  # fmt: skip
    return Cast(harbor, lakeside, clients)


def walk(patterns: list[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the resolver with its pattern."""
    for each in patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, route)
        else:
            yield route, each


def answers(cast: Cast, method: str, route: str, body: Any) -> str:
    lead = make_lead(cast.harbor)
    with cast.harbor.scope():
        ids = {"lead_id": lead.id, "person_id": lead.person_id, "task_id": Task.rows().get(lead=lead).id,
               "submission_id": Submission.rows().get(lead_id=lead.id).id, "appointment_id": uuid4()}
    path = "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), route)
    out = []
    for name in ASKERS:
        client = cast.clients[name]
        with travelling(to=TUESDAY_NINE):
            if "api/" in route:
                answer = client.generic(method, path, json.dumps(body) if body is not None else "", "application/json")
            else:
                answer = client.generic(method, path, "", "application/x-www-form-urlencoded") if method == "GET" else client.post(path, body)
        out.append(str(answer.status_code))
    return " ".join(out)


def test_probe(cast: Cast) -> None:
    lines = [f"{m:6}{r:60} {answers(cast, m, r, b)}" for m, r, b, _ in OF_STAFF]
    raise AssertionError("\n".join(lines))
