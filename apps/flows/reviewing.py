"""Decide about a pair of people who may be one: merge, link, or keep apart, once and with a reason."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.merging import merge_people, reason_of, require_decider, require_sight
from apps.identity.models import DuplicatePair
from apps.identity.pairs import decide, reopen
from apps.identity.queries import pair as pair_by_id
from apps.leads.actions import tell
from apps.leads.queries import leads_of
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, NotFound, Refused

#: What was decided without making two records one: it can be decided anew.
REOPENED = ("separate", "linked")


class PairVerdict(StrEnum):
    """What a reviewer says of a pair; linked people are two who belong together, such as a household."""

    MERGED = "merged"
    LINKED = "linked"
    SEPARATE = "separate"


def require_reader(actor: Actor) -> None:
    """Raise NotFound for who has no business with leads, Refused for a colleague who reads no arrivals."""
    if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
        raise NotFound
    if not actor.may(Permission.SUBMISSION_READ):
        sentence = "Your role does not review duplicates. Ask central intake to look at this pair."
        raise Refused(sentence, action="duplicates.view", object_type="pair")


def pair_for(actor: Actor, pair_id: UUID) -> DuplicatePair:
    """Return a pair to whoever may look at duplicates and sees the leads of both people."""
    require_reader(actor)
    row = pair_by_id(pair_id)
    if row is None:
        raise NotFound
    require_sight(actor, (row.first_id, row.second_id), action="duplicates.view")
    return row


def decide_pair(
    *,
    actor: Actor,
    pair_id: UUID,
    verdict: PairVerdict,
    survivor_id: UUID,
    picked: Iterable[str],
    reason: str,
    now: datetime,
) -> DuplicatePair:
    """Keep a reviewer's word on a pair; merging merges. It is never offered again while that stands.

    Refuses who may not decide; raises Invalid without a reason, Conflict when a colleague was faster.
    """
    require_reader(actor)
    require_decider(actor, action="duplicates.decide", object_type="pair", object_id=pair_id)
    why = reason_of(reason)
    row = pair_by_id(pair_id)
    if row is None:
        raise NotFound
    if row.state != "open":
        raise Conflict(f"{row.decided_by} decided about this pair: {row.get_state_display()}.", code="pair_decided")
    people = {row.first_id, row.second_id}
    if survivor_id not in people:
        raise NotFound
    if verdict is PairVerdict.MERGED:
        (absorbed_id,) = people - {survivor_id}
        merge_people(actor=actor, survivor_id=survivor_id, absorbed_id=absorbed_id, picked=picked, reason=why, now=now)
    else:
        require_sight(actor, people, action="duplicates.decide")
        _keep(actor, pair_id, verdict, why, now)
    ledger.record(
        actor=actor,
        action="duplicates.decide",
        object_type="pair",
        object_id=pair_id,
        fields=["state"],
        detail={"verdict": str(verdict), "people": sorted(map(str, people)), "score": row.score},
    )
    return row


def reopen_pair(*, actor: Actor, pair_id: UUID, reason: str, now: datetime) -> DuplicatePair:
    """Let a pair that was kept apart or linked be decided anew; the page then offers to merge it.

    Refuses who may not decide; raises Invalid without a reason, Conflict for a pair that is open, or was merged:
    a merge is taken back on the person's page.
    """
    require_decider(actor, action="duplicates.reopen", object_type="pair", object_id=pair_id)
    row = pair_for(actor, pair_id)
    why = reason_of(reason)
    locked = pair_by_id(pair_id, lock=True)
    if locked is None or locked.state not in REOPENED:
        raise Conflict("This pair is not to be decided anew: look at it again.", code="pair_decided")
    earlier = {"was": locked.state, "people": sorted(map(str, (row.first_id, row.second_id)))}
    reopen(locked)
    for person_id in (row.first_id, row.second_id):
        for lead in leads_of(person_id):
            sentence = f"Two people or one is decided anew ({locked.why}): {why}"
            tell(lead, kind="linked", sentence=sentence, actor=actor, now=now)
    ledger.record(
        actor=actor, action="duplicates.reopen", object_type="pair", object_id=pair_id, fields=["state"], detail=earlier
    )
    return locked


def _keep(actor: Actor, pair_id: UUID, verdict: PairVerdict, why: str, now: datetime) -> None:
    locked = pair_by_id(pair_id, lock=True)
    if locked is None or locked.state != "open":
        raise Conflict("A colleague decided about this pair meanwhile.", code="pair_decided")
    decide(locked, state=verdict, reason=why, by=actor.label, now=now)
