"""Whose a relationship or an opportunity is: the spell, the columns, the story and the ledger change together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Membership, Team, TeamMembership
from apps.audit import ledger
from apps.ownership.actions import NOT_RULED, Ruled
from apps.relationships.models import Opportunity, Relationship, RelationshipEntry, RelationshipSpell
from apps.relationships.queries import Record, named
from apps.relationships.terms import SpellTrigger
from apps.tenancy.actor import Actor
from apps.tenancy.writing import insert


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a record has an owner: the word of the event, the reason that people read, and the policy that decided."""

    trigger: str
    reason: str
    event_id: UUID
    ruling: Ruled = NOT_RULED


def set_owner(
    record: Record, team: Team, member: Membership | None, cause: Cause, *, actor: Actor, now: datetime
) -> RelationshipSpell:
    """Make a team, and a member of it if one is named, the only owner of a locked record; the open spell ends then.

    Whether it may happen was decided before.
    """
    before = record.owner_team
    instant = now
    for spell in RelationshipSpell.rows().filter(**_keyed(record), ended_at__isnull=True):
        spell.ended_at = instant = max(now, spell.started_at)
        spell.save(update_fields=["ended_at"])
    record.owner_team, record.owner, record.owner_since = team, member, instant
    record.owned_because = cause.reason[:300]
    record.version += 1
    record.save(update_fields=["owner_team", "owner", "owner_since", "owned_because", "version"])
    spell = begin_spell(record, cause, actor=actor, now=instant)
    sentence = f"From {before.name} to {team.name}: {cause.reason}"
    if before == team:
        sentence = f"Stays with {team.name}, nobody named: {cause.reason}"
    tell(record, "owner", sentence, cause.event_id, actor=actor, now=now)
    detail = {"team": str(team.id), "member": str(member.id) if member else None, "trigger": cause.trigger}
    note(record, "assign", cause.event_id, actor=actor, fields=("owner_team", "owner"), detail=detail)
    return spell


def begin_spell(record: Record, cause: Cause, *, actor: Actor, now: datetime) -> RelationshipSpell:
    """Write the spell of a record's present owner, from now on."""
    spell = RelationshipSpell(
        **_parts(record),
        team=record.owner_team,
        membership=record.owner,
        started_at=now,
        trigger=cause.trigger[:40],
        reason=cause.reason[:300],
        actor_label=actor.label,
        event_id=cause.event_id,
        policy=cause.ruling.policy,
        version=cause.ruling.version,
    )
    insert(spell)
    return spell


def release(member: Membership, *, actor: Actor, event_id: UUID, now: datetime) -> int:
    """Leave what a person owned to their team, since they left; return how many records (row TA-15)."""
    cause = Cause(SpellTrigger.DEACTIVATED, "their owner left", event_id)
    found = _owned(owner=member)
    for record in found:
        set_owner(record, record.owner_team, None, cause, actor=actor, now=now)
    return len(found)


def hand_over_all(source: Team, target: Team, cause: Cause, *, actor: Actor, now: datetime) -> int:
    """Give every relationship and opportunity of a team that leaves to another one; return how many."""
    found = _owned(owner_team=source)
    for record in found:
        set_owner(record, target, None, cause, actor=actor, now=now)
    return len(found)


def tell(record: Record, kind: str, sentence: str, event_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Add a line to the story."""
    insert(
        RelationshipEntry(
            **_parts(record), at=now, kind=kind, sentence=sentence[:500], actor_label=actor.label, event_id=event_id
        )
    )


def note(
    record: Record,
    act: str,
    event_id: UUID,
    *,
    actor: Actor,
    fields: tuple[str, ...] = (),
    detail: dict[str, str | None] | None = None,
) -> None:
    """Note an act on a record in the ledger."""
    word = named(record).word
    ledger.record(
        actor=actor,
        action=f"{word}.{act}",
        object_type=word,
        object_id=record.id,
        event_id=event_id,
        fields=fields,
        detail=detail,
    )


def member_of(team: Team, membership_id: UUID | None) -> Membership | None:
    """Return the person if they work in the team."""
    if membership_id is None:
        return None
    place = TeamMembership.rows().filter(team=team, membership_id=membership_id, membership__is_active=True)
    found = place.select_related("membership__user").first()
    return found.membership if found else None


def _parts(record: Record) -> dict[str, Any]:
    if isinstance(record, Opportunity):
        return {"relationship": record.relationship, "opportunity": record}
    return {"relationship": record, "opportunity": None}


def _keyed(record: Record) -> dict[str, Any]:
    if isinstance(record, Opportunity):
        return {"opportunity": record}
    return {"relationship": record, "opportunity__isnull": True}


def _owned(**whose: Any) -> list[Record]:
    """Return what somebody owns, locked: relationships first, as every verb locks them."""
    groups = Relationship.rows().filter(**whose).select_related("party", "owner_team").order_by("id")
    deals = Opportunity.rows().filter(**whose).select_related("relationship__party", "owner_team").order_by("id")
    found: list[Record] = list(groups.select_for_update(of=("self",), no_key=True))
    found += deals.select_for_update(of=("self",), no_key=True)
    return found
