"""Find who on file an inquiry is from: a bounded number of look-ups, nothing written.

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

from apps.identity.decisions.people import match_person
from apps.identity.filing import keys_of
from apps.identity.queries import kept_apart
from apps.identity.terms import CandidatePerson, DraftIdentity, PersonVerdict
from apps.leads.terms import ContactValue, PersonSketch
from apps.policies.models import RuleSetVersion
from apps.policies.queries import versions_in_force
from apps.tenancy.scope import current_organization_id

MAX_CANDIDATES = 50
#: Of each key the newest so many are looked at; of all, those who share most keys.
NEWEST_OF_A_KEY, MOST_ALIKE = 20, 12
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


#: Whose number or address a value is, among people who were not merged away.
_HOLDERS = """
    SELECT c.person_id, c.kind, c.value, c.takes_texts
    FROM unnest(%s::text[], %s::text[]) AS told(kind, value)
    JOIN leads_contactpoint c ON c.organization_id = %s AND c.kind = told.kind AND c.value = told.value
    JOIN leads_person p ON p.organization_id = c.organization_id AND p.id = c.person_id
    WHERE p.merged_into_id IS NULL AND p.is_test = %s
"""
#: Who shares most keys with a record, the newest first, shaped as holders of no value; whoever was merged, as survivor.
_ALIKE = """
    SELECT coalesce(p.merged_into_id, p.id), '', '', false
    FROM (SELECT t.person_id, count(*) AS shared FROM unnest(%s::bigint[]) AS asked(key)
        CROSS JOIN LATERAL (SELECT m.person_id FROM identity_matchkey m
            WHERE m.organization_id = %s AND m.key = asked.key ORDER BY m.person_id DESC LIMIT %s) t
        GROUP BY t.person_id ORDER BY shared DESC, t.person_id DESC LIMIT %s) found
    JOIN leads_person p ON p.organization_id = %s AND p.id = found.person_id
"""
_HOLDERS_AND_ALIKE = " UNION ALL ".join((_HOLDERS, _ALIKE))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody on file with a contact value of the sketch."""

    person_id: UUID
    kind: str
    value: str
    takes_texts: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """Who on file a sketch is, by which version of the rules, and who holds its contact values."""

    verdict: PersonVerdict
    holders: Sequence[Holder]
    version: RuleSetVersion | None


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


def find_person(
    sketch: PersonSketch, *, known_ids: Mapping[UUID, frozenset[str]], now: datetime, besides: UUID | None = None
) -> Sought:
    """Say who on file this sketch is, and write nothing; its contact values stay locked to the end of the transaction.

    Two of whom people said that they are two stay apart: where both fit alike, neither is taken.
    """
    lock_values(sketch.points)
    holders, alike = seek(sketch)
    version = versions_in_force(now).get("duplicates")
    document = dict(version.document) if version else {}
    sure = set(known_ids) | {row.person_id for row in holders}
    candidates = _candidates(sure, alike - sure, known_ids, is_test=sketch.is_test)
    candidates = [each for each in candidates if each.person_id != besides]
    verdict = match_person(identity_of(sketch), candidates, document)
    if verdict.rivals and (apart := kept_apart((*verdict.rivals, *filter(None, [verdict.person_id])))):
        verdict = match_person(identity_of(sketch), candidates, document, apart=apart)
    return Sought(verdict, holders, version)


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


def seek(sketch: PersonSketch) -> tuple[list[Holder], set[UUID]]:
    """Return who holds a value of the sketch, and the people who share most of its keys: name, place, birthday.

    Nobody is alike to an organization.
    """
    if sketch.is_organization:
        return holders_of(sketch), set()
    organization_id = current_organization_id()
    keys: list[Any] = [keys_of(identity_of(sketch)), organization_id, NEWEST_OF_A_KEY, MOST_ALIKE, organization_id]
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS_AND_ALIKE, [*_values_of_holders(sketch), *keys])
        rows = [Holder(*row) for row in cursor.fetchall()]
    return [row for row in rows if row.kind], {row.person_id for row in rows if not row.kind}


def holders_of(sketch: PersonSketch) -> list[Holder]:
    """Return who is on file with one of these values; whoever was merged away counts through who they became.

    Tests look among tests only, and real people among real ones.
    """
    if not sketch.points:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, _values_of_holders(sketch))
        return [Holder(*row) for row in cursor.fetchall()]


def _values_of_holders(sketch: PersonSketch) -> list[Any]:
    kinds, told = [point.kind for point in sketch.points], [point.value for point in sketch.points]
    return [kinds, told, current_organization_id(), sketch.is_test]


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


def _lock_key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
