"""What the checks are called, what they mean and how one mends what they find, for pages."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from apps.quality.terms import Check

LABELS: Mapping[str, object] = {
    Check.MISSING_REQUIRED: _("Missing required fields"),
    Check.DUPLICATES: _("Duplicates waiting"),
    Check.MISSING_ATTRIBUTION: _("Missing attribution"),
    Check.NO_NEXT_ACTION: _("No next action"),
    Check.INACTIVE_OWNER: _("Inactive owner"),
    Check.OWNER_MISMATCH: _("Owner, queue and tasks differ"),
    Check.STAGE_OWNER: _("Owner is not the stage's"),
    Check.UNMAPPED_VALUE: _("Unmapped value"),
    Check.UNKNOWN_SOURCE: _("Unknown source"),
    Check.INVALID_PHONE: _("No working phone number"),
    Check.STALE_CONTACT: _("Contact data to refresh"),
    Check.CONSENT_EVIDENCE: _("Consent without evidence"),
    Check.DISAGREES: _("Facts that disagree"),
    Check.HELD_LONG: _("Held for more than a day"),
    Check.NO_INQUIRY: _("No inquiry behind the lead"),
}
FIXES: Mapping[str, object] = {
    Check.MISSING_REQUIRED: _("The lead lacks what its stage asks for. Open it: its page says what, with the form."),
    Check.DUPLICATES: _("Two people who may be one. Decide: merge, link or keep apart."),
    Check.MISSING_ATTRIBUTION: _("Nothing says which campaign or page led here. Name the campaign."),
    Check.NO_NEXT_ACTION: _("An open lead nobody plans to do anything about. Plan its next step."),
    Check.INACTIVE_OWNER: _("The owner works here no more. Reassign the lead."),
    Check.OWNER_MISMATCH: _("Transfer the lead to the team that works on it."),
    Check.STAGE_OWNER: _("The ownership policy names another team. Give it the lead, or explain why it is as it is."),
    Check.UNMAPPED_VALUE: _("A word that nobody gave a meaning. Map it, or correct the lead."),
    Check.UNKNOWN_SOURCE: _("The sender named a source that does not exist. Create it, or correct the sender."),
    Check.INVALID_PHONE: _("No number of the person can work. Ask for another one by e-mail."),
    Check.STALE_CONTACT: _("Nobody verified number or address for long. Have them checked again."),
    Check.CONSENT_EVIDENCE: _("A permission that nothing proves. Obtain it anew, with the proof."),
    Check.DISAGREES: _("What we were told disagrees. The lead's page says how; a screening task is open."),
    Check.HELD_LONG: _("Find out what is missing, or close the lead."),
    Check.NO_INQUIRY: _("A lead without any inquiry cannot be explained to anybody. Tell an administrator."),
}
FIELDS: Mapping[str, object] = {
    "location": _("Location"),
    "service": _("Service"),
    "campaign": _("Campaign"),
    "patient_type": _("Patient type"),
    "timeframe": _("Timeframe"),
    "preferred_channel": _("Preferred channel"),
    "appointment_type": _("Appointment type"),
    "part_of_day": _("Part of the day"),
    "best_time": _("Best time"),
    "payer": _("Insurance"),
}
