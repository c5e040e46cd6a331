"""Find the person behind an inquiry, or make one; keep why.

Everything that touches one contact value waits for whoever works on the same value: advisory locks
in one order for all. Ten posts of one person at once become one person, and no two transactions
wait for each other in a circle.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q

from apps.identity.decisions.arrivals import judge_arrival
from apps.identity.decisions.freshness import SAID_FIELDS, hear, with_prior
from apps.identity.decisions.merging import PLACE_FIELDS, PointFact, first_points
from apps.identity.decisions.people import match_person
from apps.identity.filing import file, file_anew, people_sharing_keys
from apps.identity.models import MatchDecision
from apps.identity.names import name_key
from apps.identity.pairs import offer
from apps.identity.queries import kept_apart
from apps.identity.terms import (
    CandidatePerson,
    DraftIdentity,
    LeadVerdict,
    PersonMatch,
    PersonVerdict,
    PriorLead,
)
from apps.leads.models import ContactPoint, Lead, Person
from apps.leads.terms import ContactValue, PersonSketch
from apps.policies.models import RuleSetVersion
from apps.policies.queries import versions_in_force
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert, insert_now

MAX_CANDIDATES = 50
#: People with what they are compared by: text fields, birthday, the rows they were found by, numbers and addresses.
_CANDIDATES = """
    SELECT s.id, jsonb_build_object('first_name', s.first_name, 'last_name', s.last_name,
            'postal_code', s.postal_code, 'city', s.city, 'region', s.region), s.date_of_birth, found.origins,
        coalesce((SELECT jsonb_agg(jsonb_build_array(c.kind, c.value, c.is_shared)) FROM leads_contactpoint c
            WHERE c.organization_id = s.organization_id AND c.person_id = s.id), '[]')
    FROM (SELECT coalesce(p.merged_into_id, p.id) AS id, array_agg(p.id) AS origins, bool_or(p.id = ANY(%s)) AS is_sure
            FROM leads_person p WHERE p.organization_id = %s AND p.id = ANY(%s) AND p.is_test = %s GROUP BY 1) found
    JOIN leads_person s ON s.organization_id = %s AND s.id = found.id
    ORDER BY found.is_sure DESC, s.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """The person taken, the verdict behind it, and whether the person was made just now."""

    person: Person
    verdict: PersonVerdict
    is_new: bool


def lock_values(points: Sequence[ContactValue]) -> None:
    """Wait for every transaction that works on one of these values, then keep others waiting."""
    organization_id = current_organization_id()
    keys = sorted({_lock_key(f"{organization_id}/{point.kind}/{point.value}") for point in points})
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) WITH ORDINALITY AS t(key, n) ORDER BY n",
                [keys],
            )


def find_or_make_person(
    sketch: PersonSketch,
    *,
    known_ids: Mapping[UUID, frozenset[str]],
    said_at: datetime,
    now: datetime,
    besides: UUID | None = None,
) -> Found:
    """Return the person of this sketch: one on file, with what is newer taken over, or a new one.

    `known_ids` maps people to the senders' ids they came under before, `said_at` is when the sketch was told;
    `besides` is somebody of whom a colleague says that it is not them.
    Contact values are locked first. Two people behind one number stay two; the number is marked as shared.
    Whoever is only like somebody on file is paired with them, for people to look at.
    """
    lock_values(sketch.points)
    holders = _holders(sketch)
    version = versions_in_force(now).get("duplicates")
    document = dict(version.document) if version else {}
    sure = set(known_ids) | {row.person_id for row in holders}
    candidates = _candidates(sure, _alike(sketch) - sure, known_ids, is_test=sketch.is_test)
    candidates = [each for each in candidates if each.person_id != besides]
    verdict = match_person(identity_of(sketch), candidates, document)
    if verdict.rivals and (apart := kept_apart((*verdict.rivals, *filter(None, [verdict.person_id])))):
        verdict = match_person(identity_of(sketch), candidates, document, apart=apart)
    if verdict.match is PersonMatch.SAME and verdict.person_id is not None:
        person: Person = Person.rows().select_for_update(no_key=True).get(id=verdict.person_id)
        take_over(person, sketch, holders, said_at=said_at, now=now)
        found = Found(person, verdict, is_new=False)
    else:
        found = Found(_make_person(sketch, holders, said_at, now), verdict, is_new=True)
    offer(found.person.id, verdict.near, version=version, now=now)
    return found


def make_person(sketch: PersonSketch, now: datetime) -> Person:
    """Store a new person with their contact points."""
    return _make_person(sketch, _holders(sketch), now, now)


def _make_person(sketch: PersonSketch, holders: Sequence[ContactPoint], said_at: datetime, now: datetime) -> Person:
    person = Person(
        first_name=sketch.first_name[:100],
        last_name=sketch.last_name[:100],
        name_key=name_key(sketch.first_name, sketch.last_name)[:200],
        is_organization=sketch.is_organization,
        is_test=sketch.is_test,
        date_of_birth=sketch.date_of_birth,
        language=sketch.language[:8],
        city=sketch.city[:100],
        region=sketch.region[:40],
        postal_code=sketch.postal_code[:12],
        latitude=sketch.latitude,
        longitude=sketch.longitude,
        zone=sketch.zone,
        said_at=dict.fromkeys((name for name in SAID_FIELDS if getattr(sketch, name)), said_at.isoformat()),
        created_at=now,
    )
    insert_now([person, *_new_points(person, sketch.points, holders, [], said_at, now)])
    file(person)
    _mark_shared(person, sketch.points, holders)
    return person


def judge(
    *,
    person: Person | None,
    keys: Sequence[str],
    service: str,
    campaign: str,
    party: str,
    at: datetime,
    document: Mapping[str, Any],
) -> LeadVerdict:
    """Say what becomes of an arrival of this person: a new lead, a part of an earlier one, or a link.

    No person stands for one who was not known before, and so has no earlier lead.
    """
    return judge_arrival(
        keys=tuple(keys),
        service=service or None,
        campaign=campaign or None,
        party=party or None,
        at=at,
        priors=prior_leads(person) if person else [],
        document=document,
    )


def prior_leads(person: Person) -> list[PriorLead]:
    """Return the person's leads as the duplicate rules see them, with their latest touch."""
    rows = (
        Lead.rows()
        .filter(person=person)
        .annotate(last_touch=Max("touches__at"), last_party=Max("touches__party__key"))
        .values_list("id", "service__key", "campaign__key", "last_party", "closed_at", "captured_at", "last_touch")
    )
    return [
        PriorLead(lead_id, service, campaign, party, closed_at is None, last_touch or captured_at, closed_at)
        for lead_id, service, campaign, party, closed_at, captured_at, last_touch in rows
    ]


def note_match(
    *,
    submission_id: UUID,
    person: Person,
    lead: Lead,
    found: PersonVerdict,
    verdict: LeadVerdict,
    version: RuleSetVersion | None,
    facts: Mapping[str, Any],
    now: datetime,
) -> MatchDecision:
    """Keep the judgement with its rule, version and facts."""
    row = MatchDecision(
        submission_id=submission_id,
        person=person,
        lead=lead,
        version=version,
        rule_id=verdict.rule_id,
        keys=list(found.keys),
        action=verdict.action,
        verdict=verdict.verdict,
        reason=f"{found.reason} {verdict.reason}".strip()[:400],
        facts=dict(facts),
        near=[{"person": str(each.person_id), "why": each.why} for each in found.near],
        decided_at=now,
    )
    insert(row)
    return row


def identity_of(sketch: PersonSketch) -> DraftIdentity:
    """Return what a sketch says of who somebody is."""
    return DraftIdentity(
        first_name=sketch.first_name,
        last_name=sketch.last_name,
        date_of_birth=sketch.date_of_birth,
        phones=tuple(point.value for point in sketch.points if point.kind == "phone"),
        emails=tuple(point.value for point in sketch.points if point.kind == "email"),
        external_ids=sketch.external_ids,
        postal_code=sketch.postal_code,
        city=sketch.city,
        region=sketch.region,
    )


def _holders(sketch: PersonSketch) -> list[ContactPoint]:
    """Return who is on file with one of these values; whoever was merged away counts through who they became.

    Tests look among tests only, and real people among real ones.
    """
    if not sketch.points:
        return []
    rows = ContactPoint.rows().filter(person__merged_into__isnull=True, person__is_test=sketch.is_test)
    return list(rows.filter(_any_of(sketch.points)))


def _alike(sketch: PersonSketch) -> set[UUID]:
    """Return the newest people who share most of the sketch's keys: parts of a name, a place and a birthday."""
    return set() if sketch.is_organization else people_sharing_keys(identity_of(sketch))


def _candidates(
    sure: set[UUID], alike: set[UUID], known_ids: Mapping[UUID, frozenset[str]], *, is_test: bool
) -> list[CandidatePerson]:
    """Return whom to compare with: all who share a key before those who are only alike.

    Whoever was merged into another person is looked at as that person.
    """
    if not sure and not alike:
        return []
    organization_id = current_organization_id()
    values: list[Any] = [list(sure), organization_id, list(sure | alike), is_test, organization_id, MAX_CANDIDATES]
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, values)
        return [_candidate(*row, known_ids=known_ids) for row in cursor.fetchall()]


def _candidate(
    person_id: UUID,
    texts: str,
    born: date | None,
    origins: Sequence[UUID],
    told: str,
    *,
    known_ids: Mapping[UUID, frozenset[str]],
) -> CandidatePerson:
    points: list[tuple[str, str, bool]] = json.loads(told)
    return CandidatePerson(
        **json.loads(texts),
        person_id=person_id,
        date_of_birth=born,
        phones=frozenset(value for kind, value, _ in points if kind == "phone"),
        emails=frozenset(value for kind, value, _ in points if kind == "email"),
        external_ids=frozenset().union(*(known_ids.get(each, frozenset()) for each in origins)),
        shared_values=frozenset(value for _, value, is_shared in points if is_shared),
    )


def take_over(
    person: Person, sketch: PersonSketch, holders: Sequence[ContactPoint], *, said_at: datetime, now: datetime
) -> None:
    """Take over what is newer, field by field; what gives way is kept as a prior value (row DU-05)."""
    told = {name: str(getattr(sketch, name) or "")[:100] for name in SAID_FIELDS}
    known = {name: str(getattr(person, name) or "") for name in SAID_FIELDS}
    heard = hear(known, told, known_at=said_at_of(person, otherwise=person.created_at), told_at=said_at)
    changed = {"said_at", "prior_values"} if heard else set()
    person.said_at = person.said_at | {each.field: each.said_at.isoformat() for each in heard}
    person.prior_values = with_prior(person.prior_values, heard, now)
    taken = {each.field for each in heard if each.is_taken}
    for name in taken:
        setattr(person, name, getattr(sketch, name))
    if taken & {"postal_code", "city"} or not person.zone:
        for name in PLACE_FIELDS:
            setattr(person, name, getattr(sketch, name))
        changed |= set(PLACE_FIELDS)
    if taken & {"first_name", "last_name"}:
        person.name_key = name_key(person.first_name, person.last_name)[:200]
        changed.add("name_key")
    if changed | taken:
        person.save(update_fields=sorted(changed | taken))
    if taken - {"language"}:
        file_anew(person)
    _take_points(person, sketch.points, holders, said_at, now)


def said_at_of(person: Person, *, otherwise: datetime) -> dict[str, datetime]:
    """Return when each field of a person was last said; what was never noted was said at `otherwise`."""
    noted = person.said_at
    return {name: datetime.fromisoformat(noted[name]) if name in noted else otherwise for name in SAID_FIELDS}


def _take_points(
    person: Person,
    points: Sequence[ContactValue],
    holders: Sequence[ContactPoint],
    said_at: datetime,
    now: datetime,
) -> None:
    """Add new values and let the freshest proven one of each kind come first; none is ever forgotten."""
    mine = list(ContactPoint.rows().filter(person=person))
    told = {(point.kind, point.value) for point in points}
    added = _new_points(person, points, holders, mine, said_at, now)
    again = [row for row in mine if (row.kind, row.value) in told and (row.said_at or row.created_at) < said_at]
    for row in again:
        row.said_at = said_at
    every = [*mine, *added]
    first = first_points(
        [PointFact(str(r.id), r.kind, r.validity, r.verified_at, r.said_at or r.created_at) for r in every]
    )
    kinds = {kind for kind, _value in told}
    turned = [row for row in every if row.kind in kinds and row.is_primary != (str(row.id) in first)]
    for row in turned:
        row.is_primary = not row.is_primary
    ContactPoint.objects.bulk_create(added, ignore_conflicts=True)
    for row in {row.id: row for row in (*again, *turned) if row in mine}.values():
        row.save(update_fields=["said_at", "is_primary"])
    _mark_shared(person, points, holders)


def _mark_shared(person: Person, points: Sequence[ContactValue], holders: Sequence[ContactPoint]) -> None:
    if any(row.person_id != person.id for row in holders):
        ContactPoint.rows().filter(_any_of(points)).update(is_shared=True)


def _new_points(
    person: Person,
    points: Sequence[ContactValue],
    holders: Sequence[ContactPoint],
    mine: Sequence[ContactPoint],
    said_at: datetime,
    now: datetime,
) -> list[ContactPoint]:
    """Return the values that the person does not have; what is known of a value that somebody else has is kept."""
    others = {(row.kind, row.value) for row in holders if row.person_id != person.id}
    textless = {(row.kind, row.value) for row in holders if not row.takes_texts}
    kinds = {row.kind for row in mine if row.is_primary}
    rows: list[ContactPoint] = []
    for point in points:
        if any((row.kind, row.value) == (point.kind, point.value) for row in (*mine, *rows)):
            continue
        rows.append(
            ContactPoint(
                person=person,
                kind=point.kind,
                value=point.value,
                typed=point.typed[:254],
                validity=point.validity,
                is_primary=point.kind not in kinds,
                is_shared=(point.kind, point.value) in others,
                takes_texts=point.takes_texts and (point.kind, point.value) not in textless,
                said_at=said_at,
                created_at=now,
            )
        )
        kinds.add(point.kind)
    return rows


def _any_of(points: Sequence[ContactValue]) -> Q:
    wanted = Q()
    for point in points:
        wanted |= Q(kind=point.kind, value=point.value)
    return wanted


def _lock_key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
