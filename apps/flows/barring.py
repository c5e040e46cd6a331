"""Put somebody on the do-not-contact list: from then on nobody contacts them, and what was on its way is stopped."""

from datetime import datetime
from uuid import UUID

from apps.accounts.saving import require_settings, save_row
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.consent.gate_lock import shut
from apps.consent.models import DoNotContact
from apps.consent.terms import Channel
from apps.flows.listed import held_by_list
from apps.flows.opt_out import holders_of, stop_contact
from apps.flows.release import reconsider
from apps.leads.actions import lock_people
from apps.leads.models import Person
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.organizations import current_organization

PERSON, PHONE, EMAIL = "person", "phone", "email"
CHANNELS = {PHONE: (Channel.CALL, Channel.TEXT), EMAIL: (Channel.EMAIL,), PERSON: tuple(Channel)}


def bar(*, actor: Actor, kind: str, typed: str, reason: str, now: datetime) -> DoNotContact:
    """Keep that nobody contacts a number, an address or a person (by id), and stop what is on its way to them.

    A number is kept as E.164 and an address in lower case, as those of people are. The gate is shut first, so that no
    message begins afterwards (row CN-10). Raises Refused for who may not write settings, Invalid for what is neither
    and for what is on the list already.
    """
    require_settings(actor, "donotcontact")
    value = read_value(kind, typed)
    person_ids = [UUID(value)] if kind == PERSON else []
    shut(person_ids, () if person_ids else [value])
    find = {"kind": kind, "value": value, "channel": "", "ended_at": None}
    if DoNotContact.rows().filter(**find).exists():
        raise Invalid("Listed.", (Problem("/value", "taken", "This is on the list already."),))
    also = {"added_by": actor.label, "added_at": now}
    row = save_row(DoNotContact, actor=actor, find=find, values={"reason": reason}, also=also).row
    why = f"on the do-not-contact list: {reason}"
    for person in _people(kind, value):
        stop_contact(person, CHANNELS[kind], actor=actor, reason=why, now=now)
    return row


def lift(*, actor: Actor, row: DoNotContact, now: datetime) -> None:
    """Take an entry off the list; it stays with its end, and leads that only the list held go on.

    Raises Refused for who may not write settings, Conflict for an entry that has ended.
    """
    require_settings(actor, "donotcontact")
    if row.ended_at is not None:
        raise Conflict("This entry has ended already.")
    people = [] if row.channel else _people(row.kind, row.value)
    lock_people([each.id for each in people])
    save_row(DoNotContact, actor=actor, find={"id": row.pk}, values={"ended_at": now})
    for lead in held_by_list(people):
        reconsider(lead.id, now=now)


def _people(kind: str, value: str) -> list[Person]:
    if kind != PERSON:
        return holders_of(CHANNELS[kind][0], value)
    found = Person.rows().filter(id=UUID(value)).select_related("merged_into").first()
    return [found.merged_into or found] if found else []


def read_value(kind: str, typed: str) -> str:
    """Return the value as people have it; raises Invalid for one that nobody could have."""
    text = typed.strip()
    if kind == PHONE:
        found, wrong = read_phone(text, current_organization().region).e164, "This is no phone number."
    elif kind == EMAIL:
        found, wrong = read_email(text).address, "This is no e-mail address."
    else:
        found, wrong = _person(text), "There is no person with this id."
    if not found:
        raise Invalid(wrong, (Problem("/value", "bad_value", wrong),))
    return found


def _person(text: str) -> str:
    try:
        wanted = UUID(text)
    except ValueError:
        return ""
    return str(wanted) if Person.rows().filter(id=wanted).exists() else ""
