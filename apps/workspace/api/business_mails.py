"""Mails to a business that did not ask, by API: written with purpose and basis, and what the sender found."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows.business_mail import NewMail, write_business_mail
from apps.outreach.business import business_mails_of
from apps.outreach.business_models import BusinessMail
from apps.outreach.terms import Basis
from apps.ownership.queries import lead_for
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class BusinessMailBody(Body):
    """Which mail, to what end, and why it may be written: relation, asked, published or referred."""

    template: str = Field(max_length=63)
    about: str = Field(max_length=300)
    basis: Basis


class BusinessMailView(BaseModel):
    """A business mail; `checked_at` and `check` say when refusals were asked for at sending, and what was found."""

    id: UUID
    template: str
    about: str
    basis: Basis
    written_by: str
    written_at: datetime
    state: str
    checked_at: datetime | None
    check: str
    has_way_out: bool


class BusinessMailList(BaseModel):
    """The business mails of a lead, newest first."""

    results: list[BusinessMailView]


class BusinessMailsView(APIView):
    """`/leads/{id}/business-mails`."""

    @describe(
        "List the business mails of a lead",
        answers={200: BusinessMailList},
        name="list_business_mails",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return what was written to the business, and what the sender found before each went."""
        refuse_agency(request, lead_id, "business_mail", "business_mail.read")
        lead = lead_for(actor_of(request), lead_id)
        return Response(showing.dump(BusinessMailList(results=[_view(row) for row in business_mails_of(lead)])))

    @describe(
        "Write to a business that did not ask",
        "Only leads of the classes business and partnership. 403 with the code of the gate where they refused mails or"
        " are on the do-not-contact list; the sender asks once more before the mail goes.",
        body=BusinessMailBody,
        answers={201: BusinessMailView},
        errors=(404, 409, 422),
        scope=Permission.LEAD_EDIT,
        name="write_business_mail",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Write; the mail is sent after commit."""
        refuse_agency(request, lead_id, "business_mail", "lead.business_mail")
        body = body_of(request, BusinessMailBody)
        mail = NewMail(body.template, body.about, body.basis)
        row = write_business_mail(actor=actor_of(request), lead_id=lead_id, mail=mail, now=now_of(request))
        return Response(showing.dump(_view(row)), 201)


def _view(row: BusinessMail) -> BusinessMailView:
    return BusinessMailView(
        id=row.message_id,
        template=row.message.template_key,
        about=row.about,
        basis=Basis(row.basis),
        written_by=row.written_by,
        written_at=row.written_at,
        state=row.message.state,
        checked_at=row.checked_at,
        check=row.check_result,
        has_way_out=row.has_way_out,
    )
