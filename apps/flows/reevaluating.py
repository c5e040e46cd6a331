"""Look at a lead again after what is known of it changed: score it anew, and route it anew where a trigger fires.

Whoever changes a lead asks for it by a wake-up (`leads.actions.save_lead` does); what changed is found by comparing
with the last score, so that the same change counts once, however often one looks (rows SC-10 and RT-03).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.consent.queries import states_of
from apps.flows import broad, marketing
from apps.flows.arrival import Case, facts_of, open_case
from apps.flows.bounces import heed_bounces
from apps.flows.exceptional import the_product
from apps.flows.facts import facts_today, last_inquiry
from apps.flows.first_steps import ruling_of, score_case
from apps.flows.freshness import read_by_routing
from apps.flows.parting import routed_location
from apps.flows.recorded import recorded_of
from apps.flows.release import send_on
from apps.flows.rerouting import route_by_triggers
from apps.flows.signals import outlook_of
from apps.flows.told import Told, told
from apps.leads.actions import lock_lead, save_lead, tell
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, StageSpell
from apps.leads.terms import LOOK_AGAIN
from apps.policies.compiling import compiled
from apps.policies.decisions.compiled import texts_in
from apps.policies.decisions.fields import FIELDS
from apps.policies.models import RuleSetVersion
from apps.privacy import details
from apps.qualification.actions import keep_score
from apps.qualification.models import ScoreResult
from apps.qualification.queries import latest_score
from apps.qualification.signals import FROM_WORDS
from apps.qualification.terms import RESCORE, ScoreVerdict
from apps.routing.decisions.triggers import On, fired, listens_to
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id

NEW_RULES, NEW_DATA = "new rules", "changed"
#: What the clock, an earlier score or the last arrival says; no change of it is news of the lead.
_PASSING = frozenset(
    {
        *("hour_of_day", "weekday", "is_open", "is_repeat", "priority", "validity", "workflow"),
        *("fit", "intent", "fit_band", "intent_band", "message_words", "form_depth", "line_mismatch"),
        *("source_conversion", "next_slot_days"),
    }
)
#: Facts that turn from unknown to no: nobody knew whether there is a slot, and now there is none.
_NO_IS_NEWS = frozenset({"slot_in_time"})


@outbox.handler(RESCORE)
def rescore_open_leads(version_id: UUID, now: datetime) -> None:
    """Ask for every open lead to be scored anew when another scorecard begins to rule."""
    if RuleSetVersion.rows().filter(id=version_id).exists():
        outbox.enqueue_many(LOOK_AGAIN, list(Lead.rows().filter(closed_at__isnull=True).values_list("id", flat=True)))


@outbox.handler(LOOK_AGAIN)
def reevaluate(lead_id: UUID, now: datetime) -> None:
    """Score an open lead by what is known today, and let the routing rules look again where a trigger fires.

    Nothing is written where nothing that rules look at differs from what the last score saw.
    """
    lead = lock_lead(lead_id)
    broad.end_screening(lead, now)
    if marketing.is_met_now(lead, now):
        send_on(lead, by=the_product(), because="Marketing's target is met: the lead is routed.", now=now)
        return
    last, inquiry = latest_score(lead), last_inquiry(lead)
    if lead.closed_at is not None or last is None or inquiry is None:
        return
    case = heed_bounces(open_case(inquiry, now))
    facts, seen = _facts(case, lead, last), _seen(lead, last)
    watched = watched_by(case, _rules(case, lead, facts))
    differing = changed(seen, {**facts, **recorded_of(lead)}, watched - frozenset(FROM_WORDS))
    version = case.versions.get("scoring")
    is_new_model = (version.id if version else None) != last.version_id
    heard = {str(each) for each in details.ids_of(subject_id=lead.id, kind="message")}
    if not (differing or is_new_model or (last.heard is not None and heard != set(last.heard))):
        return
    messages = told(lead.id, now, reader="scoring of a lead that changed")
    score, known = score_case(case, lead, facts, messages.text)
    differing = changed(seen, known, watched)
    if differing or is_new_model:
        cause = f"{NEW_DATA}: {', '.join(differing)}" if differing else NEW_RULES
        _take(case, lead, seen, score, known, messages, cause)


def _rules(case: Case, lead: Lead, facts: Mapping[str, Any]) -> dict[str, Any]:
    version = ruling_of(case, lead, facts).version
    return dict(version.document) if version else {}


def watched_by(case: Case, routing: dict[str, Any]) -> frozenset[str]:
    """Return the facts that scoring, routing or a trigger looks at."""
    stage = {"stage"} if listens_to(routing, On.STAGE_CHANGED) else set[str]()
    place = {"requested_location"} if listens_to(routing, On.LOCATION_CHANGED) else set[str]()
    return frozenset(_asked_by(case.versions.get("scoring")) | read_by_routing(routing) | stage | place)


def _asked_by(version: RuleSetVersion | None) -> frozenset[str]:
    return compiled(version, texts_in) & FIELDS.keys()


def changed(before: Mapping[str, Any], after: Mapping[str, Any], watched: frozenset[str]) -> list[str]:
    """Return which of the watched facts differ; unknown and false are the same where a fact was not kept then."""
    names = sorted(watched - _PASSING)
    return [
        name
        for name in names
        if (before.get(name) or None) != (after.get(name) or None)
        or (name in _NO_IS_NEWS and name in before and before[name] is not after.get(name))
    ]


def _facts(case: Case, lead: Lead, last: ScoreResult) -> dict[str, Any]:
    contact = lead.contact_person or lead.person
    states = states_of([contact.id], case.now, lead_id=lead.id)[contact.id]
    said = facts_of(case, states=states, validity=lead.validity, is_repeat=bool(last.facts.get("is_repeat")))
    known = facts_today(case, lead, said) | {"stage": lead.stage.key}
    if not last.facts.get("requested_location") and routed_location(lead, known["location"] or ""):
        known |= {"requested_location": None, "location": None}
    # Slots change while the lead does not: they are compared before anything of the lead is read anew.
    return known | outlook_of(known, str(known.get("service") or ""), case.now).as_facts(case.now)


def _seen(lead: Lead, last: ScoreResult) -> dict[str, Any]:
    """Return what the last score saw; a lead that arrives is judged before it enters its first stage."""
    rows = StageSpell.rows().filter(lead=lead, started_at__lte=last.scored_at).select_related("stage")
    spell = rows.order_by("-started_at", "-id").first()
    return {**last.facts, "stage": spell.stage.key if spell else last.facts.get("stage")}


def _take(
    case: Case,
    lead: Lead,
    seen: Mapping[str, Any],
    score: ScoreVerdict,
    known: Mapping[str, Any],
    messages: Told,
    cause: str,
) -> None:
    """Keep the score with its lead and its history, then route where a trigger fires."""
    event_id = new_id()
    keep_score(
        lead,
        score,
        version=case.versions.get("scoring"),
        facts=known,
        now=case.now,
        heard=messages.heard,
        cause=cause,
    )
    with acting_as_system():
        save_lead(lead, ("fit", "intent", "band"))
    was = seen.get("fit", lead.fit), seen.get("intent", lead.intent)
    if was != (lead.fit, lead.intent):
        sentence = f"Scored anew: fit {was[0]} → {lead.fit}, intent {was[1]} → {lead.intent} ({cause})."
        actor = system_actor(case.organization.id, "scoring")
        tell(lead, kind="scored", sentence=sentence.replace("_", " "), actor=actor, now=case.now, event_id=event_id)
    rules = _rules(case, lead, known)
    found = fired(rules, seen, known, watched_by(case, rules))
    if found:
        route_by_triggers(case, lead, found, known, messages, event_id)
