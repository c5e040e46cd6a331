"""How often a lead ended and came back, and what a reopening brings, for its form."""

from typing import Any

from django.utils.translation import gettext as _

from apps.flows.proofs import endings_in
from apps.leads.models import Closure, Lead, Reopening
from apps.workspace.words import Wall, plain


def ends_of(lead: Lead, wall: Wall) -> list[dict[str, Any]]:
    """Return each end and each return of a lead, newest first: when, by whom, why."""
    endings = endings_in(lead.pipeline)
    found = []
    for row in Closure.rows().filter(lead=lead):
        reason = endings.reason(row.reason)
        why = reason.label if reason else plain(row.reason)
        parts = [_("Closed: %(why)s") % {"why": why}, plain(row.outcome or row.missing_data), row.proof]
        found.append((row.closed_at, ", ".join(filter(None, parts)), row.actor_label))
    for back in Reopening.rows().filter(lead=lead):
        found.append((back.reopened_at, _("Reopened: %(why)s") % {"why": back.reason}, back.actor_label))
    ordered = sorted(found, key=lambda each: each[0], reverse=True)
    return [{"at_label": wall.at(at), "sentence": said, "actor": who} for at, said, who in ordered]
