"""Relationships as their pages show them: the list, one with contacts, opportunities and story, what may be done."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.models import Party
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import FieldGroup, PartyKind
from apps.flows.approving_terms import approving_team, may_approve, policy_ruling
from apps.flows.manual_entry import sources_to_name
from apps.leads.models import LeadParty
from apps.leads.phone_numbers import number_read
from apps.leads.terms import PartyPart
from apps.ownership.queries import visible_leads
from apps.relationships import queries
from apps.relationships.models import Opportunity, Relationship, RelationshipContact
from apps.relationships.terms import (
    ASKABLE_OF_OPPORTUNITY,
    ASKABLE_OF_RELATIONSHIP,
    KINDS,
    ContactRole,
    OpportunityStage,
)
from apps.tenancy.actor import Actor
from apps.workspace.picklists import Pairs
from apps.workspace.words import Wall, plain, shows_contact

MOST_LEADS = 20
ROLES = {
    ContactRole.DECIDES: gettext_noop("Decides"),
    ContactRole.SCHEDULES: gettext_noop("Schedules"),
    ContactRole.CONTRACTS: gettext_noop("Signs contracts"),
    ContactRole.REFERS: gettext_noop("Refers patients"),
    ContactRole.INFORMS: gettext_noop("Informs"),
}
STAGES = {
    OpportunityStage.OPEN: gettext_noop("Open"),
    OpportunityStage.PROPOSED: gettext_noop("Terms wait for approval"),
    OpportunityStage.APPROVED: gettext_noop("Terms approved"),
}


def called(actor: Actor, name: str) -> str:
    """Return a contact's name, or the initials for roles that see no contact data."""
    if shows_contact(actor):
        return name
    return "".join(part[:1] for part in name.split()).upper()


def contact_shown(actor: Actor, row: RelationshipContact) -> dict[str, Any]:
    """Return a contact; number and address are None for roles that see no contact data."""
    shows = shows_contact(actor)
    return {
        "id": row.id,
        "name": called(actor, row.name),
        "title": row.title,
        "role": row.role,
        "phone": row.phone if shows else None,
        "email": row.email if shows else None,
    }


def lock_of_contact(actor: Actor, row: RelationshipContact) -> str:
    """Return why the actor may not correct a contact; "" who may."""
    if FieldGroup.CONTACT in actor.fixed_fields:
        return _("Your role does not edit contact data. Ask your tenant's administrator.")
    return lock_of(actor, row.relationship, "contacts")


def listed(actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return the relationships by name, each with its owner, who decides, and how its opportunities stand."""
    return [
        {
            "id": row.id,
            "name": row.party.name,
            "kind": plain(row.party.kind),
            "owner": _owner(row, wall),
            "decides": [called(actor, each.name) for each in row.deciders],
            "under_way": row.deals - row.approved,
            "approved": row.approved,
        }
        for row in queries.relationships()[: queries.MOST_LISTED]
    ]


def shown(actor: Actor, row: Relationship, wall: Wall) -> dict[str, Any]:
    """Return a relationship with everything that its page says."""
    deals = queries.opportunities_of(row)
    leads = set(visible_leads(actor).filter(id__in=[each.lead_id for each in deals if each.lead_id]).values_list("id"))
    seen = {lead_id for (lead_id,) in leads}
    return {
        **head(row),
        "kind": plain(row.party.kind),
        "owner": _owner(row, wall),
        "lock": _lock(actor, row, "contacts"),
        "contacts": [
            contact_shown(actor, each)
            | {
                "word": _(ROLES[ContactRole(each.role)]),
                "number": number_read(each.phone) if shows_contact(actor) else "",
            }
            for each in queries.contacts_of(row)
        ],
        "edits": not _lock(actor, row, "contacts") and FieldGroup.CONTACT not in actor.fixed_fields,
        "former": [
            contact_shown(actor, each)
            | {
                "word": _(ROLES[ContactRole(each.role)]),
                "number": number_read(each.phone) if shows_contact(actor) else "",
                "since": wall.day(each.added_at),
                "until": wall.day(each.ended_at) if each.ended_at else "",
            }
            for each in queries.former_contacts_of(row)
        ],
        "deals": [_deal(actor, each, wall, sees_lead=each.lead_id in seen) for each in deals],
        "outreach": _outreach(actor, row, wall),
        "spells": [
            {
                "what": each.opportunity.name if each.opportunity else row.party.name,
                "team": each.team.name,
                "person": each.membership.user.name if each.membership else "",
                "since": wall.day(each.started_at),
                "until": wall.day(each.ended_at) if each.ended_at else "",
                "because": each.reason,
                "by": each.actor_label,
            }
            for each in queries.spells_of(row)
        ],
        "story": [
            {
                "at": wall.at(each.at),
                "sentence": each.sentence,
                "by": each.actor_label,
                "of": each.opportunity.name if each.opportunity else "",
            }
            for each in queries.entries_of(row)
        ],
        "requests": [_request(actor, each, wall, row) for each in queries.requests_of(actor, row)],
    }


def head(row: Relationship) -> dict[str, Any]:
    """Return what every page of a relationship begins with."""
    return {"id": row.id, "name": row.party.name}


def lock_of(actor: Actor, record: queries.Record, field: str) -> str:
    """Return why the actor may not change this of a record, or ""."""
    return _lock(actor, record, field)


def groups_on_file() -> Pairs:
    """Return the organisations that have no relationship yet, by name."""
    rows: QuerySet[Party] = Party.rows().filter(is_active=True, kind__in=KINDS)
    known = Relationship.rows().values("party")
    return list(rows.exclude(id__in=known).order_by("name").values_list("key", "name"))


def kinds() -> Pairs:
    """Return the kinds of organisation that one has a relationship with."""
    return [(str(each), plain(PartyKind(each))) for each in KINDS]


def own_teams(actor: Actor) -> Pairs:
    """Return the teams of the actor."""
    rows = teams_by_id()
    return [(rows[each].key, rows[each].name) for each in actor.team_ids if each in rows and rows[each].is_active]


def roles() -> Pairs:
    """Return what contacts do."""
    return [(str(key), _(word)) for key, word in ROLES.items()]


def reachable(actor: Actor, row: Relationship) -> Pairs:
    """Return the contacts who have a number or an address."""
    return [(str(each.id), called(actor, each.name)) for each in queries.contacts_of(row) if each.phone or each.email]


def sources() -> Pairs:
    """Return the sources that outreach may count to."""
    return [(each.key, each.name) for each in sources_to_name()]


def askable(record: queries.Record) -> Pairs:
    """Return what the owner may be asked to change."""
    words = ASKABLE_OF_OPPORTUNITY if isinstance(record, Opportunity) else ASKABLE_OF_RELATIONSHIP
    return [(key, _(word)) for key, word in words.items()]


def _outreach(actor: Actor, row: Relationship, wall: Wall) -> list[dict[str, Any]]:
    """Return the leads that name the group as partner and that the actor sees, newest first."""
    of_group = LeadParty.rows().filter(party=row.party_id, part=PartyPart.PARTNER).values("lead")
    leads = visible_leads(actor).filter(id__in=of_group).select_related("stage", "owner_team")
    return [
        {
            "id": each.id,
            "ref": each.ref,
            "stage": each.stage.label,
            "owner": each.owner_team.name if each.owner_team else "",
            "at": wall.at(each.captured_at),
        }
        for each in leads.order_by("-captured_at", "-id")[:MOST_LEADS]
    ]


def _owner(row: queries.Record, wall: Wall) -> dict[str, str]:
    return {
        "team": row.owner_team.name,
        "person": row.owner.user.name if row.owner else "",
        "since": wall.at(row.owner_since),
        "because": row.owned_because,
    }


def _lock(actor: Actor, record: queries.Record, field: str) -> str:
    verdict = queries.verdict_on(actor, record, field)
    return "" if verdict.allowed else verdict.sentence


def _deal(actor: Actor, row: Opportunity, wall: Wall, *, sees_lead: bool) -> dict[str, Any]:
    policy = policy_ruling(row.lead, wall.now)
    is_proposed = row.stage == OpportunityStage.PROPOSED
    return {
        "id": row.id,
        "name": row.name,
        "stage": _(STAGES[OpportunityStage(row.stage)]),
        "owner": _owner(row, wall),
        "lock": _lock(actor, row, "terms"),
        "terms": row.terms,
        "next_steps": row.next_steps,
        "written": f"{row.terms_label}, {wall.at(row.terms_at)}" if row.terms_at else "",
        "approved": f"{row.approved_label}, {wall.at(row.approved_at)}" if row.approved_at else "",
        "approver": approving_team(row, policy).name if is_proposed else "",
        "may_approve": is_proposed and not may_approve(actor, row, policy),
        "lead": {"id": row.lead_id, "ref": row.lead.ref} if row.lead and sees_lead else None,
    }


def _request(actor: Actor, row: Any, wall: Wall, relationship: Relationship) -> dict[str, Any]:
    owner = row.opportunity or relationship
    words = ASKABLE_OF_OPPORTUNITY if row.opportunity else ASKABLE_OF_RELATIONSHIP
    return {
        "id": row.id,
        "of": row.opportunity.name if row.opportunity else relationship.party.name,
        "field": _(words[row.field]),
        "proposed": _proposed(actor, row),
        "reason": row.reason,
        "by": row.asker_label,
        "due": wall.at(row.due_at),
        "is_late": row.due_at < wall.now,
        "may_answer": owner.owner_team_id in actor.team_ids,
    }


def _proposed(actor: Actor, row: Any) -> str:
    """Return what is wished for in words: a team by its name, a contact by theirs."""
    if row.field == "owner_team":
        return next((each.name for each in teams_by_id().values() if each.key == row.proposed), str(row.proposed))
    if row.field == "decider":
        names = {str(each.id): each.name for each in queries.contacts_of(row.relationship)}
        return called(actor, names.get(row.proposed, ""))
    return str(row.proposed)
