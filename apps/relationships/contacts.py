"""Contacts of a group change and leave: what stood there before is kept as an ended contact (row OP-08)."""

from datetime import datetime
from uuid import UUID

from apps.accounts.terms import FieldGroup
from apps.relationships.actions import NewContact, check_contact, step_down
from apps.relationships.models import RelationshipContact
from apps.relationships.owners import note, tell
from apps.relationships.queries import relationship_for, require_owner
from apps.relationships.terms import ContactRole
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.ids import new_id

EDITED = ("name", "role", "title", "phone", "email")


def contact_for(actor: Actor, relationship_id: UUID, contact_id: UUID, *, lock: bool = False) -> RelationshipContact:
    """Return a contact who is at the group now; NotFound for one who left, or is another group's."""
    row = relationship_for(actor, relationship_id, lock=lock)
    found = RelationshipContact.rows().filter(relationship=row, id=contact_id, ended_at__isnull=True).first()
    if found is None:
        raise NotFound
    found.relationship = row
    return found


def change_contact(
    *, actor: Actor, relationship_id: UUID, contact_id: UUID, contact: NewContact, now: datetime
) -> RelationshipContact:
    """Correct a contact; how they stood before is kept as an ended one. Nothing is written where nothing differs.

    Who decided before informs from now on where this one decides. Refuses who does not own the relationship or whose
    role does not edit contact data, and what `add_contact` refuses.
    """
    found = contact_to_change(actor, relationship_id, contact_id, "change_contact")
    check_contact(contact)
    wanted = {
        "name": contact.name.strip()[:200],
        "role": contact.role,
        "title": contact.title.strip()[:100],
        "phone": contact.phone,
        "email": contact.email,
    }
    before = {name: getattr(found, name) for name in EDITED}
    changed = [name for name in EDITED if before[name] != wanted[name]]
    if not changed:
        return found
    kept = RelationshipContact(relationship=found.relationship, added_at=found.added_at, ended_at=now, **before)
    kept.save(force_insert=True)
    if contact.role == ContactRole.DECIDES and "role" in changed:
        step_down(found.relationship)
    found.added_at = now
    for name, value in wanted.items():
        setattr(found, name, value)
    found.save(update_fields=[*EDITED, "added_at"])
    _tell(found, "change_contact", f"A contact was corrected: {', '.join(changed)}.", actor, now)
    return found


def end_contact(*, actor: Actor, relationship_id: UUID, contact_id: UUID, now: datetime) -> RelationshipContact:
    """Note that a contact is at the group no more; they are kept. Refuses whom `change_contact` refuses."""
    found = contact_to_change(actor, relationship_id, contact_id, "end_contact")
    found.ended_at = now
    found.save(update_fields=["ended_at"])
    _tell(found, "end_contact", f"A contact who {found.role} is there no more.", actor, now)
    return found


def contact_to_change(actor: Actor, relationship_id: UUID, contact_id: UUID, deed: str) -> RelationshipContact:
    """Return a contact, locked with its relationship; Refused for who does not own it or edits no contact data."""
    found = contact_for(actor, relationship_id, contact_id, lock=True)
    require_owner(actor, found.relationship, "contacts", action=f"relationship.{deed}")
    if FieldGroup.CONTACT in actor.fixed_fields:
        raise Refused(
            "Your role does not edit contact data. Ask your tenant's administrator.",
            code="field_group",
            action=f"relationship.{deed}",
            object_type="relationship",
            object_id=relationship_id,
        )
    return found


def _tell(found: RelationshipContact, deed: str, sentence: str, actor: Actor, now: datetime) -> None:
    event_id = new_id()
    tell(found.relationship, "contact", sentence, event_id, actor=actor, now=now)
    detail: dict[str, str | None] = {"contact": str(found.id)}
    note(found.relationship, deed, event_id, actor=actor, fields=("contacts",), detail=detail)
