"""Everything that is on record of a person, as they get it: fields, consents, messages, contacts, disclosures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from apps.appointments.models import Appointment
from apps.audit import ledger
from apps.audit.asking import Asked, Kind, all_of
from apps.capture.models import SubmissionDocument
from apps.compliance.due import leads_of_person
from apps.compliance.manifests import MOST_ROWS, Table
from apps.compliance.rights_terms import ACCOUNTED_YEARS
from apps.compliance.subjects import people_as_one, things_of
from apps.consent.queries import history
from apps.leads.models import ContactPoint, Lead, Person, TimelineEntry, Touch
from apps.outreach.models import Activity, Message
from apps.privacy import details
from apps.privacy.disclosures import disclosures_of
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization

#: Columns that say nothing of the person: keys of ours, and what colleagues' lists are sorted by.
OURS = frozenset({"organization", "name_key", "lease_until", "version", "is_test", "said_at"})
#: The export that writes its own lines into the register of disclosures.
LISTED = "lead.export"
#: Links of a lead that are told by name.
NAMED = ("stage", "pipeline", "source", "campaign", "service", "location", "queue", "owner_team", "owner")


@dataclass(frozen=True, slots=True)
class Record:
    """What a person gets: the tenant, when it was made, and the tables, each with its head and rows."""

    tenant: str
    made_at: datetime
    whole: bool
    tables: list[Table]


def record_of(*, actor: Actor, person_id: UUID, whole: bool, now: datetime) -> Record:
    """Return the record of a person and of whoever was merged into them; `whole`, or the disclosures alone.

    The read of each lead and of the person is noted, and that of the health details, which takes `health:read`.
    """
    leads = list(leads_of_person(person_id).select_related(*NAMED, "owner__user").order_by("number"))
    fields = ["name", "contact", "consent", "timeline", "message", "disclosures"] if whole else ["disclosures"]
    ledger.record_read(actor=actor, what="person", object_ids=sorted(people_as_one(person_id)), fields=fields)
    ledger.record_read(actor=actor, what="lead", object_ids=[each.id for each in leads], fields=fields)
    tables = [_disclosures(person_id, leads, now)]
    if whole:
        tables = [*_whole(actor, person_id, leads), *tables]
    return Record(current_organization().name, now, whole, tables)


def _whole(actor: Actor, person_id: UUID, leads: list[Lead]) -> list[Table]:
    ids = [each.id for each in leads]
    refs = {each.id: each.ref for each in leads}
    people = Person.rows().filter(id__in=people_as_one(person_id))
    points = ContactPoint.rows().filter(person__in=people).order_by("kind", "-is_primary", "created_at")
    said = [
        (refs[each.id], detail.kind, _cell(detail.created_at), detail.text)
        for each in leads
        for detail in details.read(actor=actor, subject_id=each.id)
    ]
    return [
        Table("person.csv", ("field", "value"), [pair for each in people for pair in _fields(each)]),
        Table(
            "contact_points.csv",
            ("kind", "value", "as typed", "validity", "since"),
            [(each.kind, each.value, each.typed, each.validity, _cell(each.created_at)) for each in points],
        ),
        Table("leads.csv", ("lead", "field", "value"), [(refs[e.id], *pair) for e in leads for pair in _fields(e)]),
        Table("health_and_insurance.csv", ("lead", "kind", "told at", "words"), said),
        _consents(person_id),
        _messages(ids, refs),
        _contacts(ids, refs),
        Table(
            "story.csv",
            ("at", "lead", "what happened", "note"),
            [
                (_cell(each.at), refs[each.lead_id], each.sentence, each.note)
                for each in TimelineEntry.rows().filter(lead_id__in=ids).order_by("at", "id")[:MOST_ROWS]
            ],
        ),
        _visits(ids, refs),
        _documents(ids),
    ]


def _consents(person_id: UUID) -> Table:
    head = ("recorded at", "said at", "channel", "number or address", "purpose", "value", "source", "wording", "reason")
    rows = [
        (
            *(_cell(each.recorded_at), _cell(each.captured_at), each.channel, each.contact_value, each.purpose),
            *(each.value, each.source, each.wording_version, each.reason),
        )
        for each in history(person_id)
    ]
    return Table("consents.csv", head, rows)


def _messages(ids: list[UUID], refs: dict[UUID, str]) -> Table:
    found = Message.rows().filter(lead_id__in=ids).select_related("contact_point").order_by("created_at", "id")
    rows = [
        (
            *(_cell(each.finished_at or each.created_at), refs[each.lead_id], each.channel, each.contact_point.value),
            *(each.state, each.subject, each.body),
        )
        for each in found[:MOST_ROWS]
    ]
    return Table("messages.csv", ("at", "lead", "channel", "to", "state", "subject", "text"), rows)


def _contacts(ids: list[UUID], refs: dict[UUID, str]) -> Table:
    found = Activity.rows().filter(lead_id__in=ids).order_by("started_at", "id")[:MOST_ROWS]
    rows = [
        (
            _cell(e.started_at),
            refs[e.lead_id],
            e.kind,
            e.direction,
            e.outcome,
            e.duration_seconds,
            e.actor_label,
            e.note,
        )
        for e in found
    ]
    return Table("contacts.csv", ("at", "lead", "kind", "direction", "outcome", "seconds", "by", "note"), rows)


def _visits(ids: list[UUID], refs: dict[UUID, str]) -> Table:
    found = Appointment.rows().filter(lead_id__in=ids).select_related("service", "location").order_by("starts_at")
    rows = [(_cell(e.starts_at), refs[e.lead_id], _cell(e.service), _cell(e.location), e.state) for e in found]
    return Table("visits.csv", ("starts at", "lead", "service", "office", "state"), rows)


def _documents(ids: list[UUID]) -> Table:
    arrivals = Touch.rows().filter(lead_id__in=ids).values("submission_id")
    found = SubmissionDocument.rows().filter(submission_id__in=arrivals).order_by("added_at").defer("sealed")
    rows = [(_cell(each.added_at), each.name, each.media_type, each.size_bytes, each.digest) for each in found]
    return Table("documents.csv", ("added at", "name", "type", "bytes", "sha256"), rows)


def _disclosures(person_id: UUID, leads: Iterable[Lead], now: datetime) -> Table:
    """Return to whom what left in the last six years: other systems that were told, and files that were taken out."""
    refs = {each.id: each.ref for each in leads}
    since = now - timedelta(days=366 * ACCOUNTED_YEARS)
    rows = [
        (_cell(each.at), each.recipient, refs.get(each.lead_id, ""), ", ".join(each.fields), each.because, each.outcome)
        for each in disclosures_of(people_as_one(person_id), since=since)
    ]
    exports = all_of(Asked(things=things_of(person_id), since=since, kind=Kind.EXPORT), MOST_ROWS)
    rows += [
        (_cell(each.at), f"{each.actor_label} (file)", "", ", ".join(each.fields), each.action.replace(".", ": "), "")
        for each in exports
        if each.action != LISTED
    ]
    return Table("disclosures.csv", ("at", "to", "lead", "what", "why", "outcome"), sorted(rows))


def _fields(row: Model) -> list[tuple[str, str]]:
    """Return what a row says, field by field; links within our own tables by their names, where they have some."""
    return [
        (str(each.verbose_name), told)
        for each in row._meta.concrete_fields
        if each.name not in OURS and not each.primary_key and (not each.is_relation or each.name in NAMED)
        if (told := _cell(getattr(row, each.name)))
    ]


def _cell(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
