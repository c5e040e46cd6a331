"""Whether a lead is PHI, by API: every word on it, and another one with a reason (row PH-13)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, StrictBool, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.schema import Line500
from apps.flows.classifying import LONGEST_REASON, reclassify
from apps.flows.masking import reads_health
from apps.flows.packages import reader_of
from apps.flows.revealing import reveal
from apps.ownership.queries import lead_for
from apps.privacy.phi import classed
from apps.privacy.terms import RevealPurpose
from apps.tenancy.errors import Refused
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class PhiBody(Body):
    """Whether the lead is PHI, and why."""

    is_phi: StrictBool
    reason: Annotated[Line500, StringConstraints(max_length=LONGEST_REASON)]


class PhiWord(BaseModel):
    """One word on it: `rule` is the rule's id with the field it found, or `staff` with who said so and why."""

    is_phi: bool
    at: datetime
    rule: str
    field: str
    by: str
    reason: str


class PhiAnswer(BaseModel):
    """Whether a lead is PHI now, and every word on it, the newest first."""

    is_phi: bool
    history: list[PhiWord]


class PhiView(APIView):
    """`/leads/{id}/phi`."""

    @describe(
        "Say whether a lead is protected health information",
        "With every word on it. For roles that read health: 403 `masked` for others.",
        answers={200: PhiAnswer},
        name="read_phi",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return what holds now and how it came to that."""
        refuse_agency(request, lead_id, "phi", "phi.read")
        actor = actor_of(request)
        lead_for(actor, lead_id)
        if not reads_health(reader_of(actor, lead_id)):
            raise Refused(
                "Whether this lead is PHI is hidden from your role.",
                code="masked",
                action="phi.read",
                object_type="lead",
                object_id=lead_id,
            )
        ledger.record_read(actor=actor, what="lead", object_ids=[lead_id], fields=["phi"])
        return Response(_shown(lead_id))

    @describe(
        "Classify a lead anew",
        "Holds at once for everybody, until a rule finds a new fact of health. 409 `phi_by_facts` where a service, a"
        " number of insurance or a visit is on record; 409 `classified_so` where nothing would change.",
        body=PhiBody,
        answers={201: PhiAnswer},
        errors=(404, 409, 422),
        scope=Permission.PHI_CLASSIFY,
        name="classify_phi",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Take the word."""
        refuse_agency(request, lead_id, "phi", "phi.classify")
        body = body_of(request, PhiBody)
        reclassify(
            actor=actor_of(request), lead_id=lead_id, is_phi=body.is_phi, reason=body.reason, now=now_of(request)
        )
        return Response(_shown(lead_id), 201)


class RevealBody(Body):
    """Which masked detail, and what for."""

    kind: Literal["insurance_member"]
    purpose: RevealPurpose


class RevealedValue(BaseModel):
    """A detail as it was told, and when."""

    value: str
    told_at: datetime


class RevealAnswer(BaseModel):
    """What was revealed, newest first, and what for."""

    purpose: RevealPurpose
    results: list[RevealedValue]


class RevealView(APIView):
    """`/leads/{id}/reveal`."""

    @describe(
        "Reveal a masked detail",
        "For a purpose of the list, which the ledger keeps with who saw it. For roles that read health and insurance.",
        body=RevealBody,
        answers={200: RevealAnswer},
        errors=(404, 409, 422),
        scope=Permission.HEALTH_READ,
        name="reveal_detail",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Open it, and note what for."""
        refuse_agency(request, lead_id, "insurance_member", "health_reveal.read")
        body = body_of(request, RevealBody)
        found = reveal(actor=actor_of(request), lead_id=lead_id, kind=body.kind, purpose=body.purpose)
        results = [RevealedValue(value=each.text, told_at=each.created_at) for each in found]
        answer = Response(showing.dump(RevealAnswer(purpose=body.purpose, results=results)))
        answer["Cache-Control"] = "no-store"
        return answer


def _shown(lead_id: UUID) -> dict[str, Any]:
    said = classed(lead_id)
    words = [
        PhiWord(is_phi=each.is_phi, at=each.at, rule=each.rule, field=each.field, by=each.by, reason=each.reason)
        for each in said
    ]
    return showing.dump(PhiAnswer(is_phi=bool(said) and said[0].is_phi, history=words))
