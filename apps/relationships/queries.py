"""Read relationships: who may look, which there are, and what of them an actor may change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from apps.accounts.terms import Permission
from apps.ownership.queries import actor_facts
from apps.ownership.terms import ChangeVerdict
from apps.relationships.decisions import may_change
from apps.relationships.models import (
    Opportunity,
    Relationship,
    RelationshipContact,
    RelationshipEntry,
    RelationshipRequest,
    RelationshipSpell,
)
from apps.relationships.terms import (
    OPPORTUNITY_FIELDS,
    RELATIONSHIP_FIELDS,
    ContactRole,
    OpportunityStage,
    RecordFacts,
    RequestState,
)
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.organizations import current_organization

Record = Relationship | Opportunity
MOST_LISTED = 200
_WITH = ("owner_team", "owner__user")


def require_reader(actor: Actor) -> None:
    """Raise for who may not look at relationships: agencies find none, colleagues without the right are told so."""
    if actor.is_agency:
        raise NotFound
    if not actor.may(Permission.RELATIONSHIP_VIEW):
        sentence = f"This needs the right “{Permission.RELATIONSHIP_VIEW}”. Ask an administrator for it."
        raise Refused(sentence, action="relationship.read", object_type="relationship")


def relationships() -> QuerySet[Any]:
    """Return every relationship by name, with its owner, who decides there, and how many opportunities it has."""
    stage = "opportunities__stage"
    deciders = RelationshipContact.rows().filter(role=ContactRole.DECIDES, ended_at__isnull=True)
    rows = Relationship.rows().select_related("party", *_WITH)
    rows = rows.annotate(
        deals=Count("opportunities"),
        approved=Count("opportunities", filter=Q(**{stage: OpportunityStage.APPROVED})),
    )
    return rows.prefetch_related(Prefetch("contacts", deciders, "deciders")).order_by("party__name", "id")


def relationship_for(actor: Actor, relationship_id: UUID, *, lock: bool = False) -> Relationship:
    """Return a relationship of the tenant to who may look; locked until the end of the transaction if asked for."""
    require_reader(actor)
    rows = Relationship.rows().select_related("party", *_WITH).filter(id=relationship_id)
    found = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()
    if found is None:
        raise NotFound
    return found


def opportunity_of(relationship: Relationship, opportunity_id: UUID, *, lock: bool = False) -> Opportunity:
    """Return an opportunity of a relationship; NotFound for that of another one."""
    rows = Opportunity.rows().select_related("terms_by", "lead", *_WITH)
    rows = rows.filter(relationship=relationship, id=opportunity_id)
    found = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()
    if found is None:
        raise NotFound
    found.relationship = relationship
    return found


def record_of(actor: Actor, relationship_id: UUID, opportunity_id: UUID | None, *, lock: bool = False) -> Record:
    """Return a relationship, or the opportunity of it that is named."""
    relationship = relationship_for(actor, relationship_id, lock=lock)
    return relationship if opportunity_id is None else opportunity_of(relationship, opportunity_id, lock=lock)


def contacts_of(relationship: Relationship) -> list[RelationshipContact]:
    """Return who there is at the group now, in the order in which they were named."""
    return list(RelationshipContact.rows().filter(relationship=relationship, ended_at__isnull=True))


def former_contacts_of(relationship: Relationship) -> list[RelationshipContact]:
    """Return who was there before, and how contacts stood before they were corrected: the latest first; at most 50."""
    rows = RelationshipContact.rows().filter(relationship=relationship, ended_at__isnull=False)
    return list(rows.order_by("-ended_at", "-id")[:50])


def opportunities_of(relationship: Relationship) -> list[Opportunity]:
    """Return the opportunities of a relationship, first to last."""
    rows = Opportunity.rows().filter(relationship=relationship).select_related("lead", "terms_by", *_WITH)
    return list(rows)


def spells_of(relationship: Relationship) -> list[RelationshipSpell]:
    """Return whose the relationship and its opportunities were from when to when, first to last."""
    rows = RelationshipSpell.rows().filter(relationship=relationship)
    return list(rows.select_related("team", "membership__user", "opportunity"))


def entries_of(relationship: Relationship) -> list[RelationshipEntry]:
    """Return the story, newest first; at most 200 lines."""
    rows = RelationshipEntry.rows().filter(relationship=relationship).select_related("opportunity")
    return list(rows.order_by("-at", "-id")[:MOST_LISTED])


def requests_of(actor: Actor, relationship: Relationship) -> list[RelationshipRequest]:
    """Return what waits for an answer, newest first: of records that the actor's teams own, and what they asked."""
    rows = RelationshipRequest.rows().filter(relationship=relationship, state=RequestState.OPEN)
    found = rows.select_related("opportunity__owner_team", "relationship__owner_team")
    return [each for each in found if _owner_of(each) in actor.team_ids or _asked_by(each, actor)]


def groups_at(values: Iterable[str]) -> list[UUID]:
    """Return the organisations whose contacts are reached at one of these numbers or addresses."""
    known = [each for each in values if each]
    if not known:
        return []
    reached = RelationshipContact.rows().filter(Q(phone__in=known) | Q(email__in=known), ended_at__isnull=True)
    return list(reached.values_list("relationship__party_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Named:
    """A record as refusals and the ledger name it."""

    word: str
    called: str
    fields: dict[str, str]


def named(record: Record) -> Named:
    """Return what a record is called."""
    if isinstance(record, Opportunity):
        return Named("opportunity", record.name, dict(OPPORTUNITY_FIELDS))
    return Named("relationship", record.party.name, dict(RELATIONSHIP_FIELDS))


def facts_of(record: Record) -> RecordFacts:
    """Return what the decision must know of a record."""
    return RecordFacts(
        name=named(record).called,
        team_key=record.owner_team.key,
        team_name=record.owner_team.name,
        owner_name=record.owner.user.name if record.owner else "",
        since=record.owner_since,
        because=record.owned_because,
    )


def verdict_on(actor: Actor, record: Record, field: str) -> ChangeVerdict:
    """Say whether the actor may change a field of a record, in the one sentence of all doors."""
    words = named(record).fields[field]
    return may_change(what=words, actor=actor_facts(actor), record=facts_of(record), zone=current_organization().zone)


def require_owner(actor: Actor, record: Record, field: str, *, action: str) -> None:
    """Raise Refused with whose the record is, since when and why, unless the actor may change it; it is audited."""
    verdict = verdict_on(actor, record, field)
    if not verdict.allowed:
        raise Refused(
            verdict.sentence,
            code=verdict.code,
            action=action,
            object_type=named(record).word,
            object_id=record.id,
            fields=(field,),
        )


def _owner_of(request: RelationshipRequest) -> UUID:
    record: Record = request.opportunity or request.relationship
    return record.owner_team_id


def _asked_by(request: RelationshipRequest, actor: Actor) -> bool:
    return actor.membership_id is not None and request.asker_id == actor.membership_id
