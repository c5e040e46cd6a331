"""File people under the keys of their records, and find who shares one: a bounded number of index look-ups each."""

import hashlib
from uuid import UUID

from django.db import connection

from apps.identity.decisions.blocking import blocking_keys
from apps.identity.decisions.likelihood import portrait_of
from apps.identity.models import MatchKey
from apps.identity.terms import DraftIdentity
from apps.leads.models import Person
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

#: Of each key the newest so many are looked at; of all, those who share most keys.
NEWEST_OF_A_KEY, MOST_ALIKE = 20, 12

_SHARING = """
    SELECT coalesce(p.merged_into_id, p.id)
    FROM (SELECT t.person_id, count(*) AS shared FROM unnest(%s::bigint[]) AS asked(key)
        CROSS JOIN LATERAL (SELECT m.person_id FROM identity_matchkey m
            WHERE m.organization_id = %s AND m.key = asked.key ORDER BY m.person_id DESC LIMIT %s) t
        GROUP BY t.person_id ORDER BY shared DESC, t.person_id DESC LIMIT %s) found
    JOIN leads_person p ON p.organization_id = %s AND p.id = found.person_id
"""


def keys_of(identity: DraftIdentity) -> list[int]:
    """Return the digests of a record's keys, in order."""
    return sorted(_digest(key) for key in blocking_keys(portrait_of(identity)))


def file(person: Person) -> None:
    """File a new person under the keys of the record; an organization is filed under none."""
    keys = [] if person.is_organization else keys_of(_told_of(person))
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_matchkey (id, organization_id, person_id, key)"
            " SELECT id, %s, %s, key FROM unnest(%s::uuid[], %s::bigint[]) AS t(id, key)",
            [current_organization_id(), person.id, [new_id() for _ in keys], keys],
        )


def file_anew(person: Person) -> None:
    """File a person whose record changed under the keys of today."""
    MatchKey.rows().filter(person=person).delete()
    file(person)


def people_sharing_keys(identity: DraftIdentity) -> set[UUID]:
    """Return the people who share most keys with a record, the newest first; whoever was merged, as the survivor."""
    keys = keys_of(identity)
    if not keys:
        return set()
    organization_id = current_organization_id()
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, [keys, organization_id, NEWEST_OF_A_KEY, MOST_ALIKE, organization_id])
        return {row[0] for row in cursor.fetchall()}


def _told_of(person: Person) -> DraftIdentity:
    return DraftIdentity(
        first_name=person.first_name,
        last_name=person.last_name,
        date_of_birth=person.date_of_birth,
        postal_code=person.postal_code,
        city=person.city,
        region=person.region,
    )


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
