"""What an inquiry tells of its lead's health, for the rules that say when a lead is PHI (row PH-02)."""

from apps.capture.terms import Draft
from apps.catalog.queries import custom_fields
from apps.catalog.terms import PrivacyClass
from apps.flows import referrals
from apps.flows.arrival import Case
from apps.leads.models import Lead
from apps.privacy.phi import look_at_phi


def look_at_inquiry(case: Case, lead: Lead) -> None:
    """Note that the lead is PHI now, where this inquiry makes it that.

    An answer to a field of the tenant's own that is a PHI identifier does so whatever it says; other answers, like
    the message, where they hold words of health.
    """
    draft = case.draft
    told = {"service": lead.service.key if lead.service else "", "appointment_type": lead.appointment_type}
    told |= {"insurance_member": draft.member_id, "referral": referrals.words_of(draft)}
    told |= {"message": draft.message} | _answers(draft)
    look_at_phi(lead.id, told, triggers=identifiers().keys(), now=case.now)


def identifiers() -> dict[str, str]:
    """Return the tenant's own fields that identify a patient: labels by key."""
    return {key: row.label for key, row in custom_fields().items() if row.privacy == PrivacyClass.PHI}


def _answers(draft: Draft) -> dict[str, str]:
    """Return answers by key; a question that is not named by a key counts as an answer's words."""
    return {each.key: f"{each.question}: {', '.join(each.values)}" for each in draft.answers if any(each.values)}
