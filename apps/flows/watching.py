"""The watch after a change: for two days the leads that a new version decided about, and all of an experiment's arm B.

What goes beyond its bound is told to the author and the approver once, and stands on the version's page with the way
back beside it.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from apps.accounts.notices import tell_people
from apps.capture.trials import KIND as FORM
from apps.capture.trials import ArmCount, counts_of
from apps.exceptions.models import ExceptionItem
from apps.exceptions.terms import ItemType
from apps.flows import stage_trials
from apps.flows.stage_trials import opt_outs_of
from apps.policies import experiments
from apps.policies.decisions.experiments import Arm, Counted, refusal_alarm
from apps.policies.decisions.watch import Watch, percent
from apps.policies.models import Experiment, RuleSetVersion
from apps.policies.queries import ruling_versions
from apps.policies.ruling import approved, period_of
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
    for row in approved():
        if experiments.settle(row, now=now, actor=system_actor(current_organization_id(), "watch")):
            _tell(
                row,
                "ended",
                f"{row} “{row.title}” has ended by itself: what it compared with is in force no more.",
                now,
            )
        elif row.ends_at <= now:
            _tell(row, "over", f"{row} “{row.title}” is over: adopt or drop it.", now)
        elif period_of(row).starts_at <= now:
            for code, sentence in alarms_of(row, now).items():
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
    leads, fallback = _counts(rows)
    before = RoutingDecision.rows().filter(decided_at__gte=began - COMPARED_WITH, decided_at__lt=began)
    all_before, lost_before = _counts(before.exclude(version=version))
    torn = _torn(rows, min(began + WATCHED_FOR, now))
    return Watch(began, until, leads, torn, fallback, percent(lost_before, all_before))


def watch_of_experiment(row: Experiment, now: datetime) -> Watch:
    """Return what came of arm B so far, against the experiment's own bounds."""
    rows = RoutingDecision.rows().filter(experiment=row, arm=Arm.CANDIDATE)
    until = min(row.ended_at or now, row.ends_at, now)
    leads, fallback = _counts(rows)
    return Watch(
        period_of(row).starts_at,
        until,
        leads,
        _torn(rows, now),
        fallback,
        most_mismatch=row.most_mismatch,
        most_fallback=row.most_fallback,
    )


def alarms_of(row: Experiment, now: datetime) -> dict[str, str]:
    """Return which guardrails of an experiment are crossed, each as a sentence.

    Of routing it is leads that no rule sent or that came apart; of a form what is spam or no inquiry, of a stage's
    steps who opted out, both against arm A.
    """
    if row.kind == KIND:
        return watch_of_experiment(row, now).alarms
    if row.kind == FORM:
        forms, none_sent = counts_of([row.id]), ArmCount()
        counted = [forms.get((row.id, arm.value), none_sent) for arm in Arm]
        control, candidate = (Counted(each.refused, each.sent) for each in counted)
        called = "More of what is sent is spam or no inquiry"
    else:
        stages, no_lead = opt_outs_of([row.id]), stage_trials.ArmCount()
        placed = [stages.get((row.id, arm.value), no_lead) for arm in Arm]
        control, candidate = (Counted(each.opted_out, each.leads) for each in placed)
        called = "More people opt out"
    sentence = refusal_alarm(control, candidate, most_points=row.most_refused, called=called)
    return {"refused": sentence} if sentence else {}


def _counts(rows: "QuerySet[RoutingDecision]") -> tuple[int, int]:
    """Return how many live leads were decided about by rules, and how many of them no rule sent anywhere."""
    lost = Count("lead", distinct=True, filter=Q(is_fallback=True))
    found = _by_rules(rows).aggregate(leads=Count("lead", distinct=True), lost=lost)
    return found["leads"], found["lost"]


def _torn(rows: "QuerySet[RoutingDecision]", until: datetime) -> int:
    """Return how many of those leads came apart by an instant, while the decision was their latest."""
    newer = RoutingDecision.rows().filter(
        lead=OuterRef("lead"), decided_at__gt=OuterRef(OuterRef("decided_at")), decided_at__lte=OuterRef("opened_at")
    )
    torn = ExceptionItem.rows().filter(
        ~Exists(newer),
        lead=OuterRef("lead"),
        type=ItemType.OWNER_MISMATCH,
        opened_at__gte=OuterRef("decided_at"),
        opened_at__lte=until,
    )
    found = _by_rules(rows).filter(Exists(torn)).aggregate(torn=Count("lead", distinct=True))
    return int(found["torn"])


def _by_rules(rows: "QuerySet[RoutingDecision]") -> "QuerySet[RoutingDecision]":
    return rows.filter(lead__is_test=False, exception="")


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
