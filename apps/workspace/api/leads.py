"""Leads by API: deliver, list, read, correct. An agency and a colleague ask the same address."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.queries import mapping_of_lead
from apps.capture.schema import LeadPost
from apps.flows.notes import EDITABLE, PICKED, SEALED, edit_lead
from apps.leads.models import Lead
from apps.ownership.queries import lead_for, lead_to_change, require_change, visible_leads
from apps.ownership.terms import KEY_FIELDS
from apps.partners.queries import as_delivered, delivered_lead, delivered_leads, require
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.scope import tenant_scope
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.delivering import deliver, deliver_batch
from apps.workspace.api.describing import IDEMPOTENCY_KEY, IF_MATCH, PAGE, PREFER, describe
from apps.workspace.api.reading import actor_of, now_of, object_of, version_of
from leadcrm.http.pagination import KeysetPagination
from leadcrm.http.scoping import own_scope

#: Fields that exist but have an owner: asking to change them is refused with its sentence, not as unknown.
LOCKED = KEY_FIELDS | {"consent", "consent_call", "consent_text", "consent_email"}
STAFF_COLUMNS = ("lead", "person", "consent", "clocks")


def refuse_agency(request: Request, lead_id: UUID, field: str, action: str) -> None:
    """Refuse what only staff do: 403 with the owner's sentence on the agency's own lead, else 404."""
    actor = actor_of(request)
    if actor.is_agency:
        lead = delivered_lead(actor, lead_id)
        require_change(actor, lead, (field,), now=now_of(request), action=action)


@own_scope
class LeadsView(APIView):
    """`/leads`. Delivering has a transaction of its own, so this view opens its scopes itself."""

    @describe(
        "Deliver a lead",
        "Answers 202 as soon as the lead is stored. Under the same Idempotency-Key or `external_id` the same"
        " body is answered as the first time, with `Idempotency-Replayed: true`; another body is refused.",
        body=LeadPost,
        answers={202: answers.Received, 201: answers.ProcessedDelivery, 200: answers.ProcessedDelivery},
        errors=(409,),
        headers=(IDEMPOTENCY_KEY, PREFER),
        scope=Permission.DELIVERY_POST,
        name="deliver_lead",
    )
    def post(self, request: Request) -> Response:
        """Deliver one lead."""
        return deliver(request)

    @describe(
        "List leads",
        "An agency sees the leads it delivered, in its columns; staff see what their pages show.",
        answers={200: answers.LeadPage},
        errors=(422,),
        headers=PAGE,
        name="list_leads",
        scope=Permission.DELIVERY_READ,
    )
    def get(self, request: Request) -> Response:
        """List the leads that the asker may see, newest first."""
        actor = actor_of(request)
        with tenant_scope(actor.organization_id):
            pages = KeysetPagination()
            rows = pages.paginate_queryset(_listed(actor), request, self)
            return pages.get_paginated_response(_shown(request, rows))


@own_scope
class LeadBatchView(APIView):
    """`/leads/batch`."""

    @describe(
        "Deliver up to 1,000 leads",
        "Each item is judged by itself: good ones are stored together, bad ones answered with their errors.",
        body=bodies.LeadBatch,
        answers={202: answers.BatchAnswer},
        errors=(409,),
        headers=(IDEMPOTENCY_KEY,),
        scope=Permission.DELIVERY_POST,
        name="deliver_leads",
    )
    def post(self, request: Request) -> Response:
        """Deliver a batch."""
        return deliver_batch(request)


class LeadView(APIView):
    """`/leads/{id}`."""

    @describe("Read a lead", answers={200: answers.AnyLead}, name="read_lead", scope=Permission.DELIVERY_READ)
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Read one lead; noted in the ledger."""
        actor = actor_of(request)
        if actor.is_agency:
            require(actor, Permission.DELIVERY_READ, "lead.read")
            return Response(_shown(request, [delivered_lead(actor, lead_id)])[0])
        lead = lead_for(actor, lead_id, also={"mapping_version": mapping_of_lead()})
        return Response(_shown(request, [lead])[0], headers={"ETag": f'"{lead.version}"'})

    @describe(
        "Correct a lead",
        "Owner, stage, status, outcome and consent are refused here with their owner's sentence.",
        body=bodies.LeadPatch,
        answers={200: answers.LeadState},
        errors=(404, 409),
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="correct_lead",
    )
    def patch(self, request: Request, lead_id: UUID) -> Response:
        """Change open fields of a lead."""
        actor, changes = actor_of(request), dict(object_of(request))
        version = changes.pop("version", None)
        refuse_agency(request, lead_id, next(iter(changes), "lead"), "lead.edit")
        lead_to_change(actor, lead_id)
        problems = [
            Problem(f"/{name}", "extra_forbidden", "There is no such field to change.")
            for name in changes
            if name not in (*EDITABLE, *PICKED, *SEALED, *LOCKED)
        ]
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            problems.append(Problem("/version", "int_type", "The version is a number."))
        if problems or not changes:
            raise Invalid("Nothing was changed.", tuple(problems) or (Problem("", "empty", "Name a field."),))
        texts = {name: "" if value is None else cast(str, value) for name, value in changes.items()}
        lead = edit_lead(
            actor=actor,
            lead_id=lead_id,
            changes=texts,
            now=now_of(request),
            version=version_of(request, cast(int | None, version)),
        )
        return Response(showing.lead_state(lead))


def _listed(actor: Actor) -> QuerySet[Lead]:
    if actor.is_agency:
        require(actor, Permission.DELIVERY_READ, "lead.read")
        return delivered_leads(actor)
    require(actor, Permission.LEAD_VIEW, "lead.read")
    return visible_leads(actor).select_related(
        "person",
        "contact_person",
        "stage",
        "pipeline",
        "owner_team",
        "owner__user",
        "queue",
        "source",
        "service",
        "location",
        "campaign",
    )


def _shown(request: Request, leads: list[Lead]) -> list[dict[str, Any]]:
    actor = actor_of(request)
    if actor.is_agency:
        return [showing.agency_lead(each) for each in as_delivered(actor, leads)]
    ledger.record_read(actor=actor, what="lead", object_ids=[lead.id for lead in leads], fields=STAFF_COLUMNS)
    return showing.staff_leads(actor, leads, now_of(request))
