"""Write relationships and opportunities: who is there, whose each is, and under which terms."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, Party, Team
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.leads.models import Lead
from apps.relationships.models import (
    Opportunity,
    Relationship,
    RelationshipContact,
)
from apps.relationships.owners import Cause, begin_spell, member_of, note, set_owner, tell
from apps.relationships.queries import Record, named, record_of, relationship_for, require_owner, require_reader
from apps.relationships.terms import (
    KINDS,
    LONGEST_REASON,
    LONGEST_TERMS,
    ContactRole,
    OpportunityStage,
    SpellTrigger,
)
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id


@dataclass(frozen=True, slots=True)
class NewContact:
    """Somebody at the group. `phone` is E.164 and `email` lower case, or ""."""

    name: str
    role: str
    title: str = ""
    phone: str = ""
    email: str = ""


def add_relationship(
    *, actor: Actor, party_key: str, name: str, kind: str, team_key: str, now: datetime
) -> Relationship:
    """Enter a relationship with a group: one on file (`party_key`), or a new one by name and kind.

    The team of the actor that is named, and the actor, own it from now on. Refuses who may not edit or works in no
    such team, a group that is known already (Conflict), and one that is an agency or without a name.
    """
    require_reader(actor)
    if not actor.may(Permission.LEAD_EDIT):
        sentence = f"This needs the right “{Permission.LEAD_EDIT}”. Ask an administrator for it."
        raise Refused(sentence, action="relationship.create", object_type="relationship")
    team = Team.rows().filter(key=team_key, is_active=True, id__in=list(actor.team_ids)).first()
    if team is None:
        raise Invalid("Choose a team of yours.", (Problem("/team", "unknown_team", "You work in no such team."),))
    party = _party(actor, party_key, name.strip(), kind)
    if Relationship.rows().filter(party=party).exists():
        raise Conflict(f"{party.name} is on file already. Open it, and ask its owner.", code="known_group")
    member = member_of(team, actor.membership_id)
    because = f"{actor.label} entered the group"
    row = Relationship(
        party=party,
        owner_team=team,
        owner=member,
        owner_since=now,
        owned_because=because,
        created_at=now,
    )
    row.save(force_insert=True)
    cause = Cause(SpellTrigger.ENTERED, because, new_id())
    begin_spell(row, cause, actor=actor, now=now)
    tell(row, "entered", f"Entered; {team.name} own the relationship.", cause.event_id, actor=actor, now=now)
    note(row, "create", cause.event_id, actor=actor, detail={"party": str(party.id), "team": str(team.id)})
    return row


def check_contact(contact: NewContact) -> None:
    """Raise Invalid for a contact without a name or with an unknown role."""
    problems = []
    if not contact.name.strip():
        problems.append(Problem("/name", "missing", "Say who it is."))
    if contact.role not in set(ContactRole):
        problems.append(Problem("/role", "unknown_role", f"One of: {', '.join(ContactRole)}."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def add_contact(*, actor: Actor, relationship_id: UUID, contact: NewContact, now: datetime) -> RelationshipContact:
    """Name somebody at the group with what they do there (row OP-08).

    Who decided before informs from now on: one contact decides. Refuses who does not own the relationship, and a
    contact without a name or with an unknown role.
    """
    row = relationship_for(actor, relationship_id, lock=True)
    require_owner(actor, row, "contacts", action="relationship.add_contact")
    check_contact(contact)
    event_id = new_id()
    if contact.role == ContactRole.DECIDES:
        step_down(row)
    made = RelationshipContact(
        relationship=row,
        name=contact.name.strip()[:200],
        title=contact.title.strip()[:100],
        role=contact.role,
        phone=contact.phone,
        email=contact.email,
        added_at=now,
    )
    made.save(force_insert=True)
    tell(row, "contact", f"A contact who {contact.role} was added.", event_id, actor=actor, now=now)
    note(row, "add_contact", event_id, actor=actor, fields=("contacts",), detail={"contact": str(made.id)})
    return made


def let_decide(*, actor: Actor, relationship_id: UUID, contact_id: UUID, now: datetime) -> RelationshipContact:
    """Name another contact as the one who decides. Refuses who does not own the relationship."""
    row = relationship_for(actor, relationship_id, lock=True)
    require_owner(actor, row, "contacts", action="relationship.let_decide")
    found = RelationshipContact.rows().filter(relationship=row, id=contact_id, ended_at__isnull=True).first()
    if found is None:
        raise Invalid("Choose a contact.", (Problem("/contact", "unknown_contact", "There is no such contact."),))
    event_id = new_id()
    step_down(row)
    found.role = ContactRole.DECIDES
    found.save(update_fields=["role"])
    tell(row, "contact", "Another contact decides from now on.", event_id, actor=actor, now=now)
    note(row, "let_decide", event_id, actor=actor, fields=("contacts",), detail={"contact": str(found.id)})
    return found


def give_to(
    *,
    actor: Actor,
    relationship_id: UUID,
    opportunity_id: UUID | None = None,
    team_key: str,
    reason: str,
    now: datetime,
    trigger: SpellTrigger = SpellTrigger.TRANSFER,
) -> Record:
    """Give a relationship, or one of its opportunities, to another team; the other records stay with their owners.

    Refuses who does not own it, a missing reason, an unknown team, and the one that has it (Conflict).
    """
    record = record_of(actor, relationship_id, opportunity_id, lock=True)
    require_owner(actor, record, "owner_team", action=f"{named(record).word}.give")
    team = Team.rows().filter(key=team_key, is_active=True).first()
    problems = []
    if team is None:
        problems.append(Problem("/team", "unknown_team", "There is no such active team."))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(Problem("/reason", "reason_missing", f"Say why, in {LONGEST_REASON} characters."))
    if problems or team is None:
        raise Invalid(problems[0].detail, tuple(problems))
    if team.id == record.owner_team_id:
        raise Conflict(f"{team.name} own it already.", code="same_owner")
    set_owner(record, team, None, Cause(trigger, reason.strip(), new_id()), actor=actor, now=now)
    return record


def add_opportunity(
    relationship: Relationship,
    *,
    name: str,
    lead: Lead | None,
    team: Team,
    member: Membership | None,
    cause: Cause,
    actor: Actor,
    now: datetime,
) -> Opportunity:
    """Open an opportunity of a locked relationship with an owner of its own; the relationship keeps its owner."""
    count = Opportunity.rows().filter(relationship=relationship).count()
    row = Opportunity(
        relationship=relationship,
        lead=lead,
        name=(name.strip() or f"Opportunity {count + 1}")[:200],
        owner_team=team,
        owner=member,
        owner_since=now,
        owned_because=cause.reason[:300],
        opened_at=now,
    )
    row.save(force_insert=True)
    begin_spell(row, cause, actor=actor, now=now)
    kept = relationship.owner_team.name
    sentence = f"Opened: {cause.reason}. {team.name} own it; the relationship stays with {kept}."
    tell(row, "opened", sentence, cause.event_id, actor=actor, now=now)
    detail = {"relationship": str(relationship.id), "lead": str(lead.id) if lead else None, "team": str(team.id)}
    note(row, "create", cause.event_id, actor=actor, detail=detail | {"policy": cause.ruling.policy})
    return row


def open_opportunity(*, actor: Actor, relationship_id: UUID, name: str, reason: str, now: datetime) -> Opportunity:
    """Open an opportunity by hand, such as a second one of a group (row OP-06); it is the actor's and their team's.

    Refuses who does not own the relationship, and one without a name or a reason.
    """
    row = relationship_for(actor, relationship_id, lock=True)
    require_owner(actor, row, "opportunities", action="opportunity.create")
    problems = []
    if not name.strip():
        problems.append(Problem("/name", "missing", "Give it a name."))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(Problem("/reason", "reason_missing", f"Say what it rests on, in {LONGEST_REASON} characters."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    member = member_of(row.owner_team, actor.membership_id)
    cause = Cause(SpellTrigger.OPENED, reason.strip(), new_id())
    return add_opportunity(
        row, name=name, lead=None, team=row.owner_team, member=member, cause=cause, actor=actor, now=now
    )


def write_terms(
    *,
    actor: Actor,
    relationship_id: UUID,
    opportunity_id: UUID,
    changes: dict[str, str],
    now: datetime,
    version: int | None = None,
) -> Opportunity:
    """Change name, terms or next steps of an opportunity. With both there they are proposed, and wait for approval.

    Approved terms that change are proposed again, and the owner stays. Refuses who does not own the opportunity
    (audited), an older version (Conflict), and texts that are too long or taken away again.
    """
    row = record_of(actor, relationship_id, opportunity_id, lock=True)
    assert isinstance(row, Opportunity)
    for field in changes:
        require_owner(actor, row, field, action="opportunity.edit")
    if version is not None and version != row.version:
        raise Conflict("Somebody changed it since you opened it. Look again.", code="version_conflict")
    changed = {key: text.strip() for key, text in changes.items() if text.strip() != getattr(row, key)}
    problems = [
        Problem(f"/{key}", "missing", f"Say something here, in {LONGEST_TERMS} characters.")
        for key, text in changed.items()
        if not text or len(text) > (200 if key == "name" else LONGEST_TERMS)
    ]
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    if not changed:
        return row
    for key, text in changed.items():
        setattr(row, key, text)
    if changed.keys() & {"terms", "next_steps"}:
        row.stage = OpportunityStage.PROPOSED if row.terms and row.next_steps else OpportunityStage.OPEN
        row.terms_by_id, row.terms_label, row.terms_at = actor.membership_id, actor.label, now
        row.approved_at, row.approved_label = None, ""
    row.version += 1
    row.save()
    event_id = new_id()
    words = ", ".join(key.replace("_", " ") for key in changed)
    tell(row, "edit", f"Changed: {words}.", event_id, actor=actor, now=now)
    note(row, "edit", event_id, actor=actor, fields=tuple(changed))
    return row


def _party(actor: Actor, key: str, name: str, kind: str) -> Party:
    if key:
        found = Party.rows().filter(key=key, is_active=True, kind__in=KINDS).first()
        if found is None:
            raise Invalid("Choose a group.", (Problem("/party", "unknown_party", "There is no such group on file."),))
        return found
    problems = []
    if not name:
        problems.append(Problem("/name", "missing", "Name the group, or choose one on file."))
    if kind not in set(KINDS):
        problems.append(Problem("/kind", "unknown_kind", f"One of: {', '.join(KINDS)}."))
    known = Party.rows().filter(name__iexact=name).first()
    if known is not None:
        problems.append(Problem("/name", "known_group", f"{known.name} is on file already: choose it there."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "group"
    taken = set(Party.rows().filter(key__startswith=slug).values_list("key", flat=True))
    free = next(each for each in (slug, *(f"{slug}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)
    party = Party(key=free, name=name[:200], kind=kind)
    party.save(force_insert=True)
    ledger.record(actor=actor, action="party.create", object_type="party", object_id=party.id)
    return party


def step_down(row: Relationship) -> None:
    """Let who decides at the group inform from now on."""
    deciding = RelationshipContact.rows().filter(relationship=row, role=ContactRole.DECIDES, ended_at__isnull=True)
    deciding.update(role=ContactRole.INFORMS)
