"""What is on record of a lead and speaks for fit or intent: coverage, what they did with our messages, a talk."""

from typing import Any

from apps.leads.models import Lead
from apps.outreach.models import Activity, Engagement
from apps.outreach.terms import REACHED, THEIR_DOING, EngagementKind
from apps.qualification.models import CoverageAnswer


def recorded_of(lead: Lead) -> dict[str, Any]:
    """Return the facts on record; a lead that is being opened has none, and nothing is asked."""
    if lead._state.adding:
        return {}
    last = CoverageAnswer.rows().filter(lead=lead).order_by("-answered_at", "-id").first()
    kinds = list(Engagement.rows().filter(lead=lead).values_list("kind", flat=True))
    talks = Activity.rows().filter(lead=lead, outcome__in=[str(each) for each in REACHED])
    first = talks.order_by("started_at").values_list("started_at", flat=True).first()
    waited = None if first is None else max(0, int((first - lead.captured_at).total_seconds()) // 60)
    return {
        "coverage": last.answer if last else None,
        "engaged_times": sum(1 for each in kinds if each in THEIR_DOING),
        "has_replied": EngagementKind.REPLIED in kinds,
        "used_scheduling_link": EngagementKind.SCHEDULING_LINK in kinds,
        "minutes_to_talk": waited,
    }
