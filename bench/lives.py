"""How the first leads of a populated tenant came and went on: calls, visits, intakes and closures, as people do it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.appointments.terms import AppointmentState
from apps.flows.booking import Visit, book_visit, change_visit
from apps.flows.calls import Contact, log_call
from apps.flows.closing import close_lead
from apps.leads.models import Lead
from apps.outreach.terms import ActivityKind, Outcome
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.clock import database_now, travelling
from tests.cast import Tenant
from tests.leads_made import inquiry, send_in

#: Of sixty leads twenty stay open; the others are closed in the end.
SEEDS, OPEN = 240, 3
#: Of twenty leads: so many are tried, reached, booked; the booked ones come, and most complete their intake.
TRIED, REACHED, BOOKED, CAME, COMPLETED = 15, 12, 6, 5, 4
#: Which service at which office is asked for, through which source.
ASKED = (
    ("imaging", "elm-st", "web-imaging"),
    ("imaging", "evanston", "imaging-spring"),
    ("orthopedics", "elm-st", "web-ortho"),
    ("dermatology", "oak-park", "web-derm"),
    ("cardiology", "elm-st", "landing-pages"),
    ("orthopedics", "oak-park", "web-ortho"),
    ("imaging", "elm-st", "imaging-spring"),
    ("cosmetic", "evanston", "web-derm"),
    ("cardiology", "oak-park", "call"),
    ("orthopedics", "evanston", "landing-pages"),
    ("bariatrics", "oak-park", "landing-pages"),
    ("imaging", "evanston", "chat"),
    ("cardiology", "evanston", "referral"),
)
#: What people write into the form; every fourth writes nothing.
WRITTEN = "I hurt my knee last winter and it has not been the same since; may I come in the week after next?"
VISITED = {"dermatology": "oak-park", "bariatrics": "oak-park", "cosmetic": "evanston", "imaging": "evanston"}


def first_leads(tenant: Tenant) -> None:
    """Send the seeds in and let each go on as far as its place in the order says."""
    now = database_now()
    for place in range(SEEDS):
        send_in(tenant, _asked(place), at=now)
    tenant.drain(now)
    with tenant.scope(), travelling(to=now):
        rows = Lead.rows().order_by("number").values_list("id", "service__key")
        for place, (lead_id, service) in enumerate(list(rows)):
            _live_on(tenant, place, lead_id, service, now)
    tenant.drain(now)


def is_left_open(place: int) -> bool:
    """Say whether a seed stays open: every third block of twenty, in every stage that a lead can be in."""
    return place // 20 % OPEN == 0


def _asked(place: int) -> dict[str, Any]:
    service, location, source = ASKED[place % len(ASKED)]
    return inquiry(
        source=source,
        person__first_name=f"Name{place:03}",
        request__service=service,
        request__location=location,
        request__patient_type="established" if place % 7 == 3 else "new",
        request__message=WRITTEN if place % 4 else "",
        request__timeframe=("within_week", "within_month", "flexible")[place % 3],
    )


def _live_on(tenant: Tenant, place: int, lead_id: UUID, service: str, now: Any) -> None:
    actor, step = _owners(tenant, lead_id), place % 20
    if step < TRIED:
        outcome = Outcome.CONNECTED if step < REACHED else Outcome.NO_ANSWER
        contact = Contact(ActivityKind.CALL, outcome, now, next_at=now + timedelta(days=1))
        log_call(actor=actor, lead_id=lead_id, contact=contact, now=now)
    if step < BOOKED:
        visit = Visit(now + timedelta(days=2), location_key=VISITED.get(service, "elm-st"), confirmed_by="patient")
        row = book_visit(actor=actor, lead_id=lead_id, visit=visit, now=now)
        actor = _owners(tenant, lead_id)
        for state in _story(step):
            change_visit(actor=actor, lead_id=lead_id, appointment_id=row.id, state=state, now=now)
    if not is_left_open(place):
        actor, reason = _owners(tenant, lead_id), _reason(step)
        close_lead(actor=actor, lead_id=lead_id, reason=reason, note="As it was", outcome=_outcome(reason), now=now)


def _reason(step: int) -> str:
    if step < COMPLETED:
        return "completed"
    if step < REACHED:
        return "not_interested"
    return "no_response" if step < TRIED else "wrong_contact"


def _outcome(reason: str) -> str:
    return "not_qualified" if reason == "wrong_contact" else reason


def _owners(tenant: Tenant, lead_id: UUID) -> Actor:
    """Return the product acting for the team that owns the lead now."""
    team_id = Lead.rows().filter(id=lead_id).values_list("owner_team_id", flat=True).get()
    return replace(system_actor(tenant.organization_id), team_ids=frozenset({team_id}))


def _story(step: int) -> list[AppointmentState]:
    if step >= CAME:
        return [AppointmentState.NO_SHOW]
    return [AppointmentState.ATTENDED, *([AppointmentState.COMPLETED] if step < COMPLETED else [])]
