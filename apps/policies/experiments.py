"""The verbs of experiments: planned, approved by another person, stopped, adopted, dropped; and their issue log.

An experiment lets a draft that passed its tests decide about a part of the leads. It is approved as the draft itself
would be: by somebody else than its author, and with every test passed. Hosted forms and the steps of a stage are tried
the same way (`trials`): what was worked on is shown to, or done for, a part of the people.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.policies import actions, queries, reviews, ruling, testing, trials
from apps.policies.decisions.experiments import Period, Scope, plan_faults
from apps.policies.models import Experiment, ExperimentIssue, RuleSet, RuleSetVersion
from apps.policies.terms import Severity, VersionState
from apps.policies.trials import Standing
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.stamps import forget_reads

#: The rules that can be tried on a part of the leads.
ROUTING = "routing"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
DOCUMENT_WITHIN = timedelta(days=7)
_OPEN = (VersionState.DRAFT, VersionState.TESTED)
#: What a plan bounds by numbers: success and guardrails in percent, and how many each arm needs at least.
BOUNDS = ("wanted_points", "most_fallback", "most_mismatch", "most_refused", "least_per_arm")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to try, on whom, how long, and what would be a success.

    Of routing rules it is the candidate's number; of anything else the row it is about, and what `change` says is new.
    """

    title: str
    hypothesis: str
    ends_at: datetime
    goal: str
    candidate: int = 0
    percent: int = 100
    kind: str = ROUTING
    subject_id: UUID | None = None
    change: Any = None
    plan: str = ""
    is_pilot: bool = False
    services: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    starts_at: datetime | None = None
    wanted_points: int = 0
    most_fallback: int = 2
    most_mismatch: int = 2
    most_refused: int = 10
    least_per_arm: int = 100
    priority: int = 2


def propose(*, actor: Actor, proposal: Proposal, now: datetime) -> Experiment:
    """Store an experiment that waits for its approval. Refuses who may not write rules, and a plan with gaps."""
    _require(actor, Permission.RULES_WRITE, "plan experiments")
    version = _candidate(proposal)
    _refuse_gaps(proposal, version, now)
    if actor.membership_id is None:
        raise Refused("Only a colleague plans an experiment.", action="experiment.propose", object_type="experiment")
    _wait_for_others()
    verbs, subject = trials.kind_of(proposal.kind), None
    if verbs is not None and proposal.subject_id is not None:
        _require(actor, Permission.SETTINGS_WRITE, "try changes of forms and stages")
        subject = verbs.plan(actor, proposal.subject_id, proposal.change, now)
    last = Experiment.rows().order_by("-number").values_list("number", flat=True).first()
    row = Experiment(
        number=(last or 0) + 1,
        title=proposal.title.strip()[:120],
        kind=proposal.kind,
        subject_id=proposal.subject_id if subject else None,
        subject_name=subject.name[:200] if subject else "",
        arms=dict(subject.arms) if subject else {},
        rule_set=version.rule_set if version else None,
        candidate=version,
        is_pilot=proposal.is_pilot,
        hypothesis=proposal.hypothesis.strip()[:500],
        plan=proposal.plan.strip()[:1000],
        services=list(proposal.services),
        channels=list(proposal.channels),
        author_id=actor.membership_id,
        created_at=now,
        **{name: getattr(proposal, name) for name in ("goal", "percent", "starts_at", "ends_at", "priority", *BOUNDS)},
    )
    row.save(force_insert=True)
    _note(actor, "experiment.propose", row)
    return row


def approve(*, actor: Actor, experiment_id: UUID, now: datetime) -> Experiment:
    """Let an experiment run from its start on, at the earliest now.

    Refuses who may not approve rules, the author of the experiment and of its candidate, a candidate that has not
    passed its tests or is no draft any more, and one that would share leads with another experiment.
    """
    _require(actor, Permission.RULES_APPROVE, "approve experiments")
    row = _locked(experiment_id)
    if row.state != "draft":
        raise Conflict("This experiment was decided about already.", code="wrong_state")
    if actor.membership_id is None or actor.membership_id in authors_of(row):
        sentence = "The author cannot approve their own experiment. Ask a colleague."
        raise Refused(sentence, action="experiment.approve", object_type="experiment", object_id=row.id)
    _refuse_candidate(row, now)
    row.starts_at = max(row.starts_at or now, now)
    if row.ends_at <= row.starts_at:
        raise Conflict("Its period is over. Plan it anew.", code="over")
    _refuse_clash(row, now)
    row.state, row.approver_id, row.approved_at = "approved", actor.membership_id, now
    row.save(update_fields=["control", "state", "approver", "approved_at", "starts_at"])
    _note(actor, "experiment.approve", row)
    forget_reads()
    return row


def authors_of(row: Experiment) -> frozenset[UUID]:
    """Return who made an experiment or its candidate: they decide neither that it runs nor that B is adopted."""
    verbs = trials.kind_of(row.kind)
    own = verbs.authors(row) if verbs else frozenset([row.candidate.author_id] if row.candidate else [])
    return own | {row.author_id} - {None}


def stop(*, actor: Actor, experiment_id: UUID, reason: str, now: datetime) -> Experiment:
    """End an approved experiment at once: every lead goes by the version in force. What to do with it is open still.

    Whoever may write or approve rules stops one: going back is the safe direction. The product stops what went wrong.
    """
    if not actor.is_system:
        _require_either(actor)
    return _end(actor, experiment_id, "stopped", reason, now, allowed=("approved",))


def drop(*, actor: Actor, experiment_id: UUID, reason: str, now: datetime) -> Experiment:
    """Decide against the candidate; the reason is kept. Refuses who may neither write nor approve rules."""
    _require_either(actor)
    return _end(actor, experiment_id, "dropped", reason, now, allowed=("draft", "approved", "stopped"))


def adopt(*, actor: Actor, experiment_id: UUID, reason: str, now: datetime, url: str = "") -> Experiment:
    """Let the candidate rule for everybody, by the approval that every version takes, and ask for its documentation.

    Refuses whom that approval refuses, and an experiment that never ran.
    """
    row = _end(actor, experiment_id, "adopted", reason, now, allowed=("approved", "stopped"))
    verbs = trials.kind_of(row.kind)
    if verbs is not None:
        _require(actor, Permission.RULES_APPROVE, "adopt what an experiment tried")
        if actor.membership_id is None or actor.membership_id in authors_of(row):
            sentence = "The author cannot adopt their own experiment. Ask a colleague."
            raise Refused(sentence, action="experiment.adopt", object_type="experiment", object_id=row.id)
        verbs.adopt(actor, row, now)
    elif row.candidate_id is not None:
        actions.approve(actor=actor, version_id=row.candidate_id, now=now)
    reviews.open_review(
        kind="documentation",
        subject=str(row),
        sentence=f"{row} “{row.title}” was adopted: bring process documents and playbook up to date.",
        dedup_key=f"experiment-docs:{row.id}",
        due_on=(now + DOCUMENT_WITHIN).astimezone(ZoneInfo(current_organization().zone)).date(),
        now=now,
        url=url,
    )
    return row


def settle(row: Experiment, *, now: datetime, actor: Actor) -> bool:
    """End an approved experiment whose control is in force no more, since it compares nothing; say whether it ended.

    Where its own candidate was put in force meanwhile, it counts as adopted.
    """
    standing, which = _standing(row, now)
    if standing is Standing.CONTROL:
        return False
    state = "adopted" if standing is Standing.CANDIDATE else "stopped"
    _end(actor, row.id, state, f"Ended by itself: {which} rules now.", now, allowed=("approved",))
    return True


def _standing(row: Experiment, now: datetime) -> tuple[Standing, str]:
    """Return which arm is in force for everybody, and what to call what is."""
    verbs = trials.kind_of(row.kind)
    if verbs is not None:
        standing = verbs.standing(row)
        return standing, "arm B" if standing is Standing.CANDIDATE else f"another version of “{row.subject_name}”"
    live = queries.versions_in_force(now).get(row.kind)
    if live is not None and live.id in (row.control_id, row.candidate_id):
        return (Standing.CONTROL if live.id == row.control_id else Standing.CANDIDATE), f"v{live.number}"
    return Standing.OTHER, f"v{live.number}" if live else "no version"


def note_issue(*, actor: Actor, experiment_id: UUID, sentence: str, now: datetime) -> ExperimentIssue:
    """Write something that went wrong into the issue log. Refuses who may not read rules, and a blank one."""
    _require(actor, Permission.RULES_READ, "note issues of experiments")
    row = Experiment.rows().filter(id=experiment_id).first()
    if row is None or actor.membership_id is None:
        raise NotFound("There is no such experiment.")
    _need(sentence, "/sentence", "Say what went wrong.")
    issue = ExperimentIssue(
        experiment=row, sentence=sentence.strip()[:500], noted_at=now, noted_by_id=actor.membership_id
    )
    issue.save(force_insert=True)
    _note(actor, "experiment.issue", row)
    return issue


def solve_issue(*, actor: Actor, issue_id: UUID, solution: str, now: datetime) -> ExperimentIssue:
    """Note what was done about an issue. Refuses who may neither write nor approve rules, and one that is solved."""
    _require_either(actor)
    issue = ExperimentIssue.rows().select_for_update(of=("self",)).select_related("experiment").filter(id=issue_id)
    found: ExperimentIssue | None = issue.first()
    if found is None:
        raise NotFound("There is no such issue.")
    if found.solved_at is not None:
        raise Conflict("This issue is solved already.")
    _need(solution, "/solution", "Say what was done.")
    found.solved_at, found.solution = now, solution.strip()[:500]
    found.save(update_fields=["solved_at", "solution"])
    _note(actor, "experiment.solve", found.experiment)
    return found


def _wait_for_others() -> None:
    """Let one person after the other plan and approve: numbers are given once, and two never share leads."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"experiments:{current_organization_id()}"])


def _candidate(proposal: Proposal) -> RuleSetVersion | None:
    if proposal.kind != ROUTING:
        return None
    rows = RuleSetVersion.rows().select_related("rule_set")
    found: RuleSetVersion | None = rows.filter(
        rule_set__kind=proposal.kind, rule_set__key="default", number=proposal.candidate
    ).first()
    return found


def _refuse_gaps(proposal: Proposal, version: RuleSetVersion | None, now: datetime) -> None:
    faults: dict[str, str] = {}
    if proposal.kind == ROUTING and (version is None or version.state not in _OPEN):
        faults["candidate"] = "Choose a draft of the routing rules as the candidate."
    if proposal.kind != ROUTING and (trials.kind_of(proposal.kind) is None or proposal.subject_id is None):
        faults["subject"] = "Choose what is tried."
    if proposal.kind != ROUTING and proposal.is_pilot:
        faults["is_pilot"] = "Only routing rules have pilots."
    if not proposal.title.strip():
        faults["title"] = "Give it a name."
    if not proposal.hypothesis.strip():
        faults["hypothesis"] = "Say what you expect and why."
    if not proposal.goal:
        faults["goal"] = "Choose what counts as success."
    period = Period(proposal.starts_at or now, proposal.ends_at)
    scope = Scope(proposal.services, proposal.channels)
    faults |= plan_faults(percent=proposal.percent, is_pilot=proposal.is_pilot, scope=scope, period=period, now=now)
    for name in BOUNDS[:-1]:
        if not 0 <= getattr(proposal, name) <= 100:
            faults[name] = "Choose from 0 to 100."
    if not 1 <= proposal.least_per_arm <= 1_000_000:
        faults["least_per_arm"] = "Say how many each arm needs before anything is said: at least 1."
    if not 1 <= proposal.priority <= 3:
        faults["priority"] = "Choose a priority from 1 to 3."
    if faults:
        problems = tuple(Problem(f"/{name}", "bad_value", text) for name, text in faults.items())
        raise Invalid(problems[0].detail, problems)


def _refuse_candidate(row: Experiment, now: datetime) -> None:
    """Fix what the candidate is compared with; raise what keeps it from being tried."""
    version, verbs = row.candidate, trials.kind_of(row.kind)
    if verbs is not None:
        if verbs.standing(row) is not Standing.CONTROL:
            sentence = f"“{row.subject_name}” was changed since this was planned. Plan it anew."
            raise Conflict(sentence, code="control_changed")
        verbs.check(row, now)
    if version is None:
        return
    if version.state not in _OPEN:
        raise Conflict("The candidate is no draft any more.", code="wrong_state")
    problems = actions.find_problems(version.rule_set.kind, version.document)
    broken = [each for each in problems if each.severity is not Severity.WARNING]
    if broken:
        raise Invalid(broken[0].sentence, tuple(Problem(each.path, each.code, each.sentence) for each in broken))
    testing.require_passed(version)
    row.control = queries.version_in_force(version.rule_set.kind, now, version.rule_set.key)
    if row.control is None:
        raise Conflict("No version rules yet, so there is nothing to compare with.", code="no_control")


def _refuse_clash(row: Experiment, now: datetime) -> None:
    scope, period = ruling.scope_of(row), ruling.period_of(row)
    same = Experiment.rows().filter(kind=row.kind, rule_set=row.rule_set_id, subject_id=row.subject_id)
    for other in same.filter(state="approved", ends_at__gt=now):
        if ruling.period_of(other).meets(period) and ruling.scope_of(other).meets(scope):
            sentence = f"{other} runs with some of the same leads. Stop it first, or choose another part."
            raise Conflict(sentence, code="clash")


def _end(
    actor: Actor, experiment_id: UUID, state: str, reason: str, now: datetime, *, allowed: tuple[str, ...]
) -> Experiment:
    row = _locked(experiment_id)
    if row.state not in allowed:
        raise Conflict(f"This experiment is “{row.get_state_display()}”: that step does not fit.", code="wrong_state")
    _need(reason, "/reason", "Say why.")
    row.state, row.ended_at, row.outcome = state, row.ended_at or now, reason.strip()[:500]
    row.save(update_fields=["state", "ended_at", "outcome"])
    _note(actor, f"experiment.{state}", row)
    forget_reads()
    return row


def _locked(experiment_id: UUID) -> Experiment:
    _wait_for_others()
    known = Experiment.rows().filter(id=experiment_id).first()
    if known is None:
        raise NotFound("There is no such experiment.")
    if known.rule_set_id is not None:
        RuleSet.rows().select_for_update().get(id=known.rule_set_id)
    rows = Experiment.rows().select_for_update(of=("self",)).select_related("rule_set", "candidate__rule_set")
    found: Experiment = rows.get(id=experiment_id)
    return found


def _need(text: str, pointer: str, sentence: str) -> None:
    if not text.strip():
        raise Invalid(sentence, (Problem(pointer, "missing", sentence),))


def _require(actor: Actor, permission: Permission, deed: str) -> None:
    if not actor.may(permission):
        sentence = f"Your role may not {deed}. Ask marketing operations."
        raise Refused(sentence, action=str(permission), object_type="experiment")


def _require_either(actor: Actor) -> None:
    if not actor.may(Permission.RULES_APPROVE):
        _require(actor, Permission.RULES_WRITE, "decide about experiments")


def _note(actor: Actor, action: str, row: Experiment, **detail: Any) -> None:
    tried = {"version": row.candidate.number} if row.candidate else {"kind": row.kind, "subject": str(row.subject_id)}
    ledger.record(
        actor=actor,
        action=action,
        object_type="experiment",
        object_id=row.id,
        detail={"number": row.number, **tried, **detail},
    )
