"""How a lead may end, as the form of closing shows it: the pipeline's own reasons, outcomes, and what each needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.flows.proofs import endings_in, on_record
from apps.leads.closing import PROOF_WORDS, Proof, tried
from apps.leads.models import Lead

Pairs = Sequence[tuple[str, str]]


def choices_of(lead: Lead) -> dict[str, Pairs]:
    """Return the choices of the form: reasons, outcomes, and why an outcome may be missing."""
    endings = endings_in(lead.pipeline)
    return {
        "reason": [(each.key, each.label) for each in endings.reasons],
        "outcome": [(each.key, each.label) for each in endings.outcomes],
        "missing_data": [(each.key, each.label) for each in endings.missing],
    }


def meanings_of(lead: Lead, now: datetime) -> list[dict[str, Any]]:
    """Return what each reason means in this pipeline, what it needs on record, and how far that is."""
    record, found = on_record(lead, now), []
    for each in endings_in(lead.pipeline).reasons:
        needs = PROOF_WORDS.get(each.needs, "")
        said = _("needs %(proof)s on record") % {"proof": needs} if needs else ""
        is_met = each.needs in record.proven or not needs
        if each.needs is Proof.ATTEMPTS:
            is_met, said = tried(each, record)
        if each.meaning or said or each.is_won:
            tag = _("Won") if each.is_won else ""
            found.append({"label": each.label, "meaning": each.meaning, "needs": said, "is_met": is_met, "tag": tag})
    return found
