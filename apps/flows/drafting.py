"""Keep what somebody types into a form of a lead until it is saved: on the server, sealed, for the writer alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.leads.models import Draft
from apps.ownership.queries import lead_to_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

LONGEST = 20_000
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as its writer reads it."""

    values: dict[str, list[str]]
    saved_at: datetime


def keep_draft(*, actor: Actor, lead_id: UUID, form: str, values: Typed, now: datetime) -> None:
    """Store what was typed, over the draft before it. The story and the ledger hear nothing: nothing was done.

    A lead that went to another team meanwhile takes the draft all the same, so that no text is lost. Refuses people
    without a place in the organization, those for whom the lead does not exist, and texts that are too long.
    """
    if actor.membership_id is None:
        raise NotFound
    lead_to_change(actor, lead_id)
    _keep(actor.membership_id, lead_id, form, values, now)


def keep_own_draft(*, actor: Actor, form: str, values: Typed, now: datetime) -> None:
    """Store what was typed into a form that belongs to no lead yet, over the draft before it; read it by `draft_of`.

    It concerns its writer alone, under whose own id it stands. Refuses people without a place in the organization
    and texts that are too long.
    """
    if actor.membership_id is None:
        raise NotFound
    _keep(actor.membership_id, actor.membership_id, form, values, now)


def _keep(member_id: UUID, subject_id: UUID, form: str, values: Typed, now: datetime) -> None:
    text = json.dumps({name: list(each) for name, each in values.items()}, separators=(",", ":"))
    if len(text) > LONGEST:
        raise Invalid(f"A draft holds at most {LONGEST} characters.")
    mine = Draft.rows().filter(member_id=member_id, subject_id=subject_id, form=form)
    row_id = mine.values_list("id", flat=True).first() or new_id()
    sealed = seal(text.encode(), organization_id=current_organization_id(), row_id=row_id, column="leads_draft.sealed")
    if mine.filter(id=row_id).update(sealed=sealed, saved_at=now):
        return
    row = Draft(id=row_id, member_id=member_id, subject_id=subject_id, form=form, sealed=sealed, saved_at=now)
    Draft.objects.bulk_create([row], ignore_conflicts=True)


def drop_draft(*, actor: Actor, lead_id: UUID, form: str) -> None:
    """Forget a draft: it was saved, or its writer does not want it."""
    if actor.membership_id is not None:
        Draft.rows().filter(member_id=actor.membership_id, subject_id=lead_id, form=form).delete()


def draft_of(actor: Actor, lead_id: UUID, form: str) -> Kept | None:
    """Return the actor's own draft of a form, opened."""
    if actor.membership_id is None:
        return None
    row = Draft.rows().filter(member_id=actor.membership_id, subject_id=lead_id, form=form).first()
    if row is None:
        return None
    text = unseal(
        bytes(row.sealed), organization_id=current_organization_id(), row_id=row.id, column="leads_draft.sealed"
    ).decode()
    return Kept(json.loads(text), row.saved_at)
