"""Read consent: what holds per channel, and whether contact is allowed now."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.consent.decisions import current_state, held_for, may_contact, of_lead, rules_for, tile
from apps.consent.digests import digests_of
from apps.consent.in_stage import stage_asked
from apps.consent.models import ConsentEvent, DoNotContact, SetAside
from apps.consent.terms import (
    Channel,
    ConsentState,
    ConsentTile,
    ConsentValue,
    ContactVerdict,
    EventFact,
    InStage,
    Purpose,
    Whereabouts,
    ZoneBy,
)
from apps.consent.whereabouts import whereabouts
from apps.leads.models import ContactPoint, Lead, Person
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import unseal

POINT_KIND = {Channel.CALL: "phone", Channel.TEXT: "phone", Channel.EMAIL: "email"}


@dataclass(frozen=True, slots=True)
class Reach:
    """One channel of a person: what holds, whether it may be used now, and at which contact point."""

    channel: Channel
    state: ConsentState
    verdict: ContactVerdict
    point: ContactPoint | None
    place: Whereabouts

    @property
    def tile(self) -> ConsentTile:
        """The channel as pages show it."""
        return tile(self.state, self.verdict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person whose channels are asked for, with what the lead says of them, if it is asked for one."""

    person: Person
    best_time: str = ""
    attempts_today: int = 0
    purpose: str = Purpose.CARE_INQUIRY
    lead_id: UUID | None = None
    stage: InStage | None = None


def events_of(person_ids: Iterable[UUID]) -> dict[UUID, list[EventFact]]:
    """Return the ledger lines of people and of whoever was merged into them, one query for all."""
    found: dict[UUID, list[EventFact]] = {}
    rows = list(_lines_of(list(person_ids)).exclude(Q(value=ConsentValue.GRANTED) & _is_set_aside()))
    limits = limits_of(rows)
    for row in rows:
        found.setdefault(row.person.merged_into_id or row.person_id, []).append(
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
                limits.get(row.id),
            )
        )
    return found


def limits_of(rows: Iterable[ConsentEvent]) -> dict[UUID, tuple[tuple[UUID, datetime | None], ...]]:
    """Return the leads to which lines are limited, each with its end after the line; only of lines that have some.

    No query where no line is limited. Which lead an inquiry led to, its touch says; until then there is none.
    """
    limited = [row.id for row in rows if row.only_lead_id or row.this_inquiry_only]
    if not limited:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LIMITED, [current_organization_id(), limited])
        found = {line_id: _leads(leads) for line_id, leads in cursor.fetchall()}
    return {line_id: leads for line_id, leads in found.items() if leads is not None}


def states_of(
    person_ids: Iterable[UUID], at: datetime | None = None, *, lead_id: UUID | None = None
) -> dict[UUID, dict[Channel, ConsentState]]:
    """Return what holds for each channel of each person; for a lead, without what is limited to others."""
    ids = list(person_ids)
    events = {each: of_lead(lines, lead_id) for each, lines in events_of(ids).items()}
    return {each: {channel: current_state(events.get(each, ()), channel, at=at) for channel in Channel} for each in ids}


def states_of_leads(leads: Iterable[Lead], at: datetime) -> dict[UUID, dict[Channel, ConsentState]]:
    """Return what holds for each lead and channel of whom we contact for it, without what is limited to others."""
    people = {lead.id: lead.contact_person_id or lead.person_id for lead in leads}
    events, found = events_of(set(people.values())), {}
    for lead_id, person_id in people.items():
        lines = of_lead(events.get(person_id, ()), lead_id)
        found[lead_id] = {channel: current_state(lines, channel, at=at) for channel in Channel}
    return found


def reaches(
    lead: Lead,
    *,
    now: datetime,
    document: Mapping[str, Any],
    default_zone: str,
    attempts_today: int = 0,
    purpose: str = Purpose.CARE_INQUIRY,
) -> dict[Channel, Reach]:
    """Return every channel of the person we would contact for a lead, judged now for a purpose.

    The person is the one who asked, which may not be the patient (row CP-25).
    """
    who, stage = lead.contact_person or lead.person, stage_asked(lead, document)
    asked = Asked(who, lead.best_time, attempts_today, purpose, lead.id, stage)
    return reaches_of_many([asked], now=now, document=document, default_zone=default_zone)[lead.id]


def reaches_of(
    person: Person,
    *,
    now: datetime,
    document: Mapping[str, Any],
    default_zone: str,
    attempts_today: int = 0,
    best_time: str = "",
    purpose: str = Purpose.CARE_INQUIRY,
) -> dict[Channel, Reach]:
    """Return every channel of a person, judged now on the person's own clock."""
    found = reaches_of_many(
        [Asked(person, best_time, attempts_today, purpose)], now=now, document=document, default_zone=default_zone
    )
    return found[person.id]


def reaches_of_many(
    asked: Iterable[Asked], *, now: datetime, document: Mapping[str, Any], default_zone: str
) -> dict[UUID, dict[Channel, Reach]]:
    """Return every channel of many people, in one query however many they are; for lists.

    They are named by their lead where one asks for a lead, since a permission may be limited to it; else by themselves.
    """
    asked = list(asked)
    known = _known_of({each.person.id for each in asked})
    return {
        one.lead_id or one.person.id: _judge(
            one, known.get(one.person.id, _NOBODY), now=now, document=document, zone=default_zone
        )
        for one in asked
    }


@dataclass(frozen=True, slots=True)
class _Known:
    """What is on record of a person: the ledger, the contact points, and what of them is on the list."""

    events: list[EventFact]
    points: list[ContactPoint]
    listed: Mapping[str, datetime]
    is_listed: bool


_NOBODY = _Known([], [], {}, False)
_POINT_TEXTS = ("id", "organization_id", "person_id", "kind", "value", "typed", "validity", "belongs_to")
_POINT_FLAGS = ("is_primary", "is_shared")
_POINT_INSTANTS = ("created_at", "verified_at")


#: The leads to which a line `v` is limited, each with its end after the line: a lead that is taken up again brings no
#: such permission back. NULL where the line is not limited, and where its inquiry has no lead yet.
_LIMITS = """
    CASE WHEN v.only_lead_id IS NOT NULL OR v.this_inquiry_only THEN (
        SELECT json_agg(json_build_array(l.id, coalesce((SELECT min(c.closed_at) FROM leads_closure c
            WHERE c.organization_id = l.organization_id AND c.lead_id = l.id AND c.closed_at >= v.captured_at),
            l.closed_at)))
        FROM leads_lead l WHERE l.organization_id = v.organization_id AND l.id IN (v.only_lead_id,
            (SELECT t.lead_id FROM leads_touch t WHERE t.organization_id = v.organization_id
                AND t.submission_id = v.submission_id AND v.this_inquiry_only))) END
"""

_LIMITED = "SELECT id, LIMITS FROM consent_consentevent v WHERE organization_id = %s AND id = ANY(%s)"
_LIMITED = _LIMITED.replace("LIMITS", _LIMITS)

#: Written out: it is asked for every lead and every page, and building it anew costs more than asking it. Lines of
#: whoever was merged into the person count as theirs, and a refusal among them covers every number (row DU-06). A
#: grant that was another person's word counts no more.
_KNOWN = """
    SELECT p.id,
        (SELECT coalesce(json_agg(e ORDER BY e.recorded_at, e.id), '[]') FROM (
            SELECT id, organization_id, channel, purpose, value, recorded_at, captured_at, source,
                encode(reason_sealed, 'hex') AS reason, wording_version, expires_at, LIMITS AS leads,
                CASE WHEN g.ids IS NOT NULL AND value <> 'granted' THEN '' ELSE contact_value END AS contact_value
            FROM consent_consentevent v WHERE organization_id = p.organization_id AND person_id = ANY(p.id || g.ids)
                AND NOT (value = 'granted' AND EXISTS (SELECT FROM consent_setaside s
                    WHERE s.organization_id = v.organization_id AND s.line_id = v.id))) e),
        (SELECT coalesce(json_agg(c ORDER BY c.is_primary DESC, c.created_at), '[]') FROM (
            SELECT id, organization_id, person_id, kind, value, typed, validity, belongs_to, is_primary, is_shared,
                created_at, verified_at, health_at, health_reason, takes_texts,
                (SELECT max(d.added_at) FROM consent_donotcontact d WHERE d.organization_id = t.organization_id
                    AND d.channel = '' AND d.ended_at IS NULL AND d.kind = t.kind AND d.value = t.value) AS listed_at
            FROM leads_contactpoint t WHERE organization_id = p.organization_id AND person_id = p.id) c),
        EXISTS (SELECT FROM consent_donotcontact d WHERE d.organization_id = p.organization_id
            AND d.ended_at IS NULL AND d.kind = 'person' AND d.value = ANY((p.id || g.ids)::text[]))
    FROM leads_person p CROSS JOIN LATERAL (SELECT array_agg(m.id) AS ids FROM leads_person m
        WHERE m.organization_id = p.organization_id AND m.merged_into_id = p.id) g
    WHERE p.organization_id = %s AND p.id = ANY(%s)
""".replace("LIMITS", _LIMITS)


def _known_of(person_ids: Iterable[UUID]) -> dict[UUID, _Known]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [current_organization_id(), list(person_ids)])
        found = cursor.fetchall()
    return {
        person_id: _Known(
            [_event(each) for each in events],
            [_point(each) for each in points],
            {each["value"]: datetime.fromisoformat(each["listed_at"]) for each in points if each["listed_at"]},
            is_listed,
        )
        for person_id, events, points, is_listed in found
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _event(row: Mapping[str, Any]) -> EventFact:
    return EventFact(
        row["channel"],
        row["purpose"],
        row["value"],
        row["contact_value"],
        datetime.fromisoformat(row["recorded_at"]),
        datetime.fromisoformat(row["captured_at"]),
        row["source"],
        _reason_of(row),
        row["wording_version"],
        _instant(row["expires_at"]),
        _leads(row["leads"]),
    )


def _leads(rows: Any) -> tuple[tuple[UUID, datetime | None], ...] | None:
    """Return leads with their ends as the database tells them: read from JSON already, or as its text."""
    if rows is None:
        return None
    pairs = json.loads(rows) if isinstance(rows, str) else rows
    return tuple((UUID(lead_id), _instant(ended_at)) for lead_id, ended_at in pairs)


def _reason_of(row: Mapping[str, Any]) -> str:
    if not row["reason"]:
        return ""
    place = {"organization_id": UUID(row["organization_id"]), "row_id": UUID(row["id"])}
    return unseal(bytes.fromhex(row["reason"]), column="consent_consentevent.reason_sealed", **place).decode()


def _point(row: Mapping[str, Any]) -> ContactPoint:
    """Return a contact point of a row; the values stand in the order of the model's columns, as Django wants them."""
    names = [*_POINT_TEXTS, *_POINT_FLAGS, *_POINT_INSTANTS, "health_reason", "health_at", "takes_texts"]
    values = [UUID(row[name]) if name.endswith("id") else row[name] for name in _POINT_TEXTS]
    values += [*(row[name] for name in _POINT_FLAGS), *(_instant(row[name]) for name in _POINT_INSTANTS)]
    values += [row["health_reason"], _instant(row["health_at"]), row["takes_texts"]]
    point: ContactPoint = ContactPoint.from_db(DEFAULT_DB_ALIAS, names, values)
    return point


def _judge(
    asked: Asked,
    known: _Known,
    *,
    now: datetime,
    document: Mapping[str, Any],
    zone: str,
) -> dict[Channel, Reach]:
    found: dict[Channel, Reach] = {}
    events = of_lead(known.events, asked.lead_id)
    for channel in Channel:
        point = _best_point(known.points, channel)
        value = point.value if point else ""
        place = place_of(asked.person, value if point and point.kind == "phone" else "")
        local = now.astimezone(local_zone(place, asked.person.zone or zone))
        state = held_for(events, channel, asked.purpose, value, at=now)
        verdict = may_contact(
            state=state,
            channel=channel,
            is_listed_dnc=known.is_listed or _is_barred(known, point, state),
            point_validity=validity_for(point, channel) if point else "",
            local=local,
            document=rules_for(asked.purpose, document),
            attempts_today=asked.attempts_today if channel is not Channel.EMAIL else 0,
            best_time=asked.best_time,
            place=place,
            stage=asked.stage,
        )
        found[channel] = Reach(channel, state, verdict, point, place)
    return found


def _is_barred(known: _Known, point: ContactPoint | None, state: ConsentState) -> bool:
    """Say whether the do-not-contact list bars a number or an address: it stands there, or another one of theirs does.

    A bar on one that is theirs alone holds for what they give later too, until they permit that one in words after the
    bar (row DU-06). A number that serves several people says nothing of their others.
    """
    if point is None or point.value in known.listed:
        return point is not None
    others = [each for each in known.points if each.kind == point.kind and not each.is_shared]
    barred_at = max((known.listed[each.value] for each in others if each.value in known.listed), default=None)
    if barred_at is None:
        return False
    return state.value is not ConsentValue.GRANTED or state.since is None or state.since <= barred_at


def is_listed(kind: str, value: str) -> bool:
    """Say whether a number or an address stands on the do-not-contact list for every channel, whoever has it."""
    wanted = (value, *digests_of(value))
    return DoNotContact.rows().filter(kind=kind, value__in=wanted, channel="", ended_at__isnull=True).exists()


def said_no_by(values: Iterable[str]) -> list[DoNotContact]:
    """Return what was said by these numbers and addresses against a channel and still holds, oldest first."""
    rows = DoNotContact.rows().filter(value__in=list(values), ended_at__isnull=True).exclude(channel="")
    return list(rows.order_by("added_at", "id"))


def history(person_id: UUID) -> list[ConsentEvent]:
    """Return the ledger lines of a person and of whoever was merged into them, newest first."""
    return list(_lines_of([person_id]).order_by("-recorded_at", "-id"))


def _lines_of(person_ids: list[UUID]) -> QuerySet[ConsentEvent]:
    people = Person.rows().filter(Q(id__in=person_ids) | Q(merged_into__in=person_ids)).values("id")
    return ConsentEvent.rows().filter(person_id__in=people).select_related("person")


def lines_of_submission(submission_id: UUID) -> list[ConsentEvent]:
    """Return what the ledger has from an arrival and was not set aside, oldest first."""
    rows = ConsentEvent.rows().filter(submission_id=submission_id).exclude(_is_set_aside()).select_related("person")
    return list(rows.order_by("recorded_at", "id"))


def lines_since(person_id: UUID, at: datetime, *, with_then: bool = False) -> list[ConsentEvent]:
    """Return what was recorded for a person after an instant and was not set aside, oldest first.

    `with_then` asks for what was recorded at that very instant too.
    """
    when = {"recorded_at__gte" if with_then else "recorded_at__gt": at}
    rows = _lines_of([person_id]).filter(**when).exclude(_is_set_aside())
    return list(rows.order_by("recorded_at", "id"))


def _is_set_aside() -> Exists:
    return Exists(SetAside.rows().filter(line=OuterRef("id")))


def validity_for(point: ContactPoint, channel: Channel) -> str:
    """Return a contact point's validity on a channel: a number that takes no texts is unfit for them alone."""
    return "invalid" if channel is Channel.TEXT and not point.takes_texts else str(point.validity)


def _best_point(points: list[ContactPoint], channel: Channel) -> ContactPoint | None:
    same = [row for row in points if row.kind == POINT_KIND[channel]]
    order = {"valid": 0, "unverified": 1, "invalid": 2}
    return min(same, key=lambda row: order[validity_for(row, channel)], default=None)


def place_of(person: Person, number: str) -> Whereabouts:
    """Return where somebody may be who is called at a number (E.164, or "")."""
    return whereabouts(zone=person.zone if person.zone_by == ZoneBy.ZIP else "", region=person.region, number=number)


def local_zone(place: Whereabouts, otherwise: str) -> ZoneInfo:
    """Return the zone in which a person's time is told: theirs, the likeliest, or another where nothing is known."""
    return ZoneInfo(otherwise if place.by is ZoneBy.NOTHING else place.zones[0])
