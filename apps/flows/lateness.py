"""Inquiries that reach us late, and those that nobody has routed yet: both have limits and alerts (SL-12, SL-13)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from apps.accounts.models import TeamMembership
from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.capture.models import Submission
from apps.flows.escalation import first_of_team, told_result
from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.leads.process import span
from apps.policies.compiling import compiled
from apps.policies.queries import versions_in_force
from apps.sla.decisions import compile_policies
from apps.sla.models import Escalation, SlaTimer
from apps.sla.terms import ClockKind, Step
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

UNROUTED = "unrouted"
SENTENCES = {
    ClockKind.INTAKE: "It reached us {took} after it was sent; {limit} are allowed ({policy}).",
    ClockKind.ROUTING: "It was routed {took} after it came; {limit} are allowed ({policy}).",
}


def tell_late(lead: Lead, timers: Iterable[SlaTimer], now: datetime) -> None:
    """Alert the team's lead of clocks that ended late as they began: nobody of theirs could have kept them."""
    for timer in timers:
        if timer.met_at is None or timer.breached_at is None:
            continue
        person = first_of_team(lead.owner_team)
        took = _took(timer.met_at - timer.started_at)
        words = SENTENCES[ClockKind(timer.kind)]
        sentence = words.format(took=took, limit=span(timer.limit_seconds), policy=timer.policy_name)
        insert(
            Escalation(
                timer=timer,
                step=1,
                at=timer.due_at,
                do=str(Step.ALERT),
                who="team_lead",
                done_at=now,
                member=person,
                result=told_result("team_lead", person),
            )
        )
        tell(lead, kind="breach", sentence=sentence, actor=system_actor(current_organization_id()), now=now)


def watch_unrouted(now: datetime) -> int:
    """Tell the teams' leads and the administrators of inquiries that wait to be routed; return how many wait too long.

    The limit is the shortest that a service level in force sets for routing; where none does, nobody is told. Of one
    inquiry they hear once: the next alert comes when it is routed and another one waits.
    """
    levels = compiled(versions_in_force(now).get("sla"), compile_policies).policies
    limits = [each.limit_seconds for level in levels for each in level.clocks if each.kind is ClockKind.ROUTING]
    if not limits:
        return 0
    waiting = Submission.rows().filter(state="received", received_at__lte=now - timedelta(seconds=min(limits)))
    oldest = waiting.order_by("received_at", "id").values_list("id", "received_at").first()
    if oldest is None:
        return 0
    count, waits = waiting.count(), _took(now - oldest[1])
    many = f"{count} inquiries are" if count > 1 else "1 inquiry is"
    leads = (
        TeamMembership.rows().filter(is_lead=True, membership__is_active=True).values_list("membership_id", flat=True)
    )
    tell_people(
        kind=UNROUTED,
        sentence=f"{many} not routed yet; the oldest waits {waits}, {span(min(limits))} are allowed.",
        dedup_key=f"{UNROUTED}:{oldest[0]}",
        now=now,
        permission=Permission.SETTINGS_WRITE,
        members=set(leads),
    )
    return count


def _took(length: timedelta) -> str:
    hours, minutes = divmod(max(1, round(length.total_seconds() / 60)), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
