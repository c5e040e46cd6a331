"""Where the insurance of a lead stands, by API: its verification, its pre-authorisation, and every word of both."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.ownership.queries import lead_for
from apps.qualification.insurance import InsuranceStatus, PreAuthorisation, Word
from apps.qualification.queries import insurance_of
from apps.tenancy.errors import Refused
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, now_of


class VerifiedView(BaseModel):
    """Where the verification stands, and whose word that is; `at` is null while nobody recorded anything."""

    status: InsuranceStatus
    payer: str
    plan: str
    reference: str
    recorded_by: str
    recorded_at: datetime | None


class AuthorisedView(BaseModel):
    """Where the pre-authorisation stands; `expired` is one that was granted until a day that passed."""

    status: PreAuthorisation
    asked_on: date | None
    since: date | None
    granted_until: date | None
    reference: str
    recorded_by: str
    recorded_at: datetime | None


class WordView(BaseModel):
    """One thing that was recorded: `about` is a step, or `insurer` for an answer of the insurer."""

    about: str
    status: str
    since: date
    valid_until: date | None
    payer: str
    plan: str
    reference: str
    note: str
    recorded_by: str
    recorded_at: datetime


class InsuranceAnswer(BaseModel):
    """Where the insurance of a lead stands, with its history, newest first."""

    verification: VerifiedView
    pre_authorisation: AuthorisedView
    history: list[WordView]


class InsuranceView(APIView):
    """`/leads/{id}/insurance`."""

    @describe(
        "Read where the insurance stands",
        "By what insurers answered and the steps that somebody recorded: `coverage` and `clearance` write it.",
        answers={200: InsuranceAnswer},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="read_insurance",
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Answer it, with its history."""
        refuse_agency(request, lead_id, "payer", "lead.insurance")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        if FieldGroup.INSURANCE in actor.hidden_fields:
            sentence = "Your role does not read what concerns the insurance."
            raise Refused(sentence, action="lead.insurance", object_type="lead", object_id=lead.id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["coverage", "clearance"])
        found = insurance_of(lead, now_of(request))
        verified, authorised = found.verification, found.pre_authorisation
        told: dict[str, Any] = {
            "verification": VerifiedView(
                status=verified.status,
                payer=verified.payer,
                plan=verified.plan,
                reference=verified.reference,
                recorded_by=verified.by,
                recorded_at=verified.at,
            ),
            "pre_authorisation": AuthorisedView(
                status=authorised.status,
                asked_on=authorised.asked_on,
                since=authorised.since,
                granted_until=authorised.granted_until,
                reference=authorised.reference,
                recorded_by=authorised.by,
                recorded_at=authorised.at,
            ),
        }
        return Response(showing.dump(InsuranceAnswer(**told, history=[_word(each) for each in found.history])))


def _word(each: Word) -> WordView:
    return WordView(
        about=each.about,
        status=each.status,
        since=each.since,
        valid_until=each.valid_until,
        payer=each.payer,
        plan=each.plan,
        reference=each.reference,
        note=each.note,
        recorded_by=each.by,
        recorded_at=each.at,
    )
