"""What is known of a lead today: the facts that every judgement after its arrival looks at.

Release, re-routing and reopening ask here, so that the same lead on the same day is judged by the same facts.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from apps.capture.models import Submission
from apps.flows import inferring
from apps.flows.arrival import Case, facts_of_service
from apps.leads.models import Lead, Touch

#: The lead's own columns that rules look at, by the same name; service and location stand by their keys.
_COLUMNS = ("patient_type", "timeframe", "payer", "preferred_channel")


class Stands(StrEnum):
    """Whose word stands where the lead and the inquiry say different things."""

    LEAD = "lead"
    INQUIRY = "inquiry"


def facts_today(case: Case, lead: Lead, said: Mapping[str, Any], *, stands: Stands = Stands.LEAD) -> dict[str, Any]:
    """Return what the lead holds together with what an inquiry of it says, as the rules see it now.

    The lead's word stands, which a colleague may have put right. Of a lead that was never routed the inquiry's does,
    but for what the inquiry only implies. What the service says of the person is judged anew.
    """
    held = held_by(lead)
    known = {name: value for name, value in held.items() if value}
    if stands is Stands.INQUIRY:
        known = {name: value for name, value in known.items() if not said.get(name)}
    found = dict(said) | known
    if stands is Stands.INQUIRY:
        found = inferring.yielding(case, found, held)
    service, patient_type = str(found.get("service") or ""), str(found.get("patient_type") or "")
    return found | facts_of_service(service, found.get("age"), patient_type)


def held_by(lead: Lead) -> dict[str, Any]:
    """Return what the lead itself holds of what rules look at, by the names of the facts; unknown is None."""
    place = lead.location.key if lead.location else None
    return {
        "service": lead.service.key if lead.service else None,
        "requested_location": place,
        "location": place,
        "lead_class": lead.lead_class or None,
        **{name: getattr(lead, name) or None for name in _COLUMNS},
    }


def last_inquiry(lead: Lead) -> Submission | None:
    """Return the last inquiry that led to the lead; None for a lead without any."""
    told = Touch.rows().filter(lead=lead).values("submission_id")
    rows = Submission.rows().filter(id__in=told, state="processed").select_related("source__campaign", "party")
    found: Submission | None = rows.order_by("-processed_at", "-id").first()
    return found
