"""Whether a lead meets marketing's target, and who has it then (rows QL-03, QL-05).

It is computed: every criterion of the target is passed and the contact details are valid. Such a lead passes the stage
“Marketing qualified”. Where the ownership matrix names a team for that stage, the lead rests with the team until they
send it on; else it is routed in the same instant. A lead that misses the target is routed all the same: somebody asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.catalog.models import Queue
from apps.catalog.queries import queues_by_key
from apps.consent.terms import Channel
from apps.flows.arrival import Case
from apps.flows.criteria import Beside, Looked, look, look_at
from apps.flows.exceptional import Found
from apps.flows.gating import gate_of
from apps.flows.halting import found_ineligible
from apps.leads.models import Lead
from apps.leads.queries import stages_by_key
from apps.leads.terms import DOWNLOAD, StageKey
from apps.ownership.decisions import next_owner
from apps.qualification.actions import keep_evaluation
from apps.qualification.terms import Moment
from apps.routing.actions import Routed

TRIGGER = f"stage:{StageKey.MQL}"


@dataclass(frozen=True, slots=True)
class Target:
    """Whether the target is reached, and the queue of the team that has such leads first; None where none has."""

    reached: bool = False
    queue: Queue | None = None

    def trigger(self, otherwise: str) -> str:
        """Return what the spell of the lead's owner says began it."""
        return TRIGGER if self.queue is not None else otherwise

    def held(self, routed: Routed) -> Routed:
        """Return where the lead goes now: to the team of the stage, or as it was routed."""
        if self.queue is None:
            return routed
        verdict = replace(routed.verdict, day_queue_key="", batch_at=None)
        verdict = replace(verdict, max_wait_seconds=self.queue.max_wait_seconds)
        return replace(routed, queue=self.queue, member=None, verdict=verdict)


def look_at_arrival(case: Case, lead: Lead, facts: Mapping[str, Any]) -> Target:
    """Judge a lead that is being opened, by what its inquiry brought; keep what it was judged by."""
    return _judged(case, lead, look(lead, _told(facts), case.now))


def ineligible_at_arrival(case: Case, lead: Lead, validity: str, facts: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return the exception of a lead that is being opened and whose service is not for the person (row QL-13)."""
    if lead.service is None or validity == "held":
        return ()
    return found_ineligible(lead, look(lead, _told(facts), case.now))


def _told(facts: Mapping[str, Any]) -> Beside:
    return Beside(
        consent={str(channel): str(facts.get(f"consent_{channel}", "")) for channel in Channel},
        validity={kind: facts[f"{kind}_validity"] for kind in ("phone", "email") if facts.get(f"{kind}_validity")},
    )


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
    if waits or not evaluation.is_marketing_qualified or not gate_of(lead, StageKey.MQL, case.now).allowed:
        return Target()
    return Target(True, _queue_of_stage(case))


def _queue_of_stage(case: Case) -> Queue | None:
    """Return where the team of the stage works; one without a queue could not see its leads and gets none."""
    handover = next_owner(StageKey.MQL, case.document("ownership"))
    if handover is None:
        return None
    own = [row for row in queues_by_key().values() if row.team.key == handover.team_key and row.is_active]
    return min(own, key=lambda row: row.key) if own else None
