"""Look whether what is known of a lead agrees with itself: flags, a lower quality and a screening task (row VQ-10).

Called where facts of a lead come or change: at its arrival, with another inquiry, after an edit, a transfer, a bulk
change. The task comes once for what is new, and ends by itself when nothing disagrees any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.capture.models import Submission
from apps.capture.terms import Draft
from apps.catalog.queries import locations_by_key, offered, services_today
from apps.flows import information
from apps.flows.arrival import Case, open_case
from apps.leads.actions import close_tasks, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.policies.decisions.documents import as_text
from apps.policies.queries import live_document
from apps.qualification.consistency import (
    Flag,
    Offer,
    ServiceWords,
    Told,
    default_quality_rules,
    flags_of,
    quality_of,
)
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

SCREENING = "screening"
SCREEN_WITHIN = timedelta(hours=4)
MOST_ARRIVALS = 5


def quality_rules(now: datetime) -> Mapping[str, Any]:
    """Return the document of data quality in force; the default where the tenant has none."""
    return live_document("quality", now) or default_quality_rules()


def look_at_arrival(case: Case, lead: Lead, event_id: UUID) -> None:
    """Flag a lead that is being opened, before its row is stored. Its owner and first task are there already."""
    document = case.document("quality") or default_quality_rules()
    flags = flags_of(_told(lead, [case.draft], case.now), offer_today(), document)
    if not flags:
        return
    lead.quality, lead.flags = quality_of(flags), [each.as_json() for each in flags]
    task = _open_screening(lead, flags, case.now, event_id)
    if lead.next_action_at is None or task.due_at < lead.next_action_at:
        lead.next_action_at = task.due_at


def look_again(lead: Lead, *, now: datetime, also: Draft | None = None) -> None:
    """Judge a locked lead anew after its facts changed; write only what is different now.

    `also` is an inquiry that is being worked on and does not name the lead yet.
    """
    information.look_again(lead, now)
    drafts = [*([also] if also else []), *drafts_of(lead, now)]
    flags = flags_of(_told(lead, drafts, now), offer_today(), quality_rules(now))
    found = [each.as_json() for each in flags]
    if found == list(lead.flags):
        return
    before = {as_text(each.get("check")) for each in lead.flags}
    lead.quality, lead.flags = quality_of(flags), found
    Lead.rows().filter(id=lead.id).update(quality=lead.quality, flags=found)
    fresh = [each for each in flags if each.check not in before]
    if lead.closed_at is None and (fresh or not flags):
        close_tasks(lead, because="agrees again" if not flags else "replaced", now=now, kinds=[SCREENING])
        if flags:
            _open_screening(lead, flags, now, None)
        refresh_next_action(lead)
        sla.refresh_due(lead)


def _open_screening(lead: Lead, flags: Sequence[Flag], now: datetime, event_id: UUID | None) -> Task:
    words = " ".join(each.sentence for each in flags)
    tell(
        lead,
        kind="quality",
        sentence=f"What we know disagrees: {words}",
        actor=system_actor(current_organization_id()),
        now=now,
        event_id=event_id,
    )
    return open_task(
        lead,
        kind=SCREENING,
        title=f"Screen: {words}"[:200],
        due_at=max(now + SCREEN_WITHIN, lead.next_action_at or now),
        now=now,
        event_id=event_id,
    )


def drafts_of(lead: Lead, now: datetime) -> list[Draft]:
    """Return what the lead's latest inquiries said, read anew."""
    rows = Submission.rows().filter(lead_id=lead.id, state="processed").select_related("source__campaign", "party")
    return [open_case(each, now).draft for each in rows.order_by("-processed_at", "-id")[:MOST_ARRIVALS]]


def _told(lead: Lead, drafts: Sequence[Draft], now: datetime) -> Told:
    born, today = lead.person.date_of_birth, now.date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    return Told(
        service=lead.service.key if lead.service else "",
        location=lead.location.key if lead.location else "",
        timeframe=lead.timeframe,
        patient_type=lead.patient_type,
        age=age,
        message="\n".join(each.message for each in drafts),
        reason="\n".join(as_text((each.referral or {}).get("reason")) for each in drafts),
    )


def offer_today() -> Offer:
    """Return what is offered where today, with the words that people have for it."""
    services = {
        row.key: ServiceWords(row.name, (row.key, row.name, *row.synonyms), row.kind, row.min_age, row.max_age)
        for row in services_today().values()
    }
    return Offer(services, {row.key: row.name for row in locations_by_key().values()}, offered())
