"""One person as their page shows them: how to reach them, and every inquiry they made (row DU-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.leads.models import ContactPoint, Lead, Person
from apps.leads.queries import leads_of
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.workspace.rows import service_of
from apps.workspace.words import Wall, address_of, name_of, plain, shows_contact

POINT_WORDS = {"phone": "Phone", "email": "Email"}


def open_to(actor: Actor, person_id: UUID) -> tuple[list[Lead], frozenset[UUID]]:
    """Return the person's leads, newest first, and which of them the actor may open."""
    leads = leads_of(person_id)
    ids = visible_leads(actor).filter(id__in=[each.id for each in leads]).values_list("id", flat=True)
    return leads, frozenset(ids)


def survivor_of(person_id: UUID) -> UUID | None:
    """Return into whom somebody was merged, if they were."""
    return Person.rows().filter(id=person_id).values_list("merged_into_id", flat=True).first()


def head_of(person: Person, actor: Actor) -> dict[str, Any]:
    """Return name and place; initials for roles that see no contact data."""
    place = ", ".join(each for each in (person.city, person.region) if each) if shows_contact(actor) else ""
    return {"name": name_of(actor, person), "place": place, "is_organization": person.is_organization}


def earlier_values(person: Person, actor: Actor, wall: Wall) -> list[dict[str, str]]:
    """Return what the person said before, newest first (row DU-05); none for roles that see no contact data."""
    if not shows_contact(actor):
        return []
    return [
        {
            "label": _(plain(str(each.get("field", "")))),
            "value": str(each.get("value", "")),
            "sentence": _("laid aside %(at)s") % {"at": wall.at(datetime.fromisoformat(each["at"]))},
        }
        for each in reversed(person.prior_values)
    ]


def points_of(points: Sequence[ContactPoint], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return numbers and addresses with what is known of them; none for roles that see no contact data."""
    if not shows_contact(actor):
        return []
    return [
        {
            "label": _(POINT_WORDS.get(row.kind, row.kind)),
            "value": address_of(actor, row),
            "sentence": ", ".join(_words_about(row, wall)),
        }
        for row in points
    ]


def leads_shown(leads: Sequence[Lead], visible: frozenset[UUID], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return every lead; one that the actor may not open says whose it is and nothing more."""
    return [
        {
            "id": each.id,
            "ref": each.ref,
            "service": service_of(actor, each) if each.service and each.id in visible else "",
            "stage": each.stage.label if each.id in visible else _("Not yours to open"),
            "team": each.owner_team.name if each.owner_team else "",
            "at_label": wall.at(each.captured_at),
            "may_open": each.id in visible,
        }
        for each in leads
    ]


def _words_about(row: ContactPoint, wall: Wall) -> list[str]:
    words = [_(plain(row.validity)).lower()]
    if row.health_reason:
        words.append(row.health_reason)
    words.append(_("used first") if row.is_primary else _("given before"))
    words.append(_("last told %(at)s") % {"at": wall.at(row.said_at or row.created_at)})
    if row.is_shared:
        words.append(_("shared with another person"))
    return words
