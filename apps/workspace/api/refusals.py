"""Who wants no contact, by API: opt-outs by number or address, and the do-not-contact list."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.capture.schema import Line100, Line500
from apps.consent.models import DoNotContact
from apps.consent.terms import Channel
from apps.flows.barring import bar, lift
from apps.flows.told_opt_outs import take_opt_out
from apps.tenancy.errors import NotFound, Refused
from apps.workspace.api import showing
from apps.workspace.api.answers import Page
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import PAGE, describe
from apps.workspace.api.reading import actor_of, body_of, now_of
from leadcrm.http.pagination import KeysetPagination

Typed = Annotated[Line500, StringConstraints(min_length=1, max_length=254)]


class OptOutBody(Body):
    """Somebody wants no more contact at a number or an address."""

    phone: Annotated[Typed | None, Field(description="Their number; this or `email`.")] = None
    email: Annotated[Typed | None, Field(description="Their address; this or `phone`.")] = None
    channels: Annotated[list[Channel], Field(max_length=3, description="Which ways; all of it without.")] = []
    reason: Annotated[Line100, Field(description="What they said.")] = ""

    @model_validator(mode="after")
    def _names_one(self) -> "OptOutBody":
        if (self.phone is None) == (self.email is None):
            raise PydanticCustomError("one_of", "Name a phone or an e-mail address, one of the two.")
        return self


class OptOutTaken(BaseModel):
    """What holds from now on; the answer says nothing of who has the number or address."""

    channels: list[str]
    since: datetime


class EntryBody(Body):
    """Somebody whom nobody contacts."""

    kind: Literal["phone", "email", "person"]
    value: Annotated[Typed, Field(description="The number, the address, or the person's id.")]
    reason: Annotated[Line500, StringConstraints(min_length=1, max_length=300)]


class EntryView(BaseModel):
    """An entry of the do-not-contact list. With a `channel` it is what somebody said by that number or address."""

    id: UUID
    kind: str
    value: str
    channel: str
    reason: str
    added_by: str
    added_at: datetime
    ended_at: datetime | None


class EntryPage(Page):
    """Entries, newest first."""

    results: list[EntryView]


class OptOutsView(APIView):
    """`/opt-outs`."""

    @describe(
        "Tell that somebody opted out",
        "By number or address, for whoever has it now and whoever inquires with it later. It acts at once on all their"
        " leads. For staff keys that may record opt-outs, and for agencies that deliver people: it only narrows.",
        body=OptOutBody,
        answers={200: OptOutTaken},
        scope=Permission.CONSENT_NARROW,
        name="tell_opt_out",
    )
    def post(self, request: Request) -> Response:
        """Withdraw the channels of a number or an address."""
        body, now = body_of(request, OptOutBody), now_of(request)
        channels = take_opt_out(
            actor=actor_of(request),
            kind="phone" if body.phone is not None else "email",
            typed=body.phone or body.email or "",
            channels=body.channels,
            reason=body.reason,
            source="api",
            now=now,
        )
        return Response(showing.dump(OptOutTaken(channels=[str(each) for each in channels], since=now)))


class EntriesView(APIView):
    """`/do-not-contact`."""

    cursor_time_field = "added_at"

    @describe(
        "Read the do-not-contact list",
        answers={200: EntryPage},
        errors=(422,),
        headers=PAGE,
        name="list_do_not_contact",
        scope=Permission.LEAD_VIEW_ALL,
    )
    def get(self, request: Request) -> Response:
        """List entries, those that ended too, newest first."""
        actor = actor_of(request)
        if not actor.may(Permission.LEAD_VIEW_ALL) or FieldGroup.CONTACT in actor.hidden_fields:
            raise Refused("The do-not-contact list is for who sees all leads.", action="do_not_contact.read")
        pages = KeysetPagination()
        rows = pages.paginate_queryset(DoNotContact.rows(), request, self)
        ledger.record_read(actor=actor, what="do_not_contact", object_ids=[row.id for row in rows])
        return pages.get_paginated_response([showing.dump(_shown(row)) for row in rows])

    @describe(
        "Put somebody on the do-not-contact list",
        "What is on its way to them stops at once, on all their leads.",
        body=EntryBody,
        answers={201: EntryView},
        scope=Permission.SETTINGS_WRITE,
        name="add_do_not_contact",
    )
    def post(self, request: Request) -> Response:
        """Add an entry."""
        body = body_of(request, EntryBody)
        row = bar(actor=actor_of(request), kind=body.kind, typed=body.value, reason=body.reason, now=now_of(request))
        return Response(showing.dump(_shown(row)), 201)


class EntryEndView(APIView):
    """`/do-not-contact/{id}/end`."""

    @describe(
        "Take an entry off the do-not-contact list",
        "The entry stays with its end; leads that only the list held go on.",
        answers={200: EntryView},
        errors=(404, 409),
        scope=Permission.SETTINGS_WRITE,
        name="end_do_not_contact",
    )
    def post(self, request: Request, entry_id: UUID) -> Response:
        """End an entry."""
        actor, now = actor_of(request), now_of(request)
        row = DoNotContact.rows().select_for_update(of=("self",)).filter(id=entry_id).first()
        if row is None or not (actor.may(Permission.LEAD_VIEW_ALL) or actor.may(Permission.SETTINGS_WRITE)):
            raise NotFound
        lift(actor=actor, row=row, now=now)
        row.refresh_from_db()
        return Response(showing.dump(_shown(row)))


def _shown(row: DoNotContact) -> EntryView:
    return EntryView.model_validate(row, from_attributes=True)
