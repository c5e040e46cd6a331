"""Make two people one, and two again. What moves keeps its own id; what is laid aside is kept in the merge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from apps.consent.gate_lock import shut
from apps.identity.actions import said_at_of
from apps.identity.decisions.freshness import SAID_FIELDS
from apps.identity.decisions.merging import (
    PLACE_FIELDS,
    FieldChoice,
    PointFact,
    choose_fields,
    first_points,
    takes_their_place,
)
from apps.identity.models import Merge
from apps.identity.names import name_key
from apps.identity.seeking import lock_values
from apps.leads.models import ContactPoint, Lead, Person
from apps.leads.terms import ContactValue
from apps.tenancy.errors import Conflict

KEPT = (*SAID_FIELDS, *PLACE_FIELDS, "name_key", "prior_values", "is_organization", "said_at")
FLAGS = ("is_primary", "is_shared")


@dataclass(frozen=True, slots=True)
class Couple:
    """Two locked people with what is theirs."""

    survivor: Person
    absorbed: Person
    points: list[ContactPoint]
    leads: list[Lead]

    def points_of(self, person: Person) -> list[ContactPoint]:
        """Return one person's numbers and addresses."""
        return [row for row in self.points if row.person_id == person.id]


def couple_of(survivor_id: UUID, absorbed_id: UUID, *, lock: bool) -> Couple:
    """Read two people; locked, nobody else works on them, their contact values or their leads meanwhile.

    Raises Conflict when one of them was merged away already, or both are one person.
    """
    ids = {survivor_id, absorbed_id}
    if lock:
        values = ContactPoint.rows().filter(person_id__in=ids).values_list("kind", "value")
        lock_values([ContactValue(kind=kind, value=value) for kind, value in values])
    people, points, leads = Person.rows().order_by("id"), ContactPoint.rows().order_by("id"), leads_of_people(ids)
    if lock:
        people, points = people.select_for_update(no_key=True), points.select_for_update(no_key=True)
        leads = leads.select_for_update(no_key=True)
    by_id = {row.id: row for row in people.filter(id__in=ids)}
    if len(ids) != 2 or len(by_id) != 2 or any(row.merged_into_id for row in by_id.values()):
        raise Conflict("One of the two was merged already. Look at the pair again.", code="merged_already")
    mine = list(points.filter(person_id__in=ids))
    return Couple(by_id[survivor_id], by_id[absorbed_id], mine, list(leads))


def fields_kept(couple: Couple, picked: Iterable[str] = ()) -> tuple[FieldChoice, ...]:
    """Say which value of each field the merged person would have."""
    return choose_fields(
        _texts(couple.survivor),
        _texts(couple.absorbed),
        survivor_said_at=_said_at(couple, couple.survivor),
        absorbed_said_at=_said_at(couple, couple.absorbed),
        picked=picked,
    )


def merge(couple: Couple, *, picked: Iterable[str], reason: str, by: str, now: datetime) -> Merge:
    """Make a locked couple one person. Leads and contact values move; permissions stay where they were given.

    Readers of permissions ask for both people, so that what either refused holds for the merged one; no message begins
    until that is kept.
    """
    survivor, absorbed = couple.survivor, couple.absorbed
    shut((survivor.id, absorbed.id))
    before = {"survivor": kept_of(survivor), "absorbed": kept_of(absorbed), "points": flags_of(couple.points)}
    moved: dict[str, Any] = {
        "leads": [str(row.id) for row in couple.leads if row.person_id == absorbed.id],
        "contact_for": [str(row.id) for row in couple.leads if row.contact_person_id == absorbed.id],
        "points": [str(row.id) for row in _movable(couple)],
        "people": [str(each) for each in Person.rows().filter(merged_into=absorbed).values_list("id", flat=True)],
        "all_leads": [str(row.id) for row in couple.leads],
        "all_points": [str(row.id) for row in couple.points],
    }
    _take_fields(couple, fields_kept(couple, picked), now)
    move(moved, absorbed.id, survivor.id)
    Person.rows().filter(merged_into=absorbed).update(merged_into=survivor)
    absorbed.merged_into = survivor
    absorbed.save(update_fields=["merged_into"])
    order_points(survivor)
    row = Merge(
        survivor=survivor,
        absorbed=absorbed,
        moved=moved,
        before=before,
        after={"survivor": kept_of(survivor), "points": flags_of(points_by_id(moved["all_points"]))},
        reason=reason[:300],
        merged_by=by[:200],
        merged_at=now,
    )
    row.save(force_insert=True)
    return row


def keep_streams(row: Merge, held: list[dict[str, Any]]) -> None:
    """Keep which leads stand back since the merge, for when it is taken back."""
    row.moved = row.moved | {"streams": held}
    row.save(update_fields=["moved"])


def lock_people(row: Merge) -> None:
    """Let nobody else work on the two people of a merge, their contact values or their leads meanwhile."""
    ids = [row.survivor_id, row.absorbed_id]
    values = ContactPoint.rows().filter(person_id__in=ids).values_list("kind", "value")
    lock_values([ContactValue(kind=kind, value=value) for kind, value in values])
    for rows in (Person.rows().filter(id__in=ids), leads_of_people(set(ids))):
        list(rows.order_by("id").select_for_update(no_key=True).values_list("id", flat=True))


def leads_of_people(ids: set[UUID]) -> Any:
    """Return the leads of these people, and those for which they are whom we contact."""
    own = Lead.rows().filter(person_id__in=ids).values("id")
    for_others = Lead.rows().filter(contact_person_id__in=ids).values("id")
    return Lead.rows().filter(id__in=own.union(for_others)).order_by("id")


def _movable(couple: Couple) -> list[ContactPoint]:
    """Return what the survivor does not have; a value that both have stays with each."""
    mine = {(row.kind, row.value) for row in couple.points_of(couple.survivor)}
    return [row for row in couple.points_of(couple.absorbed) if (row.kind, row.value) not in mine]


def move(moved: Mapping[str, Any], old: UUID, new: UUID) -> None:
    """Let what a merge moves belong to another person; what is somebody else's by now stays there."""
    Lead.rows().filter(id__in=moved["leads"], person_id=old).update(person_id=new)
    Lead.rows().filter(id__in=moved["contact_for"], contact_person_id=old).update(contact_person_id=new)
    ContactPoint.rows().filter(id__in=moved["points"], person_id=old).update(person_id=new)


def _take_fields(couple: Couple, choices: tuple[FieldChoice, ...], now: datetime) -> None:
    survivor, absorbed = couple.survivor, couple.absorbed
    prior = [*survivor.prior_values, *absorbed.prior_values]
    said_at = dict(survivor.said_at)
    for each in choices:
        if each.differs:
            prior.append({"field": each.field, "value": each.other, "at": now.isoformat()})
        if each.from_absorbed:
            setattr(survivor, each.field, getattr(absorbed, each.field))
            said_at[each.field] = absorbed.said_at.get(each.field)
    if takes_their_place(choices):
        for name in PLACE_FIELDS:
            if getattr(absorbed, name) not in ("", None):
                setattr(survivor, name, getattr(absorbed, name))
    survivor.prior_values = prior
    survivor.said_at = {name: at for name, at in said_at.items() if at}
    survivor.name_key = name_key(survivor.first_name, survivor.last_name)[:200]
    survivor.save(update_fields=list(KEPT))


def order_points(survivor: Person) -> None:
    """Let one number and one address come first; what only these two shared is shared no more."""
    rows = list(ContactPoint.rows().filter(person=survivor))
    first = first_points(
        [PointFact(str(r.id), r.kind, r.validity, r.verified_at, r.said_at or r.created_at) for r in rows]
    )
    values = [row.value for row in rows if row.is_shared]
    others = ContactPoint.rows().filter(value__in=values, person__merged_into__isnull=True).exclude(person=survivor)
    shared = set(others.values_list("kind", "value")) if values else set()
    for row in rows:
        is_shared = row.is_shared and (row.kind, row.value) in shared
        if (row.is_primary, row.is_shared) != (str(row.id) in first, is_shared):
            row.is_primary, row.is_shared = str(row.id) in first, is_shared
            row.save(update_fields=list(FLAGS))


def _said_at(couple: Couple, person: Person) -> dict[str, datetime]:
    """Return when each field was last said: as noted, else the latest touch, else when they came on file."""
    own = [row.id for row in couple.leads if person.id in (row.person_id, row.contact_person_id)]
    latest = Lead.rows().filter(id__in=own).aggregate(at=Max("touches__at"))["at"]
    return said_at_of(person, otherwise=latest or person.created_at)


def _texts(person: Person) -> dict[str, str]:
    return {name: str(getattr(person, name) or "") for name in SAID_FIELDS}


def kept_of(person: Person) -> dict[str, Any]:
    """Return what a merge keeps of a record, as it is stored with the merge."""
    values = {name: getattr(person, name) for name in KEPT}
    born = values["date_of_birth"]
    return values | {"date_of_birth": born.isoformat() if born else None, "prior_values": list(values["prior_values"])}


def points_by_id(ids: Iterable[str]) -> list[ContactPoint]:
    """Return numbers and addresses by their ids."""
    return list(ContactPoint.rows().filter(id__in=list(ids)))


def flags_of(rows: Iterable[ContactPoint]) -> dict[str, list[bool]]:
    """Return which numbers and addresses come first, and which are shared."""
    return {str(row.id): [row.is_primary, row.is_shared] for row in rows}
