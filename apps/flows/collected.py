"""A person answers by a link what their lead lacked: kept once, the exception ends, the lead goes its way (row EX-04).

The answers count as the person's own word, as those of an inquiry do; what a colleague found out meanwhile stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.audit import ledger
from apps.capture.phone import read_phone
from apps.capture.terms import LineKind, PhoneReading, PointValidity
from apps.catalog.combinations import offices_with
from apps.catalog.queries import locations_by_key, offered, services_today
from apps.exceptions.decisions import asked_unbidden
from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.queries import stops_outreach
from apps.exceptions.terms import ASKABLE, SETTLED_BY_LOCATION, TOLD_BY_PERSON, ItemType
from apps.flows import exceptional
from apps.flows.collecting import end_request, missing_of, spoken
from apps.flows.consistency import look_again
from apps.flows.eligibility import look_at_eligibility
from apps.flows.following import note_followed
from apps.flows.inferring import unmark
from apps.flows.parting import PICKED
from apps.flows.release import gaps_left, judged_today, reconsider, send_on
from apps.flows.rerouting import route_anew
from apps.flows.waking import wake
from apps.identity import actions as identity
from apps.identity.seeking import holders_of, lock_values
from apps.leads.actions import lock_lead, lock_people, save_lead, tell
from apps.leads.models import Lead
from apps.leads.terms import ContactValue, PersonSketch
from apps.outreach.decisions import link_standing
from apps.outreach.models import DataRequest
from apps.outreach.terms import LinkStanding, RequestState
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

BECAUSE = "What was missing came by a link: the lead goes on."


@dataclass(frozen=True, slots=True)
class Opened:
    """A request as whoever holds its link may see it: what is left to ask, and whether it is open."""

    request: DataRequest
    lead: Lead
    standing: LinkStanding
    left: tuple[str, ...]


def look_at(request_id: UUID, now: datetime) -> Opened:
    """Return how a request stands; nothing is locked or written."""
    request = DataRequest.rows().get(id=request_id)
    return _opened(request, _lead(request.lead_id), now)


def take_answers(request_id: UUID, values: Mapping[str, str], now: datetime) -> Lead:
    """Keep what the person answered and let their lead go its way; the link serves no more.

    Raises Conflict where the link is not open (any more), Invalid for an answer that is missing or cannot be, such
    as a service that the office does not offer. After commit the new owner's clocks run.
    """
    request, phone = DataRequest.rows().get(id=request_id), _phone(values)
    lead = _locked(request, phone)
    request = locked_request(request_id)
    opened = _opened(request, lead, now)
    if opened.standing is not LinkStanding.LIVE:
        raise Conflict("This link is not open any more.", code=str(opened.standing))
    fresh = {name: values.get(name, "").strip() for name in opened.left}
    _refuse_gaps(lead, fresh, phone)
    actor = by_link()
    _keep(lead, fresh, phone, now)
    end_request(request, RequestState.ANSWERED, now)
    note_followed(request.message_id)
    event_id = new_id()
    sentence = f"Answered by link: {_told(fresh)}."
    tell(lead, kind="answered", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.answer_by_link",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=list(fresh),
        detail={"request": str(request.id)},
    )
    look_again(lead, now=now)
    _let_go(lead, tuple(fresh), actor, event_id, now)
    return lead


def locked_request(request_id: UUID) -> DataRequest:
    """Return a request, locked until the end of the transaction."""
    found: DataRequest = DataRequest.rows().select_for_update(of=("self",)).get(id=request_id)
    return found


def services_to_offer(lead: Lead, location: str = "") -> dict[str, str]:
    """Return the services that a person may choose: that some office offers, or the one they chose; key to name."""
    office = location or (lead.location.key if lead.location else "")
    by_office = offered()
    here = by_office.get(office, frozenset()) if office else frozenset[str]().union(*by_office.values())
    return {key: row.name for key, row in services_today().items() if key in here}


def offices_to_offer(lead: Lead, service: str = "") -> dict[str, str]:
    """Return the offices that a person may choose: those that have their service, or any service; key to words."""
    rows, wanted = locations_by_key(), service or (lead.service.key if lead.service else "")
    return {
        key: name if rows[key].city in name else f"{name}, {rows[key].city}"
        for key, name in offices_with(wanted).items()
        if offered().get(key)
    }


def _let_go(lead: Lead, told: tuple[str, ...], actor: Actor, event_id: UUID, now: datetime) -> None:
    """End the exceptions that lacked this and nothing else; a lead that only waited is sent on, another one routed."""
    left, has_place = set(missing_of(lead)), lead.person.latitude is not None
    for item in list(ExceptionItem.rows().filter(OPEN, lead=lead, type__in=[str(each) for each in TOLD_BY_PERSON])):
        if not left & _lacks(item, left, has_place=has_place):
            exceptional.clear(lead, ItemType(item.type), by=actor, reason=BECAUSE, now=now, decision="answered")
    if lead.hold_reason:
        reconsider(lead.id, now=now)
    elif wake(lead, [each for each in told if each != "phone"], by=actor, now=now):
        return
    elif stops_outreach(lead):
        look_at_eligibility(lead, now)
    elif exceptional.is_interim(lead):
        if not lead.exception:
            _send_on(lead, told, actor, now)
    elif (found := judged_today(lead, now)) is not None:
        case, _validity, facts = found
        route_anew(case, lead, told, facts, event_id)
        look_at_eligibility(lead, now)


def _send_on(lead: Lead, told: tuple[str, ...], actor: Actor, now: datetime) -> None:
    """Let a lead go on that lacks nothing any more; what it still lacks is its next exception."""
    gaps = gaps_left(lead, now)
    for each in gaps:
        exceptional.flag(lead, each.code, detail=each.detail, now=now)
    if not gaps:
        send_on(lead, by=actor, because=BECAUSE, now=now, stated=[each for each in told if each != "phone"])


def _lacks(item: ExceptionItem, left: set[str], *, has_place: bool) -> set[str]:
    """Return the fields that keep an exception open: the one that its cause names, else whatever decides the way."""
    if item.code in SETTLED_BY_LOCATION:
        return {"location"}
    stem = item.code.removesuffix("_missing")
    return {stem} if stem in ASKABLE else set(asked_unbidden(item.code, left, has_place=has_place))


def _keep(lead: Lead, fresh: Mapping[str, str], phone: PhoneReading | None, now: datetime) -> None:
    columns = [name for name in fresh if name != "phone"]
    for name in columns:
        value: Any = PICKED[name]().get(fresh[name]) if name in PICKED else fresh[name]
        setattr(lead, name, value)
    if columns:
        save_lead(lead, columns)
        unmark(lead, columns, by="the person, by link", now=now)
    if "phone" in fresh and phone is not None:
        person = lead.contact_person or lead.person
        sketch = _sketch(lead, phone)
        identity.take_over(person, sketch, holders_of(sketch), said_at=now, now=now)


def _sketch(lead: Lead, phone: PhoneReading) -> PersonSketch:
    person = lead.contact_person or lead.person
    takes_texts = phone.kind is not LineKind.FIXED
    point = ContactValue("phone", phone.e164, phone.e164, str(phone.validity), takes_texts=takes_texts)
    return PersonSketch(
        city=person.city,
        region=person.region,
        postal_code=person.postal_code,
        latitude=person.latitude,
        longitude=person.longitude,
        zone=person.zone or current_organization().zone,
        zone_by=person.zone_by,
        is_test=person.is_test,
        points=(point,),
    )


def _refuse_gaps(lead: Lead, fresh: Mapping[str, str], phone: PhoneReading | None) -> None:
    service = fresh.get("service", "") or (lead.service.key if lead.service else "")
    choices = {
        "service": set(services_to_offer(lead, fresh.get("location", ""))),
        "location": set(offices_to_offer(lead, service)),
        "patient_type": {"new", "established"},
        "preferred_channel": {"call", "text", "email"},
    }
    problems = [
        Problem(f"/{name}", "not_in_picklist", "Choose one of the answers.")
        for name, value in fresh.items()
        if name in choices and value not in choices[name]
    ]
    if "phone" in fresh and (phone is None or phone.validity is PointValidity.INVALID):
        problems.append(Problem("/phone", "phone_invalid", "This number cannot be called."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def _locked(request: DataRequest, phone: PhoneReading | None) -> Lead:
    """Lock people, then a number that was told, then the lead: the order in which the intake does."""
    lead = _lead(request.lead_id)
    if phone is not None and phone.e164:
        lock_people([lead.contact_person_id or lead.person_id])
        lock_values([ContactValue("phone", phone.e164, phone.e164, str(phone.validity))])
    return lock_lead(lead.id)


def _phone(values: Mapping[str, str]) -> PhoneReading | None:
    typed = values.get("phone", "").strip()
    return read_phone(typed, current_organization().region) if typed else None


def _opened(request: DataRequest, lead: Lead, now: datetime) -> Opened:
    missing = set(missing_of(lead))
    left = tuple(each for each in request.asked if each in missing)
    standing = link_standing(
        state=request.state,
        expires_at=request.expires_at,
        missing=left,
        is_closed=lead.closed_at is not None,
        now=now,
    )
    return Opened(request, lead, standing, left)


def _lead(lead_id: UUID) -> Lead:
    found: Lead = Lead.rows().select_related("person", "contact_person", "service", "location").get(id=lead_id)
    return found


def _told(fresh: Mapping[str, str]) -> str:
    said = []
    for name, value in fresh.items():
        row: Any = PICKED[name]().get(value) if name in PICKED else None
        shown = row.name if row is not None else value.replace("_", " ")
        said.append(spoken([name]) if name == "phone" else f"{spoken([name])} {shown}")
    return ", ".join(said)


def by_link() -> Actor:
    """Return as whom a person acts who answers by a link."""
    return system_actor(current_organization_id(), "the person, by link", Door.FORM)
