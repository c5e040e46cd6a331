"""Read consent: what holds per channel, and whether contact is allowed now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q

from apps.consent.decisions import current_state, may_contact, tile
from apps.consent.models import ConsentEvent, DoNotContact
from apps.consent.terms import Channel, ConsentState, ConsentTile, ContactVerdict, EventFact
from apps.leads.models import ContactPoint, Lead, Person

POINT_KIND = {Channel.CALL: "phone", Channel.TEXT: "phone", Channel.EMAIL: "email"}


@dataclass(frozen=True, slots=True)
class Reach:
    """One channel of a person: what holds, whether it may be used now, and at which contact point."""

    channel: Channel
    state: ConsentState
    verdict: ContactVerdict
    point: ContactPoint | None

    @property
    def tile(self) -> ConsentTile:
        """The channel as pages show it."""
        return tile(self.state, self.verdict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person whose channels are asked for, with what the lead says of them."""

    person: Person
    best_time: str = ""
    attempts_today: int = 0


def events_of(person_ids: Iterable[UUID]) -> dict[UUID, list[EventFact]]:
    """Return the ledger lines of people, one query for all."""
    found: dict[UUID, list[EventFact]] = {}
    for row in ConsentEvent.rows().filter(person_id__in=list(person_ids)):
        found.setdefault(row.person_id, []).append(
            EventFact(
                row.channel,
                row.purpose,
                row.value,
                row.contact_value,
                row.recorded_at,
                row.captured_at,
                row.source,
                row.reason,
                row.wording_version,
                row.expires_at,
            )
        )
    return found


def states_of(person_ids: Iterable[UUID], at: datetime | None = None) -> dict[UUID, dict[Channel, ConsentState]]:
    """Return what holds for each channel of each person."""
    ids = list(person_ids)
    events = events_of(ids)
    return {each: {channel: current_state(events.get(each, ()), channel, at=at) for channel in Channel} for each in ids}


def reaches(
    lead: Lead,
    *,
    now: datetime,
    document: Mapping[str, Any],
    default_zone: str,
    attempts_today: int = 0,
) -> dict[Channel, Reach]:
    """Return every channel of the person we would contact for a lead, judged now.

    The person is the one who asked, which may not be the patient (row CP-25).
    """
    person = lead.contact_person or lead.person
    return reaches_of(
        person,
        now=now,
        document=document,
        default_zone=default_zone,
        attempts_today=attempts_today,
        best_time=lead.best_time,
    )


def reaches_of(
    person: Person,
    *,
    now: datetime,
    document: Mapping[str, Any],
    default_zone: str,
    attempts_today: int = 0,
    best_time: str = "",
) -> dict[Channel, Reach]:
    """Return every channel of a person, judged now on the person's own clock."""
    found = reaches_of_many(
        [Asked(person, best_time, attempts_today)], now=now, document=document, default_zone=default_zone
    )
    return found[person.id]


def reaches_of_many(
    asked: Iterable[Asked], *, now: datetime, document: Mapping[str, Any], default_zone: str
) -> dict[UUID, dict[Channel, Reach]]:
    """Return every channel of many people, in three queries however many they are; for lists."""
    people = {each.person.id: each for each in asked}
    events = events_of(people)
    points: dict[UUID, list[ContactPoint]] = {each: [] for each in people}
    for row in ContactPoint.rows().filter(person_id__in=list(people)).order_by("-is_primary", "created_at"):
        points[row.person_id].append(row)
    values = [("person", str(each)) for each in people]
    listed = listed_values([*values, *((row.kind, row.value) for rows in points.values() for row in rows)])
    return {
        each: _judge(one, events.get(each, []), points[each], listed, now=now, document=document, zone=default_zone)
        for each, one in people.items()
    }


def _judge(
    asked: Asked,
    events: list[EventFact],
    points: list[ContactPoint],
    listed: set[tuple[str, str]],
    *,
    now: datetime,
    document: Mapping[str, Any],
    zone: str,
) -> dict[Channel, Reach]:
    local = now.astimezone(_zone(asked.person.zone or zone))
    is_listed = ("person", str(asked.person.id)) in listed
    found: dict[Channel, Reach] = {}
    for channel in Channel:
        point = _best_point(points, POINT_KIND[channel])
        value = point.value if point else ""
        state = current_state(events, channel, contact_value=value, at=now)
        verdict = may_contact(
            state=state,
            channel=channel,
            is_listed_dnc=is_listed or (POINT_KIND[channel], value) in listed,
            point_validity=point.validity if point else "",
            local=local,
            document=document,
            attempts_today=asked.attempts_today if channel is not Channel.EMAIL else 0,
            best_time=asked.best_time,
        )
        found[channel] = Reach(channel, state, verdict, point)
    return found


def listed_values(values: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of these (kind, value) pairs are on the do-not-contact list."""
    wanted = Q(pk__in=[])
    for kind, value in values:
        wanted |= Q(kind=kind, value=value)
    rows = DoNotContact.rows().filter(wanted, ended_at__isnull=True)
    return set(rows.values_list("kind", "value"))


def history(person_id: UUID) -> list[ConsentEvent]:
    """Return the ledger lines of a person, newest first."""
    return list(ConsentEvent.rows().filter(person_id=person_id).order_by("-recorded_at", "-id"))


def _best_point(points: list[ContactPoint], kind: str) -> ContactPoint | None:
    same = [row for row in points if row.kind == kind]
    order = {"valid": 0, "unverified": 1, "invalid": 2}
    return min(same, key=lambda row: order[row.validity], default=None)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
