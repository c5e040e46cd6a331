"""Make one person two again: as both were before, and with what came since for whom it belongs to."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.consent.models import ConsentEvent
from apps.consent.queries import lines_since
from apps.identity.decisions.freshness import SAID_FIELDS
from apps.identity.decisions.merging import SinceMerge, part_fields, theirs
from apps.identity.filing import file_anew
from apps.identity.merging import FLAGS, KEPT, flags_of, kept_of, leads_of_people, move, order_points, points_by_id
from apps.identity.models import Merge
from apps.identity.names import name_key
from apps.leads.models import ContactPoint, Lead, Person


def since(row: Merge) -> SinceMerge:
    """Return what came to the merged person since, of which somebody has to say whose it is."""
    survivor = Person.rows().get(id=row.survivor_id)
    known, ids = set(row.moved["all_leads"]), {row.survivor_id, row.absorbed_id}
    held = {str(lead.id): lead for lead in leads_of_people(ids)}
    strayed = Lead.rows().filter(id__in=known - set(held)).order_by("number")
    points = ContactPoint.rows().filter(person=survivor).exclude(id__in=row.moved["all_points"])
    kept, after = kept_of(survivor), row.after["survivor"]
    later = Merge.rows().filter(survivor_id=row.survivor_id, undone_at__isnull=True, merged_at__gt=row.merged_at)
    return SinceMerge(
        fields=tuple(name for name in SAID_FIELDS if kept[name] != after[name]),
        leads=tuple(key for key in held if key not in known),
        points=tuple(str(each) for each in points.order_by("created_at", "id").values_list("id", flat=True)),
        consents=tuple(dict.fromkeys(consent_key(line) for line in consents_since(row))),
        moved_leads=tuple(lead.ref for lead in strayed),
        later_merges=later.exclude(id=row.id).count() + (survivor.merged_into_id is not None),
    )


def consents_since(row: Merge) -> list[ConsentEvent]:
    """Return the lines of the ledger that were written for the merged person since, oldest first."""
    return [line for line in lines_since(row.survivor_id, row.merged_at) if line.person_id == row.survivor_id]


def consent_key(line: ConsentEvent) -> str:
    """Return under what a line is asked for: what came with one arrival belongs to one person."""
    return str(line.submission_id or line.id)


def unmerge(row: Merge, found: SinceMerge, answers: Mapping[str, str], *, by: str, now: datetime) -> list[UUID]:
    """Give both people back as they were, with what came since for each; return the new leads of the absorbed one.

    Whether that is possible, and that every question has its answer, the caller has asked. The ledger of permissions
    is the caller's part too.
    """
    survivor = Person.rows().get(id=row.survivor_id)
    absorbed = Person.rows().get(id=row.absorbed_id)
    is_exact = not found.questions and flags_of(points_by_id(row.moved["all_points"])) == row.after["points"]
    _restore(row, found, theirs(found, answers, "field"), survivor, absorbed)
    move(row.moved, survivor.id, absorbed.id)
    leads = [UUID(each) for each in sorted(theirs(found, answers, "lead"))]
    Lead.rows().filter(id__in=leads, person=survivor).update(person=absorbed)
    Lead.rows().filter(id__in=leads, contact_person=survivor).update(contact_person=absorbed)
    _give_points(theirs(found, answers, "point"), survivor, absorbed)
    Person.rows().filter(id__in=row.moved["people"]).update(merged_into=absorbed)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    _set_flags(row.before["points"])
    if not is_exact:
        for person in (survivor, absorbed):
            order_points(person)
            file_anew(person)
    row.undone_by, row.undone_at = by[:200], now
    row.save(update_fields=["undone_by", "undone_at"])
    return leads


def _restore(row: Merge, found: SinceMerge, of_absorbed: frozenset[str], survivor: Person, absorbed: Person) -> None:
    current = kept_of(survivor)
    mine, other = part_fields(
        current, row.before["survivor"], row.before["absorbed"], changed=found.fields, theirs=of_absorbed
    )
    laid_aside = [each for each in current["prior_values"] if datetime.fromisoformat(each["at"]) > row.merged_at]
    for person, kept in ((survivor, mine), (absorbed, other)):
        is_theirs = person is absorbed
        own = [each for each in laid_aside if (each["field"] in of_absorbed) == is_theirs]
        kept = kept | {"prior_values": [*kept["prior_values"], *own]}
        for name, value in kept.items():
            setattr(person, name, date.fromisoformat(value) if name == "date_of_birth" and value else value)
        if found.fields:
            person.name_key = name_key(person.first_name, person.last_name)[:200]
        person.save(update_fields=list(KEPT))


def _give_points(ids: frozenset[str], survivor: Person, absorbed: Person) -> None:
    for row in points_by_id(ids):
        same: Any = ContactPoint.rows().filter(person=absorbed, kind=row.kind, value=row.value)
        if not same.exists():
            ContactPoint.rows().filter(id=row.id, person=survivor).update(person=absorbed)


def _set_flags(flags: Mapping[str, list[bool]]) -> None:
    for row in points_by_id(flags):
        if [row.is_primary, row.is_shared] != flags[str(row.id)]:
            row.is_primary, row.is_shared = flags[str(row.id)]
            row.save(update_fields=list(FLAGS))
