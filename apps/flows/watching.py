"""The watch after a change: for two days the leads that a new version, or an experiment's arm B, decided about.

What goes beyond its bound is told to the author and the approver once, and stands on the version's page with the way
back beside it.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from apps.accounts.notices import tell_people
from apps.exceptions.models import ExceptionItem
from apps.exceptions.terms import ItemType
from apps.policies import experiments
from apps.policies.decisions.experiments import Arm
from apps.policies.decisions.watch import Watch, percent
from apps.policies.models import Experiment, RuleSetVersion
from apps.policies.queries import ruling_versions, versions_in_force
from apps.policies.ruling import approved, period_of, running
from apps.routing.models import RoutingDecision
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

KIND = "routing"
WATCHED_FOR = timedelta(hours=48)
COMPARED_WITH = timedelta(days=14)


def watch_all(now: datetime) -> None:
    """Look at what began to decide within the last two days, and at experiments that are over; tell what is wrong."""
    for version in ruling_versions(now):
        began = version.effective_from
        if version.rule_set.kind == KIND and began is not None and began > now - WATCHED_FOR:
            _tell_version(version, now)
    live = versions_in_force(now).get(KIND)
    for row in approved():
        if experiments.settle(row, live=live, now=now, actor=system_actor(current_organization_id(), "watch")):
            _tell(row, "ended", f"{row} has ended by itself: another version of the rules is in force.", now)
        elif row.ends_at <= now:
            _tell(row, "over", f"{row} “{row.title}” is over: adopt or drop it.", now)
    for row in running(live, now):
        if period_of(row).starts_at > now - WATCHED_FOR:
            for code, sentence in watch_of_experiment(row, now).alarms.items():
                _tell(row, code, f"{row}, arm B: {sentence}", now)


def watch_of(version: RuleSetVersion, now: datetime) -> Watch | None:
    """Return what came of a routing version in its first two days; None for one that replaced none or never ruled."""
    began = version.effective_from
    if version.rule_set.kind != KIND or version.number == 1 or began is None or began > now:
        return None
    if version.approved_at is None:
        return None
    until = min(began + WATCHED_FOR, version.effective_until or now, now)
    rows = RoutingDecision.rows().filter(version=version, decided_at__gte=began, decided_at__lte=until)
    leads, mismatched, fallback = _counts(rows)
    before = RoutingDecision.rows().filter(decided_at__gte=began - COMPARED_WITH, decided_at__lt=began)
    all_before, _apart, lost_before = _counts(before.exclude(version=version))
    return Watch(began, until, leads, mismatched, fallback, percent(lost_before, all_before))


def watch_of_experiment(row: Experiment, now: datetime) -> Watch:
    """Return what came of arm B so far, against the experiment's own bounds."""
    rows = RoutingDecision.rows().filter(experiment=row, arm=Arm.CANDIDATE)
    return Watch(
        period_of(row).starts_at,
        now,
        *_counts(rows),
        most_mismatch=row.most_mismatch,
        most_fallback=row.most_fallback,
    )


def _counts(rows: "QuerySet[RoutingDecision]") -> tuple[int, int, int]:
    """Return how many live leads were decided about by rules, how many are torn apart, how many no rule sent."""
    torn = ExceptionItem.rows().filter(
        lead=OuterRef("lead"), type=ItemType.OWNER_MISMATCH, opened_at__gte=OuterRef("decided_at")
    )
    found = rows.filter(lead__is_test=False, exception="").aggregate(
        leads=Count("lead", distinct=True),
        torn=Count("lead", distinct=True, filter=Exists(torn)),
        lost=Count("lead", distinct=True, filter=Q(is_fallback=True)),
    )
    return found["leads"], found["torn"], found["lost"]


def _tell_version(version: RuleSetVersion, now: datetime) -> None:
    watch = watch_of(version, now)
    for code, sentence in (watch.alarms if watch else {}).items():
        tell_people(
            kind="rule_watch",
            sentence=f"{version}: {sentence} You can go back to the version before on its page.",
            dedup_key=f"rule_watch:{version.id}:{code}",
            now=now,
            members=[each for each in (version.author_id, version.approver_id) if each is not None],
            url=reverse("admin:policies_rulesetversion_change", args=[version.id]),
        )


def _tell(row: Experiment, code: str, sentence: str, now: datetime) -> None:
    tell_people(
        kind="rule_watch",
        sentence=sentence,
        dedup_key=f"experiment:{row.id}:{code}",
        now=now,
        members=[each for each in (row.author_id, row.approver_id) if each is not None],
        url=reverse("admin:experiment", args=[row.id]),
    )
