"""Relationships by API: groups with contacts, owners and opportunities; terms, approval, requests to the owner."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows import approving_terms, relating
from apps.relationships import actions, contacts, queries
from apps.relationships.models import Opportunity, Relationship, RelationshipRequest
from apps.relationships.terms import OpportunityStage, RequestState
from apps.workspace import relationship_page
from apps.workspace.api import relationship_shapes as shapes
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of, body_of, now_of

STATE_ERRORS = (404, 409)


class RelationshipsView(APIView):
    """`/relationships`."""

    @describe(
        "List relationships",
        answers={200: shapes.RelationshipList},
        scope=Permission.RELATIONSHIP_VIEW,
        name="list_relationships",
    )
    def get(self, request: Request) -> Response:
        """Return them with owner, who decides and how many opportunities they have."""
        actor = actor_of(request)
        queries.require_reader(actor)
        results = []
        for row in queries.relationships()[: queries.MOST_LISTED]:
            decides = relationship_page.called(actor, row.deciders[0].name) if row.deciders else ""
            head = _head(row) | {"decides": decides, "opportunities": row.deals}
            results.append(shapes.RelationshipLine.model_validate(head))
        return Response(showing.dump(shapes.RelationshipList(results=results)))

    @describe(
        "Enter a relationship",
        "Your team and you own it. A group has one record (409 `known_group`).",
        body=shapes.RelationshipBody,
        answers={201: shapes.RelationshipView},
        errors=STATE_ERRORS,
        scope=Permission.RELATIONSHIP_VIEW,
        name="enter_relationship",
    )
    def post(self, request: Request) -> Response:
        """Enter it."""
        body = body_of(request, shapes.RelationshipBody)
        row = actions.add_relationship(
            actor=actor_of(request),
            party_key=body.party,
            name=body.name,
            kind=body.kind,
            team_key=body.team,
            now=now_of(request),
        )
        return _whole(request, row.id, 201)


class RelationshipDetailView(APIView):
    """`/relationships/{id}`."""

    @describe(
        "Read a relationship",
        answers={200: shapes.RelationshipView},
        scope=Permission.RELATIONSHIP_VIEW,
        name="read_relationship",
    )
    def get(self, request: Request, relationship_id: UUID) -> Response:
        """Return it with contacts and opportunities."""
        return _whole(request, relationship_id)


class GroupContactsView(APIView):
    """`/relationships/{id}/contacts`."""

    @describe(
        "Name a contact of a relationship",
        body=shapes.GroupContactBody,
        answers={201: shapes.RelationshipView},
        scope=Permission.RELATIONSHIP_VIEW,
        name="add_relationship_contact",
    )
    def post(self, request: Request, relationship_id: UUID) -> Response:
        """Name them; refused for who does not own the relationship."""
        _reader(request)
        body = body_of(request, shapes.GroupContactBody)
        typed = actions.NewContact(body.name, body.role, body.title, body.phone, body.email)
        relating.name_contact(
            actor=actor_of(request), relationship_id=relationship_id, typed=typed, now=now_of(request)
        )
        return _whole(request, relationship_id, 201)


class GroupContactView(APIView):
    """`/relationships/{id}/contacts/{contact_id}`."""

    @describe(
        "Correct a contact of a relationship",
        "The whole contact is sent; how they stood before is kept.",
        body=shapes.GroupContactBody,
        answers={200: shapes.RelationshipView},
        errors=(404,),
        scope=Permission.RELATIONSHIP_VIEW,
        name="change_relationship_contact",
    )
    def put(self, request: Request, relationship_id: UUID, contact_id: UUID) -> Response:
        """Correct them; refused for who does not own the relationship or edits no contact data."""
        _reader(request)
        body, actor = body_of(request, shapes.GroupContactBody), actor_of(request)
        typed = actions.NewContact(body.name, body.role, body.title, body.phone, body.email)
        where = {"relationship_id": relationship_id, "contact_id": contact_id}
        relating.correct_contact(actor=actor, typed=typed, now=now_of(request), **where)
        return _whole(request, relationship_id)


class ContactEndView(APIView):
    """`/relationships/{id}/contacts/{contact_id}/end`."""

    @describe(
        "Note that a contact is at the group no more",
        answers={200: shapes.RelationshipView},
        errors=(404,),
        scope=Permission.RELATIONSHIP_VIEW,
        name="end_relationship_contact",
    )
    def post(self, request: Request, relationship_id: UUID, contact_id: UUID) -> Response:
        """End it; the contact is kept."""
        where = {"relationship_id": relationship_id, "contact_id": contact_id}
        contacts.end_contact(actor=actor_of(request), now=now_of(request), **where)
        return _whole(request, relationship_id)


class GroupOwnerView(APIView):
    """`/relationships/{id}/owner`."""

    @describe(
        "Give a relationship or an opportunity to another team",
        "The other records stay with their owners.",
        body=shapes.OwnerBody,
        answers={200: shapes.RelationshipView},
        errors=STATE_ERRORS,
        scope=Permission.RELATIONSHIP_VIEW,
        name="give_relationship",
    )
    def post(self, request: Request, relationship_id: UUID) -> Response:
        """Give it."""
        _reader(request)
        body = body_of(request, shapes.OwnerBody)
        actions.give_to(
            actor=actor_of(request),
            relationship_id=relationship_id,
            opportunity_id=body.opportunity,
            team_key=body.team,
            reason=body.reason,
            now=now_of(request),
        )
        return _whole(request, relationship_id)


class OpportunitiesView(APIView):
    """`/relationships/{id}/opportunities`."""

    @describe(
        "Open an opportunity",
        "The first one is opened by the event that the ownership policy names, such as a meeting that was agreed.",
        body=shapes.OpportunityBody,
        answers={201: shapes.OpportunityView},
        scope=Permission.RELATIONSHIP_VIEW,
        name="open_opportunity",
    )
    def post(self, request: Request, relationship_id: UUID) -> Response:
        """Open it."""
        _reader(request)
        body = body_of(request, shapes.OpportunityBody)
        row = actions.open_opportunity(
            actor=actor_of(request),
            relationship_id=relationship_id,
            name=body.name,
            reason=body.reason,
            now=now_of(request),
        )
        return Response(showing.dump(_opportunity(row)), 201)


class OpportunityDetailView(APIView):
    """`/relationships/{id}/opportunities/{opportunity_id}`."""

    @describe(
        "Change name, terms or next steps of an opportunity",
        "With both there they wait for approval; approved ones that change are proposed again.",
        body=shapes.TermsBody,
        answers={200: shapes.OpportunityView},
        errors=STATE_ERRORS,
        scope=Permission.RELATIONSHIP_VIEW,
        name="change_opportunity",
    )
    def patch(self, request: Request, relationship_id: UUID, opportunity_id: UUID) -> Response:
        """Change it; refused for who does not own the opportunity, the relationship's owner among them."""
        _reader(request)
        body = body_of(request, shapes.TermsBody)
        said = {"name": body.name, "terms": body.terms, "next_steps": body.next_steps}
        row = actions.write_terms(
            actor=actor_of(request),
            relationship_id=relationship_id,
            opportunity_id=opportunity_id,
            changes={key: text for key, text in said.items() if text is not None},
            now=now_of(request),
            version=body.version,
        )
        return Response(showing.dump(_opportunity(row)))


class TermsApprovalView(APIView):
    """`/relationships/{id}/opportunities/{opportunity_id}/approve`."""

    @describe(
        "Approve terms and next steps",
        "Open to who leads the team that the ownership policy names; nobody approves terms of their own. The"
        " opportunity goes to the team that the policy names, the relationship stays.",
        answers={200: shapes.OpportunityView},
        errors=STATE_ERRORS,
        scope=Permission.RELATIONSHIP_VIEW,
        name="approve_terms",
    )
    def post(self, request: Request, relationship_id: UUID, opportunity_id: UUID) -> Response:
        """Approve them."""
        row = approving_terms.approve_terms(
            actor=actor_of(request),
            relationship_id=relationship_id,
            opportunity_id=opportunity_id,
            now=now_of(request),
        )
        return Response(showing.dump(_opportunity(row)))


class GroupRequestsView(APIView):
    """`/relationships/{id}/change-requests`."""

    @describe(
        "Ask the owner to change something",
        "Of a relationship `owner_team` (a team's key) or `decider` (a contact's id); of an opportunity `terms`,"
        " `next_steps`, `name` or `owner_team`.",
        body=shapes.GroupRequestBody,
        answers={201: shapes.GroupRequestView},
        errors=STATE_ERRORS,
        scope=Permission.RELATIONSHIP_VIEW,
        name="ask_relationship_owner",
    )
    def post(self, request: Request, relationship_id: UUID) -> Response:
        """Ask; nothing else changes."""
        _reader(request)
        body = body_of(request, shapes.GroupRequestBody)
        row = relating.ask_owner(
            actor=actor_of(request),
            relationship_id=relationship_id,
            opportunity_id=body.opportunity,
            field=body.field,
            proposed=body.proposed,
            reason=body.reason,
            now=now_of(request),
        )
        return Response(showing.dump(_request(row)), 201)


class GroupAnswerView(APIView):
    """`/relationships/{id}/change-requests/{request_id}/answer`."""

    @describe(
        "Answer a request",
        "Accepting makes the change in the owner's name.",
        body=shapes.GroupAnswerBody,
        answers={200: shapes.GroupRequestView},
        errors=STATE_ERRORS,
        scope=Permission.RELATIONSHIP_VIEW,
        name="answer_relationship_request",
    )
    def post(self, request: Request, relationship_id: UUID, request_id: UUID) -> Response:
        """Accept or decline it."""
        _reader(request)
        body = body_of(request, shapes.GroupAnswerBody)
        row = relating.answer_owner(
            actor=actor_of(request),
            relationship_id=relationship_id,
            request_id=request_id,
            accept=body.accept,
            because=body.because,
            now=now_of(request),
        )
        return Response(showing.dump(_request(row)))


def _reader(request: Request) -> None:
    """Answer who may not look before the body is read."""
    queries.require_reader(actor_of(request))


def _whole(request: Request, relationship_id: UUID, status: int = 200) -> Response:
    actor = actor_of(request)
    row = queries.relationship_for(actor, relationship_id)
    contacts = [relationship_page.contact_shown(actor, each) for each in queries.contacts_of(row)]
    view = shapes.RelationshipView(
        **_head(row),
        contacts=[shapes.GroupContactView.model_validate(each) for each in contacts],
        opportunities=[_opportunity(each) for each in queries.opportunities_of(row)],
    )
    return Response(showing.dump(view), status)


def _head(row: Relationship) -> dict[str, Any]:
    return {
        "id": row.id,
        "party": row.party.key,
        "name": row.party.name,
        "kind": row.party.kind,
        "owner": _owner(row),
    }


def _owner(row: queries.Record) -> shapes.OwnerView:
    person = row.owner.user.name if row.owner else None
    return shapes.OwnerView(team=row.owner_team.key, person=person, since=row.owner_since, because=row.owned_because)


def _opportunity(row: Opportunity) -> shapes.OpportunityView:
    return shapes.OpportunityView(
        id=row.id,
        name=row.name,
        stage=OpportunityStage(row.stage),
        owner=_owner(row),
        lead=row.lead_id,
        terms=row.terms,
        next_steps=row.next_steps,
        terms_by=row.terms_label,
        approved_by=row.approved_label,
        approved_at=row.approved_at,
        opened_at=row.opened_at,
        version=row.version,
    )


def _request(row: RelationshipRequest) -> shapes.GroupRequestView:
    return shapes.GroupRequestView(
        id=row.id,
        opportunity=row.opportunity_id,
        field=row.field,
        state=RequestState(row.state),
        due_at=row.due_at,
        answer=row.answer,
    )
