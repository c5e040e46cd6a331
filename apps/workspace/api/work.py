"""Working a lead by API: the same verbs as the pages, refused with the same sentences."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows.calls import begin_call
from apps.flows.claiming import claim_lead
from apps.flows.closing import close_lead
from apps.flows.notes import add_note
from apps.flows.parties import name_party
from apps.flows.reopening import reopen_lead
from apps.flows.stages import move_lead
from apps.flows.transfer import Transfer, transfer_lead
from apps.tenancy.errors import Conflict
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of
from leadcrm.http.errors import exception_handler
from leadcrm.http.scoping import keeping_writes

STATE_ERRORS = (404, 409)


class StageView(APIView):
    """`/leads/{id}/stage`."""

    @describe(
        "Move a lead to a stage",
        body=bodies.StageMove,
        answers={200: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="move_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Move the lead; the owner follows the stage."""
        refuse_agency(request, lead_id, "stage", "lead.move")
        body = body_of(request, bodies.StageMove)
        lead = move_lead(
            actor=actor_of(request),
            lead_id=lead_id,
            to_stage=body.to,
            reason=body.reason,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.lead_state(lead))


class TransferView(APIView):
    """`/leads/{id}/transfers`."""

    @describe(
        "Transfer a lead to another team",
        body=bodies.TransferBody,
        answers={201: answers.SpellView},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_TRANSFER,
        name="transfer_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Make another team the owner."""
        refuse_agency(request, lead_id, "owner_team", "lead.transfer")
        body = body_of(request, bodies.TransferBody)
        spell = transfer_lead(
            actor=actor_of(request),
            lead_id=lead_id,
            now=now_of(request),
            transfer=Transfer(body.team, body.reason, body.member, body.service, location_key=body.location),
            version=version_of(request, body.version),
        )
        return Response(showing.spell_view(spell), 201)


class ClaimView(APIView):
    """`/leads/{id}/claim`."""

    @describe(
        "Claim a lead",
        answers={200: answers.SpellView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_CLAIM,
        name="claim_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Make the asker the owner; of two at once one gets it, the other learns who."""
        refuse_agency(request, lead_id, "owner", "lead.claim")
        spell = claim_lead(actor=actor_of(request), lead_id=lead_id, now=now_of(request))
        return Response(showing.spell_view(spell))


class CloseView(APIView):
    """`/leads/{id}/close`."""

    @describe(
        "Close a lead",
        body=bodies.CloseBody,
        answers={200: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="close_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """End the lead with its tasks and clocks."""
        refuse_agency(request, lead_id, "closure_reason", "lead.close")
        body = body_of(request, bodies.CloseBody)
        lead = close_lead(
            actor=actor_of(request),
            lead_id=lead_id,
            reason=body.reason,
            note=body.note,
            outcome=body.outcome,
            missing_data=body.missing_data,
            duplicate_of=body.duplicate_of,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.lead_state(lead))


class ReopenView(APIView):
    """`/leads/{id}/reopen`."""

    @describe(
        "Reopen a lead",
        "Owner by policy, new clocks, a dated task. Permissions are asked as they stand today.",
        body=bodies.ReopenBody,
        answers={200: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="reopen_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Take a closed lead up again."""
        refuse_agency(request, lead_id, "stage", "lead.reopen")
        body = body_of(request, bodies.ReopenBody)
        lead = reopen_lead(
            actor=actor_of(request),
            lead_id=lead_id,
            reason=body.reason,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.lead_state(lead))


class NoteView(APIView):
    """`/leads/{id}/notes`."""

    @describe(
        "Add a note",
        body=bodies.NoteBody,
        answers={201: answers.NoteView},
        scope=Permission.LEAD_EDIT,
        name="add_note",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Add a line to the lead's story."""
        refuse_agency(request, lead_id, "note", "lead.note")
        body = body_of(request, bodies.NoteBody)
        entry = add_note(actor=actor_of(request), lead_id=lead_id, text=body.text, now=now_of(request))
        shown = answers.NoteView(id=entry.id, at=entry.at, by=entry.actor_label, text=entry.note)
        return Response(showing.dump(shown), 201)


class PartiesView(APIView):
    """`/leads/{id}/parties`."""

    @describe(
        "Name an organisation and its part",
        "Who delivered a lead is written by the capture and cannot be named here. Naming gives no access.",
        body=bodies.PartyBody,
        answers={201: answers.LeadPartyView},
        scope=Permission.LEAD_EDIT,
        name="name_party",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Add an organisation to the lead."""
        refuse_agency(request, lead_id, "parties", "lead.name_party")
        body = body_of(request, bodies.PartyBody)
        row = name_party(
            actor=actor_of(request),
            lead_id=lead_id,
            party_key=body.party,
            part=body.part,
            now=now_of(request),
        )
        return Response(showing.dump(showing.party_view(row)), 201)


class CallView(APIView):
    """`/leads/{id}/calls`: asked at the moment of dialling."""

    @describe(
        "Ask whether this contact is allowed now",
        "Returns the number or address; 403 says why not.",
        body=bodies.CallBody,
        answers={200: answers.CallView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_CONTACT,
        name="begin_call",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Return the number when owner, consent, hours and attempts allow the contact."""
        refuse_agency(request, lead_id, "contact", "lead.contact")
        body = body_of(request, bodies.CallBody)
        value = begin_call(actor=actor_of(request), lead_id=lead_id, now=now_of(request), channel=body.channel)
        if not value:
            dead = Conflict("The number or address fails the check of today.", code="no_valid_point")
            return keeping_writes(exception_handler(dead, self.get_exception_handler_context()))
        return Response(showing.dump(answers.CallView(channel=str(body.channel), value=value)))
