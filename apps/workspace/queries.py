"""Reads for the coordinators' pages: which leads, in which order, and the little that rows need beside them.

Lists are read with the same number of queries whether they have one row or fifty.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value

from apps.catalog.models import Location, Queue, Service
from apps.flows.leasing import takeable_leads
from apps.leads.models import ContactPoint, Lead, Person, Stage, Task
from apps.leads.terms import NO_NEXT_ACTION
from apps.outreach.models import Activity
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization
from apps.workspace.search import Wanted

PAGE_SIZE = 50
ROW_PARTS = (
    "person",
    "contact_person",
    "stage",
    "owner_team",
    "owner__user",
    "source",
    "service",
    "location",
)


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """What a list of open leads is narrowed to; empty means everything the actor sees."""

    view: str = ""
    queue: str = ""
    stage: str = ""
    service: str = ""
    location: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, by name; the view is not one of them."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "view"}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Choices:
    """The picklists of the queue's filters: key and name."""

    queue: list[tuple[str, str]] = field(default_factory=list)
    stage: list[tuple[str, str]] = field(default_factory=list)
    service: list[tuple[str, str]] = field(default_factory=list)
    location: list[tuple[str, str]] = field(default_factory=list)


def view_conditions(actor: Actor, now: datetime) -> dict[str, Q]:
    """Return the views of the queue as conditions, in the order of the tabs."""
    return {
        "": Q(),
        "team": Q(owner_team__in=list(actor.team_ids)),
        "mine": Q(owner=actor.membership_id) if actor.membership_id else Q(pk__in=[]),
        "unassigned": Q(owner__isnull=True),
        "late": Q(due_at__lt=now),
        "held": Q(status="held"),
        "exceptions": ~Q(exception=""),
        "no_next": Q(next_action_at__isnull=True)
        | Q(id__in=Task.rows().filter(state="open", kind=NO_NEXT_ACTION).values("lead_id")),
    }


def open_leads(actor: Actor, wanted: LeadFilter, now: datetime) -> QuerySet[Lead]:
    """Return the open leads an actor sees, by the clock: earliest deadline first, without one last."""
    rows = visible_leads(actor).filter(closed_at__isnull=True)
    rows = rows.filter(view_conditions(actor, now).get(wanted.view, Q()))
    for name, key in wanted.chosen.items():
        rows = rows.filter(**{f"{name}__key": key})
    return by_clock(rows)


def by_clock(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Order leads by their deadline, with what a row shows."""
    return rows.select_related(*ROW_PARTS).order_by(F("due_at").asc(nulls_last=True), "id")


def view_counts(actor: Actor, now: datetime) -> dict[str, int]:
    """Return how many open leads each view of the queue holds, in one query."""
    rows = visible_leads(actor).filter(closed_at__isnull=True)
    conditions = view_conditions(actor, now)
    counts = {f"n_{key or 'all'}": Count("id", filter=condition) for key, condition in conditions.items()}
    found: dict[str, int] = rows.aggregate(**counts)
    return {key: found[f"n_{key or 'all'}"] for key in conditions}


def filter_choices() -> Choices:
    """Return the picklists of the filters, in one query."""
    parts = [
        model.rows().filter(condition).values_list(Value(kind, output_field=CharField()), "key", name)
        for kind, model, condition, name in (
            ("queue", Queue, Q(is_active=True), "name"),
            ("service", Service, Q(is_active=True), "name"),
            ("location", Location, Q(), "name"),
            ("stage", Stage, Q(is_open=True), "label"),
        )
    ]
    found: dict[str, dict[str, str]] = {}
    for kind, key, name in parts[0].union(*parts[1:]):
        found.setdefault(kind, {}).setdefault(key, name)
    return Choices(**{kind: sorted(names.items(), key=lambda item: item[1].lower()) for kind, names in found.items()})


def found_leads(actor: Actor, wanted: Wanted, *, by_contact: bool) -> QuerySet[Lead]:
    """Return the leads that a search means, closed ones too; by name or number where contact is shown."""
    rows = visible_leads(actor)
    if wanted.number is not None:
        return by_clock(rows.filter(number=wanted.number))
    if not by_contact or not wanted.is_person:
        return by_clock(rows.none())
    people = Person.rows().none()
    if wanted.name:
        people = Person.rows().filter(name_key__contains=wanted.name)
    else:
        kind = "email" if wanted.email else "phone"
        value = Q(value=wanted.email) if wanted.email else Q(value__endswith=wanted.digits)
        points = ContactPoint.rows().filter(value, kind=kind)
        people = Person.rows().filter(id__in=points.values("person_id"))
    ids = people.values("id")
    return by_clock(rows.filter(Q(person__in=ids) | Q(contact_person__in=ids)))


def my_leads(actor: Actor) -> QuerySet[Lead]:
    """Return the open leads that the actor owns, by the clock."""
    rows = visible_leads(actor).filter(closed_at__isnull=True, owner=actor.membership_id)
    return by_clock(rows if actor.membership_id else rows.none())


def next_leads(actor: Actor, now: datetime) -> QuerySet[Lead]:
    """Return what the actor could work on next, with what a row shows."""
    return by_clock(takeable_leads(actor, now))


def my_tasks(actor: Actor, until: datetime) -> list[Task]:
    """Return the actor's open tasks due by an instant, next first."""
    if actor.membership_id is None:
        return []
    rows = Task.rows().filter(assignee=actor.membership_id, state="open", due_at__lt=until)
    return list(rows.select_related("lead__person", "lead__contact_person").order_by("due_at", "id")[:PAGE_SIZE])


def my_numbers(actor: Actor, since: datetime) -> dict[str, Any]:
    """Return the actor's own day: contacts, and how many of them reached somebody; tests are no work."""
    rows = Activity.rows().filter(member=actor.membership_id, started_at__gte=since, lead__is_test=False)
    reached = Q(outcome__in=["connected", "call_back", "declined", "held"])
    found: dict[str, Any] = rows.aggregate(contacts=Count("id"), reached=Count("id", filter=reached))
    return found


def zone_of(organization_id: UUID) -> str:
    """Return the organization's time zone."""
    return current_organization().zone
