"""The outreach of people who become one, or two again: one lead goes on, and each its own after that (row DU-07)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.flows.streams import hold_back, leave, live_tasks, rests
from apps.leads.actions import close_tasks, refresh_next_action
from apps.leads.models import Lead, Task
from apps.sla import actions as sla


def join_streams(person_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Let one lead of a person who was two go on, and the others stand back; return what `part_streams` needs."""
    leads = Lead.rows().select_for_update(of=("self",), no_key=True).select_related("owner_team", "stage")
    opened = {each.id: each for each in leads.filter(person_id=person_id, closed_at__isnull=True).order_by("id")}
    tasks = live_tasks().filter(lead_id__in=list(opened)).order_by("due_at", "id")
    found = dict.fromkeys(tasks.values_list("lead_id", flat=True))
    live = sorted(found, key=lambda each: rests(opened[each]))
    return [hold_back(opened[lead_id], opened[live[0]], now=now) for lead_id in live[1:]]


def part_streams(held: list[dict[str, Any]]) -> None:
    """Give each lead that stood back because of a merge its own contact again, unless it went on meanwhile."""
    for each in held:
        tasks = Task.rows().filter(id__in=each["tasks"], state="suppressed")
        if tasks.update(state="open"):
            Task.rows().filter(id=each["added"], state="open").delete()
            was = {name: each[name] for name in ("shares_stream_with_id", "next_action_at", "due_at")}
            Lead.rows().filter(id=each["lead"]).update(**was)


def part_from_strangers(person_ids: Iterable[UUID], now: datetime) -> None:
    """Let leads that stood back for a lead which is another person's by now go on; one of each person's leads does."""
    rows = Lead.rows().select_for_update(of=("self",), no_key=True).select_related("shares_stream_with")
    for person_id in person_ids:
        waiting = rows.filter(person_id=person_id, closed_at__isnull=True, shares_stream_with__isnull=False)
        for lead in waiting.exclude(shares_stream_with__person_id=person_id).order_by("id"):
            Task.rows().filter(lead=lead, state="suppressed").update(state="open")
            close_tasks(lead, because="of another person", now=now, kinds=["coordinate"], state="cancelled")
            leave(lead)
            refresh_next_action(lead)
            sla.refresh_due(lead)
        join_streams(person_id, now)
