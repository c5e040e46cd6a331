"""Verifying and deciding on a lead by API: the same verbs as the pages, refused with the same sentences."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.capture.schema import Line100, Line200, Line500
from apps.flows.deciders import Decider, name_decision_maker
from apps.flows.qualifying import qualify_lead
from apps.flows.verifying import verification_script, verify_lead
from apps.leads.terms import Control, Disqualification
from apps.ownership.queries import lead_for
from apps.ownership.terms import is_of
from apps.qualification.queries import verification_of
from apps.qualification.terms import Verdict
from apps.qualification.verdicts import Entry
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of

STATE_ERRORS = (404, 409)
Key = Annotated[Line100, StringConstraints(min_length=1, max_length=40)]


class VerificationBody(bodies.Versioned):
    """The answers of a verification call, by the id of their question."""

    answers: Annotated[dict[Key, Line100], Field(max_length=40)]


class VerdictBody(bodies.Versioned):
    """A verdict: its reason names a criterion, in words or in `criteria`; `flags` are questions that stay open."""

    verdict: Verdict
    reason: Annotated[Line500, StringConstraints(max_length=300)] = ""
    criteria: Annotated[list[Key], Field(max_length=40)] = []
    disqualification: Disqualification | bodies.NoText = ""
    flags: Annotated[list[Line200], Field(max_length=20)] = []
    needs_follow_up: bool = False
    next_step: Line200 = ""
    next_step_at: bodies.Zoned | None = None


class DeciderBody(bodies.Versioned):
    """Who decides for the patient, and on what; without a name it is the patient."""

    controls: Annotated[list[Control], Field(min_length=1, max_length=3)]
    first_name: Line100 = ""
    last_name: Line100 = ""
    role: Annotated[Line100, StringConstraints(max_length=30)] = ""
    phone: Annotated[Line100, StringConstraints(max_length=40)] = ""
    email: Line200 = ""


class QuestionView(BaseModel):
    """One question of the script; without `answers` any text is one."""

    id: str
    ask: str
    fills: str
    answers: list[str]


class VerificationView(BaseModel):
    """The script that a lead is verified by, and what was answered last."""

    script: str
    questions: list[QuestionView]
    verified_at: datetime | None
    verified_by: str | None
    answers: dict[str, str]


class VerificationsView(APIView):
    """`/leads/{id}/verification`."""

    @describe(
        "Read the verification script and what was answered",
        answers={200: VerificationView},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="verification",
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the questions, and the answers of the lead's present round."""
        refuse_agency(request, lead_id, "qualification", "lead.view")
        lead, hidden = lead_for(actor_of(request), lead_id), actor_of(request).hidden_fields
        script, found = verification_script(lead, now_of(request)), verification_of(lead)
        shown = VerificationView(
            script=script.name if script else "",
            questions=[
                QuestionView(id=each.id, ask=each.ask, fills=each.fills, answers=[value for value, _ in each.choices])
                for each in (script.questions if script else ())
            ],
            verified_at=found.verified_at if found else None,
            verified_by=found.actor_label if found else None,
            answers={name: value for name, value in found.answers.items() if not is_of(name, hidden)} if found else {},
        )
        return Response(showing.dump(shown))

    @describe(
        "Keep the answers of a verification call",
        "Every question is answered, after a logged conversation.",
        body=VerificationBody,
        answers={201: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="verify_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Keep what was confirmed."""
        refuse_agency(request, lead_id, "qualification", "lead.verify")
        body = body_of(request, VerificationBody)
        actor, version = actor_of(request), version_of(request, body.version)
        verify_lead(actor=actor, lead_id=lead_id, answers=body.answers, now=now_of(request), version=version)
        return Response(showing.lead_state(lead_for(actor, lead_id)), 201)


class QualificationView(APIView):
    """`/leads/{id}/qualification`."""

    @describe(
        "Qualify, disqualify or nurture a lead",
        "A person's verdict after contact. What is disqualified ends.",
        body=VerdictBody,
        answers={200: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="qualify_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Record the verdict and move the lead with it."""
        refuse_agency(request, lead_id, "qualification", "lead.qualify")
        body = body_of(request, VerdictBody)
        entry = Entry(
            body.verdict,
            body.reason,
            criteria=tuple(body.criteria),
            disqualification=str(body.disqualification),
            flags=tuple(body.flags),
            next_step=body.next_step,
            next_step_at=body.next_step_at,
            needs_follow_up=body.needs_follow_up,
        )
        version = version_of(request, body.version)
        lead = qualify_lead(actor=actor_of(request), lead_id=lead_id, entry=entry, now=now_of(request), version=version)
        return Response(showing.lead_state(lead))


class DecidersView(APIView):
    """`/leads/{id}/decision-makers`."""

    @describe(
        "Name who decides for the patient",
        "Who controls scheduling is whom we contact: tasks address them, permissions are theirs.",
        body=DeciderBody,
        answers={200: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="name_decision_maker",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Note who decides, and on what."""
        refuse_agency(request, lead_id, "contact_person", "lead.name_decider")
        body = body_of(request, DeciderBody)
        decider = Decider(
            tuple(dict.fromkeys(body.controls)), body.role, body.first_name, body.last_name, body.phone, body.email
        )
        actor, version = actor_of(request), version_of(request, body.version)
        lead = name_decision_maker(actor=actor, lead_id=lead_id, decider=decider, now=now_of(request), version=version)
        return Response(showing.lead_state(lead))
