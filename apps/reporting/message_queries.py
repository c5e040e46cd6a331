"""Reads for what messages came to: those of the period about leads that the reader may see (row TN-17)."""

from dataclasses import dataclass

from apps.flows.message_results import Results, results_by
from apps.outreach.models import Message
from apps.ownership.queries import visible_leads
from apps.reporting.queries import COLUMNS, Wanted
from apps.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class TemplateTally:
    """What the messages of a template came to, by channel."""

    template: str
    channel: str
    results: Results


def message_tallies(actor: Actor, wanted: Wanted) -> list[TemplateTally]:
    """Return what the messages that went in the period came to, by template and channel, most sent first."""
    period = wanted.period
    leads = visible_leads(actor).filter(is_test=False)
    for segment, key in wanted.chosen.items():
        leads = leads.filter(**{f"{COLUMNS[segment]}__key": key})
    sent = Message.rows().filter(
        lead_id__in=leads.values("id"), finished_at__gte=period.starts_at, finished_at__lt=period.ends_at
    )
    found = [
        TemplateTally(name[0], name[1], tally) for name, tally in results_by(sent, ("template_key", "channel")).items()
    ]
    return sorted(found, key=lambda each: (-each.results.sent, each.template, each.channel))
