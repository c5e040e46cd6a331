"""Replays of past leads under a version: asked for, played by parts in the background, kept as a test of the version.

A run writes its own row and the leads that change, nothing else. It may be asked for again after every edit: a test
counts for the document it was made with.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.impact import history
from apps.flows.impact.decisions import add, compare
from apps.flows.impact.history import Window
from apps.flows.impact.people import teams_within
from apps.flows.impact.sentences import outcome_sentence
from apps.flows.impact.terms import REPLAYED, Past, Rules, Tally, Way
from apps.flows.models import ReplayChange, ReplayRun
from apps.flows.replay import WORDS
from apps.leads.gates import compile_gates
from apps.policies import testing
from apps.policies.compiling import compiled
from apps.policies.decisions.compiled import texts_in
from apps.policies.models import RuleSetVersion, VersionTest
from apps.policies.queries import closed_queue_keys, idle_queue_keys, versions_in_force
from apps.policies.registry import NeededTest
from apps.policies.terms import Outcome
from apps.qualification.decisions import compile_scorecard
from apps.routing.actions import decided_by
from apps.routing.decisions.compiled_layers import compile_routing
from apps.sla.decisions import compile_policies
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

PART = "flows.replay"
#: Leads are read so many at a time until a part took so long, well within the lease of a wake-up; the rest is another
#: part. A run of few leads is answered at once.
CHUNK, PART_SECONDS, AT_ONCE = 500, 5.0, 500
USUAL_DAYS, MOST_DAYS, MOST_LEADS = 30, 366, 200_000
#: A replay satisfies the approval when it spans this, or has as many leads.
ENOUGH_DAYS, ENOUGH_LEADS = 30, 200
KIND = "replay"
_FIRST = UUID(int=0)


def start(
    *, actor: Actor, version: RuleSetVersion, now: datetime, days: int = USUAL_DAYS, last: int | None = None
) -> ReplayRun:
    """Ask for a replay of the last days, or of the last so many leads. A small one is done when this returns.

    Refuses who may neither write nor approve rules, kinds that no replay shows, and a window out of bounds. A run of
    the same document over as long a time that is under way is returned instead of a second one.
    """
    _require(actor)
    _refuse_gaps(version, days, last)
    asked = f"the last {last} leads" if last is not None else f"the last {days} days"
    running = ReplayRun.rows().filter(version=version, digest=version.digest, asked=asked, state="running").first()
    if running is not None:
        under_way: ReplayRun = running
        return under_way
    window = Window(now - timedelta(days=MOST_DAYS if last is not None else days), now)
    if last is not None:
        window = Window(history.since_last(last, window), now)
    total = history.count(window)
    run = ReplayRun(
        id=new_id(),
        version=version,
        digest=version.digest,
        against={kind: str(row.id) for kind, row in versions_in_force(now).items() if kind in REPLAYED},
        since=window.since,
        until=window.until,
        asked=asked,
        counts=days >= ENOUGH_DAYS if last is None else last >= ENOUGH_LEADS,
        state="running",
        total=total,
        at=window.since,
        at_id=_FIRST,
        tally=asdict(Tally()),
        made_at=now,
        made_by_id=actor.membership_id,
    )
    run.save(force_insert=True)
    ledger.record(actor=actor, action="rules.replay", object_type="rule_version", object_id=version.id)
    if total <= AT_ONCE:
        _play(run, now)
    if run.state == "running":
        outbox.enqueue(PART, run.id)
    return run


def stop(*, actor: Actor, run_id: UUID, now: datetime) -> ReplayRun:
    """End a run that is under way without a result. Refuses who may neither write nor approve rules."""
    _require(actor)
    run = ReplayRun.rows().select_for_update().filter(id=run_id).first()
    if run is None:
        raise NotFound
    if run.state == "running":
        run.state, run.ended_at = "stopped", now
        run.save(update_fields=["state", "ended_at"])
        outbox.cancel(PART, run.id)
    found: ReplayRun = run
    return found


@outbox.handler(PART)
def play_part(run_id: UUID, now: datetime) -> None:
    """Judge the next leads of a run again; at the end keep what came of it."""
    rows = ReplayRun.rows().select_for_update(of=("self",)).select_related("version__rule_set")
    run = rows.filter(id=run_id, state="running").first()
    if run is None:
        return
    _play(run, now)
    if run.state == "running":
        outbox.enqueue(PART, run.id)


def _play(run: ReplayRun, now: datetime) -> None:
    """Judge chunk after chunk until the leads end or the part has taken long enough."""
    began, versions = time.monotonic(), _versions(run)
    (old, new), listens = map(_compiled, versions), any(map(_listens, versions))
    kind, tally = run.version.rule_set.kind, Tally(**run.tally)
    trusted = UUID(run.against["routing"]) if "routing" in run.against and kind in ("routing", "sla") else None
    window = Window(run.since, run.until)
    # A change of service levels alone moves no lead, so that it fills nobody's day.
    teams = teams_within(run.id, window) if kind != "sla" else {}
    zone, idle = ZoneInfo(current_organization().zone), idle_queue_keys() | closed_queue_keys()
    is_more = True
    while is_more:
        rows = history.part(window, (run.at, run.at_id), CHUNK, listens=listens, trusted=trusted)
        changes = []
        for row in rows:
            tally.words_gone += not row.is_whole
            ways = compare(row.past, old, new, kind, teams)
            if add(tally, row.past, ways, zone=zone, idle=idle):
                changes.append(_change(run, row.lead_id, row.past, ways, tally.changed))
        ReplayChange.objects.bulk_create(changes)
        run.done += len(rows)
        if rows:
            run.at, run.at_id = rows[-1].past.at, rows[-1].id
        is_more = len(rows) == CHUNK and time.monotonic() - began < PART_SECONDS
    run.tally = asdict(tally)
    if len(rows) < CHUNK:
        _end(run, tally, now)
    run.save(update_fields=["tally", "done", "at", "at_id", "state", "sentence", "ended_at", "total"])


def _end(run: ReplayRun, tally: Tally, now: datetime) -> None:
    outcome = _outcome(run, tally)
    run.state, run.sentence, run.ended_at, run.total = "done", outcome.sentence, now, tally.total
    version = run.version
    if run.counts and version.digest == run.digest and version.state in testing.OPEN:
        actor = system_actor(current_organization_id(), "replay of past leads", Door.WORKER)
        testing.keep_test(actor=actor, version=version, kind=KIND, outcome=outcome, now=now, made_by_id=run.made_by_id)


def _outcome(run: ReplayRun, tally: Tally) -> Outcome:
    passed = tally.nobody == 0
    summary: dict[str, object] = {"run": str(run.id), "leads": tally.total, "changed": tally.changed}
    return Outcome(passed, outcome_sentence(tally, run.asked), summary)


def _versions(run: ReplayRun) -> tuple[Mapping[str, RuleSetVersion], Mapping[str, RuleSetVersion]]:
    rows = RuleSetVersion.rows().filter(id__in=list(run.against.values())).select_related("rule_set")
    old = {row.rule_set.kind: row for row in rows}
    return old, {**old, run.version.rule_set.kind: run.version}


def _listens(versions: Mapping[str, RuleSetVersion]) -> bool:
    return any(WORDS in compiled(versions[kind], texts_in) for kind in ("routing", "scoring") if kind in versions)


def _compiled(versions: Mapping[str, RuleSetVersion]) -> Rules:
    routing = versions.get("routing")
    return Rules(
        routing=compiled(routing, compile_routing) if routing else compile_routing(decided_by(None, "")),
        fallback=compile_routing(decided_by(routing, "stopped")),
        scorecard=compiled(versions.get("scoring"), compile_scorecard),
        gates=compiled(versions.get("gates"), compile_gates),
        policies=compiled(versions.get("sla"), compile_policies),
    )


def _change(run: ReplayRun, lead_id: UUID, past: Past, ways: tuple[Way, Way], number: int) -> ReplayChange:
    before, after = (each.as_json() for each in ways)
    return ReplayChange(run=run, lead_id=lead_id, number=number, at=past.at, before=before, after=after)


def _run_needed(version: RuleSetVersion, actor: Actor, now: datetime) -> Outcome | None:
    """Replay the usual window; its outcome is kept when the run ends, at once or in the background."""
    start(actor=actor, version=version, now=now)
    return None


def _outdated(test: VersionTest) -> str:
    """Say why a replay counts no more: other rules of its kind rule since, so that it compares with the past."""
    run = ReplayRun.rows().filter(id=test.summary.get("run")).select_related("version__rule_set").first()
    if run is None:
        return ""
    kind = run.version.rule_set.kind
    live = versions_in_force(scope_opened_at()).get(kind)
    if live is None or run.against.get(kind) == str(live.id):
        return ""
    return f"It compared with rules that rule no more: v{live.number} rules now. Replay it again."


NEED = NeededTest(
    KIND,
    "Replay of past leads",
    "It was not played over past leads: run its tests first.",
    _run_needed,
    _outdated,
)


def _require(actor: Actor) -> None:
    if not (actor.may(Permission.RULES_WRITE) or actor.may(Permission.RULES_APPROVE)):
        raise Refused("Your role may not test rules.", action="rules.replay", object_type="rule_version")


def _refuse_gaps(version: RuleSetVersion, days: int, last: int | None) -> None:
    if version.rule_set.kind not in REPLAYED:
        sentence = f"A replay shows nothing of {version.rule_set.get_kind_display()}."
        raise Invalid(sentence, (Problem("/version", "not_replayed", sentence),))
    if last is not None and not 1 <= last <= MOST_LEADS:
        sentence = f"Say how many leads: 1 to {MOST_LEADS:,}."
        raise Invalid(sentence, (Problem("/last", "out_of_bounds", sentence),))
    if not 1 <= days <= MOST_DAYS:
        sentence = f"Say how many days: 1 to {MOST_DAYS}."
        raise Invalid(sentence, (Problem("/days", "out_of_bounds", sentence),))
