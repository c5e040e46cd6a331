"""A sample lead: the whole way it would go under a version of the rules. Reads only; no turn is taken.

The facts are put together as for a lead that arrives. What a sample cannot know is said on the page: it has
no history (duplicates, earlier consent) and people are as available as they are now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.accounts.models import Membership
from apps.capture.places import read_place
from apps.capture.terms import PlaceReading
from apps.capture.text import words_for_rules
from apps.catalog.business_hours import Hours, is_open
from apps.catalog.models import Queue
from apps.catalog.queries import all_hours, is_an_office_open, queues_by_key, sources_by_key, spec_of
from apps.catalog.source_figures import conversion_of
from apps.consent.quiet_hours import next_allowed
from apps.flows.arrival import facts_of_service, owning_queue
from apps.flows.clocks import queue_clock
from apps.flows.signals import place_at, signs_of
from apps.leads.decisions import missing_fields
from apps.leads.terms import StageKey
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document, versions_in_force
from apps.policies.ruling import Ruling
from apps.qualification.actions import judge
from apps.routing.actions import Routed, route
from apps.routing.decisions.turns import next_in_turn
from apps.routing.queries import members_of, opening_of
from apps.routing.terms import Place, RoutingVerdict
from apps.sla.decisions import deadlines, pick_policy
from apps.sla.terms import Deadline
from apps.tenancy.organizations import current_organization

_CHANNELS = ("call", "text", "email")


@dataclass(frozen=True, slots=True)
class Sample:
    """What is assumed of the person and the inquiry. Empty means that it was not said."""

    at: datetime
    source: str
    service: str = ""
    location: str = ""
    patient_type: str = ""
    timeframe: str = ""
    channel: str = "web_form"
    campaign: str = ""
    landing_page: str = ""
    payer: str = ""
    postal_code: str = ""
    party: str = ""
    preferred_channel: str = "call"
    consents: tuple[str, ...] = ()
    message: str = ""
    lead_class: str = "patient"


@dataclass(frozen=True, slots=True)
class Desk:
    """A queue at an instant: open or not, when it opens, who would take a lead and whose turn it is."""

    queue: Queue
    is_open: bool
    opens_at: datetime | None
    available: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]
    next_person: str
    why: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The way of a sample under one version."""

    version: RuleSetVersion | None
    verdict: RoutingVerdict
    desk: Desk
    day_desk: Desk | None
    score: str
    policy: str
    due: tuple[Deadline, ...]
    exception: str


def facts_of_sample(sample: Sample) -> tuple[dict[str, Any], PlaceReading]:
    """Return the facts as the router sees them at arrival, and the place that the ZIP stands for."""
    place = read_place("", "", sample.postal_code, ())
    source = sources_by_key().get(sample.source)
    local = sample.at.astimezone(ZoneInfo(current_organization().zone))
    facts: dict[str, Any] = {
        "service": sample.service or None,
        "requested_location": sample.location or None,
        "location": sample.location or None,
        "patient_type": sample.patient_type or None,
        "timeframe": sample.timeframe or None,
        "channel": sample.channel,
        "source": sample.source or None,
        "source_type": source.type if source else None,
        "source_conversion": conversion_of(sample.source),
        "owning_queue": owning_queue(source, live_document("routing", sample.at)) if source else None,
        "party": sample.party or (source.party.key if source and source.party else None),
        "campaign": sample.campaign or (source.campaign.key if source and source.campaign else None),
        "landing_page": sample.landing_page or None,
        "payer": sample.payer or None,
        "postal_code": sample.postal_code or None,
        "city": place.city or None,
        "region": place.region or None,
        "place_confidence": place.confidence if place.city else None,
        "preferred_channel": sample.preferred_channel or None,
        "lead_class": sample.lead_class,
        "has_phone": True,
        "has_email": True,
        "phone_validity": "valid",
        "email_validity": "valid",
        "consent_any": bool(sample.consents),
        "validity": "valid",
        "is_test": False,
        "is_repeat": False,
        "hour_of_day": local.hour,
        "weekday": f"{local:%A}".lower(),
        "is_open": is_an_office_open(sample.location, sample.at),
        "priority": "P3",
        "stage": StageKey.NEW.value,
    }
    facts |= facts_of_service(sample.service, None, sample.patient_type)
    consents = {f"consent_{each}": "granted" if each in sample.consents else "unknown" for each in _CHANNELS}
    return facts | consents, place


def signs_of_sample(sample: Sample, facts: Mapping[str, Any], place: PlaceReading) -> dict[str, Any]:
    """Return the signs that scoring reads of a sample; nobody has talked with it, and nothing is on record."""
    return signs_of(facts, words_for_rules(sample.message), place=_point(place), now=sample.at)


def _point(place: PlaceReading) -> Place | None:
    return place_at(place.latitude, place.longitude)


def trace(sample: Sample, version: RuleSetVersion | None) -> Trace:
    """Return the way of a sample under a version: layers, queue, people, clocks. Writes nothing."""
    facts, place = facts_of_sample(sample)
    facts |= signs_of_sample(sample, facts, place)
    score = judge({**facts, "message_words": sample.message}, versions_in_force(sample.at).get("scoring"))
    bands = {"fit_band": score.fit.band or None, "intent_band": score.intent.band or None}
    facts |= {"fit": score.fit.total, "intent": score.intent.total, **bands}
    missing = missing_fields(StageKey.ROUTED, facts, live_document("gates", sample.at))
    exception = f"{missing[0]}_missing" if missing else ""
    routed = route(
        {**facts, "message_words": sample.message},
        ruling=Ruling(version),
        place=_point(place),
        now=sample.at,
        exception=exception,
    )
    policy, due = _clocks(sample, facts, routed, place)
    day = queues_by_key().get(routed.verdict.day_queue_key or "")
    points = f"Fit {score.fit.total}{_band(score.fit.band)}, intent {score.intent.total}{_band(score.intent.band)}"
    return Trace(
        version,
        routed.verdict,
        desk_of(routed.queue, sample.at, method=routed.verdict.method, skills=routed.verdict.skills),
        desk_of(day, sample.at, skills=routed.verdict.skills) if day else None,
        points,
        policy,
        due,
        exception,
    )


def desk_of(
    queue: Queue,
    at: datetime,
    *,
    method: str = "",
    skills: Sequence[str] = (),
    hours: Mapping[Any, Hours] | None = None,
) -> Desk:
    """Return how a queue stands at an instant. Availability is that of now: nobody knows the later one."""
    own = (hours or all_hours())[queue.calendar_id]
    members = members_of(queue, at)
    people = Membership.rows().filter(id__in=[each.membership_id for each in members]).select_related("user")
    names = {row.id: row.user.name for row in people}
    turn = next_in_turn(members, skills)
    skipped = dict(turn.skipped)
    shared = (method or queue.method) != "round_robin"
    opens = None if is_open(own, at) else opening_of(queue, at)
    return Desk(
        queue,
        opens is None,
        opens if opens != at else None,
        tuple(sorted(names[each.membership_id] for each in members if each.membership_id not in skipped)),
        tuple(sorted((names[each], why) for each, why in turn.skipped)),
        names.get(turn.membership_id, "") if turn.membership_id and not shared else "",
        "Shared queue: whoever is free takes it" if shared else turn.reason,
    )


def _clocks(
    sample: Sample, facts: Mapping[str, Any], routed: Routed, place: PlaceReading
) -> tuple[str, tuple[Deadline, ...]]:
    """Return the service level and its deadlines; a call waits for the end of the person's quiet hours."""
    verdict = routed.verdict
    place_key = facts["location"] or verdict.office_key
    judged = {**facts, "priority": verdict.priority, "workflow": verdict.workflow or None, "location": place_key}
    source = sources_by_key().get(sample.source)
    usual = spec_of(source).sla_policy if source else ""
    pick = pick_policy(judged, live_document("sla", sample.at), usual=usual)
    starts = sample.at
    if sample.preferred_channel in ("call", "text"):
        local = sample.at.astimezone(ZoneInfo(place.zone or current_organization().zone))
        starts = max(starts, next_allowed(local, live_document("contact", sample.at)) or starts)
    if verdict.batch_at:
        starts = max(starts, datetime.fromisoformat(verdict.batch_at))
    day = queues_by_key()[verdict.day_queue_key or verdict.queue_key]
    hours = all_hours()[day.calendar_id]
    due = list(deadlines(pick.policy, hours, captured_at=sample.at, owned_at=starts)) if pick.policy else []
    turn = next_in_turn(members_of(routed.queue, sample.at), verdict.skills)
    if verdict.method != "round_robin" or turn.membership_id is None:
        due.append(queue_clock(verdict.max_wait_seconds, opening_of(day, starts)))
    return pick.reason, tuple(sorted(due, key=lambda each: each.due_at))


def _band(band: str) -> str:
    return f" ({band})" if band else ""
