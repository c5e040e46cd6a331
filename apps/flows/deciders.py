"""Who decides for the patient: named for a lead, addressed by its tasks where they control the visit (row QL-11)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.flows.clashes import lock_unchanged
from apps.identity import actions as identity
from apps.leads.actions import name_in_tasks, refresh_next_action, save_lead, tell
from apps.leads.models import DecisionMaker, Lead, Person
from apps.leads.terms import ContactValue, Control, PersonSketch
from apps.outreach.actions import cancel_messages
from apps.ownership.queries import lead_to_change, require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.writing import insert


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who decides, as a colleague names them; without a name it is the patient."""

    controls: tuple[Control, ...]
    role: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""


def name_decision_maker(
    *, actor: Actor, lead_id: UUID, decider: Decider, now: datetime, version: int | None = None
) -> Lead:
    """Note who controls the visit, the referral or the enrolment; who was named before for it ends.

    Whoever controls the visit is whom we contact from now on: open tasks are addressed to them, what waits for the
    one before is not sent, and permissions are theirs, which a new person has given none of. Refuses closed leads,
    nothing to control, a role that is not said, and a person whom nobody could reach.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("contact_person",), now=now, action="lead.name_decider")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you name who decides.", code="closed")
    points = _points(decider)
    _refuse_gaps(decider, points)
    is_patient = not decider.first_name.strip() and not decider.last_name.strip()
    person = lead.person if is_patient else _person(lead, decider, points, now)
    role = "patient" if is_patient else decider.role.strip()[:30]
    before = DecisionMaker.rows().filter(lead=lead, controls__in=list(decider.controls), ended_at__isnull=True)
    before.update(ended_at=now)
    insert(
        *(
            DecisionMaker(lead=lead, controls=each, person=person, role=role, said_by=actor.label, said_at=now)
            for each in decider.controls
        )
    )
    if Control.SCHEDULING in decider.controls:
        _address(lead, person, role, now)
    what = ", ".join(each.value for each in decider.controls)
    sentence = f"{role.capitalize()} decides on {what}."
    event_id = new_id()
    tell(lead, kind="edit", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.name_decider",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["contact_person"],
        detail={"controls": [each.value for each in decider.controls]},
    )
    return lead


def _address(lead: Lead, person: Person, role: str, now: datetime) -> None:
    """Let contact go to a person: their name in the tasks, no message on its way to somebody else."""
    earlier = lead.contact_person or lead.person
    if earlier.id == person.id:
        return
    is_patient = person.id == lead.person_id
    lead.contact_person = None if is_patient else person
    lead.contact_relation = "" if is_patient else role
    save_lead(lead, ["contact_person", "contact_relation"])
    name_in_tasks(lead, instead_of=str(earlier))
    cancel_messages([lead.id], reason="somebody else decides", now=now, channels=["email", "text"])
    refresh_next_action(lead)


def _person(lead: Lead, decider: Decider, points: tuple[ContactValue, ...], now: datetime) -> Person:
    sketch = PersonSketch(
        first_name=decider.first_name.strip()[:100],
        last_name=decider.last_name.strip()[:100],
        language=lead.person.language,
        zone=lead.person.zone or current_organization().zone,
        points=points,
        is_test=lead.is_test,
    )
    return identity.find_or_make_person(sketch, known_ids={}, said_at=now, now=now, besides=lead.person_id).person


def _points(decider: Decider) -> tuple[ContactValue, ...]:
    found = []
    if decider.phone.strip():
        phone = read_phone(decider.phone, current_organization().region)
        if phone.e164:
            found.append(ContactValue("phone", phone.e164, decider.phone.strip(), str(phone.validity)))
    if decider.email.strip():
        email = read_email(decider.email)
        if email.address:
            found.append(ContactValue("email", email.address, decider.email.strip(), str(email.validity)))
    return tuple(found)


def _refuse_gaps(decider: Decider, points: tuple[ContactValue, ...]) -> None:
    problems = []
    if not decider.controls:
        problems.append(Problem("/controls", "controls_missing", "Say what they decide on."))
    if decider.first_name.strip() or decider.last_name.strip():
        if not decider.role.strip():
            problems.append(Problem("/role", "role_missing", "Say who they are to the patient, such as daughter."))
        if not any(each.validity != "invalid" for each in points):
            problems.append(Problem("/phone", "contact_missing", "Give a number or an address that works."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
