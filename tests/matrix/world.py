"""Two tenants, whoever asks, and what they ask for: made once, asked thousands of times, never changed.

Each question is asked inside a transaction that is taken back afterwards, so that no cell of a matrix sees
what another one did and none needs rows of its own.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from apps.accounts.actions import Place, save_person, save_role
from apps.accounts.asset_models import AccessRequest
from apps.accounts.models import ApiKey, Notice
from apps.appointments.models import Appointment
from apps.capture.models import Form, Submission, SubmissionDocument
from apps.chat.models import Chat
from apps.compliance.models import UnusualAccess
from apps.compliance.retention_models import LegalHold
from apps.consent.models import DoNotContact
from apps.exceptions.models import ExceptionItem
from apps.flows.models import BulkRun
from apps.handoffs.models import Handoff
from apps.identity.models import DuplicatePair, Merge
from apps.imports.models import ImportRun
from apps.leads.models import ContactPoint, Lead, Person, Task, Touch
from apps.outreach.models import Recording
from apps.ownership.models import LeadShare
from apps.privacy.models import BrokenGlass
from apps.quality.models import FixItem
from apps.relationships.models import Opportunity, Relationship, RelationshipContact, RelationshipRequest
from apps.tenancy.clock import travelling
from apps.tenancy.models import TenantModel
from apps.workspace.models import SavedView
from tests.cast import Tenant, new_tenant
from tests.doors import sign_in
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, send_in
from tests.matrix.rows import fill

#: `make matrix` asks every cell; a usual run asks so that no address, method, field or kind of asker is left out.
FULL = os.environ.get("LEADCRM_MATRIX") == "full"
#: Not signed in; staff without any right; staff who see all leads and change none; an agent of another team;
#: the key of an agency that did not deliver the lead; a manager of another tenant; the lead's owner;
#: marketing; a tenant administrator without a team.
ASKERS = (
    *("anonymous", "bystander", "viewer", "colleague", "agency", "outsider", "owner"),
    *("marketing", "administrator"),
)
VIEWER = ["lead:view", "lead:view_all"]
OWNER = [
    "lead:view",
    "lead:claim",
    "lead:edit",
    "lead:contact",
    "lead:transfer",
    "health:read",
    "consent:narrow",
    "submission:read",
    "attribution:read",
]
OWN, OTHER_TEAM, FOREIGN, NOWHERE = "own", "other team", "other tenant", "nonexistent"
#: What an id in an address names; a new one fails until it is here.
ID_MODELS: dict[str, type[TenantModel]] = {
    "lead_id": Lead,
    "recording_id": Recording,
    "person_id": Person,
    "task_id": Task,
    "submission_id": Submission,
    "appointment_id": Appointment,
    "point_id": ContactPoint,
    "view_id": SavedView,
    "pair_id": DuplicatePair,
    "item_id": ExceptionItem,
    "touch_id": Touch,
    "merge_id": Merge,
    "chat_id": Chat,
    "document_id": SubmissionDocument,
    "key_id": ApiKey,
    "share_id": LeadShare,
    "handoff_id": Handoff,
    "notice_id": Notice,
    "asset_id": Form,
    "access_id": AccessRequest,
    "relationship_id": Relationship,
    "contact_id": RelationshipContact,
    "opportunity_id": Opportunity,
    "request_id": RelationshipRequest,
    "unusual_id": UnusualAccess,
    "entry_id": DoNotContact,
    "hold_id": LegalHold,
    "glass_id": BrokenGlass,
}
WORDS = {"form": "add_note", "key": "nowhere", "kind": "form", "deed": "contact", "act": "terms", "step": "what"}
WORDS |= {"number": "1"}
_PLACE = re.compile(r"<\w+:(\w+)>")


@dataclass(frozen=True)
class World:
    """Two tenants, a browser or program for each asker, and the leads they ask for."""

    harbor: Tenant
    lakeside: Tenant
    clients: dict[str, Client]
    own: Lead
    others: Lead
    foreign: dict[type[TenantModel], Any]
    known: dict[Any, dict[str, Any]] = field(default_factory=dict)

    def values(self, route: str, thing: str) -> dict[str, Any]:
        """Return what stands in the places of an address when this thing is asked for."""
        names = _PLACE.findall(route)
        if thing == FOREIGN:
            return {**WORDS, **{name: self._foreign(route, name) for name in names if name not in WORDS}}
        made_up = {name: uuid4() for name in names if name not in WORDS}
        lead = {OWN: self.own, OTHER_TEAM: self.others}.get(thing)
        return {**WORDS, **made_up, **(self._of(lead) if lead else {})}

    def delivered(self) -> dict[str, Any]:
        """Return the ids of a lead that BrightPath delivered; the lead stands in for its person and its task."""
        if "delivered" not in self.known:
            lead = make_lead(self.harbor, source="imaging-spring")
            ids = dict.fromkeys(("lead_id", "person_id", "task_id"), lead.id)
            self.known["delivered"] = {**self._of(lead), **ids, **WORDS}
        return self.known["delivered"]

    def _foreign(self, route: str, name: str) -> Any:
        if name == "run_id":
            return self.foreign[ImportRun if route.startswith("imports/") else BulkRun]
        if name == "item_id" and route.startswith("quality/"):
            return self.foreign[FixItem]
        return self.foreign[ID_MODELS[name]]

    def _of(self, lead: Lead) -> dict[str, Any]:
        if lead.id not in self.known:
            with self.harbor.scope():
                self.known[lead.id] = {
                    "lead_id": lead.id,
                    "person_id": lead.person_id,
                    "task_id": Task.rows().get(lead=lead).id,
                    "submission_id": Submission.rows().get(lead_id=lead.id).id,
                    "key_id": ApiKey.rows().get(name="bp-1").id,
                }
        return self.known[lead.id]


@cache
def world() -> World:
    """Return the world of this process; Ana is alone in the team that she leads, and so gets every lead."""
    harbor, lakeside = new_tenant("harbor"), new_tenant("lakeside")
    with harbor.scope():
        by = harbor.system
        made = {
            name: save_role(actor=by, key=name, name=name, permissions=rights, hidden_field_groups=[]).row
            for name, rights in (("bystander", []), ("viewer", VIEWER), ("worker", OWNER))
        }
        for name in ("bystander", "viewer"):
            save_person(actor=by, email=f"{name}@{harbor.domain}", name=name, role=made[name], places=[])
        for name in ("eli", "lena"):
            member = harbor.member(name)
            save_person(actor=by, email=member.user.email, name=name, role=member.role, places=[])
        place = [Place(harbor.team("elm-calls"), is_lead=True)]
        save_person(actor=by, email=f"ana@{harbor.domain}", name="Ana Ruiz", role=made["worker"], places=place)
    people = {
        "bystander": "bystander",
        "viewer": "viewer",
        "colleague": "ben",
        "owner": "ana",
        "marketing": "cleo",
        "administrator": "ada",
    }
    clients = {asker: sign_in(harbor.user(name)) for asker, name in people.items()}
    clients["outsider"] = sign_in(lakeside.user("max"))
    clients["anonymous"] = Client()
    clients["agency"] = Client(headers={"authorization": f"Bearer {harbor.keys['bp-1']}"})
    oak = {"request__service": "dermatology", "request__location": "oak-park"}
    own, others = make_lead(harbor), make_lead(harbor, source="landing-pages", **oak)
    asked = {"source": "website", "request__location": "lakeside", "person__last_name": "Quillfeather"}
    processed(lakeside, send_in(lakeside, inquiry(**asked), at=TUESDAY_NINE, key="harborline-1"), at=TUESDAY_NINE)
    return World(harbor, lakeside, clients, own, others, fill(lakeside))


def filled(route: str, values: dict[str, Any]) -> str:
    """Return an address with its places filled in."""
    return "/" + _PLACE.sub(lambda found: str(values[found[1]]), route)


def send(client: Client, method: str, path: str, body: Any) -> HttpResponse:
    """Ask once, on a Tuesday at nine."""
    with travelling(to=TUESDAY_NINE):
        if path.startswith("/api/"):
            data = "" if body is None else json.dumps(body)
            answer: HttpResponse = client.generic(method, path, data, content_type="application/json")
        elif method == "POST":
            answer = client.post(path, body or {})
        else:
            answer = client.get(path) if method == "GET" else client.generic(method, path)
    return answer


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back whatever happens inside, as if it had not been asked."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
