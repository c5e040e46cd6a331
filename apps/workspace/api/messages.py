"""Messages by API: the library of templates, what may be chosen for a lead, and sending by hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.consent.terms import Channel
from apps.flows.masking import reads_health
from apps.flows.writing import Chosen, preview_of, templates_judged, write_message
from apps.outreach.library import Sought, library
from apps.outreach.models import Message, TemplateVersion
from apps.outreach.queries import last_words_on, messages_of
from apps.ownership.queries import lead_for
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of

#: What stands instead of why a message may not go, for roles that do not read consent.
_HIDDEN = "Not permitted on this channel."


class MessageBody(Body):
    """Which approved template goes, and by which channel."""

    template: str = Field(max_length=63)
    channel: Literal["email", "text"] = "email"


class MessageView(BaseModel):
    """A message of a lead; who reads no health gets no words. `state` is pending, sending, sent, failed, blocked or
    unknown, and `reason` says why it did not go. `delivery_status` is the last word of whoever carried it (delivered,
    hard_bounce, soft_bounce, …), else our own state (row TK-03)."""

    id: UUID
    template: str
    version: int
    channel: str
    purpose: str
    written_by: str
    state: str
    reason: str
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    delivery_status: str
    delivered_at: datetime | None


class MessageList(BaseModel):
    """The messages of a lead, newest first."""

    results: list[MessageView]


class OfferedTemplate(BaseModel):
    """Words that may be sent about the lead by hand, filled; `refusal` says why they may not go now, and `waits_until`
    when quiet hours end."""

    template: str
    channel: str
    language: str
    version: int
    purpose: str
    category: str
    service: str
    goal: str
    subject: str
    body: str
    holds_phi: bool
    refusal: str
    waits_until: datetime | None


class LeftOutTemplate(BaseModel):
    """Approved words that are not for the lead, and why: what sending them answers."""

    template: str
    channel: str
    why: str


class OfferedTemplateList(BaseModel):
    """The approved templates that fit the lead's stage, category, service line and language, and what they speak of;
    `left_out` are the others."""

    results: list[OfferedTemplate]
    left_out: list[LeftOutTemplate]


class TemplateView(BaseModel):
    """A version of a template that is worked on or sent, with its tags."""

    template: str
    channel: str
    language: str
    version: int
    state: str
    purpose: str
    stages: list[str]
    category: str
    service: str
    goal: str
    team: str
    subject: str
    body: str
    holds_phi: bool
    author: str
    approver: str
    approved_at: datetime | None
    expires_at: datetime | None


class TemplateList(BaseModel):
    """The library of templates, by key, channel and language."""

    results: list[TemplateView]


class MessagesView(APIView):
    """`/leads/{id}/messages`."""

    @describe(
        "List the messages of a lead",
        answers={200: MessageList},
        name="list_messages",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return what was written about a lead, with its words for who reads health."""
        refuse_agency(request, lead_id, "message", "message.read")
        actor = actor_of(request)
        rows = messages_of(lead_for(actor, lead_id))
        ledger.record_read(
            actor=actor, what="message", object_ids=[row.id for row in rows], fields=["body"] if rows else []
        )
        return Response(showing.dump(MessageList(results=_messages(rows, actor))))

    @describe(
        "Send a message by hand",
        "Only an approved template that fits the lead: 422 with `template_not_approved`, `template_disagrees` (another"
        " category or service line), `template_not_offered` (another stage; a visit or referral that is not there)"
        " or `unknown_template`. 403 with the code of the gate where consent forbids it. In quiet hours it waits"
        " for the first allowed minute.",
        body=MessageBody,
        answers={201: MessageView},
        errors=(404, 409),
        scope=Permission.LEAD_CONTACT,
        name="send_message",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Write; the message is sent after commit."""
        refuse_agency(request, lead_id, "message", "lead.write")
        body, actor = body_of(request, MessageBody), actor_of(request)
        chosen = Chosen(body.template, Channel(body.channel))
        row = write_message(actor=actor, lead_id=lead_id, chosen=chosen, now=now_of(request))
        return Response(showing.dump(_message(row, actor)), 201)


class OfferedTemplatesView(APIView):
    """`/leads/{id}/message-templates`."""

    @describe(
        "List the templates that may be sent about a lead, filled",
        answers={200: OfferedTemplateList},
        name="list_message_templates",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return what people may choose, as the person would read it, with the gate's word."""
        refuse_agency(request, lead_id, "message", "message.read")
        actor, now = actor_of(request), now_of(request)
        lead, hides = lead_for(actor, lead_id), FieldGroup.CONSENT in actor.hidden_fields
        judged = templates_judged(lead, now, reader=actor)
        found = [preview_of(lead, each.row, reader=actor, now=now) for each in judged if not each.why]
        results = [
            OfferedTemplate(
                **_named(each.row),
                subject=each.subject,
                body=each.body,
                holds_phi=each.holds_phi,
                refusal=each.refusal if not hides else _HIDDEN if each.refusal else "",
                waits_until=each.waits_until,
            )
            for each in found
        ]
        left_out = [
            LeftOutTemplate(template=each.row.template.key, channel=each.row.template.channel, why=each.why)
            for each in judged
            if each.why
        ]
        return Response(showing.dump(OfferedTemplateList(results=results, left_out=left_out)))


_TAGS = ("channel", "stage", "category", "service", "purpose", "goal", "state")


class TemplatesView(APIView):
    """`/templates`."""

    @describe(
        "List the library of message templates",
        "By channel, stage, category (kind of service), service line, purpose, goal and state (draft, submitted,"
        " approved). Only what is approved and not past its end is ever sent.",
        answers={200: TemplateList},
        errors=(),
        headers=tuple(OpenApiParameter(name, OpenApiTypes.STR) for name in _TAGS),
        name="list_templates",
        scope=Permission.SETTINGS_READ,
    )
    def get(self, request: Request) -> Response:
        """Return the versions that are worked on or sent."""
        actor = actor_of(request)
        if not actor.may(Permission.SETTINGS_READ):
            raise Refused("Only people who may read settings see the library.", action="template.read")
        sought = Sought(**{name: str(request.query_params.get(name, "")) for name in _TAGS})
        return Response(showing.dump(TemplateList(results=[_template(row) for row in library(sought)])))


def _named(row: TemplateVersion) -> dict[str, Any]:
    return {
        "template": row.template.key,
        "channel": row.template.channel,
        "language": row.template.language,
        "version": row.number,
        "purpose": row.purpose,
        "category": row.category,
        "service": row.service,
        "goal": row.goal,
    }


def _template(row: TemplateVersion) -> TemplateView:
    return TemplateView(
        **_named(row),
        state=row.state,
        stages=row.stages,
        team=row.team,
        subject=row.subject,
        body=row.body,
        holds_phi=row.holds_phi,
        author=row.author_label,
        approver=row.approver_label,
        approved_at=row.approved_at,
        expires_at=row.expires_at,
    )


def _messages(rows: Sequence[Message], actor: Actor) -> list[MessageView]:
    words = last_words_on(rows)
    return [_message(row, actor, words.get(row.id)) for row in rows]


def _message(row: Message, actor: Actor, word: tuple[str, datetime] | None = None) -> MessageView:
    tells = reads_health(actor)
    return MessageView(
        id=row.id,
        template=row.template_key,
        version=row.template_version,
        channel=row.channel,
        purpose=row.purpose,
        written_by=row.written_by,
        state=row.state,
        reason=row.reason,
        subject=row.subject if tells else "",
        body=row.body if tells else "",
        created_at=row.created_at,
        sent_at=row.finished_at if row.state == "sent" else None,
        delivery_status=word[0] if word else row.state,
        delivered_at=word[1] if word and word[0] == "delivered" else None,
    )
