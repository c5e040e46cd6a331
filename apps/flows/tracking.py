"""Who tracks the timing of a service level: named in it, and told each day how its clocks stood (row SL-09)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q

from apps.accounts.models import Membership, Notice, Team
from apps.accounts.notices import tell_people
from apps.flows.escalation import first_of_team
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.queries import versions_in_force
from apps.sla.decisions import compile_policies
from apps.sla.models import SlaTimer
from apps.sla.queries import contact_clock_of
from apps.sla.terms import Policy, Tracker
from apps.tenancy.organizations import current_organization

REPORT = "sla_report"
LOOKED_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tracked:
    """The service level of a lead and the name of who tracks its timing; "" where nobody is named, or there."""

    policy_name: str
    name: str


def report_timing(now: datetime) -> int:
    """Tell who tracks a service level how its clocks stood in the last 24 hours; return how many were told.

    Once a day, from the time on that the level names, in the organization's zone.
    """
    local = now.astimezone(ZoneInfo(current_organization().zone))
    due = {
        f"sla:{each.id}:{local:%Y-%m-%d}"[:120]: each
        for each in compiled(versions_in_force(now).get("sla"), compile_policies).policies
        if each.tracker is not None and local.time() >= each.tracker.at
    }
    told = set(Notice.rows().filter(dedup_key__in=list(due)).values_list("dedup_key", flat=True)) if due else set()
    return sum(_report(policy, key, now) for key, policy in due.items() if key not in told)


def who_tracks(tracker: Tracker) -> Membership | None:
    """Return the colleague whom a service level names, or the lead of the team that it names."""
    if "@" not in tracker.who:
        return first_of_team(Team.rows().filter(key=tracker.who, is_active=True).first())
    rows = Membership.rows().filter(user__email__iexact=tracker.who, is_active=True, party=None)
    found: Membership | None = rows.select_related("user").first()
    return found


def tracked(lead: Lead, now: datetime) -> Tracked | None:
    """Return by which service level a lead is timed, and who tracks it today; None for a lead without one."""
    clock = contact_clock_of(lead)
    if clock is None:
        return None
    level = compiled(versions_in_force(now).get("sla"), compile_policies).named(clock.policy_id)
    person = who_tracks(level.tracker) if level is not None and level.tracker is not None else None
    return Tracked(clock.policy_name, person.user.name if person is not None else "")


def _report(policy: Policy, key: str, now: datetime) -> int:
    assert policy.tracker is not None
    person = who_tracks(policy.tracker)
    if person is None:
        return 0
    rows = SlaTimer.rows().filter(policy_id=policy.id, cancelled_at__isnull=True, lead__is_test=False)
    ended, running = Q(due_at__gt=now - LOOKED_BACK, due_at__lte=now), Q(met_at__isnull=True)
    figures = rows.filter(ended | running).aggregate(
        due=Count("id", filter=ended),
        in_time=Count("id", filter=ended & Q(met_at__lte=F("due_at"))),
        late_now=Count("id", filter=running & Q(due_at__lte=now, paused_at__isnull=True)),
        paused=Count("id", filter=running & Q(paused_at__isnull=False)),
    )
    sentence = (
        f"{policy.name}, last 24 hours: {figures['due']} clocks were due, {figures['in_time']} met in time, "
        f"{figures['due'] - figures['in_time']} not; {figures['late_now']} late now, {figures['paused']} paused."
    )
    return tell_people(kind=REPORT, sentence=sentence, dedup_key=key, now=now, members=[person.id], url="/board/")
