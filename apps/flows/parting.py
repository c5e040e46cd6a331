"""What an arrival leaves behind when it is split off: the lead and the person it was joined to, without it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.capture.terms import Draft
from apps.catalog.queries import locations_by_key, services_by_key
from apps.flows import consistency, inferring
from apps.flows.arrival import open_case, patient_of, submitter_of
from apps.flows.first_steps import answers_of
from apps.identity.decisions.splitting import values_back
from apps.leads.actions import name_in_tasks, save_lead
from apps.leads.models import Lead, Person
from apps.leads.terms import WISHES, PersonSketch
from apps.privacy import details
from apps.routing.models import RoutingDecision

MOST_READ = 20
PICKED: Mapping[str, Callable[[], Mapping[str, Any]]] = {"service": services_by_key, "location": locations_by_key}
#: What an inquiry tells of a lead, by the lead's column, with the draft's own name for it.
TOLD = {
    "service": "service_key",
    "location": "location_key",
    **{name: name for name in WISHES},
}
#: Acts by which a colleague states a lead's values; what they stated stays.
_STATING = ("lead.edit", "lead.clean", "lead.clean_undo")


def other_sketches(person: Person, besides: Submission, now: datetime) -> list[PersonSketch]:
    """Return what a person's other inquiries told of them, as patient or as who asks, newest first."""
    leads = Lead.rows().filter(Q(person=person) | Q(contact_person=person))
    patients = dict(leads.values_list("id", "person_id"))
    found: list[PersonSketch] = []
    for row in inquiries_of(Q(lead_id__in=list(patients)), besides):
        case = open_case(row, now)
        asker = submitter_of(case)
        is_patient = row.lead_id is not None and patients[row.lead_id] == person.id
        found += [patient_of(case)] if is_patient else [asker] if asker is not None else []
    return found


def without(lead: Lead, besides: Submission, told: Draft, *, was_named: str, by: str, now: datetime) -> dict[str, str]:
    """Take from a locked lead what only one of its inquiries told; return each value with what stands now.

    What another inquiry says too, a colleague stated or the route gave stays. The words of the inquiry go as well:
    they are kept for the lead that became of it.
    """
    said = told_of(told)
    others = [told_of(open_case(row, now).draft) for row in inquiries_of(Q(lead_id=lead.id), besides)]
    taken = set(TOLD) - stated_by_colleagues(lead) - routed_location(lead, said["location"])
    known = {name: value_of(lead, name) for name in TOLD}
    back = values_back(known, said, others, taken=taken, laid_aside={})
    for name, value in back.items():
        setattr(lead, name, PICKED[name]().get(value) if name in PICKED else value)
    if back:
        save_lead(lead, back)
        inferring.unmark(lead, back, by=by, now=now)
    if besides.processed_at is not None:
        words = [told.message, told.member_id, answers_of(told)]
        details.drop(subject_id=lead.id, kept_at=besides.processed_at, texts=words)
    name_in_tasks(lead, instead_of=was_named)
    consistency.look_again(lead, now=now)
    return back


def inquiries_of(which: Q, besides: Submission) -> Sequence[Submission]:
    """Return the processed inquiries that a condition names, without one of them, newest first."""
    rows = Submission.rows().filter(which, state="processed").exclude(id=besides.id)
    return list(rows.select_related("source__campaign", "party").order_by("-event_at", "-id")[:MOST_READ])


def told_of(draft: Draft) -> dict[str, str]:
    """Return what an inquiry tells of a lead, by the lead's columns."""
    return {name: str(getattr(draft, column) or "") for name, column in TOLD.items()}


def value_of(lead: Lead, name: str) -> str:
    """Return a lead's value as inquiries tell it: a key where the catalog names it."""
    value: Any = getattr(lead, name)
    return str(value.key if name in PICKED and value is not None else value or "")


def stated_by_colleagues(lead: Lead) -> set[str]:
    """Return what a colleague stated; who hands a lead on may have put its service right."""
    acts = AuditEntry.rows().filter(object_id=lead.id)
    found = {name for fields in acts.filter(action__in=_STATING).values_list("fields", flat=True) for name in fields}
    return found | ({"service"} if acts.filter(action="lead.transfer").exists() else set())


def routed_location(lead: Lead, location_key: str) -> set[str]:
    """Return the location where the route gave it: then it is the lead's own, whoever named it too."""
    verdicts: Iterable[Mapping[str, Any]] = RoutingDecision.rows().filter(lead=lead).values_list("verdict", flat=True)
    is_routed = bool(location_key) and any(each.get("office_key") == location_key for each in verdicts)
    return {"location"} if is_routed else set()
