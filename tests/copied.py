"""Another tenant of the cast by copying the rows of the first: the file's actions take a hundred times as long.

A copy is whole: ids, marks, digests and sealed values are its own, and its audit chain is linked anew.
`tests/onboarding/test_copied_cast.py` holds it against a tenant that the actions made.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.apps import apps
from django.db import connection

from apps.accounts.keys import digest_of as digest_of_key
from apps.accounts.models import Seat, Team, User
from apps.audit.chain import covered_text
from apps.audit.models import AuditEntry, AuditHead
from apps.connectors.addresses import digest_of as digest_of_token
from apps.connectors.models import Connection
from apps.tenancy.models import Address, Counter, Organization, TenantKey, TenantModel, Wakeup
from apps.tenancy.scope import tenant_scope
from apps.tenancy.sealing import seal, unseal
from apps.tenancy.tenant_keys import add_key

# A public id: the last twelve digits are random, so that a mask over them makes another id of the same order.
ID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b"
#: Stands for the number of a group of Django's, which its sequence gives, until a copy is written.
GROUP = r'"group number \d+"'
GROUPS, EMAILS, USER_GROUPS = "auth_group", "account_emailaddress", "accounts_user_groups"
# Rows in another tenant's book of addresses and people, which no tenant scope holds.
SHARED = {
    User._meta.db_table: "id IN (SELECT user_id FROM accounts_seat WHERE organization_id = %s)",
    EMAILS: "user_id IN (SELECT user_id FROM accounts_seat WHERE organization_id = %s)",
    USER_GROUPS: "user_id IN (SELECT user_id FROM accounts_seat WHERE organization_id = %s)",
    GROUPS: "id IN (SELECT group_id FROM accounts_team WHERE organization_id = %s)",
    Seat._meta.db_table: "organization_id = %s",
    Address._meta.db_table: "organization_id = %s",
    Wakeup._meta.db_table: "organization_id = %s",
}
#: The columns that hold the number of a group.
GROUP_COLUMNS = {GROUPS: "id", USER_GROUPS: "group_id", Team._meta.db_table: "group_id"}


class Pattern:
    """A text that is written again and again with other words in the same places; it is read once."""

    def __init__(self, text: str, words: re.Pattern[str]) -> None:
        self._parts = words.split(text)
        self.words = self._parts[1::2]

    def written(self, values: Mapping[str, str]) -> str:
        """Return the text with each word replaced."""
        parts = self._parts.copy()
        parts[1::2] = [values[word] for word in self.words]
        return "".join(parts)


@dataclass(frozen=True)
class Mould:
    """The rows of a tenant as patterns, one a table, and what in them may not be the same twice.

    `chain` has what each entry of the audit ledger covers, first to last, with its hash.
    """

    organization_id: UUID
    mark: str
    keys: dict[str, str]
    tokens: dict[UUID, tuple[str, str]]
    tables: dict[str, Pattern]
    chain: list[tuple[Pattern, str]]
    ids: frozenset[str]
    groups: tuple[str, ...]


def mould_of(organization_id: UUID, mark: str, keys: dict[str, str]) -> Mould:
    """Take the rows of a tenant that was just made."""
    with tenant_scope(organization_id):
        texts = {name: _rows(name, condition, organization_id) for name, condition in _tables()}
        tokens = {
            row.id: (
                unseal(
                    row.sealed_token,
                    organization_id=organization_id,
                    row_id=row.id,
                    column="connectors_connection.sealed_token",
                ).decode(),
                _hex(row),
            )
            for row in Connection.rows()
        }
        entries = [(covered_text(entry), entry.hash) for entry in AuditEntry.rows().order_by("seq")]
    words = [mark, *(digest_of_key(secret) for secret in keys.values()), *(secret[:14] for secret in keys.values())]
    words += [word for token, sealed in tokens.values() for word in (digest_of_token(token), sealed)]
    words += [own for _, own in entries]
    places = re.compile(f"({'|'.join([ID, GROUP, *map(re.escape, words)])})")
    tables = {name: Pattern(text, places) for name, text in texts.items() if text != "[]"}
    chain = [(Pattern(text, places), own) for text, own in entries]
    found = {word for each in (*tables.values(), *(each for each, _ in chain)) for word in each.words}
    ids, groups = ({word for word in found if re.fullmatch(form, word)} for form in (ID, GROUP))
    return Mould(organization_id, mark, keys, tokens, tables, chain, frozenset(ids), tuple(sorted(groups)))


def copy_of(mould: Mould, mark: str) -> tuple[UUID, dict[str, str]]:
    """Write the rows once more as another tenant's; return its id and its API keys."""
    mask = secrets.randbits(48) or 1
    organization_id = UUID(_masked(str(mould.organization_id), mask))
    keys = {name: f"{secret[:8]}{secrets.token_hex(24)}" for name, secret in mould.keys.items()}
    values = {mould.mark: mark, **_key_words(mould.keys, keys), **_token_words(mould, organization_id, mask)}
    values |= {word: _masked(word, mask) for word in mould.ids}
    with tenant_scope(organization_id):
        values |= zip(mould.groups, _new_numbers(len(mould.groups)), strict=True)
        for text, own in mould.chain:
            values[own] = hashlib.sha256(text.written(values).encode()).hexdigest()
        _insert({name: pattern.written(values) for name, pattern in mould.tables.items()})
        add_key(organization_id, finished=True)
        AuditHead.objects.create(seq=len(mould.chain), hash=values[mould.chain[-1][1]])
    return organization_id, keys


def _tables() -> Iterator[tuple[str, str]]:
    """Return each table with the condition for its rows; the audit's head, counters and keys are made anew."""
    yield Organization._meta.db_table, "id = %s"
    yield from SHARED.items()
    for model in apps.get_models():
        if issubclass(model, TenantModel) and model not in (Counter, AuditHead, TenantKey):
            yield model._meta.db_table, "organization_id = %s"


def _rows(table: str, condition: str, organization_id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(json_agg(row_to_json(t) ORDER BY t.id), '[]')::text FROM {table} t WHERE {condition}",
            [organization_id],
        )
        text = str(cursor.fetchone()[0])
    column = GROUP_COLUMNS.get(table)
    if column is None:
        return text
    return json.dumps([{**row, column: f"group number {row[column]}"} for row in json.loads(text)])


def _masked(text: str, mask: int) -> str:
    return f"{text[:24]}{int(text[24:], 16) ^ mask:012x}"


def _hex(row: Connection) -> str:
    return bytes(row.sealed_token).hex()


def _key_words(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for name, secret in old.items():
        words[digest_of_key(secret)] = digest_of_key(new[name])
        words[secret[:14]] = new[name][:14]
    return words


def _token_words(mould: Mould, organization_id: UUID, mask: int) -> dict[str, str]:
    words: dict[str, str] = {}
    for row_id, (token, sealed) in mould.tokens.items():
        own, own_row = secrets.token_urlsafe(24), UUID(_masked(str(row_id), mask))
        words[digest_of_token(token)] = digest_of_token(own)
        words[sealed] = seal(
            own.encode(), organization_id=organization_id, row_id=own_row, column="connectors_connection.sealed_token"
        ).hex()
    return words


def _new_numbers(count: int) -> list[str]:
    with connection.cursor() as cursor:
        asked = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(asked, [GROUPS, count])
        return [str(number) for (number,) in cursor.fetchall()]


def _insert(texts: dict[str, str]) -> None:
    """Write the rows of all tables in one statement."""
    parts = []
    for table in texts:
        columns = ", ".join(_columns(table))
        parts.append(
            f"_{table} AS (INSERT INTO {table} ({columns})"
            f" SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s))"
        )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT 1", list(texts.values()))


@cache
def _columns(table: str) -> list[str]:
    """Return the columns to write; a number that nothing names comes from its sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND (table_name = %s OR column_name <> 'id' OR data_type = 'uuid')",
            [table, GROUPS],
        )
        return [f'"{name}"' for (name,) in cursor.fetchall()]
