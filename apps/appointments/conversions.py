"""Write what a completed visit means: the first one of a person is the conversion, and their care starts with it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.appointments.models import Appointment, CompletedVisit
from apps.appointments.queries import zone_of
from apps.leads.models import Lead


def keep_completed(visit: Appointment, lead: Lead, *, event_id: UUID, now: datetime) -> CompletedVisit:
    """Keep that a visit was completed, as the person's first one if none was before (rows AP-05, AP-06).

    The caller has locked the lead and with it its person, so that of two at once one is the first; the table refuses a
    second first one all the same. Care started on the visit's day there, or on this one where it is told before.
    """
    started = min(visit.starts_at, now).astimezone(ZoneInfo(zone_of(visit))).date()
    row = CompletedVisit(
        appointment=visit,
        lead=lead,
        person_id=lead.person_id,
        source_id=lead.source_id,
        completed_at=now,
        care_started_on=started,
        is_first=not CompletedVisit.rows().filter(person_id=lead.person_id, is_first=True).exists(),
        event_id=event_id,
    )
    row.save(force_insert=True)
    return row


def recount(person_ids: Iterable[UUID]) -> None:
    """Flag the first completed visit of each person anew, after leads went from one person to another.

    The visits of a lead are its person's; the caller has locked the people.
    """
    people = list(person_ids)
    found = CompletedVisit.rows().filter(Q(lead__person_id__in=people) | Q(person_id__in=people))
    rows = list(found.select_related("lead").order_by("completed_at", "id"))
    first = {row.lead.person_id: row.id for row in reversed(rows)}
    CompletedVisit.rows().filter(id__in=[row.id for row in rows]).update(is_first=False)
    for row in rows:
        if row.person_id != row.lead.person_id:
            CompletedVisit.rows().filter(id=row.id).update(person_id=row.lead.person_id)
    CompletedVisit.rows().filter(id__in=list(first.values())).update(is_first=True)
