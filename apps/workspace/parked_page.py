"""Parked leads as their page and the API list them: who waits for which service, and who is up for review."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.flows.masking import reads_service
from apps.flows.packages import narrowed, withheld_from
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.qualification.models import ParkedLead
from apps.qualification.parking_models import PARKED
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.workspace.words import name_of

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One parked lead: what it waits for, since when, and since when it is up for review; `name` "" is masked."""

    lead_id: UUID
    ref: str
    name: str
    team: str
    wanted: str
    reason: str
    parked_at: datetime
    resurfaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wish:
    """How many leads wait for a service, and how many of them are up for review."""

    wanted: str
    count: int
    up: int


def wishes(actor: Actor) -> list[Wish]:
    """Return what the leads that the actor sees wait for, those up for review first."""
    if not reads_service(actor):
        return []
    rows = _seen(actor).values_list("wanted").annotate(n=Count("id"), up=Count("id", filter=_UP)).order_by()
    return sorted((Wish(*each) for each in rows), key=lambda each: (-each.up, -each.count, each.wanted))


def parked_rows(actor: Actor, *, wanted: str = "", only_up: bool = False) -> list[ParkedRow]:
    """Return parked leads that the actor sees, up for review first, then the oldest; at most 100."""
    if wanted and not reads_service(actor):
        sentence = _("What service a lead waits for is hidden from your role.")
        raise Refused(sentence, code="masked", action="lead.read", object_type="lead")
    rows = _seen(actor)
    rows = rows.filter(wanted=wanted) if wanted else rows
    rows = rows.filter(_UP) if only_up else rows
    rows = rows.select_related("lead__person", "lead__contact_person", "lead__owner_team")
    found = rows.order_by("resurfaced_at", "parked_at", "id")[:MOST_LISTED]
    withheld = withheld_from(actor, [each.lead_id for each in found])
    return [_row(each, narrowed(actor, withheld.get(each.lead_id, ()))) for each in found]


_UP = Q(resurfaced_at__isnull=False)


def _seen(actor: Actor) -> QuerySet[ParkedLead]:
    return ParkedLead.rows().filter(PARKED, lead__in=visible_leads(actor), lead__is_test=False)


def _row(each: ParkedLead, actor: Actor) -> ParkedRow:
    lead: Lead = each.lead
    return ParkedRow(
        lead.id,
        lead.ref,
        name_of(actor, lead.contact_person or lead.person),
        lead.owner_team.name if lead.owner_team else "",
        each.wanted if reads_service(actor) else _("Hidden from your role"),
        each.reason,
        each.parked_at,
        each.resurfaced_at,
    )
