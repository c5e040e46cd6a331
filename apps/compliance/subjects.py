"""From a person to everything of theirs that can be read, and from what was read back to the persons."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from apps.audit.ledger import ids_of_list
from apps.audit.models import AuditEntry
from apps.capture.models import Submission, SubmissionDocument
from apps.chat.models import Chat
from apps.leads.models import Lead, Person, Touch
from apps.outreach.models import Message

#: Kinds of things whose id is a lead's.
OF_LEADS = ("lead", "handoff")
#: Kinds of things whose id is a person's.
OF_PEOPLE = ("person", "consent")


def people_as_one(person_id: UUID) -> set[UUID]:
    """Return a person's ids: their own, and of everybody who was merged with them."""
    root = Person.rows().filter(id=person_id).values_list("merged_into_id", flat=True).first() or person_id
    return {root, person_id, *Person.rows().filter(merged_into_id=root).values_list("id", flat=True)}


def things_of(person_id: UUID) -> frozenset[UUID]:
    """Return the ids of a person and of what is kept of them: leads, what came in, papers, chats, messages."""
    people = people_as_one(person_id)
    leads = set(
        Lead.rows().filter(Q(person_id__in=people) | Q(contact_person_id__in=people)).values_list("id", flat=True)
    )
    arrivals = set(Touch.rows().filter(lead_id__in=leads).values_list("submission_id", flat=True))
    papers = SubmissionDocument.rows().filter(submission_id__in=arrivals).values_list("id", flat=True)
    chats = Chat.rows().filter(submission_id__in=arrivals).values_list("id", flat=True)
    messages = Message.rows().filter(lead_id__in=leads).values_list("id", flat=True)
    return frozenset({*people, *leads, *arrivals, *papers, *chats, *messages})


def ids_shown(entry: AuditEntry) -> list[UUID]:
    """Return the ids of what an entry is about, alone or in a list."""
    if entry.object_id is not None:
        return [entry.object_id]
    return [UUID(each) for each in ids_of_list(entry)]


def leads_shown(entries: Iterable[AuditEntry]) -> dict[UUID, Lead]:
    """Return the leads that entries are about, by the id of what was read: theirs, or of what came in."""
    shown = [(entry.object_type, each) for entry in entries for each in ids_shown(entry)]
    arrived = Submission.rows().filter(id__in={each for kind, each in shown if kind == "submission"})
    written = Message.rows().filter(id__in={each for kind, each in shown if kind == "message"})
    lead_of = {each: each for kind, each in shown if kind in OF_LEADS}
    lead_of |= {arrival: lead for arrival, lead in arrived.values_list("id", "lead_id") if lead is not None}
    lead_of |= dict(written.values_list("id", "lead_id"))
    leads = Lead.rows().only("id", "number", "person_id").in_bulk(list(set(lead_of.values())))
    return {each: leads[lead] for each, lead in lead_of.items() if lead in leads}


def people_shown(entries: Iterable[AuditEntry]) -> tuple[dict[UUID, set[int]], int]:
    """Return whose data entries showed, each person with the numbers of the entries, and how many ids led to nobody.

    What was merged since counts as the person that it is now.
    """
    of_kind: dict[str, dict[UUID, set[int]]] = defaultdict(lambda: defaultdict(set))
    for entry in entries:
        for each in ids_shown(entry):
            of_kind[entry.object_type][each].add(entry.seq)
    found: dict[UUID, set[int]] = defaultdict(set)
    lost = 0
    for kind, seqs in of_kind.items():
        owners = _people_by_id(kind, list(seqs))
        for each, numbers in seqs.items():
            if each in owners:
                found[owners[each]] |= numbers
            else:
                lost += 1
    now = dict(Person.rows().filter(id__in=found, merged_into__isnull=False).values_list("id", "merged_into_id"))
    merged: dict[UUID, set[int]] = defaultdict(set)
    for person_id, numbers in found.items():
        merged[now.get(person_id, person_id)] |= numbers
    return dict(merged), lost


def _people_by_id(kind: str, ids: list[UUID]) -> dict[UUID, UUID]:
    """Return the person behind each id of a kind of thing; what belongs to nobody is left out."""
    if kind in OF_PEOPLE:
        return {each: each for each in Person.rows().filter(id__in=ids).values_list("id", flat=True)}
    if kind in OF_LEADS:
        return dict(Lead.rows().filter(id__in=ids).values_list("id", "person_id"))
    if kind == "message":
        return dict(Message.rows().filter(id__in=ids).values_list("id", "lead__person_id"))
    if kind == "submission":
        return _people_of_arrivals({each: each for each in ids})
    if kind == "document":
        return _people_of_arrivals(
            dict(SubmissionDocument.rows().filter(id__in=ids).values_list("id", "submission_id"))
        )
    if kind == "chat":
        arrived = Chat.rows().filter(id__in=ids).values_list("id", "submission_id")
        return _people_of_arrivals({chat: arrival for chat, arrival in arrived if arrival is not None})
    return {}


def _people_of_arrivals(arrivals: dict[UUID, UUID]) -> dict[UUID, UUID]:
    """Return the person behind each thing, given the arrival that it came with."""
    asked = set(arrivals.values())
    told = Submission.rows().filter(id__in=asked).values_list("id", "person_id")
    people = {arrival: person for arrival, person in told if person is not None}
    people |= dict(Touch.rows().filter(submission_id__in=asked).values_list("submission_id", "lead__person_id"))
    return {each: people[arrival] for each, arrival in arrivals.items() if arrival in people}
