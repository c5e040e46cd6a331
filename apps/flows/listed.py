"""An inquiry of somebody on the do-not-contact list: kept and owned, but held, and nobody answers it (row CN-10)."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from apps.capture.terms import CheckResult, Finding, ValidityState, ValidityVerdict
from apps.consent.models import DoNotContact
from apps.flows.arrival import Case, patient_of, submitter_of
from apps.leads.models import Lead, Person
from apps.tenancy.errors import Conflict

#: Code of the finding, which is the lead's reason to be held, and id of the check that finds it.
LISTED, CHECK = "do_not_contact", "DNC"
_WHO = {"phone": "This phone number", "email": "This e-mail address", "person": "This person"}
_POINTERS = {"phone": "/person/phone", "email": "/person/email", "person": "/person"}
WAITS = "This lead is held: its person is on the do-not-contact list, so nobody contacts them."


def heed_list(case: Case, contact: Person, validity: ValidityVerdict) -> ValidityVerdict:
    """Return a verdict that holds the inquiry where its contact, or a number or address of it, is on the list.

    What is shut out stays so. The list comes first of what holds a lead: no consent mends it.
    """
    if validity.state is ValidityState.EXCLUDED:
        return validity
    entry = _entry_for(case, contact)
    if entry is None:
        return validity
    pointer = _POINTERS[entry.kind] if submitter_of(case) is None else "/person"
    detail = f"{_WHO[entry.kind]} is on the do-not-contact list."
    found = Finding(CHECK, LISTED, detail, CheckResult.HELD, pointer)
    return replace(validity, state=ValidityState.HELD, findings=(found, *validity.findings))


def refuse_listed(lead: Lead) -> None:
    """Raise Conflict for a contact with a lead that is held because of the list."""
    if lead.hold_reason == LISTED:
        raise Conflict(WAITS, code="listed")


def held_by_list(people: Iterable[Person]) -> list[Lead]:
    """Return the open leads of these people that the list holds, oldest first."""
    ids = [each.id for each in people]
    rows = Lead.rows().filter(hold_reason=LISTED, closed_at__isnull=True)
    return list(rows.filter(Q(person__in=ids) | Q(contact_person__in=ids)).order_by("id"))


def _entry_for(case: Case, contact: Person) -> DoNotContact | None:
    """Return the oldest entry against the contact of an inquiry, or a number or address that it names for them."""
    points = (submitter_of(case) or patient_of(case)).points
    same = Person.rows().filter(Q(id=contact.id) | Q(merged_into=contact)).values_list("id", flat=True)
    named = Q(kind="person", value__in=[str(each) for each in same])
    for each in points:
        named |= Q(kind=each.kind, value=each.value)
    return DoNotContact.rows().filter(named, channel="", ended_at__isnull=True).order_by("added_at", "id").first()
