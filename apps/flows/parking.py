"""Leads that ask for what we do not offer: parked with the service that they want, brought up when it opens (QL-15).

A parked lead rests in nurture. Once its service counts and an office takes such a patient, the lead comes up for review
with a dated task, where the person permits a contact; a colleague then lets it go on, or leaves it where it is.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from apps.audit import ledger
from apps.capture.text import fold
from apps.catalog.models import Service
from apps.catalog.queries import locations_by_key, names_of, services_by_key, services_today
from apps.consent.queries import reaches
from apps.exceptions.terms import Decision, ItemType
from apps.flows import exceptional
from apps.flows.channel_mix import first_try
from apps.flows.clashes import lock_unchanged
from apps.flows.criteria import can_schedule
from apps.flows.notes import edit_lead
from apps.flows.release import REPAIR_KINDS, send_on
from apps.flows.stages import move_lead
from apps.flows.verdicts import ASK_AGAIN_AFTER
from apps.leads.actions import close_tasks, lock_lead, lock_people_of_leads, open_task, refresh_next_action, tell
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import live_document
from apps.qualification.actions import park
from apps.qualification.models import ParkedLead
from apps.qualification.parking_models import PARKED
from apps.qualification.queries import parked
from apps.qualification.terms import Verdict
from apps.qualification.verdicts import Entry
from apps.routing.decisions.providers import ESTABLISHED
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

LONGEST_NAME = 80
BATCH = 200
REVIEW = "review"
REVIEW_WITHIN, LOOK_AGAIN_AFTER = timedelta(days=1), timedelta(hours=1)
#: What is settled by parking a lead: nobody can serve them now.
_SETTLED = (
    *(ItemType.UNAVAILABLE_SERVICE, ItemType.UNMAPPED_VALUE, ItemType.OUTSIDE_COVERAGE, ItemType.NO_RULE),
    *(ItemType.INELIGIBLE, ItemType.PRE_CONTACT_REVIEW),
)


def park_lead(
    *, actor: Actor, lead_id: UUID, wanted: str, reason: str, now: datetime, version: int | None = None
) -> ParkedLead:
    """Let a lead rest until the service it wants opens; what is planned with the person ends.

    Refuses whom a move to nurture refuses, a closed lead, a wish without a name or a reason, and a service that an
    office offers to them today. A lead that is parked already waits for the new wish instead.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"stage": str(StageKey.NURTURE)})
    require_change(actor, lead, ("stage",), now=now, action="lead.park")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    name, service = _as_said_before(wanted.strip()), named(wanted)
    _refuse_gaps(lead, name, service, reason)
    for kind in _SETTLED:
        exceptional.clear(lead, kind, by=actor, reason=reason.strip(), now=now, decision=str(Decision.PARK))
    close_tasks(lead, because="parked", now=now, kinds=REPAIR_KINDS, state="cancelled")
    if lead.stage.key != StageKey.NURTURE:
        why = f"Service not offered: {name}. {reason.strip()}"[:400]
        step = f"Look whether {name} is offered by now"
        entry = Entry(Verdict.NURTURE, why, next_step=step, next_step_at=now + ASK_AGAIN_AFTER)
        lead = move_lead(actor=actor, lead_id=lead.id, to_stage=str(StageKey.NURTURE), reason=why, now=now, said=entry)
    row = park(lead, service=service, wanted=service.name if service else name, reason=reason, by=actor, now=now)
    tell(lead, kind="stage", sentence=f"Parked until {row.wanted} opens: {row.reason}", actor=actor, now=now)
    ledger.record(actor=actor, action="lead.park", object_type="lead", object_id=lead.id, fields=["stage"])
    return row


def named(wanted: str) -> Service | None:
    """Return the service of the catalog that is meant, in use or not; None for what the catalog does not know yet."""
    said = fold(wanted)
    for row in services_by_key().values():
        if said and said in {fold(each) for each in names_of(row)}:
            return row
    return None


def is_open(service: Service, patient_type: str) -> bool:
    """Say whether an available office gives the service to such a patient today."""
    given = service.key in services_today()
    return given and any(can_schedule(service.key, office, patient_type) for office in locations_by_key())


def resurface_parked(now: datetime) -> int:
    """Bring up for review whose service opened and who may be contacted; return how many came up. At most 200 a run.

    Who permits no contact stays parked and is looked at again: a permission may come.
    """
    waiting = ParkedLead.rows().filter(PARKED, resurfaced_at__isnull=True)
    waiting = waiting.filter(Q(looked_at__isnull=True) | Q(looked_at__lte=now - LOOK_AGAIN_AFTER))
    wishes = [each for each in set(waiting.values_list("wanted", flat=True)) if _may_be_open(each)]
    if not wishes:
        return 0
    ids = list(waiting.filter(wanted__in=wishes).order_by("parked_at", "id").values_list("lead_id", flat=True)[:BATCH])
    lock_people_of_leads(ids)
    return sum(_resurface(lock_lead(each), now) for each in ids)


def take_up(*, actor: Actor, lead_id: UUID, now: datetime, version: int | None = None) -> Lead:
    """Let a parked lead go on by the rules, with the service that it waited for.

    Refuses who may not edit the lead, one that is not parked, and a service that is not open to them yet.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"stage": str(StageKey.ROUTED)})
    require_change(actor, lead, ("service", "stage"), now=now, action="lead.take_up")
    row = parked(lead)
    if row is None:
        raise Conflict("This lead is not parked.", code="not_parked")
    service = named(row.wanted)
    if service is None or not is_open(service, lead.patient_type):
        raise Conflict(f"{row.wanted} is not open to them yet.", code="service_not_open")
    if lead.service_id != service.id:
        lead = edit_lead(actor=actor, lead_id=lead.id, changes={"service": service.key}, now=now)
    if lead.stage.key == StageKey.NURTURE:
        because = f"{service.name} is open: the lead goes on."
        send_on(lead, by=actor, because=because, now=now, stated=("service",), wakes=True)
    ledger.record(actor=actor, action="lead.take_up", object_type="lead", object_id=lead.id, fields=["stage"])
    return lock_lead(lead.id)


def parked_among(leads: Iterable[UUID]) -> dict[UUID, ParkedLead]:
    """Return how leads are parked that are, by lead."""
    return {each.lead_id: each for each in ParkedLead.rows().filter(PARKED, lead_id__in=list(leads))}


def _as_said_before(name: str) -> str:
    """Return a wish in the words of those who wait for the same already: one list of them, not two."""
    said = ParkedLead.rows().filter(PARKED).values_list("wanted", flat=True).distinct()
    return next((each for each in said if fold(each) == fold(name)), name)


def _refuse_gaps(lead: Lead, name: str, service: Service | None, reason: str) -> None:
    problems = []
    if not name or len(name) > LONGEST_NAME:
        sentence = f"Name the service that they want, in at most {LONGEST_NAME} letters."
        problems.append(Problem("/wanted", "wanted_missing", sentence))
    if not reason.strip():
        problems.append(Problem("/reason", "reason_missing", "Say why, in a sentence."))
    if service is not None and is_open(service, lead.patient_type):
        sentence = f"{service.name} is offered to them: let the lead go on."
        problems.append(Problem("/wanted", "service_open", sentence))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems), code=problems[0].code)


def _may_be_open(wanted: str) -> bool:
    service = named(wanted)
    return service is not None and is_open(service, ESTABLISHED)


def _resurface(lead: Lead, now: datetime) -> int:
    row = parked(lead)
    service = named(row.wanted) if row is not None else None
    if row is None or service is None or row.resurfaced_at is not None:
        return 0
    row.looked_at, row.service, row.wanted = now, service, service.name[:LONGEST_NAME]
    organization = current_organization()
    found = reaches(lead, now=now, document=live_document("contact", now), default_zone=organization.zone)
    channel = first_try(lead, found, live_document("contact", now), now)
    comes_up = bool(channel) and is_open(service, lead.patient_type) and lead.closed_at is None
    row.resurfaced_at = now if comes_up else None
    row.save(update_fields=["looked_at", "service", "wanted", "resurfaced_at"])
    if not comes_up:
        return 0
    actor, event_id = system_actor(organization.id, "sweeper"), new_id()
    title = f"{service.name} is open now: review this parked lead"
    open_task(lead, kind=REVIEW, title=title, due_at=now + REVIEW_WITHIN, now=now, event_id=event_id)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    sentence = f"{service.name} is open now: the lead is up for review."
    tell(lead, kind="stage", sentence=sentence, actor=actor, now=now, event_id=event_id)
    return 1
