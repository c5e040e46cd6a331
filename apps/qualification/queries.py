"""Read criteria and verdicts: what a verdict on a lead may rest on, and what was found out so far."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from apps.accounts.terms import TeamFunction
from apps.leads.models import Lead, Reopening
from apps.leads.terms import FIELD_WORDS, StageKey
from apps.policies.compiling import compiled
from apps.policies.decisions.documents import as_document, as_texts
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document, versions_in_force
from apps.qualification.criteria import CriteriaSet, compile_criteria, fitting_set, set_of_gate, with_words
from apps.qualification.insurance import Insurance, Word, insurance_from
from apps.qualification.intake_document import INTAKE
from apps.qualification.models import (
    ClearanceEvent,
    CoverageAnswer,
    ParkedLead,
    Qualification,
    ReviewEvent,
    ScoreResult,
    Verification,
)
from apps.qualification.parking_models import PARKED
from apps.qualification.precontact import Review, compile_reviews, review_for
from apps.qualification.review_status import ReviewStatus, compile_statuses
from apps.tenancy.organizations import current_organization

#: Who decides in a pipeline whose criteria do not say (row QL-06).
WHO_MAY: dict[str, frozenset[str]] = {
    "patient": frozenset(
        {
            TeamFunction.SDR_CALL,
            TeamFunction.TELE_SALES,
            TeamFunction.INTAKE,
            TeamFunction.SCHEDULING,
            TeamFunction.PATIENT_SERVICES,
            TeamFunction.CLINICAL,
        }
    ),
    "recruitment": frozenset({TeamFunction.RECRUITING}),
    "partnership": frozenset({TeamFunction.PARTNERSHIPS, TeamFunction.ACCOUNT_MANAGEMENT}),
}


def criteria_of(lead: Lead, now: datetime) -> tuple[CriteriaSet, RuleSetVersion | None]:
    """Return the criteria that count for a lead now and their version; without any, what its gate asks for."""
    version = versions_in_force(now).get("criteria")
    usual = WHO_MAY.get(lead.pipeline.key, frozenset())
    called = {
        "service": [str(lead.service)] if lead.service else [],
        "location": [lead.location.name, lead.location.city] if lead.location else [],
    }
    found = fitting_set(compiled(version, compile_criteria), _scope(lead)) if version is not None else None
    if found is not None:
        return replace(with_words(found, called), who_may=found.who_may or usual), version
    names = as_texts(as_document(live_document("gates", now).get("gates")).get(StageKey.QUALIFIED))
    return replace(set_of_gate(names, FIELD_WORDS, called), who_may=usual), None


def has_reviews(now: datetime) -> bool:
    """Say whether any flow is reviewed before the first contact."""
    version = versions_in_force(now).get("criteria")
    return version is not None and bool(compiled(version, compile_reviews))


def review_before_contact(facts: Mapping[str, object], now: datetime) -> Review | None:
    """Return what somebody has to review before a lead with these facts is contacted; None where nobody has to."""
    version = versions_in_force(now).get("criteria")
    return review_for(facts, compiled(version, compile_reviews)) if version is not None else None


def _scope(lead: Lead) -> dict[str, str]:
    return {
        "pipeline": lead.pipeline.key,
        "campaign": lead.campaign.key if lead.campaign else "",
        "service": lead.service.key if lead.service else "",
    }


def parked(lead: Lead) -> ParkedLead | None:
    """Return how a lead is parked; None for one that is not."""
    return ParkedLead.rows().filter(PARKED, lead=lead).first()


def review_statuses(at: datetime) -> tuple[ReviewStatus, ...]:
    """Return the statuses of reviews that the rules in force at an instant name."""
    return compile_statuses(live_document(INTAKE, at))


def reviews_of(lead: Lead) -> list[ReviewEvent]:
    """Return every status of the reviews of a lead, newest first."""
    return list(ReviewEvent.rows().filter(lead=lead).order_by("-recorded_at", "-id"))


def insurance_of(lead: Lead, now: datetime) -> Insurance:
    """Return where the insurance of a lead stands, and every word of it, newest first."""
    answers = CoverageAnswer.rows().filter(lead=lead).order_by("answered_at", "recorded_at")
    steps = ClearanceEvent.rows().filter(lead=lead).order_by("recorded_at", "id")
    today = now.astimezone(ZoneInfo(current_organization().zone)).date()
    return insurance_from(
        [_answered(each) for each in answers], [word_of_step(each) for each in steps], lead.payer, today
    )


def _answered(row: CoverageAnswer) -> Word:
    day = row.answered_at.astimezone(ZoneInfo(current_organization().zone)).date()
    said = Word("insurer", row.answer, row.actor_label, row.recorded_at, day)
    return replace(said, payer=row.payer, plan=row.plan, reference=row.reference)


def word_of_step(row: ClearanceEvent) -> Word:
    """Return what somebody recorded of a step, as it is read."""
    return Word(
        row.step,
        row.status,
        row.actor_label,
        row.recorded_at,
        row.since,
        valid_until=row.valid_until,
        look_again_at=row.look_again_at,
        reference=row.reference,
        note=row.note,
    )


def verification_of(lead: Lead) -> Verification | None:
    """Return what was verified last in the lead's present round; None where nobody asked yet."""
    rows = Verification.rows().filter(lead=lead)
    back = Reopening.rows().filter(lead=lead).order_by("-reopened_at").first()
    if back is not None:
        rows = rows.filter(verified_at__gte=back.reopened_at)
    return rows.order_by("-verified_at", "-id").first()


def latest_score(lead: Lead) -> ScoreResult | None:
    """Return the score that holds."""
    return scores_of(lead).first()


def scores_of(lead: Lead) -> "QuerySet[ScoreResult]":
    """Return every score of a lead, each with the version of the scorecard that made it, newest first."""
    return ScoreResult.rows().filter(lead=lead).select_related("version").order_by("-scored_at", "-id")


def verdicts_of(lead: Lead) -> list[Qualification]:
    """Return the verdicts on a lead, newest first."""
    return list(Qualification.rows().filter(lead=lead).order_by("-decided_at", "-id"))
