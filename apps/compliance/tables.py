"""Tables of compliance as they leave as files: ids, keys and labels of colleagues, never a patient's name."""

from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

from apps.accounts.models import Party
from apps.audit.models import AuditEntry
from apps.compliance.access import roles_of
from apps.compliance.manifests import Table
from apps.compliance.models import BreachPerson
from apps.compliance.subjects import ids_shown, leads_shown
from apps.compliance.words import class_words, classes_of, purpose_of
from apps.leads.models import ContactPoint, Lead

ACCESS_HEAD = (
    *("number", "at", "actor", "actor kind", "role today", "agency", "door", "act", "thing", "ids", "leads"),
    *("fields", "classes", "purpose", "event", "request", "hash"),
)


def access_table(entries: Sequence[AuditEntry]) -> Table:
    """Return entries of the ledger as a table, one row each, times in UTC."""
    leads, roles = leads_shown(entries), roles_of({each.actor_id for each in entries if each.actor_id})
    parties = dict(
        Party.rows().filter(id__in={each.party_id for each in entries if each.party_id}).values_list("id", "name")
    )
    rows = []
    for entry in entries:
        ids = ids_shown(entry)
        rows.append(
            (
                *(entry.seq, entry.at.astimezone(UTC).isoformat(), entry.actor_label, entry.actor_kind),
                roles.get(entry.actor_id, "") if entry.actor_id else "",
                parties.get(entry.party_id, "") if entry.party_id else "",
                *(entry.door, entry.action, entry.object_type, " ".join(str(each) for each in ids)),
                " ".join(leads[each].ref for each in ids if each in leads),
                " ".join(entry.fields),
                class_words(classes_of(entry.object_type, entry.fields)),
                purpose_of(entry.action, entry.object_type, str(entry.detail.get("purpose", ""))),
                *(entry.event_id or "", entry.request_id, entry.hash),
            )
        )
    return Table("access.csv", ACCESS_HEAD, rows)


LETTERS_HEAD = (
    "first name",
    "last name",
    "e-mail",
    "phone",
    "city",
    "state",
    "ZIP",
    "language",
    "leads",
    "times shown",
)


def letters_table(rows: Sequence[BreachPerson]) -> Table:
    """Return whom letters of a case go to, with what is known of where they are reached: for counsel."""
    ids = [each.person_id for each in rows]
    points: dict[tuple[UUID, str], str] = {}
    for point in ContactPoint.rows().filter(person_id__in=ids).order_by("is_primary", "id"):
        points[point.person_id, point.kind] = point.value
    refs: dict[UUID, list[str]] = {}
    for lead in Lead.rows().filter(person_id__in=ids).only("number", "person_id").order_by("number"):
        refs.setdefault(lead.person_id, []).append(lead.ref)
    cells = [
        (
            *(row.person.first_name, row.person.last_name),
            *(points.get((row.person_id, "email"), ""), points.get((row.person_id, "phone"), "")),
            *(row.person.city, row.person.region, row.person.postal_code, row.person.language),
            *(" ".join(refs.get(row.person_id, [])), row.reads),
        )
        for row in rows
    ]
    return Table("persons.csv", LETTERS_HEAD, cells)
