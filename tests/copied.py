"""Another tenant of the cast by copying the rows of the first: the file's actions take a hundred times as long.

A copy is whole: ids, marks, digests and sealed values are its own, and its audit chain is linked anew.
`tests/onboarding/test_copied_cast.py` holds it against a tenant that the actions made.
"""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.db import connection

from apps.accounts.keys import digest_of as digest_of_key
from apps.accounts.models import Seat, Team, User
from apps.audit.chain import START, link
from apps.audit.models import AuditEntry, AuditHead
from apps.connectors.actions import digest_of as digest_of_token
from apps.connectors.models import Connection
from apps.tenancy.models import Address, Counter, Organization, TenantModel, Wakeup
from apps.tenancy.scope import tenant_scope
from apps.tenancy.sealing import seal, unseal

# A public id: the last twelve digits are random, so that a mask over them makes another id of the same order.
ID = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-)([0-9a-f]{12})\b")
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
AUDIT, TEAM = AuditEntry._meta.db_table, Team._meta.db_table


@dataclass(frozen=True)
class Mould:
    """The rows of a tenant, table by table as JSON, and what in them may not be the same twice."""

    organization_id: UUID
    mark: str
    keys: dict[str, str]
    tokens: dict[UUID, tuple[str, str]]
    tables: dict[str, str]


def mould_of(organization_id: UUID, mark: str, keys: dict[str, str]) -> Mould:
    """Take the rows of a tenant that was just made."""
    with tenant_scope(organization_id):
        tables = {name: _rows(name, condition, organization_id) for name, condition in _tables()}
        tokens = {
            row.id: (unseal(row.sealed_token, organization_id=organization_id, row_id=row.id).decode(), _hex(row))
            for row in Connection.rows()
        }
    return Mould(organization_id, mark, keys, tokens, {name: text for name, text in tables.items() if text != "[]"})


def copy_of(mould: Mould, mark: str) -> tuple[UUID, dict[str, str]]:
    """Write the rows once more as another tenant's; return its id and its API keys."""
    mask = secrets.randbits(48) or 1
    organization_id = UUID(_masked(str(mould.organization_id), mask))
    keys = {name: f"{secret[:8]}{secrets.token_hex(24)}" for name, secret in mould.keys.items()}
    words = {mould.mark: mark, **_key_words(mould.keys, keys), **_token_words(mould, organization_id, mask)}
    literal = re.compile("|".join(map(re.escape, words)))
    with tenant_scope(organization_id):
        groups = _new_numbers([row["id"] for row in json.loads(mould.tables[GROUPS])])
        for name, text in mould.tables.items():
            own = _masked(literal.sub(lambda found: words[found[0]], text), mask)
            _insert(name, _made_own(name, own, groups))
    return organization_id, keys


def _tables() -> Iterator[tuple[str, str]]:
    """Return each table with the condition for its rows; the audit's head and counters are made anew."""
    yield Organization._meta.db_table, "id = %s"
    yield from SHARED.items()
    for model in apps.get_models():
        if issubclass(model, TenantModel) and model not in (Counter, AuditHead):
            yield model._meta.db_table, "organization_id = %s"


def _rows(table: str, condition: str, organization_id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(json_agg(row_to_json(t) ORDER BY t.id), '[]')::text FROM {table} t WHERE {condition}",
            [organization_id],
        )
        return str(cursor.fetchone()[0])


def _masked(text: str, mask: int) -> str:
    return ID.sub(lambda found: f"{found[1]}{int(found[2], 16) ^ mask:012x}", text)


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
        words[sealed] = seal(own.encode(), organization_id=organization_id, row_id=own_row).hex()
    return words


def _new_numbers(old: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        asked = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(asked, [GROUPS, len(old)])
        return dict(zip(old, (number for (number,) in cursor.fetchall()), strict=True))


def _made_own(table: str, text: str, groups: dict[int, int]) -> str:
    """Return a table's rows with numbers and hashes of their own."""
    if table == AUDIT:
        return json.dumps(_linked(json.loads(text)))
    column = {GROUPS: "id", USER_GROUPS: "group_id", TEAM: "group_id"}.get(table)
    if column is None:
        return text
    return json.dumps([{**row, column: groups[row[column]]} for row in json.loads(text)])


def _linked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    previous, rows = START, sorted(rows, key=lambda each: each["seq"])
    for row in rows:
        row["previous_hash"] = previous
        at = datetime.fromisoformat(row["at"])
        previous = row["hash"] = link(cast(AuditEntry, SimpleNamespace(**{**row, "at": at})))
    AuditHead.objects.create(seq=rows[-1]["seq"], hash=previous)
    return rows


def _insert(table: str, text: str) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(_columns(table))
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)", [text]
        )


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
