"""Many clocks in one go: warn, note breaches and alert by a few statements for hundreds of leads (row SL-10).

What a tick of one clock does (`escalation.tick`) and nothing else. Clocks with more to do than to write it down (a lead
that is given to somebody else, an exception that escalates, an offer that may be gone) and leads that somebody works
on at this moment are left to the ticks of one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from apps.accounts.models import Membership, Team, TeamMembership
from apps.flows.escalation import NAMED_ROLES, WARNED, WARNING_STEP, breach_sentence, escalation_sentence, told_result
from apps.leads.models import Lead, TimelineEntry
from apps.privacy.topics import trained_leads
from apps.sla import actions as sla
from apps.sla.models import Escalation, SlaTimer
from apps.sla.terms import HANDOFF, ClockKind, Step
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert_now


class Rung(NamedTuple):
    """A step of a ladder that is left, as the table holds it: thousands are read, most of them for their time only."""

    id: UUID
    timer_id: UUID
    step: int
    at: datetime
    do: str
    who: str


@dataclass(frozen=True, slots=True)
class Tick:
    """What is due on one clock: its warning, its breach, steps of its ladder; `next_at` is its next instant, if any."""

    timer: SlaTimer
    warns: bool
    breaches: bool
    steps: tuple[Rung, ...]
    next_at: datetime | None


@outbox.batch_handler(sla.TICK)
def tick_many(timer_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Do what is due on many clocks; return those that are settled, the others are for the ticks of one."""
    leads, timers = _locked(timer_ids)
    steps: dict[UUID, list[Rung]] = defaultdict(list)
    left = Escalation.rows().filter(timer_id__in=list(timers), done_at__isnull=True).order_by("at", "step")
    for row in left.values_list(*Rung._fields):
        step = Rung(*row)
        steps[step.timer_id].append(step)
    ticks, settled = [], set[UUID]()
    for timer in timers.values():
        if not timer.is_running or timer.paused_at is not None or leads[timer.lead_id].closed_at is not None:
            settled.add(timer.id)
            continue
        tick = due_on(timer, steps[timer.id], now)
        waits = timer.kind == ClockKind.ACCEPTANCE and timer.policy_id == HANDOFF
        if timer.kind != ClockKind.EXCEPTION and not waits and all(each.do == Step.ALERT for each in tick.steps):
            ticks.append(tick)
    _write(ticks, leads, now)
    outbox.enqueue_at(sla.TICK, [(each.timer.id, each.next_at) for each in ticks if each.next_at is not None])
    return settled | {each.timer.id for each in ticks}


def due_on(timer: SlaTimer, steps: Sequence[Rung], now: datetime) -> Tick:
    """Return what is due on a clock whose ladder has these steps left. Pure: it reads what it is given."""
    warns = timer.at_risk_noted_at is None and now >= timer.at_risk_at
    breaches = timer.breached_at is None and now >= timer.due_at
    due = tuple(each for each in steps if each.at <= now and each.step != WARNING_STEP)
    ahead = [each.at for each in steps if each not in due]
    ahead += [timer.at_risk_at] if timer.at_risk_noted_at is None and not warns else []
    ahead += [timer.due_at] if timer.breached_at is None and not breaches else []
    return Tick(timer, warns, breaches, due, min(ahead, default=None))


def _locked(timer_ids: Sequence[UUID]) -> tuple[dict[UUID, Lead], dict[UUID, SlaTimer]]:
    """Lock the leads that nobody holds, and their timers; in one order, and without waiting."""
    lead_ids = set(SlaTimer.rows().filter(id__in=list(timer_ids)).values_list("lead_id", flat=True))
    free = Lead.rows().filter(id__in=lead_ids).order_by("id")
    free = free.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("owner__user")
    leads = {each.id: each for each in free.only("closed_at", "owner_team", "owner", "owner__user__name")}
    rows = SlaTimer.rows().filter(id__in=list(timer_ids), lead_id__in=list(leads)).order_by("id")
    return leads, {each.id: each for each in rows.select_for_update(of=("self",), no_key=True)}


def _write(ticks: Sequence[Tick], leads: dict[UUID, Lead], now: datetime) -> None:
    if not ticks:
        return
    who = _People(list(leads))
    story: list[TimelineEntry] = []
    warnings: list[Escalation] = []
    done: list[tuple[UUID, str, UUID | None]] = []
    label = system_actor(current_organization_id()).label
    for tick in ticks:
        lead, sentences = leads[tick.timer.lead_id], []
        if tick.warns:
            warnings.append(_warning(tick.timer, who.named("owner", lead), now))
        if tick.breaches:
            sentences.append(("breach", breach_sentence(tick.timer)))
        for step in tick.steps:
            person = who.named(step.who, lead)
            result = told_result(step.who, person)
            done.append((step.id, result, person.id if person else None))
            sentences.append(("escalation", escalation_sentence(step.step, result)))
        story += [
            TimelineEntry(lead_id=lead.id, at=now, kind=kind, sentence=sentence[:500], actor_label=label)
            for kind, sentence in sentences
        ]
    _mark([each.timer.id for each in ticks if each.warns], [each.timer.id for each in ticks if each.breaches], now)
    Escalation.objects.bulk_create(warnings, ignore_conflicts=True)
    _end_steps(done, now)
    insert_now(story)


def _warning(timer: SlaTimer, person: Membership | None, now: datetime) -> Escalation:
    return Escalation(
        id=new_id(),
        timer_id=timer.id,
        step=WARNING_STEP,
        at=timer.at_risk_at,
        do=str(Step.ALERT),
        who="owner",
        done_at=now,
        member=person,
        result=WARNED,
    )


def _mark(warned: list[UUID], breached: list[UUID], now: datetime) -> None:
    """Note warnings and breaches on the clocks; a clock is breached as of its deadline, however late this is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sla_slatimer SET"
            " at_risk_noted_at = CASE WHEN id = ANY(%(warned)s) THEN %(now)s ELSE at_risk_noted_at END,"
            " breached_at = CASE WHEN id = ANY(%(breached)s) THEN due_at ELSE breached_at END"
            " WHERE organization_id = %(organization)s AND id = ANY(%(every)s)",
            {
                "warned": warned,
                "breached": breached,
                "now": now,
                "organization": current_organization_id(),
                "every": list({*warned, *breached}),
            },
        )


def _end_steps(done: Sequence[tuple[UUID, str, UUID | None]], now: datetime) -> None:
    if not done:
        return
    ids, results, members = zip(*done, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sla_escalation e SET done_at = %s, result = d.result, member_id = d.member_id"
            " FROM unnest(%s::uuid[], %s::text[], %s::uuid[]) AS d(id, result, member_id)"
            " WHERE e.organization_id = %s AND e.id = d.id AND e.done_at IS NULL",
            [now, list(ids), list(results), list(members), current_organization_id()],
        )


class _People:
    """Whom the rungs of these leads name: owners as they are, the first of each team read once for all."""

    def __init__(self, lead_ids: Sequence[UUID]) -> None:
        trained = trained_leads(lead_ids)
        people = {row.id: row for row in Membership.rows().select_related("user").filter(id__in=set(trained.values()))}
        self._trained = {lead_id: people[member] for lead_id, member in trained.items() if member in people}
        self._teams = {row.key: row.id for row in Team.rows().filter(is_active=True)}
        members = TeamMembership.rows().filter(membership__is_active=True).select_related("membership__user")
        self._first: dict[UUID, Membership] = {}
        for place in members.order_by("-is_lead", "id"):
            self._first.setdefault(place.team_id, place.membership)

    def named(self, who: str, lead: Lead) -> Membership | None:
        """Return whom a rung names, as `escalation.whom` does for one lead."""
        owner: Membership | None = lead.owner
        if who == "owner" and owner is not None:
            return owner
        if who == "team_lead" and lead.id in self._trained:
            return self._trained[lead.id]
        named = self._first.get(self._teams[who]) if who not in NAMED_ROLES and who in self._teams else None
        return named or (self._first.get(lead.owner_team_id) if lead.owner_team_id else None)
