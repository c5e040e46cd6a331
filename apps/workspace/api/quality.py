"""The quality of a lead as the API shows it to staff (rows VQ-10, VQ-11, VQ-12)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from apps.flows.ageing import is_refresh_due
from apps.flows.gating import completeness_of, facts_known
from apps.leads.models import ContactPoint, Lead


class CompletenessView(BaseModel):
    """How much of what the next stage asks for is known, and what is not."""

    stage: str
    percent: int
    missing: list[str]


class QualityView(BaseModel):
    """100 less what each flag takes; why; how complete; and whether contact data is to be looked at again."""

    score: int
    flags: list[str]
    completeness: CompletenessView | None
    refresh_due: bool


def quality_view(lead: Lead, consent: Mapping[str, str], points: Sequence[ContactPoint], now: datetime) -> QualityView:
    """Return the quality of a lead, from the consent and contact points that were read for the list."""
    validity = {row.kind: row.validity for row in sorted(points, key=lambda row: row.is_primary)}
    facts = facts_known(lead, consented="granted" in consent.values(), validity=validity)
    found = completeness_of(lead, facts, now)
    return QualityView(
        score=lead.quality,
        flags=[str(each["sentence"]) for each in lead.flags],
        completeness=CompletenessView(stage=found.stage, percent=found.percent, missing=list(found.words))
        if found
        else None,
        refresh_due=any(is_refresh_due(each, now) for each in points),
    )
