"""Look again at what stops a lead's outreach, after something became known: stop it, or let it go on.

What stops it is a service that is not for the person (row QL-13), or a review before the first contact (row QL-16).
"""

from datetime import datetime

from apps.exceptions.queries import stops_outreach
from apps.flows.exceptional import the_product
from apps.flows.halting import halt_if_ineligible
from apps.flows.precontact import halt_for_review
from apps.flows.release import send_on
from apps.leads.models import Lead

ELIGIBLE_NOW = "What is known now speaks for the service: the lead goes on."


def look_at_eligibility(lead: Lead, now: datetime) -> None:
    """Stop a locked lead whose service is not for the person or whose flow is reviewed first, or let it go on again."""
    was_stopped = stops_outreach(lead)
    if halt_if_ineligible(lead, now) or halt_for_review(lead, now) or not was_stopped or lead.closed_at is not None:
        return
    send_on(lead, by=the_product(), because=ELIGIBLE_NOW, now=now, stated=("service", "location", "patient_type"))
