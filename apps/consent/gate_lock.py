"""The lock between who stops contact and who sends, so that no message starts after a stop is kept.

Who stops a person's contact shuts the gate before the line is written, until the end of the transaction. A sender
holds it open from before permission is asked until the provider's call has begun. Either comes first: a message that
began before the stop was kept, or none.

People's rows are locked first, then the gate, then leads and messages. A sender never waits for the gate, so it takes
part in no deadlock; the lock of an open gate belongs to the connection, which has to be the database's own (a pooler
that shares connections by transaction cannot keep it).
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Q

from apps.leads.actions import lock_people
from apps.leads.models import ContactPoint, Person
from apps.tenancy.scope import current_organization_id


def shut(person_ids: Iterable[UUID], values: Collection[str] = ()) -> None:
    """Let no message to these people or values begin until this transaction ends.

    Those who hold one of the values are meant too, and whom the people were merged into. Call it before the stop is
    written.
    """
    ids = set(person_ids)
    if values:
        ids.update(ContactPoint.rows().filter(value__in=values).values_list("person_id", flat=True))
    merged = Person.rows().filter(Q(id__in=ids), merged_into__isnull=False)
    ids.update(each for each in merged.values_list("merged_into_id", flat=True) if each)
    if ids or values:
        lock_people(ids)
        _ask("pg_advisory_xact_lock", _keys(current_organization_id(), ids, values))


@contextmanager
def held_open(organization_id: UUID, person_ids: Iterable[UUID], value: str) -> Iterator[bool]:
    """Hold the gate open for a message to a value; gives False where somebody is shutting it.

    Outside of any transaction: it is held across the one that claims the message.
    """
    keys = _keys(organization_id, person_ids, [value])
    answers = _ask("pg_try_advisory_lock_shared", keys)
    held = [key for key, is_got in zip(keys, answers, strict=True) if is_got]
    try:
        yield held == keys
    finally:
        try:
            _ask("pg_advisory_unlock_shared", held)
        except (OperationalError, InterfaceError):
            connection.close()  # The locks go with the connection.


def _keys(organization_id: UUID, person_ids: Iterable[UUID], values: Iterable[str]) -> list[int]:
    """Return the numbers of the locks, in the one order in which everybody takes them."""
    names = {*(f"person {each}" for each in person_ids), *(f"value {each}" for each in values)}
    marks = (blake2b(f"contact gate {organization_id} {name}".encode(), digest_size=8).digest() for name in names)
    return sorted({int.from_bytes(mark, signed=True) for mark in marks})


def _ask(function: str, keys: list[int]) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(key) FROM unnest(%s::bigint[]) AS t(key)", [keys])  # noqa: S608
        return [is_got for (is_got,) in cursor.fetchall()]
