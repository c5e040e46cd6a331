"""Which slots are open, told by a scheduling system: each part replaces what was told of it before."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.capture.schema import Line100
from apps.catalog.providers import MOST_STARTS, Heard
from apps.flows.slots import tell_slots
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body, Zoned
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of, body_of, now_of

MOST_ITEMS = 1000
Key = Annotated[Line100, Field(min_length=1)]


class SlotsItem(Body):
    """All open slots of one provider at one office for one service."""

    provider: Annotated[Key, Field(description="Key of the provider.")]
    office: Annotated[Key, Field(description="Key of the office.")]
    service: Annotated[Key, Field(description="Key of the service.")]
    starts: Annotated[
        list[Zoned], Field(max_length=MOST_STARTS, description="When each begins; what is not here is taken.")
    ]


class SlotsBody(Body):
    """Open slots, true at one instant."""

    as_of: Annotated[Zoned | None, Field(description="When this was true; now without it.")] = None
    items: Annotated[list[SlotsItem], Field(min_length=1, max_length=MOST_ITEMS)]


class SlotsTakenView(BaseModel):
    """What became of the parts, by their place in `items`."""

    as_of: datetime
    changed: list[int]
    same: list[int]
    older: list[int]


class OpenSlotsView(APIView):
    """`/open-slots`."""

    @describe(
        "Tell which slots are open",
        "For the key of an outside system, and for people who may change settings. Each item says all open slots of one"
        " provider at one office for one service: a slot that is not named is taken from then on. Nothing is kept where"
        " one item is wrong. `older` are items of which something later was told before; they change nothing. Told"
        " again, the same slots count as fresh.",
        body=SlotsBody,
        answers={200: SlotsTakenView},
        errors=(404,),
        name="tell_open_slots",
    )
    def post(self, request: Request) -> Response:
        """Take what a scheduling system says."""
        actor, now = actor_of(request), now_of(request)
        body = body_of(request, SlotsBody)
        at = body.as_of or now
        told = [Heard(each.provider, each.office, each.service, tuple(each.starts), at) for each in body.items]
        taken = tell_slots(actor=actor, told=told, now=now)
        shown = SlotsTakenView(as_of=at, changed=list(taken.changed), same=list(taken.same), older=list(taken.older))
        return Response(showing.dump(shown))
