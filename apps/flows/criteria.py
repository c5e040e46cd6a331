"""How a lead stands to its criteria today: the facts that they read, live capacity among them, and the evaluation.

The same facts for the checklist on the page, for marketing's target at the arrival and for a person's verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.catalog.queries import closed_to_new, locations_by_key, offered, sources_by_key
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.arrival import facts_of_service
from apps.flows.facts import held_by
from apps.leads.models import ContactPoint, DecisionMaker, Lead
from apps.policies.models import RuleSetVersion
from apps.qualification.criteria import VALID, Evaluation, evaluate
from apps.qualification.queries import criteria_of, verification_of
from apps.routing.decisions.offices import distance_km
from apps.routing.terms import Place

KM_A_MILE = 1.609344


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the lead's own row: consent by channel, validity by kind of contact point, answers.

    `answers` are those of the verification; `has_decider` says that somebody named who decides.
    """

    consent: Mapping[str, str] = field(default_factory=dict)
    validity: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    has_decider: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """An evaluation with the version that it was made by and the facts that it saw."""

    evaluation: Evaluation
    version: RuleSetVersion | None
    facts: Mapping[str, Any]


def look(lead: Lead, beside: Beside, now: datetime) -> Looked:
    """Evaluate a lead by the criteria that count for it now."""
    criteria, version = criteria_of(lead, now)
    facts = facts_for_criteria(lead, beside, now)
    return Looked(evaluate(facts, criteria), version, facts)


def look_at(lead: Lead, now: datetime) -> Looked:
    """Evaluate a lead by what is on record today."""
    return look(lead, beside_of(lead, now), now)


def beside_of(lead: Lead, now: datetime) -> Beside:
    """Read what is known beside the lead's own row."""
    person = lead.contact_person or lead.person
    points = ContactPoint.rows().filter(person=person).order_by("is_primary").values_list("kind", "validity")
    found, states = verification_of(lead), states_of([person.id], now, lead_id=lead.id)[person.id]
    return Beside(
        consent={str(channel): str(state.value) for channel, state in states.items()},
        validity=dict(points),
        answers=found.answers if found is not None else {},
        has_decider=DecisionMaker.rows().filter(lead=lead, ended_at__isnull=True).exists(),
    )


def told_beside(facts: Mapping[str, Any]) -> Beside:
    """Return what an inquiry that comes in tells beside the lead's own row."""
    return Beside(
        consent={str(channel): str(facts.get(f"consent_{channel}", "")) for channel in Channel},
        validity={kind: facts[f"{kind}_validity"] for kind in ("phone", "email") if facts.get(f"{kind}_validity")},
    )


def facts_for_criteria(lead: Lead, beside: Beside, now: datetime) -> dict[str, Any]:
    """Return what a criterion may test. Unknown is None, never a guess."""
    person, age = lead.person, _age(lead, now)
    service = lead.service.key if lead.service else ""
    place = lead.location.key if lead.location else ""
    phone, email = beside.validity.get("phone"), beside.validity.get("email")
    source = sources_by_key().get(lead.source.key)
    facts: dict[str, Any] = {
        **held_by(lead),
        "channel": lead.capture_method,
        "source": lead.source.key,
        "source_type": lead.source.type,
        "party": source.party.key if source is not None and source.party else None,
        "campaign": lead.campaign.key if lead.campaign else None,
        "language": person.language or None,
        "fit": lead.fit,
        "intent": lead.intent,
        "fit_band": lead.band or None,
        "priority": lead.priority,
        "workflow": lead.workflow or None,
        "validity": lead.validity,
        "is_test": lead.is_test,
        "age": age,
        "city": person.city or None,
        "region": person.region or None,
        "postal_code": person.postal_code or None,
        "has_phone": phone is not None,
        "has_email": email is not None,
        "phone_validity": phone,
        "email_validity": email,
        "consent_any": "granted" in beside.consent.values(),
        "referral_status": beside.answers.get("referral_status"),
        "verified_eligibility": beside.answers.get("eligibility"),
        "has_decision_maker": True if beside.has_decider else None,
        "reachable": VALID in (phone, email),
        "can_schedule": can_schedule(service, place, lead.patient_type),
        "miles_to_open_clinic": miles_to_open_clinic(lead, service),
    }
    facts |= facts_of_service(service, age, lead.patient_type)
    return facts | {f"consent_{channel}": state for channel, state in beside.consent.items()}


def can_schedule(service: str, place: str, patient_type: str) -> bool | None:
    """Say whether an office takes such a patient for a service now (row QL-14); None while that is not known."""
    office = locations_by_key().get(place)
    if not service or office is None:
        return None
    if not office.is_available or service not in offered().get(place, ()):
        return False
    if (place, service) not in closed_to_new() or patient_type == "established":
        return True
    return False if patient_type == "new" else None


def miles_to_open_clinic(lead: Lead, service: str) -> float | None:
    """Return how far the person lives from the nearest office that is open and offers the service; None if unknown."""
    person, offers = lead.person, offered()
    if person.latitude is None or person.longitude is None:
        return None
    home = Place(person.latitude, person.longitude)
    miles = [
        distance_km(home, Place(row.latitude, row.longitude)) / KM_A_MILE
        for key, row in locations_by_key().items()
        if row.is_available and (not service or service in offers.get(key, ()))
    ]
    return round(min(miles), 1) if miles else None


def _age(lead: Lead, now: datetime) -> int | None:
    born, today = lead.person.date_of_birth, now.date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
