"""Working on relationships: naming contacts, reaching out, asking the owner to change something, answering."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import TeamMembership
from apps.accounts.notices import tell_people
from apps.capture.actions import Receipt
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.terms import PointValidity
from apps.consent.terms import Channel
from apps.flows.manual_entry import Entry, enter_inquiry
from apps.flows.owning import desk_of
from apps.flows.transfer import FOLLOW_UP_SECONDS, due_in_opening_hours
from apps.relationships import actions, contacts
from apps.relationships.actions import NewContact
from apps.relationships.models import Opportunity, RelationshipContact, RelationshipRequest
from apps.relationships.owners import note, tell
from apps.relationships.queries import (
    Record,
    named,
    opportunity_of,
    record_of,
    relationship_for,
    require_owner,
    verdict_on,
)
from apps.relationships.terms import (
    ASKABLE_OF_OPPORTUNITY,
    ASKABLE_OF_RELATIONSHIP,
    LONGEST_REASON,
    LONGEST_TERMS,
    PIPELINE,
    RequestState,
    SpellTrigger,
)
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

#: What a request of a field asks leave for, where the field has another name.
_LOCKED_AS = {"decider": "contacts"}


def name_contact(*, actor: Actor, relationship_id: UUID, typed: NewContact, now: datetime) -> RelationshipContact:
    """Name a contact with number and address as they were typed; refuses those that cannot be read."""
    return actions.add_contact(actor=actor, relationship_id=relationship_id, contact=_read(typed), now=now)


def correct_contact(
    *, actor: Actor, relationship_id: UUID, contact_id: UUID, typed: NewContact, now: datetime
) -> RelationshipContact:
    """Correct a contact with number and address as they were typed; refuses those that cannot be read."""
    return contacts.change_contact(
        actor=actor, relationship_id=relationship_id, contact_id=contact_id, contact=_read(typed), now=now
    )


def _read(typed: NewContact) -> NewContact:
    """Return a contact with number and address as they are kept; raise Invalid for those that cannot be read."""
    phone = read_phone(typed.phone, current_organization().region) if typed.phone.strip() else None
    email = read_email(typed.email) if typed.email.strip() else None
    problems = []
    if phone is not None and not phone.e164:
        problems.append(Problem("/phone", "bad_phone", f"This number cannot be called: {phone.reason}."))
    if email is not None and email.validity is PointValidity.INVALID:
        problems.append(Problem("/email", "bad_email", "This is no e-mail address."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    return NewContact(typed.name, typed.role, typed.title, phone.e164 if phone else "", email.address if email else "")


@dataclass(frozen=True, slots=True)
class Outreach:
    """Whom to reach at a group, why, which source it counts to, what they agreed to aloud; `key` names the form."""

    contact_id: UUID
    source: str
    reason: str
    key: str
    spoken: Mapping[Channel, bool]


def begin_outreach(*, actor: Actor, relationship_id: UUID, outreach: Outreach, now: datetime) -> Receipt:
    """Begin to reach out to a contact: a lead in the pipeline of partnerships, taken in as every typed inquiry is.

    The group is named in it as partner, and its first task is the intro call. Refuses who does not own the
    relationship, a contact who is not there, one without number and address, and what `enter_inquiry` refuses.
    """
    row = relationship_for(actor, relationship_id, lock=True)
    require_owner(actor, row, "opportunities", action="relationship.reach_out")
    contact = RelationshipContact.rows().filter(relationship=row, id=outreach.contact_id, ended_at__isnull=True).first()
    if contact is None or not (contact.phone or contact.email):
        sentence = "Choose a contact with a number or an address."
        raise Invalid(sentence, (Problem("/contact", "unknown_contact", sentence),))
    first, _, last = contact.name.rpartition(" ")
    who = {"first_name": first, "last_name": last, "phone": contact.phone, "email": contact.email}
    agreed = [channel for channel, is_agreed in outreach.spoken.items() if is_agreed]
    first_by = next(iter(agreed), Channel.CALL if contact.phone else Channel.EMAIL)
    about = f"{row.party.name}: {outreach.reason.strip()}"
    parts = {
        "lead_class": PIPELINE,
        "person": {key: value for key, value in who.items() if value},
        "request": {"message": about, "preferred_channel": str(first_by)},
    }
    entry = Entry(outreach.source, outreach.reason, parts, outreach.key, spoken=outreach.spoken)
    receipt = enter_inquiry(actor=actor, entry=entry, now=now)
    if not receipt.is_replay:
        event_id = new_id()
        tell(row, "outreach", "Outreach began; its lead has the intro call.", event_id, actor=actor, now=now)
        note(row, "reach_out", event_id, actor=actor, detail={"submission": str(receipt.submission_id)})
    return receipt


def ask_owner(
    *,
    actor: Actor,
    relationship_id: UUID,
    opportunity_id: UUID | None,
    field: str,
    proposed: str,
    reason: str,
    now: datetime,
) -> RelationshipRequest:
    """Ask the owner of a relationship or of an opportunity to change something; nothing else changes.

    The owner, or who leads their team, hears of it; it is due within half an hour of their opening hours. Refuses who
    may change it themselves, fields that are not asked for, and a request without a value or a reason.
    """
    record = record_of(actor, relationship_id, opportunity_id, lock=True)
    askable = ASKABLE_OF_OPPORTUNITY if isinstance(record, Opportunity) else ASKABLE_OF_RELATIONSHIP
    problems = []
    if field not in askable:
        problems.append(Problem("/field", "unknown_field", f"One of: {', '.join(askable)}."))
    if not proposed.strip() or len(proposed) > LONGEST_TERMS:
        problems.append(Problem("/proposed", "missing", f"Say what it should be, in {LONGEST_TERMS} characters."))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(Problem("/reason", "reason_missing", f"Say why, in {LONGEST_REASON} characters."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    if verdict_on(actor, record, _LOCKED_AS.get(field, field)).allowed:
        raise Conflict("You may change this yourself.", code="own_field")
    row = RelationshipRequest(
        relationship=record.relationship if isinstance(record, Opportunity) else record,
        opportunity=record if isinstance(record, Opportunity) else None,
        field=field,
        proposed=proposed.strip(),
        reason=reason.strip(),
        asker_id=actor.membership_id,
        asker_label=actor.label,
        created_at=now,
        due_at=due_in_opening_hours(desk_of(record.owner_team.key), FOLLOW_UP_SECONDS, now),
    )
    row.save(force_insert=True)
    event_id = new_id()
    sentence = f"Asked to change: {askable[field].lower()}; {record.owner_team.name} decide."
    tell(record, "asked", sentence, event_id, actor=actor, now=now)
    note(record, "ask", event_id, actor=actor, fields=(field,), detail={"request": str(row.id)})
    tell_people(
        kind="relationship_request",
        sentence=f"{actor.label} asks you to change something of “{named(record).called}”.",
        dedup_key=f"relationship-request:{row.id}",
        now=now,
        members=_hearers(record),
        url=f"/relationships/{relationship_id}/",
    )
    return row


def answer_owner(
    *, actor: Actor, relationship_id: UUID, request_id: UUID, accept: bool, because: str, now: datetime
) -> RelationshipRequest:
    """Accept a request, which makes the change in the owner's name by the owner's verb, or decline it with a reason.

    Refuses who does not own the record (audited), a request that was answered, and a value that cannot be taken
    (Conflict `cannot_apply`; it stays open).
    """
    relationship = relationship_for(actor, relationship_id, lock=True)
    rows = RelationshipRequest.rows().filter(id=request_id, relationship=relationship)
    row = rows.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound
    record: Record = opportunity_of(relationship, row.opportunity_id, lock=True) if row.opportunity_id else relationship
    require_owner(actor, record, "owner_team", action=f"{named(record).word}.answer")
    if row.state != RequestState.OPEN:
        raise Conflict("This request was answered already.", code="answered")
    if accept:
        _apply(row, actor, now)
    elif not because.strip() or len(because) > LONGEST_REASON:
        sentence = f"Say why you decline, in {LONGEST_REASON} characters."
        raise Invalid(sentence, (Problem("/because", "reason_missing", sentence),))
    row.state = RequestState.ACCEPTED if accept else RequestState.DECLINED
    row.answer, row.answered_at, row.answered_label = because.strip(), now, actor.label
    row.save(update_fields=["state", "answer", "answered_at", "answered_label"])
    event_id = new_id()
    tell(record, "answered", f"{row.state.capitalize()}: {row.asker_label} asked.", event_id, actor=actor, now=now)
    note(record, "answer", event_id, actor=actor, detail={"request": str(row.id), "answer": str(row.state)})
    if row.asker_id is not None:
        tell_people(
            kind="relationship_answer",
            sentence=f"{actor.label} {row.state} what you asked of “{named(record).called}”.",
            dedup_key=f"relationship-answer:{row.id}",
            now=now,
            members=[row.asker_id],
            url=f"/relationships/{relationship_id}/",
        )
    return row


def _apply(row: RelationshipRequest, actor: Actor, now: datetime) -> None:
    why = f"Asked by {row.asker_label}: {row.reason}"[:LONGEST_REASON]
    where: dict[str, Any] = {"actor": actor, "relationship_id": row.relationship_id, "now": now}
    try:
        if row.field == "owner_team":
            actions.give_to(
                **where,
                opportunity_id=row.opportunity_id,
                team_key=row.proposed,
                reason=why,
                trigger=SpellTrigger.REQUEST,
            )
        elif row.field == "decider":
            actions.let_decide(**where, contact_id=_contact_id(row.proposed))
        elif row.opportunity_id is not None:
            changes = {row.field: row.proposed}
            actions.write_terms(**where, opportunity_id=row.opportunity_id, changes=changes)
    except (Conflict, Invalid) as error:
        raise Conflict(f"This cannot be done yet. {error.detail}", code="cannot_apply") from error


def _contact_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("There is no such contact.", (Problem("/proposed", "unknown_contact", "Choose one."),)) from None


def _hearers(record: Record) -> list[UUID]:
    if record.owner_id is not None:
        return [record.owner_id]
    places = TeamMembership.rows().filter(team=record.owner_team, membership__is_active=True)
    led = list(places.filter(is_lead=True).values_list("membership_id", flat=True))
    return led or list(places.values_list("membership_id", flat=True))
