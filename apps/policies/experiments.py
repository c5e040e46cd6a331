"""The verbs of experiments: planned, approved by another person, stopped, adopted, dropped; and their issue log.

An experiment lets a draft that passed its tests decide about a part of the leads. It is approved as the draft itself
would be: by somebody else than its author, and with every test passed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.policies import actions, queries, reviews, ruling, testing
from apps.policies.decisions.experiments import Period, Scope, plan_faults
from apps.policies.models import Experiment, ExperimentIssue, RuleSet, RuleSetVersion
from apps.policies.terms import Severity, VersionState
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import forget_reads

#: The kinds of rules that can be tried on a part of the leads.
KINDS = ("routing",)
DOCUMENT_WITHIN = timedelta(days=7)
_OPEN = (VersionState.DRAFT, VersionState.TESTED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to try: the candidate's number, on whom, how long, and what would be a success."""

    candidate: int
    title: str
    hypothesis: str
    ends_at: datetime
    goal: str
    percent: int = 100
    kind: str = "routing"
    plan: str = ""
    is_pilot: bool = False
    services: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    starts_at: datetime | None = None
    wanted_points: int = 0
    most_fallback: int = 2
    most_mismatch: int = 2
    priority: int = 2


def propose(*, actor: Actor, proposal: Proposal, now: datetime) -> Experiment:
    """Store an experiment that waits for its approval. Refuses who may not write rules, and a plan with gaps."""
    _require(actor, Permission.RULES_WRITE, "plan experiments")
    version = _candidate(proposal)
    _refuse_gaps(proposal, version, now)
    if version is None or actor.membership_id is None:
        raise Refused("Only a colleague plans an experiment.", action="experiment.propose", object_type="experiment")
    RuleSet.rows().select_for_update().get(id=version.rule_set_id)
    last = Experiment.rows().order_by("-number").values_list("number", flat=True).first()
    row = Experiment(
        number=(last or 0) + 1,
        title=proposal.title.strip()[:120],
        rule_set=version.rule_set,
        candidate=version,
        is_pilot=proposal.is_pilot,
        hypothesis=proposal.hypothesis.strip()[:500],
        plan=proposal.plan.strip()[:1000],
        percent=proposal.percent,
        services=list(proposal.services),
        channels=list(proposal.channels),
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        goal=proposal.goal,
        wanted_points=proposal.wanted_points,
        most_fallback=proposal.most_fallback,
        most_mismatch=proposal.most_mismatch,
        priority=proposal.priority,
        author_id=actor.membership_id,
        created_at=now,
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
    if actor.membership_id is None or actor.membership_id in (row.author_id, row.candidate.author_id):
        sentence = "The author cannot approve their own experiment. Ask a colleague."
        raise Refused(sentence, action="experiment.approve", object_type="experiment", object_id=row.id)
    _refuse_candidate(row.candidate)
    control = queries.version_in_force(row.rule_set.kind, now, row.rule_set.key)
    if control is None:
        raise Conflict("No version rules yet, so there is nothing to compare with.", code="no_control")
    row.starts_at = max(row.starts_at or now, now)
    if row.ends_at <= row.starts_at:
        raise Conflict("Its period is over. Plan it anew.", code="over")
    _refuse_clash(row, now)
    row.control, row.state, row.approver_id, row.approved_at = control, "approved", actor.membership_id, now
    row.save(update_fields=["control", "state", "approver", "approved_at", "starts_at"])
    _note(actor, "experiment.approve", row)
    forget_reads()
    return row


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


def settle(row: Experiment, *, live: RuleSetVersion | None, now: datetime, actor: Actor) -> bool:
    """End an approved experiment whose control rules no more, since it compares nothing; say whether it was ended.

    Where its own candidate was approved meanwhile, it counts as adopted.
    """
    if live is not None and live.id == row.control_id:
        return False
    which = f"v{live.number}" if live else "no version"
    state = "adopted" if live is not None and live.id == row.candidate_id else "stopped"
    _end(actor, row.id, state, f"Ended by itself: {which} rules now.", now, allowed=("approved",))
    return True


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


def _candidate(proposal: Proposal) -> RuleSetVersion | None:
    rows = RuleSetVersion.rows().select_related("rule_set")
    found: RuleSetVersion | None = rows.filter(
        rule_set__kind=proposal.kind, rule_set__key="default", number=proposal.candidate
    ).first()
    return found


def _refuse_gaps(proposal: Proposal, version: RuleSetVersion | None, now: datetime) -> None:
    faults: dict[str, str] = {}
    if version is None or version.state not in _OPEN or proposal.kind not in KINDS:
        faults["candidate"] = "Choose a draft of the routing rules as the candidate."
    if not proposal.title.strip():
        faults["title"] = "Give it a name."
    if not proposal.hypothesis.strip():
        faults["hypothesis"] = "Say what you expect and why."
    if not proposal.goal:
        faults["goal"] = "Choose the stage that counts as success."
    period = Period(proposal.starts_at or now, proposal.ends_at)
    scope = Scope(proposal.services, proposal.channels)
    faults |= plan_faults(percent=proposal.percent, is_pilot=proposal.is_pilot, scope=scope, period=period, now=now)
    for name in ("most_fallback", "most_mismatch", "wanted_points"):
        if not 0 <= getattr(proposal, name) <= 100:
            faults[name] = "Choose from 0 to 100."
    if not 1 <= proposal.priority <= 3:
        faults["priority"] = "Choose a priority from 1 to 3."
    if faults:
        problems = tuple(Problem(f"/{name}", "bad_value", text) for name, text in faults.items())
        raise Invalid(problems[0].detail, problems)


def _refuse_candidate(version: RuleSetVersion) -> None:
    if version.state not in _OPEN:
        raise Conflict("The candidate is no draft any more.", code="wrong_state")
    problems = actions.find_problems(version.rule_set.kind, version.document)
    broken = [each for each in problems if each.severity is not Severity.WARNING]
    if broken:
        raise Invalid(broken[0].sentence, tuple(Problem(each.path, each.code, each.sentence) for each in broken))
    testing.require_passed(version)


def _refuse_clash(row: Experiment, now: datetime) -> None:
    scope, period = ruling.scope_of(row), ruling.period_of(row)
    for other in Experiment.rows().filter(rule_set=row.rule_set_id, state="approved", ends_at__gt=now):
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
    known = Experiment.rows().filter(id=experiment_id).values_list("rule_set_id", flat=True).first()
    if known is None:
        raise NotFound("There is no such experiment.")
    RuleSet.rows().select_for_update().get(id=known)
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
    ledger.record(
        actor=actor,
        action=action,
        object_type="experiment",
        object_id=row.id,
        detail={"number": row.number, "version": row.candidate.number, **detail},
    )
