"""File people under the keys of their records, so that whoever is alike is found by index alone."""

import hashlib

from django.db import connection

from apps.identity.decisions.blocking import blocking_keys
from apps.identity.decisions.likelihood import portrait_of
from apps.identity.models import MatchKey
from apps.identity.terms import DraftIdentity
from apps.leads.models import Person
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id


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
