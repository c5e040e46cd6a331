"""Handoffs by API: offered with a checklist and a note, looked at, accepted, returned or taken back."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, Field, StrictBool, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.schema import Line40, Line100, Line500
from apps.flows import handing_off
from apps.handoffs.models import Handoff
from apps.handoffs.queries import handoffs_of
from apps.handoffs.terms import HandoffState, Note, Ticks
from apps.leads.models import Lead
from apps.ownership.queries import lead_for
from apps.tenancy.errors import NotFound
from apps.workspace import handoff_rows
from apps.workspace.api import bodies, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of

STATE_ERRORS = (404, 409)
SHOW = OpenApiParameter(
    "show",
    OpenApiTypes.STR,
    description="`incoming` (the usual), `sent` or `stuck`.",
    enum=["incoming", "sent", "stuck"],
)
ItemId = Annotated[Line40, StringConstraints(min_length=1)]


class NoteBody(BaseModel):
    """The structured note: the lead's service by its key, what of the contact details was confirmed, the next step."""

    model_config = bodies.Body.model_config

    service: Annotated[Line100, StringConstraints(max_length=63)] = ""
    confirmed: list[Literal["phone", "email"]] = []
    next_step: Line500 = ""
    eligibility: Line500 = ""
    text: Annotated[bodies.Text, StringConstraints(max_length=500)] = ""


class HandoffBody(bodies.Versioned):
    """The type by its id, who receives where several could, each item of the checklist, and the note."""

    type: Annotated[Line40, StringConstraints(min_length=1)]
    team: Annotated[Line100, StringConstraints(max_length=63)] = ""
    checklist: Annotated[dict[ItemId, StrictBool], Field(description="Item id: true where it is done.")] = {}
    excuses: Annotated[dict[ItemId, Line100], Field(description="Item id: the reason why it may stay open.")] = {}
    note: NoteBody = NoteBody()


class ReasonBody(bodies.Body):
    """Why a handoff is returned, or taken back."""

    reason: Annotated[Line500, StringConstraints(max_length=300)] = ""


class CheckedItem(BaseModel):
    """One item of the checklist: done by whom and when, or why it stays open."""

    id: str
    label: str
    mandatory: bool
    done: bool
    excuse: str
    by: str
    at: datetime | None


class NoteView(BaseModel):
    """The note as it was given; `eligibility` and `text` are empty for roles that may not read of health."""

    service: str
    confirmed: list[str]
    next_step: str
    eligibility: str
    text: str


class HandoffView(BaseModel):
    """A handoff and where it stands. Who may not see the lead sees it while their team is asked."""

    id: UUID
    lead: UUID
    ref: str
    type: str
    type_name: str
    rules_version: int
    state: HandoffState
    from_team: str
    to_team: str
    offered_by: str
    offered_at: datetime
    accept_by: datetime
    first_outreach_by: datetime | None
    answered_by: str
    answered_at: datetime | None
    reason: str
    note: NoteView
    checklist: list[CheckedItem]
    withheld: list[str]
    previous: UUID | None


class PassedField(BaseModel):
    """One field that passes, in words."""

    field: str
    label: str
    value: str


class PackageView(BaseModel):
    """What passes with a lead: `withheld` never does, `masked` the reader's role does not see."""

    handoff: HandoffView
    passes: list[PassedField]
    withheld: list[str]
    masked: list[str]


class HandoffList(BaseModel):
    """Handoffs: of a lead the newest first, of teams the one to be answered first; at most 100."""

    results: list[HandoffView]


class LeadHandoffsView(APIView):
    """`/leads/{id}/handoffs`."""

    @describe(
        "List a lead's handoffs",
        answers={200: HandoffList},
        name="list_handoffs",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return every handoff of the lead with its checklist, newest first."""
        refuse_agency(request, lead_id, "handoff", "handoff.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        return Response({"results": [shown(row, lead, request) for row in handoffs_of(lead)]})

    @describe(
        "Offer a lead to another team",
        "Blocked (422, each missing field, open item and part of the note named) until everything is there. The lead"
        " stays yours until they accept.",
        body=HandoffBody,
        answers={201: HandoffView},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_TRANSFER,
        name="offer_handoff",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Offer the lead; nothing moves yet."""
        refuse_agency(request, lead_id, "owner_team", "lead.hand_off")
        body = body_of(request, HandoffBody)
        note = body.note
        ticked = frozenset(key for key, is_done in body.checklist.items() if is_done)
        offer = handing_off.Offer(
            body.type,
            body.team,
            Ticks(ticked, body.excuses),
            Note(
                note.service,
                tuple(dict.fromkeys(note.confirmed)),
                note.next_step.strip(),
                note.eligibility.strip(),
                note.text.strip(),
            ),
        )
        row = handing_off.offer_lead(
            actor=actor_of(request),
            lead_id=lead_id,
            offer=offer,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(shown(row, row.lead, request), 201)


class HandoffPackageView(APIView):
    """`/leads/{id}/handoffs/{handoff_id}`."""

    @describe(
        "Look at what passes with a handoff",
        "Open to the receiving team before it accepts, and to whoever sees the lead.",
        answers={200: PackageView},
        name="read_handoff",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID, handoff_id: UUID) -> Response:
        """Return the fields that pass; never those that must not."""
        refuse_agency(request, lead_id, "handoff", "handoff.read")
        found = handoff_rows.package(actor_of(request), lead_id, handoff_id, now_of(request))
        package = found.package
        return Response(
            showing.dump(
                PackageView(
                    handoff=HandoffView.model_validate(shown(found.row, found.lead, request)),
                    passes=[PassedField(field=each.key, label=each.label, value=each.value) for each in package.lines],
                    withheld=list(package.withheld),
                    masked=list(package.masked),
                )
            )
        )


class HandoffAnswerView(APIView):
    """`/leads/{id}/handoffs/{handoff_id}/accept`."""

    @describe(
        "Accept a handoff",
        "Owner, grants, tasks and clocks move at once; the sender keeps the view at most.",
        answers={200: HandoffView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_CLAIM,
        name="accept_handoff",
    )
    def post(self, request: Request, lead_id: UUID, handoff_id: UUID) -> Response:
        """Make the asker the lead's owner."""
        refuse_agency(request, lead_id, "owner_team", handing_off.ANSWER)
        row = handing_off.accept_handoff(
            actor=actor_of(request), lead_id=lead_id, handoff_id=handoff_id, now=now_of(request)
        )
        return Response(shown(row, row.lead, request))


class HandoffReturnView(APIView):
    """`/leads/{id}/handoffs/{handoff_id}/return`."""

    @describe(
        "Return a handoff with a reason",
        "It stays with the sender, who gets a task.",
        body=ReasonBody,
        answers={200: HandoffView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_CLAIM,
        name="return_handoff",
    )
    def post(self, request: Request, lead_id: UUID, handoff_id: UUID) -> Response:
        """Give the offer back."""
        return _ended(request, lead_id, handoff_id, handing_off.return_handoff, handing_off.ANSWER)


class HandoffWithdrawView(APIView):
    """`/leads/{id}/handoffs/{handoff_id}/withdraw`."""

    @describe(
        "Take an offer back",
        body=ReasonBody,
        answers={200: HandoffView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_TRANSFER,
        name="withdraw_handoff",
    )
    def post(self, request: Request, lead_id: UUID, handoff_id: UUID) -> Response:
        """End the offer before it is answered."""
        return _ended(request, lead_id, handoff_id, handing_off.withdraw_handoff, "lead.withdraw_handoff")


class HandoffsView(APIView):
    """`/handoffs`."""

    @describe(
        "List handoffs that wait",
        "`stuck` are leads that hang between teams longer than the rules allow: of your teams, or all for supervisors.",
        answers={200: HandoffList},
        headers=(SHOW,),
        name="waiting_handoffs",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request) -> Response:
        """Return what waits for the asker's teams, what they sent, or what is stuck."""
        actor = actor_of(request)
        if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
            raise NotFound
        rows = handoff_rows.waiting(actor, request.query_params.get("show", "incoming"), now_of(request))
        ledger.record_read(actor=actor, what="handoff", object_ids=[row.lead_id for row in rows], fields=["note"])
        return Response({"results": [shown(row, row.lead, request) for row in rows]})


def _ended(request: Request, lead_id: UUID, handoff_id: UUID, verb: Callable[..., Handoff], action: str) -> Response:
    """Let a verb end an offer with the reason that was sent; `action` is what the ledger calls a refusal of it."""
    refuse_agency(request, lead_id, "owner_team", action)
    reason = body_of(request, ReasonBody).reason
    row = verb(actor=actor_of(request), lead_id=lead_id, handoff_id=handoff_id, reason=reason, now=now_of(request))
    return Response(shown(row, row.lead, request))


def shown(row: Handoff, lead: Lead, request: Request) -> dict[str, object]:
    """Return a handoff as an answer; of its note only what the role may read."""
    note = handoff_rows.note_shown(actor_of(request), row)
    return showing.dump(
        HandoffView(
            id=row.id,
            lead=row.lead_id,
            ref=lead.ref,
            type=row.type_id,
            type_name=row.type_name,
            rules_version=row.version.number,
            state=HandoffState(row.state),
            from_team=row.from_team.key,
            to_team=row.to_team.key,
            offered_by=row.offered_label,
            offered_at=row.offered_at,
            accept_by=row.accept_by,
            first_outreach_by=row.outreach_by,
            answered_by=row.answered_label,
            answered_at=row.answered_at,
            reason=row.reason,
            note=NoteView(
                service=note.service,
                confirmed=list(note.confirmed),
                next_step=note.next_step,
                eligibility=note.eligibility,
                text=note.text,
            ),
            checklist=[CheckedItem.model_validate(each) for each in row.checklist],
            withheld=list(row.withheld),
            previous=row.previous_id,
        )
    )
