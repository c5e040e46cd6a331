"""Free slots of what a lead asks for, by API."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.appointments.slot_decisions import Slot
from apps.audit import ledger
from apps.flows.masking import reads_service
from apps.flows.taking_slots import slots_for
from apps.ownership.queries import lead_for
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, now_of

MOST = 100


class SlotView(BaseModel):
    """A free slot; `key` books it."""

    key: str
    starts_at: datetime
    minutes: int
    places: int
    office: str
    provider: str
    part: str


class SlotList(BaseModel):
    """Free slots, first to last; those of the preferred part of the day before the others."""

    results: list[SlotView]


class LeadSlotsView(APIView):
    """`/leads/{id}/slots`."""

    @describe(
        "List the free slots of what a lead asks for",
        "At the office that the lead names, or at every office that has its service: visiting hours and what scheduling"
        " systems told, without what is booked. Nothing for a lead without a service, and for roles that may not know"
        " what it asks for.",
        answers={200: SlotList},
        name="list_slots",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the next hundred."""
        refuse_agency(request, lead_id, "appointment", "appointment.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead_id], fields=["slots"])
        found = slots_for(lead, now_of(request))[:MOST] if reads_service(actor) else []
        return Response(showing.dump(SlotList(results=[_view(each) for each in found])))


def _view(slot: Slot) -> SlotView:
    return SlotView(
        key=slot.key,
        starts_at=slot.starts_at,
        minutes=slot.minutes,
        places=slot.places,
        office=slot.office,
        provider=slot.who,
        part=slot.part,
    )
