"""Reads for the coordinators' pages: which leads, in which order, and the little that rows need beside them.

Lists are read with the same number of queries whether they have one row or fifty.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from apps.accounts.queries import teams_by_id
from apps.catalog.queries import locations_by_key, queues_by_key, services_by_key, sources_by_key
from apps.flows.masking import reads_service
from apps.handoffs.models import Handoff
from apps.leads.models import ContactPoint, Lead, Person, Stage, Task
from apps.leads.queries import status_words
from apps.leads.terms import NO_NEXT_ACTION, SIDE_TASKS, VISIT_OUTCOME, StageKey
from apps.outreach.models import Activity
from apps.outreach.terms import REACHED, ActivityKind
from apps.ownership.queries import visible_leads
from apps.privacy.topic_models import LeadTopic
from apps.privacy.topics import barred_subjects
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import settings_read
from apps.workspace.ordering import ORDERS, Order
from apps.workspace.search import Wanted

PAGE_SIZE = 50
#: How an address names an hour, in UTC.
DUE_HOUR = "%Y-%m-%dT%H"
FILTERS = ("queue", "stage", "status", "service", "location", "source")
#: What a row shows of a lead that is read with it; the names of settings come from memory (`with_names`).
ROW_PARTS = ("person", "contact_person", "owner__user")
ROW_COLUMNS = (
    *("id", "organization", "number", "version", "closed_at", "captured_at", "due_at", "next_action_at", "exception"),
    *("stage", "source", "service", "location", "capture_method", "owner_team", "owner", "attempts", "last_outcome"),
    *("best_time", "band", "timed_status", "owner__user__name", "outcome", "patient_type"),
    *(
        f"{who}__{column}"
        for who in ("person", "contact_person")
        for column in ("organization", "first_name", "last_name", "region", "zone", "zone_by")
    ),
)


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """What a list of open leads is narrowed to and how it is ordered; empty means everything the actor sees.

    `due` is an hour in UTC ("2026-12-01T15"): only leads whose next deadline falls within it.
    """

    view: str = ""
    queue: str = ""
    stage: str = ""
    status: str = ""
    service: str = ""
    location: str = ""
    source: str = ""
    sort: str = ""
    due: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, by name; neither the view nor the order is one of them."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    @property
    def narrowing(self) -> Q:
        """The condition of the filters that are set, without the view's."""
        chosen = self.chosen
        status = chosen.pop("status", "")
        narrowed = Q(**{f"{name}__key": key for name, key in chosen.items()})
        hour = due_hour(self.due)
        if hour is not None:
            narrowed &= Q(due_at__gte=hour, due_at__lt=hour + timedelta(hours=1))
        return narrowed & Q(timed_status=status) if status else narrowed

    @property
    def words(self) -> dict[str, str]:
        """Everything that is set, as it stands in an address."""
        found = {"view": self.view, **self.chosen, "sort": self.sort, "due": self.due}
        return {name: value for name, value in found.items() if value}


def due_hour(text: str) -> datetime | None:
    """Return the start of the hour that an address names; None where it names none."""
    try:
        return datetime.strptime(text, DUE_HOUR).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Choices:
    """The picklists of the queue's filters: key and name."""

    queue: list[tuple[str, str]] = field(default_factory=list)
    stage: list[tuple[str, str]] = field(default_factory=list)
    status: list[tuple[str, str]] = field(default_factory=list)
    service: list[tuple[str, str]] = field(default_factory=list)
    location: list[tuple[str, str]] = field(default_factory=list)
    source: list[tuple[str, str]] = field(default_factory=list)


#: The views of the queue as conditions, in the order of the tabs; each is made when it is asked for.
VIEW_CONDITIONS: dict[str, Callable[[Actor, datetime], Q]] = {
    "": lambda actor, now: Q(),
    "all": lambda actor, now: Q(),
    "new": lambda actor, now: Q(attempts=0, last_activity_at__isnull=True) & ~Q(status="held"),
    "never": lambda actor, now: never_attempted(),
    "mine": lambda actor, now: Q(owner=actor.membership_id) if actor.membership_id else Q(pk__in=[]),
    "unassigned": lambda actor, now: Q(owner__isnull=True),
    "late": lambda actor, now: Q(due_at__lt=now),
    "callbacks": lambda actor, now: Q(attempts__gt=0) & Q(Exists(_calls().filter(lead=OuterRef("id")))),
    "waiting": lambda actor, now: Q(Exists(_replies(now).filter(lead=OuterRef("id")))),
    "scheduled": lambda actor, now: Q(stage__in=_stages_at(StageKey.SCHEDULED)),
    "team": lambda actor, now: Q(owner_team__in=list(actor.team_ids)),
    "held": lambda actor, now: Q(status="held"),
    "exceptions": lambda actor, now: ~Q(exception=""),
    "no_next": lambda actor, now: (
        Q(next_action_at__isnull=True)
        | Q(id__in=Task.rows().filter(state="open", kind=NO_NEXT_ACTION).values("lead_id"))
    ),
}


def view_condition(view: str, actor: Actor, now: datetime, *, over_all: bool = False) -> Q:
    """Return the condition of a view, as a list or as a count `over_all` asks it; a word that names none is ""."""
    return (OVER_ALL if over_all else VIEW_CONDITIONS).get(view, VIEW_CONDITIONS[""])(actor, now)


#: The same, for a count that walks over every open lead: the tasks are read once, and not lead by lead.
OVER_ALL: dict[str, Callable[[Actor, datetime], Q]] = {
    **VIEW_CONDITIONS,
    "callbacks": lambda actor, now: Q(attempts__gt=0, id__in=_calls().values("lead_id")),
    "waiting": lambda actor, now: Q(id__in=_replies(now).values("lead_id")),
}


def never_attempted() -> Q:
    """Return the condition that nobody of ours has tried to reach them, and nobody has talked with them (row TK-11)."""
    talks = Activity.rows().filter(lead=OuterRef("id"), outcome__in=[str(each) for each in REACHED])
    return Q(attempts=0) & ~Q(Exists(talks))


def tried_by_nobody(actor: Actor) -> tuple[QuerySet[Lead], int]:
    """Return the open leads that were never attempted, the longest waiting first, and of how many the actor sees."""
    rows = visible_leads(actor).filter(closed_at__isnull=True, is_test=False)
    waiting = rows.filter(never_attempted()).select_related("stage", "queue", "owner_team", "owner__user")
    return waiting.order_by("captured_at", "id"), rows.count()


def _calls() -> QuerySet[Task]:
    return Task.rows().filter(state="open", channel="call")


def _replies(now: datetime) -> QuerySet[Task]:
    return Task.rows().filter(state="open", due_at__gt=now).exclude(channel="call").exclude(kind__in=SIDE_TASKS)


def _stages_at(key: str) -> list[UUID]:
    return [row.id for row in _settings_by_id()["stage"].values() if row.key == key]


def seen_leads(actor: Actor, wanted: LeadFilter, now: datetime) -> QuerySet[Lead]:
    """Return the open leads of a view that an actor sees, in no order.

    Narrowed by a service it leaves out what is restricted for them: the list would tell what those are about.
    """
    rows = visible_leads(actor).filter(closed_at__isnull=True)
    barred = barred_subjects(actor) if wanted.service else None
    if barred is not None:
        rows = rows.exclude(id__in=barred.values("subject_id"))
    return rows.filter(view_condition(wanted.view, actor, now), wanted.narrowing)


def ids_by_number(actor: Actor, numbers: Iterable[int]) -> dict[int, UUID]:
    """Return the ids of those leads that an actor sees, by the number that people call them by."""
    return dict(
        visible_leads(actor).filter(number__in=[each for each in numbers if each > 0]).values_list("number", "id")
    )


def first_rows(rows: QuerySet[Lead], order: Order, count: int, now: datetime) -> list[Lead]:
    """Return the first leads of a list with all that a row shows.

    The ids are found first, by the leads alone: what belongs to a row is read for the rows of the page, and not
    for every lead that the page is cut from.
    """
    few = order.of(rows).values("id")[:count]
    return with_names(with_tries(order.of(_rows_to_show(Lead.rows().filter(among(few)))), now))


def _rows_to_show(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    return rows.select_related(*ROW_PARTS).only(*ROW_COLUMNS)


def with_names(rows: Iterable[Lead]) -> list[Lead]:
    """Read leads, and give them stage, team, source, service and place from memory.

    They are settings of which a tenant has few: joined, they are sent again with every lead, and the database plans
    a join of ten tables longer than it reads fifty leads.
    """
    leads, known = list(rows), _settings_by_id()
    for lead in leads:
        for name, by_id in known.items():
            found = by_id.get(getattr(lead, f"{name}_id"))
            if found is not None:
                setattr(lead, name, found)
    return leads


@settings_read
def _settings_by_id() -> dict[str, Mapping[UUID, Any]]:
    return {
        "stage": {row.id: row for row in Stage.rows()},
        "owner_team": teams_by_id(),
        "source": {row.id: row for row in sources_by_key().values()},
        "service": {row.id: row for row in services_by_key().values()},
        "location": {row.id: row for row in locations_by_key().values()},
    }


class _IsAnyOf(Func):
    """A value and arrays of values, joined; each array is made once, and then its members are looked up by the index.

    The same asked by `IN` is planned as one more join, and so as a walk over all leads; two of them with OR as well.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def among(*few: QuerySet[Lead, Any]) -> _IsAnyOf:
    """Return the condition that a lead's id is one of those that small queries give."""
    arrays = [ArraySubquery(each) for each in few]
    joined = Func(*arrays, template="%(expressions)s", arg_joiner=" || ", output_field=ArrayField(UUIDField()))
    return _IsAnyOf(F("id"), joined)


def with_tries(rows: QuerySet[Lead], now: datetime) -> QuerySet[Lead]:
    """Count beside each lead how often its person was called or texted since yesterday: `tries`.

    And look ahead whether it may be withheld from anybody, in whole or in part; see `lacking.lacks`.
    """
    tries = Activity.rows().filter(
        lead__person=OuterRef("person"),
        started_at__gte=now - timedelta(days=1),
        direction="outbound",
        kind__in=[ActivityKind.CALL, ActivityKind.TEXT],
    )
    counted = tries.order_by().values("lead__person").annotate(n=Count("id")).values("n")
    return rows.annotate(
        tries=Coalesce(Subquery(counted), 0),
        has_topics=Exists(LeadTopic.rows().filter(subject_id=OuterRef("id"))),
        has_handoffs=Exists(Handoff.rows().filter(lead=OuterRef("id"))),
    )


def by_clock(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Order leads by their deadline, with what a row shows."""
    return ORDERS[""].of(_rows_to_show(rows))


def filter_choices(actor: Actor, now: datetime) -> Choices:
    """Return the picklists of the filters; they are settings, and reach the database only after a change.

    Who does not see what service a lead asks for does not narrow a list by it either: the list would tell.
    """
    found = replace(_choices_of_settings(), status=_named(status_words(now).items()))
    return found if reads_service(actor) else replace(found, service=[])


@settings_read
def _choices_of_settings() -> Choices:
    return Choices(
        queue=_named((row.key, row.name) for row in queues_by_key().values() if row.is_active),
        stage=_named(Stage.rows().filter(is_open=True).order_by("position").values_list("key", "label")),
        service=_named((row.key, row.name) for row in services_by_key().values() if row.is_active),
        location=_named((row.key, row.name) for row in locations_by_key().values()),
        source=_named((row.key, row.name) for row in sources_by_key().values()),
    )


def _named(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    for key, name in pairs:
        first.setdefault(key, name)
    return sorted(first.items(), key=lambda item: item[1].lower())


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


def my_tasks(actor: Actor, until: datetime) -> list[Task]:
    """Return the actor's open tasks due by an instant, and what colleagues ask of their teams, next first."""
    if actor.membership_id is None:
        return []
    own = Q(assignee=actor.membership_id, due_at__lt=until)
    asked = Q(kind__in=SIDE_TASKS) & (
        Q(assignee=actor.membership_id) | Q(assignee__isnull=True, team__in=list(actor.team_ids))
    )
    visits = Q(kind=VISIT_OUTCOME, assignee__isnull=True, team__in=list(actor.team_ids), due_at__lt=until)
    rows = Task.rows().filter(own | asked | visits, state="open")
    return list(rows.select_related("lead__person", "lead__contact_person").order_by("due_at", "id")[:PAGE_SIZE])


def zone_of(organization_id: UUID) -> str:
    """Return the organization's time zone."""
    return current_organization().zone
