"""The test of a draft by samples: one for each service and source, and one that says nothing, by day and at night.

Each goes the whole way twice, as the rules are now and with the draft in its place: score, gate, queue, service
level. The draft passes when no sample lands where nobody works, meets a rule that cannot be read or loses its
service level, unless it does so today. Nothing but the outcome is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.catalog.queries import offered, queues_by_key, services_by_key, sources_by_key, spec_of
from apps.flows.sampling import Sample, facts_of_sample, signs_of_sample
from apps.leads.decisions import missing_fields
from apps.leads.terms import StageKey
from apps.policies.models import RuleSetVersion
from apps.policies.queries import idle_queue_keys, versions_in_force
from apps.policies.registry import NeededTest
from apps.policies.ruling import Ruling
from apps.policies.terms import Outcome
from apps.qualification.actions import judge
from apps.routing.actions import route
from apps.sla.decisions import pick_policy
from apps.tenancy.organizations import current_organization

#: The kinds of rules that decide where a sample goes and by when.
TRIED = ("routing", "scoring", "gates", "sla")
MOST_LINES = 20
MORNING, NIGHT = 10, 3
SATURDAY, SUNDAY = 5, 6
_CONSENTS = ("call", "text", "email")
Versions = Mapping[str, RuleSetVersion]


@dataclass(frozen=True, slots=True)
class Way:
    """Where a sample goes and by when; `fault` says what goes wrong there.

    `queue` is the one that works on it by day, even if another takes it for the night.
    """

    queue: str
    priority: str
    points: tuple[int, int]
    policy: str
    fault: str


def try_samples(version: RuleSetVersion, now: datetime) -> Outcome:
    """Play every sample as the rules are now and with a version in its kind's place; writes nothing."""
    live = versions_in_force(now)
    trial = {**live, version.rule_set.kind: version}
    names = {key: row.name for key, row in queues_by_key().items()}
    idle = idle_queue_keys()
    faults, changes, total = [], [], 0
    for name, sample in _samples(now):
        total += 1
        before, after = _way(sample, live, idle), _way(sample, trial, idle)
        fault = after.fault if after.fault != before.fault else ""
        fault = fault or ("has no service level any more" if before.policy and not after.policy else "")
        if fault:
            faults.append(f"{name}: {fault}")
        if (before.queue, before.priority, before.points, before.policy) != (
            after.queue,
            after.priority,
            after.points,
            after.policy,
        ):
            changes.append(f"{name}: {_told(before, names)} → {_told(after, names)}")
    moved = "none is treated otherwise than today" if not changes else f"{len(changes)} treated otherwise than today"
    sentence = (
        f"{len(faults)} of {total} samples fail: {faults[0]}." if faults else f"All {total} samples arrive; {moved}."
    )
    summary: dict[str, object] = {"samples": total, "changed": len(changes), "failed": len(faults)}
    summary |= {"faults": faults[:MOST_LINES], "changes": changes[:MOST_LINES]}
    return Outcome(not faults, sentence, summary)


NEED = NeededTest(
    "sample",
    "Samples",
    "It was not tried with samples: run its tests first.",
    lambda version, actor, now: try_samples(version, now),
)


def _samples(now: datetime) -> Iterator[tuple[str, Sample]]:
    """Yield each sample with its name. What a sample does not say is left open, as on a short form."""
    zone = ZoneInfo(current_organization().zone)
    day, night = working_morning(now.astimezone(zone)), sunday_night(now.astimezone(zone))
    sources = [row for row in sources_by_key().values() if row.is_active]
    usual = sources[0].key if sources else ""
    offices: dict[str, str] = {}
    for office, known in sorted(offered().items()):
        for each in known:
            offices.setdefault(each, office)
    for key, service in sorted(services_by_key().items()):
        if service.is_active:
            where = offices.get(key, "")
            yield service.name, Sample(day, usual, key, where, "new", "within_week", consents=_CONSENTS)
    for source in sources:
        yield source.name, Sample(day, source.key, consents=_CONSENTS)
    yield "Nothing said", Sample(day, usual)
    yield "Nothing said, Sunday night", Sample(night, usual)


def working_morning(local: datetime) -> datetime:
    """Return ten o'clock of the next Monday to Friday, local time."""
    ahead = next(days for days in range(1, 8) if (local + timedelta(days=days)).weekday() < SATURDAY)
    return (local + timedelta(days=ahead)).replace(hour=MORNING, minute=0, second=0, microsecond=0)


def sunday_night(local: datetime) -> datetime:
    """Return three o'clock of the next Sunday, local time."""
    ahead = (SUNDAY - local.weekday()) % 7 or 7
    return (local + timedelta(days=ahead)).replace(hour=NIGHT, minute=0, second=0, microsecond=0)


def _way(sample: Sample, versions: Versions, idle: frozenset[str]) -> Way:
    facts, place = facts_of_sample(sample)
    facts |= signs_of_sample(sample, facts, place)
    score = judge(facts, versions.get("scoring"))
    bands = {"fit_band": score.fit.band or None, "intent_band": score.intent.band or None}
    facts |= {"fit": score.fit.total, "intent": score.intent.total, **bands}
    missing = missing_fields(StageKey.ROUTED, facts, _document(versions, "gates"))
    exception = f"{missing[0]}_missing" if missing else ""
    routed = route(facts, ruling=Ruling(versions.get("routing")), place=None, now=sample.at, exception=exception)
    verdict = routed.verdict
    judged = {
        **facts,
        "priority": verdict.priority,
        "workflow": verdict.workflow or None,
        "location": facts["location"] or verdict.office_key,
    }
    source = sources_by_key().get(sample.source)
    usual = spec_of(source).sla_policy if source else ""
    policy = pick_policy(judged, _document(versions, "sla"), usual=usual).policy
    unreadable = next((step.rule_id for step in verdict.path if step.effect == "passed over"), "")
    fault = f"{unreadable} cannot be read" if unreadable else ""
    desks = {queues_by_key()[key].name for key in (routed.queue.key, verdict.day_queue_key) if key in idle}
    if not fault and desks:
        fault = f"waits in {min(desks)}, where nobody works"
    points = (score.fit.total, score.intent.total)
    return Way(verdict.day_queue_key or routed.queue.key, verdict.priority, points, policy.id if policy else "", fault)


def _document(versions: Versions, kind: str) -> Mapping[str, object]:
    return dict(versions[kind].document) if kind in versions else {}


def _told(way: Way, names: Mapping[str, str]) -> str:
    fit, intent = way.points
    level = f", {way.policy}" if way.policy else ""
    return f"{names.get(way.queue, way.queue)}, {way.priority}, fit {fit}, intent {intent}{level}"
