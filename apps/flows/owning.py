"""Whose a lead is by its ownership policy as it is routed: its owner, who makes the first contact, who else takes part.

The routing rules find a queue. The policy says whether the team of that queue owns the lead (territory), or another one
does: a central team, the one that delivered, the channel's. Then the rules find at most who calls (rows OW-01, OW-12).
What the layer of consent and safety decides stands: an emergency goes to the nurse, whoever owns the rest.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Team
from apps.accounts.queries import teams_by_id
from apps.catalog.models import Queue
from apps.catalog.queries import queues_by_key
from apps.flows.marketing import Target
from apps.flows.worklists import queue_of_team
from apps.leads.actions import tell
from apps.leads.models import Lead, Task
from apps.leads.queries import stages_by_key
from apps.leads.terms import StageKey
from apps.ownership.actions import NOT_RULED, Part, Ruled, end_role, take_parts
from apps.ownership.models import Spell
from apps.ownership.policy import at_stage, first_team, is_shared
from apps.ownership.policy_words import MODELS
from apps.ownership.queries import policy_of
from apps.ownership.terms import BY_ROUTING, Model, Policy, Role
from apps.policies.queries import versions_in_force
from apps.routing.actions import Routed, give_turn
from apps.routing.terms import LAYERS
from apps.tenancy.actor import Actor

#: Stages in which nobody has reached the person yet.
BEFORE_CONTACT = (StageKey.NEW, StageKey.MQL, StageKey.ROUTED, StageKey.ATTEMPTING)
CONTACT_KINDS = ("call", "text", "email")
SAFETY = next(iter(LAYERS))


@dataclass(frozen=True, slots=True)
class Given:
    """A lead given by its policy: as the rules routed it, as it is owned, and who calls where that is not the owner."""

    policy: Policy
    routed: Routed
    owner: Routed
    caller: Routed | None
    ruling: Ruled

    @property
    def reason(self) -> str:
        """Why this team owns the lead: the routing's reason, or the policy where it names somebody else."""
        if self.owner.queue.id == self.routed.queue.id:
            return str(self.routed.verdict.reason)
        return f"{self.owner.queue.team.name} own it by the policy “{self.policy.name}”"

    def queue_instead_of(self, queue: Queue | None) -> Queue | None:
        """Return where the lead lies: the owner's queue where the policy names one, else the one it would lie in."""
        return queue if self.owner.queue.id == self.routed.queue.id else self.owner.queue

    @property
    def caller_ids(self) -> tuple[UUID, UUID | None] | None:
        """The team and the person who make the first contact where these are not the owner's."""
        if self.caller is None:
            return None
        return self.caller.queue.team_id, self.caller.member.id if self.caller.member else None


def give(lead: Lead, routed: Routed, now: datetime, *, stays: bool = False) -> Given:
    """Find owner and caller of a lead that was routed, and whose turn it is there.

    `stays`: something else decides where the lead is now (an exception, marketing's stage); no policy is asked.
    """
    if stays:
        return Given(policy_of(lead, now), routed, routed, None, NOT_RULED)
    return with_turns(find(lead, routed, now), now)


def give_new(lead: Lead, routed: Routed, target: Target, now: datetime, *, stopped: bool) -> Given:
    """Give a lead that is being opened; what stops it, and marketing's stage, go before its policy."""
    if stopped and target.queue is None:
        routed = give_turn(routed, now=now)
    return give(lead, routed, now, stays=stopped or target.queue is not None)


def find(lead: Lead, routed: Routed, now: datetime) -> Given:
    """Find owner and caller of a lead that was routed; nobody's turn is given yet."""
    policy = policy_of(lead, now)
    owner, caller = _queues(policy, lead, routed, now)
    owned = routed if owner is None else _kept_at(routed, owner)
    calls = None
    if caller is not None:
        calls = routed if caller == routed.queue else _kept_at(routed, caller)
    return Given(policy, routed, owned, calls, ruling_of(policy, now))


def with_turns(given: Given, now: datetime) -> Given:
    """Give the turn to whoever is next: in the owner's queue, and in that of who calls."""
    routed, calls = given.routed, given.caller
    is_asked = given.owner is routed or calls is routed
    turned = give_turn(routed, now=now) if is_asked else routed
    owner = turned if given.owner is routed else give_turn(given.owner, now=now)
    if calls is not None:
        calls = turned if calls is routed else give_turn(calls, now=now)
    return Given(given.policy, turned, owner, calls, given.ruling)


def ruling_of(policy: Policy, now: datetime) -> Ruled:
    """Return what a spell keeps of the policy that decided."""
    version = versions_in_force(now).get("ownership")
    return Ruled(policy.id, version) if policy.id else NOT_RULED


def take_part(lead: Lead, given: Given, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Write who else takes part in a lead: who delivered, who answers for the outcome, who calls, who logs beside."""
    if given.ruling is NOT_RULED:
        return
    teams = {row.key: row for row in teams_by_id().values()}
    policy, parts = given.policy, []
    if policy.model is Model.PARTNERSHIP:
        named = ((Role.DELIVERY, policy.delivery), (Role.OUTCOME, policy.outcome))
        parts += [Part(role, teams[key]) for role, key in named if key in teams]
    if given.caller is not None:
        parts.append(Part(Role.OUTREACH, given.caller.queue.team, given.caller.member))
    because = f"Policy “{policy.name}”"
    viewers = _sharers(policy, lead, teams)
    take_parts(
        lead, parts, viewers=viewers, reason=because, actor=actor, now=now, event_id=event_id, ruling=given.ruling
    )
    tell(lead, kind="assigned", sentence=sentence_of(given, parts), actor=actor, now=now, event_id=event_id)


def sentence_of(given: Given, parts: list[Part]) -> str:
    """Say in the lead's story by which policy it is owned, and who else takes part."""
    policy, number = given.policy, given.ruling.version.number if given.ruling.version else 0
    said = f"Ownership policy “{policy.name}” ({MODELS[policy.model]}, rules version {number}): "
    said += f"{given.owner.queue.team.name} own the lead"
    words = {Role.DELIVERY: "delivered by", Role.OUTCOME: "outcome with", Role.OUTREACH: "first contact by"}
    return f"{'; '.join([said, *(f'{words[part.role]} {part.team.name}' for part in parts)])}."


def contact_made(lead: Lead, *, now: datetime) -> None:
    """End the part of who made the first contact once the person was reached; what is left is the owner's."""
    if lead.stage.key not in BEFORE_CONTACT and policy_of(lead, now).first_outreach:
        end_role(lead, Role.OUTREACH, now=now)
        rows = Task.rows().filter(lead=lead, state__in=["open", "suppressed"], first_outreach=True)
        rows.update(team_id=lead.owner_team_id, assignee_id=lead.owner_id, first_outreach=False)


def keep_with_caller(lead: Lead, actor: Actor) -> None:
    """Let the next try of a first contact lie with the person who made the last one, and not with the owner."""
    if lead.stage.key in BEFORE_CONTACT:
        team_id = next(iter(_calling_teams(lead, actor)), None)
        if team_id is not None:
            rows = Task.rows().filter(lead=lead, state="open", kind__in=CONTACT_KINDS)
            rows.update(team_id=team_id, assignee_id=actor.membership_id, first_outreach=True)


def desk_of(team_key: str) -> Queue | None:
    """Return where a team works: its first active queue by key."""
    own = [row for row in queues_by_key().values() if row.team.key == team_key and row.is_active and row.team.is_active]
    return min(own, key=lambda row: row.key) if own else None


def _queues(policy: Policy, lead: Lead, routed: Routed, now: datetime) -> tuple[Queue | None, Queue | None]:
    """Return the queue of the owner and of who calls; None where it is the routed one, and the owner."""
    if _is_safety(routed):
        return None, None
    entry = at_stage(policy, StageKey.ROUTED)
    wanted = entry.team_key if entry else first_team(policy, lead.capture_method)
    owner = _desk_for(lead, wanted, now) if wanted and wanted != routed.queue.team.key else None
    owning = owner or routed.queue
    calls = policy.first_outreach
    caller = routed.queue if calls == BY_ROUTING else _desk_for(lead, calls, now) if calls else None
    return owner, caller if caller is not None and caller.team_id != owning.team_id else None


def _desk_for(lead: Lead, team_key: str, now: datetime) -> Queue | None:
    queue = desk_of(team_key)
    return queue_of_team(lead, queue, now) if queue is not None else None


def _is_safety(routed: Routed) -> bool:
    verdict = routed.verdict
    return any(step.layer == SAFETY and step.rule_id == verdict.rule_id != "" for step in verdict.path)


def _kept_at(routed: Routed, queue: Queue) -> Routed:
    """Return a route as it is where a policy names the queue: nothing waits there for a day queue or a batch."""
    verdict = replace(
        routed.verdict,
        method=queue.method,
        day_queue_key=None,
        batch_at=None,
        max_wait_seconds=queue.max_wait_seconds,
    )
    return replace(routed, queue=queue, member=None, verdict=verdict)


def _sharers(policy: Policy, lead: Lead, teams: dict[str, Team]) -> list[Team]:
    if policy.sharing is None or not is_shared(policy, lead.stage.key, tuple(stages_by_key(lead.pipeline_id))):
        return []
    return [teams[key] for key in sorted(policy.sharing.teams) if key in teams]


def _calling_teams(lead: Lead, actor: Actor) -> list[UUID]:
    rows = Spell.rows().filter(lead=lead, kind=Role.OUTREACH, ended_at__isnull=True, team_id__in=list(actor.team_ids))
    return list(rows.values_list("team_id", flat=True))
