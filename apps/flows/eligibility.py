"""Look at a lead's eligibility again after something became known: stop its outreach, or let it go on (row QL-13)."""

from datetime import datetime

from apps.exceptions.queries import has_open
from apps.exceptions.terms import ItemType
from apps.flows.exceptional import the_product
from apps.flows.halting import halt_if_ineligible
from apps.flows.release import send_on
from apps.leads.models import Lead

ELIGIBLE_NOW = "What is known now speaks for the service: the lead goes on."


def look_at_eligibility(lead: Lead, now: datetime) -> None:
    """Stop a locked lead whose service is not for the person, or let one go on that only this stopped."""
    was_stopped = has_open(lead, ItemType.INELIGIBLE)
    if halt_if_ineligible(lead, now) or not was_stopped or lead.closed_at is not None:
        return
    send_on(lead, by=the_product(), because=ELIGIBLE_NOW, now=now, stated=("service", "location", "patient_type"))
