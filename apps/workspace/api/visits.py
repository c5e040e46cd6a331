"""Visits of a lead, by API: listed, booked, and how each went on."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.appointments.models import Appointment
from apps.appointments.queries import appointments_of
from apps.flows import booking, taking_slots, visits
from apps.ownership.queries import lead_for
from apps.tenancy.errors import Invalid, Problem
from apps.workspace.api import bodies, visit_answers
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.lead_parts import STATE_ERRORS
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of


class AppointmentsView(APIView):
    """`/leads/{id}/appointments`."""

    @describe(
        "List visits",
        answers={200: visit_answers.AppointmentList},
        name="list_appointments",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the lead's visits."""
        refuse_agency(request, lead_id, "appointment", "appointment.read")
        actor, now = actor_of(request), now_of(request)
        lead = lead_for(actor, lead_id)
        return Response({"results": [visit_answers.visit_view(actor, lead, row, now) for row in appointments_of(lead)]})

    @describe(
        "Book a visit",
        "Either a free slot by its key (`GET /leads/{id}/slots`), which needs nothing else, or a visit confirmed"
        " elsewhere: `starts_at` with place or provider and what confirms it. 409 `slot_taken` where somebody was"
        " faster; its sentence names what is free next.",
        body=bodies.AppointmentBody,
        answers={201: visit_answers.AppointmentView},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="book_visit",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Book; stage, owner, tasks and clocks follow in the same transaction."""
        refuse_agency(request, lead_id, "appointment", "lead.book")
        body = body_of(request, bodies.AppointmentBody)
        row = _booked(request, lead_id, body)
        return Response(visit_answers.visit_view(actor_of(request), row.lead, row, now_of(request)), 201)


class AppointmentView(APIView):
    """`/leads/{id}/appointments/{appointment_id}`."""

    @describe(
        "Say how a visit went on",
        body=bodies.AppointmentPatch,
        answers={200: visit_answers.AppointmentView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="change_visit",
    )
    def patch(self, request: Request, lead_id: UUID, appointment_id: UUID) -> Response:
        """Confirm, move, cancel or complete a visit."""
        refuse_agency(request, lead_id, "appointment", "appointment.change")
        body = body_of(request, bodies.AppointmentPatch)
        row = visits.change_visit(
            actor=actor_of(request),
            lead_id=lead_id,
            appointment_id=appointment_id,
            state=body.state,
            now=now_of(request),
            note=body.note,
            starts_at=body.starts_at,
        )
        return Response(visit_answers.visit_view(actor_of(request), row.lead, row, now_of(request)))


def _booked(request: Request, lead_id: UUID, body: bodies.AppointmentBody) -> Appointment:
    """Book a free slot, or the visit that was confirmed elsewhere."""
    actor, now, version = actor_of(request), now_of(request), version_of(request, body.version)
    if body.slot:
        return taking_slots.book_slot(
            actor=actor,
            lead_id=lead_id,
            slot_key=body.slot,
            now=now,
            version=version,
            confirmed_by=body.confirmed_by,
            external_ref=body.external_ref,
        )
    if body.starts_at is None:
        sentence = "Name a free slot, or say when the visit is."
        raise Invalid(sentence, (Problem("/starts_at", "missing", sentence),))
    visit = booking.Visit(
        body.starts_at,
        body.minutes,
        body.location,
        body.provider,
        body.service,
        body.confirmed_by,
        body.external_ref,
    )
    return booking.book_visit(actor=actor, lead_id=lead_id, visit=visit, now=now, version=version)
