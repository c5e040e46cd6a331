"""What senders read back: a delivery's outcome, all deliveries, and where people came from."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.document_rules import Attached
from apps.partners import queries
from apps.partners.actions import add_document
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import CAMPAIGN, PAGE, describe
from apps.workspace.api.reading import actor_of, body_of, now_of
from leadcrm.http.pagination import KeysetPagination


class SubmissionView(APIView):
    """`/submissions/{id}`: the address that a 202 names."""

    @describe(
        "Read a delivery's outcome",
        answers={200: answers.AnyDelivery},
        name="read_submission",
        scope=Permission.DELIVERY_READ,
    )
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Read one of the asker's own deliveries."""
        actor = actor_of(request)
        row = queries.delivery(actor, submission_id)
        if not (actor.may(Permission.DELIVERY_POST) or actor.may(Permission.SUBMISSION_READ)):
            queries.require(actor, Permission.DELIVERY_READ, "submission.read")
        ledger.record_read(actor=actor, what="submission", object_ids=[row.id])
        if row.state != "processed":
            return Response(showing.received(row.id))
        lead = queries.leads_named(actor, [row.lead_id]).get(row.lead_id) if row.lead_id else None
        return Response(showing.processed(row, lead))


class DocumentsView(APIView):
    """`/submissions/{id}/documents`: the papers of a referral, one by one."""

    @describe(
        "Add a document to a referral",
        "A PDF, JPEG, PNG or TIFF of at most 5 MB in base64; at most 5 documents and 10 MB for one referral. What a"
        " file is, its first bytes say. The same content again is answered 200 with the document that is there.",
        body=bodies.DocumentBody,
        answers={201: answers.DocumentView, 200: answers.DocumentView},
        errors=(404, 409),
        scope=Permission.DELIVERY_POST,
        name="add_document",
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Keep one document of one of the asker's own deliveries."""
        body = body_of(request, bodies.DocumentBody)
        row, is_new = add_document(
            actor=actor_of(request),
            submission_id=submission_id,
            file=Attached(body.name, body.content),
            now=now_of(request),
        )
        shown = {"id": str(row.id), "name": row.name, "media_type": row.media_type, "size_bytes": row.size_bytes}
        return Response(shown, 201 if is_new else 200)


class DeliveriesView(APIView):
    """`/deliveries`: every delivery with its verdict and reasons."""

    cursor_time_field = "received_at"

    @describe(
        "List deliveries",
        answers={200: answers.DeliveryPage},
        errors=(422,),
        headers=PAGE,
        name="list_deliveries",
        scope=Permission.DELIVERY_READ,
    )
    def get(self, request: Request) -> Response:
        """List the asker's deliveries, newest first."""
        actor = actor_of(request)
        if not actor.may(Permission.SUBMISSION_READ):
            queries.require(actor, Permission.DELIVERY_READ, "submission.read")
        pages = KeysetPagination()
        rows = pages.paginate_queryset(queries.deliveries(actor), request, self)
        visible = queries.leads_named(actor, [row.lead_id for row in rows])
        ledger.record_read(actor=actor, what="submission", object_ids=[row.id for row in rows])
        return pages.get_paginated_response([showing.delivery_row(actor, row, visible) for row in rows])


class AttributionView(APIView):
    """`/attribution`: UTM set, campaign, source and verdict of each contact."""

    cursor_time_field = "at"

    @describe(
        "List attribution",
        answers={200: answers.AttributionPage},
        errors=(422,),
        headers=(*PAGE, CAMPAIGN),
        name="list_attribution",
        scope=Permission.ATTRIBUTION_READ,
    )
    def get(self, request: Request) -> Response:
        """List where people came from, newest first."""
        actor = actor_of(request)
        queries.require(actor, Permission.ATTRIBUTION_READ, "attribution.read")
        pages = KeysetPagination()
        touches = queries.attribution(actor, request.query_params.get("campaign", ""))
        rows = pages.paginate_queryset(touches, request, self)
        ledger.record_read(
            actor=actor,
            what="submission",
            object_ids=[row.submission_id for row in rows],
            fields=["attribution"],
        )
        return pages.get_paginated_response([showing.attribution_row(row) for row in rows])
