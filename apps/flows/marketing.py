"""Whether a lead meets marketing's target, and who has it then (rows QL-03, QL-05).

It is computed: every criterion of the target is passed and the contact details are valid. Such a lead passes the stage
“Marketing qualified”. Where the ownership matrix names a team for that stage, the lead rests with the team until they
send it on; else it is routed in the same instant. A lead that misses the target is routed all the same: somebody asks.
In a pipeline that the criteria rules name under `qualify_first` it is not, whoever sends it on: it stays new with the
team of that stage until the target is met (assumption A-02).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from apps.catalog.models import Queue
from apps.catalog.queries import queues_by_key
from apps.flows.arrival import Case
from apps.flows.criteria import Looked, look, look_at, told_beside
from apps.flows.exceptional import Found
from apps.flows.gating import gate_of
from apps.flows.halting import found_ineligible
from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.leads.queries import stages_by_key
from apps.leads.terms import DOWNLOAD, StageKey
from apps.ownership.models import Spell
from apps.ownership.policy import at_stage
from apps.ownership.queries import policy_of
from apps.policies.decisions.documents import as_document, as_text, as_texts
from apps.policies.queries import live_document
from apps.qualification.actions import keep_evaluation
from apps.qualification.criteria import Evaluation
from apps.qualification.terms import Moment, Standing
from apps.routing.actions import Routed
from apps.tenancy.actor import system_actor
from apps.tenancy.errors import Invalid, Problem

TRIGGER, BELOW_TARGET = f"stage:{StageKey.MQL}", "below_target"


@dataclass(frozen=True, slots=True)
class Target:
    """Whether the target is reached, and the queue of the team that has the lead before it is routed, if any."""

    reached: bool = False
    queue: Queue | None = None

    def trigger(self, otherwise: str) -> str:
        """Return what the spell of the lead's owner says began it."""
        if self.queue is None:
            return otherwise
        return TRIGGER if self.reached else BELOW_TARGET

    def held(self, routed: Routed) -> Routed:
        """Return where the lead goes now: to the team of the stage, or as it was routed."""
        if self.queue is None:
            return routed
        verdict = replace(routed.verdict, day_queue_key="", batch_at=None)
        verdict = replace(verdict, max_wait_seconds=self.queue.max_wait_seconds)
        return replace(routed, queue=self.queue, member=None, verdict=verdict)


def look_at_arrival(case: Case, lead: Lead, facts: Mapping[str, Any]) -> Target:
    """Judge a lead that is being opened, by what its inquiry brought; keep what it was judged by."""
    return _judged(case, lead, look(lead, told_beside(facts), case.now))


def ineligible_at_arrival(case: Case, lead: Lead, validity: str, facts: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return the exception of a lead that is being opened and whose service is not for the person (row QL-13)."""
    if lead.service is None or validity == "held":
        return ()
    return found_ineligible(lead, look(lead, told_beside(facts), case.now))


def look_again(case: Case, lead: Lead) -> Target:
    """Judge a lead that waited and goes on now, by what is on record today."""
    if lead.stage.key != StageKey.NEW:
        return Target()
    return _judged(case, lead, look_at(lead, case.now))


def _judged(case: Case, lead: Lead, looked: Looked) -> Target:
    evaluation = looked.evaluation
    if not evaluation.has_target or StageKey.MQL not in stages_by_key(lead.pipeline_id):
        return Target()
    version, facts = looked.version, looked.facts
    keep_evaluation(lead, evaluation, version=version, facts=facts, moment=Moment.MARKETING, now=case.now)
    waits = lead.validity != "valid" or bool(lead.exception) or lead.lead_class == DOWNLOAD
    if waits:
        return Target()
    if evaluation.is_marketing_qualified and gate_of(lead, StageKey.MQL, case.now).allowed:
        return Target(True, _queue_of_stage(lead, case))
    if not qualifies_first(lead, case.document("criteria")):
        return Target()
    sentence = f"Marketing's target is not met: the lead is not routed yet. {_missed(evaluation)}"
    tell(lead, kind="stage", sentence=sentence, actor=system_actor(case.organization.id), now=case.now)
    return Target(False, _queue_of_stage(lead, case) or _fallback_queue(case))


def qualifies_first(lead: Lead, criteria: Mapping[str, Any]) -> bool:
    """Say whether leads of this pipeline are routed only once they meet marketing's target (assumption A-02)."""
    return lead.pipeline.key in as_texts(criteria.get("qualify_first"))


def require_target(lead: Lead, now: datetime) -> None:
    """Raise Invalid for a lead that has to meet marketing's target before it is routed, and does not."""
    if lead.stage.key != StageKey.NEW or not qualifies_first(lead, live_document("criteria", now)):
        return
    evaluation = look_at(lead, now).evaluation
    if evaluation.has_target and not evaluation.is_marketing_qualified:
        sentence = f"Marketing's target comes first. {_missed(evaluation)}"
        raise Invalid(sentence, (Problem("/stage", "below_target", sentence),), code="below_target")


def is_met_now(lead: Lead, now: datetime) -> bool:
    """Say whether a locked lead that was held below the target meets it by what is known today."""
    if lead.stage.key != StageKey.NEW or lead.closed_at is not None or lead.hold_reason or lead.exception:
        return False
    held = Spell.rows().filter(lead=lead, kind="primary", ended_at__isnull=True, trigger=BELOW_TARGET)
    return bool(held.exists() and look_at(lead, now).evaluation.is_marketing_qualified)


def _missed(evaluation: Evaluation) -> str:
    """Return what of the target is not met, as a sentence."""
    unmet = [each for each in evaluation.findings if each.criterion.marketing and each.standing is not Standing.PASSES]
    said = [each.criterion.sentence.rstrip(".") for each in unmet]
    said += [] if evaluation.reachable else ["a valid phone or address"]
    return f"Not met: {'; '.join(said)}."


def _fallback_queue(case: Case) -> Queue | None:
    return queues_by_key().get(as_text(as_document(case.document("routing").get("fallback")).get("queue")))


def _queue_of_stage(lead: Lead, case: Case) -> Queue | None:
    """Return where the team of the stage works; one without a queue could not see its leads and gets none."""
    handover = at_stage(policy_of(lead, case.now), StageKey.MQL)
    if handover is None:
        return None
    own = [row for row in queues_by_key().values() if row.team.key == handover.team_key and row.is_active]
    return min(own, key=lambda row: row.key) if own else None
