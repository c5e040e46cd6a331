"""The SQL that copies leads: every table that hangs on a lead or a person, row by row under new ids.

Which tables these are is read from the models. A copied id keeps its random part and gets its copy's instant, as ids
of that time have it, and every reference follows the same way. Sealed texts and the ledger are not copied: both are
bound to the row they were written for. Nor are pairs of people who may be one: a pair hangs on two leads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

import psycopg
from django.apps import apps
from django.db.models import Field, ForeignKey, UUIDField
from psycopg import sql

from apps.identity.models import DuplicatePair
from apps.leads.models import Lead, Person
from apps.privacy.models import HealthDetail
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField

Connection = psycopg.Connection[Any]
Table = type[TenantModel]

LEFT_OUT = frozenset({HealthDetail, DuplicatePair})
#: Columns that name a lead or a person without a foreign key.
LOOSE = ("lead_id", "person_id")
#: What a link is found by: every link has its own.
DIGEST = "token_digest"
FIRST_NAMES = (
    *("Aaliyah", "Ben", "Carmen", "Dmitri", "Elena", "Femi", "Grace", "Hassan", "Ines", "Jamal", "Keiko", "Luis"),
    *("Maria", "Noah", "Olga", "Priya", "Quentin", "Rosa", "Samir", "Tanya", "Uma", "Viktor", "Wanda", "Xin"),
    *("Yusuf", "Zofia", "Andre", "Beth", "Chidi", "Dana", "Emil", "Flor", "Gita", "Hugo", "Iris", "Joel", "Kim"),
)
_STARTS = (
    *("Ab", "Bal", "Cast", "Dun", "Estr", "Fisch", "Garz", "Hu", "Ivan", "Jens", "Kow", "Loz", "Mey", "Nguy", "Ort"),
    *("Pat", "Quin", "Rey", "Sat", "Turn", "Ued", "Varg", "Wals", "Xan", "Yo", "Zam", "Brook", "Chan", "Dela", "Ek"),
)
_ENDS = (
    *("ada", "ano", "bott", "ck", "dez", "el", "en", "er", "es", "ez", "field", "ford", "ham", "ia", "ides", "ikov"),
    *("illo", "ing", "ins", "ita", "ley", "man", "mann", "nor", "o", "off", "ola", "on", "ora", "ov", "owski", "son"),
    *("stad", "stein", "strom", "thal", "ton", "uk", "ura", "wood"),
)
LAST_NAMES = tuple(f"{start}{end}" for end in _ENDS for start in _STARTS)
_NAMES = (
    f" JOIN bench_first f ON f.at = k * 31 % {len(FIRST_NAMES)}"
    f" JOIN bench_last l ON l.at = k * 7919 % {len(LAST_NAMES)}"
)
#: A value of a contact point of person number k, formed like the one that stands in a column.
_CONTACT = (
    "CASE WHEN {0} = '' THEN '' WHEN left({0}, 1) = '+' THEN '+1' || 2000000000 + k * 6180339887 % 7999999993"
    " ELSE lower(f.name || '.' || l.name) || k || '@example.com' END"
)
#: Columns that differ from person to person, by table.
OTHER = {
    ("leads_person", "first_name"): "f.name",
    ("leads_person", "last_name"): "l.name",
    ("leads_person", "name_key"): "lower(f.name || ' ' || l.name)",
    ("leads_person", "postal_code"): "'60' || lpad((k * 37 % 900)::text, 3, '0')",
    ("leads_contactpoint", "value"): _CONTACT.format("s.value"),
    ("leads_contactpoint", "typed"): _CONTACT.format("s.value"),
    ("consent_consentevent", "contact_value"): _CONTACT.format("s.contact_value"),
    ("leads_lead", "number"): "k + 1",
    ("capture_submission", "external_id"): "s.external_id || '-' || c.n",
    ("outreach_message", "dedup_key"): "s.dedup_key || '-' || c.n",
    # What a decision heard are ids in a list, that of the copy's own messages.
    ("routing_routingdecision", "heard"): (
        "coalesce((SELECT jsonb_agg(c.prefix || substr(h, 14)) FROM jsonb_array_elements_text(s.heard) h), s.heard)"
    ),
    # How full two queues were changes from lead to lead, so that few decisions saw the same network.
    ("routing_routingdecision", "network"): (
        "jsonb_set(jsonb_set(s.network, ARRAY['queues','0','open_leads'], to_jsonb(k * 31 % 97)),"
        " ARRAY['queues','1','open_leads'], to_jsonb(k * 7919 % 89))"
    ),
}


@dataclass(frozen=True, slots=True)
class Seeds:
    """The leads to copy: whose they are, how many, from which instant on a time counts as still to come."""

    organization_id: UUID
    count: int
    base: datetime


def copied_tables() -> dict[Table, str]:
    """Return every table of leads and people, and the column by which its rows hang on them; parents come first."""
    found: dict[Table, str] = {Lead: "", Person: ""}
    models = [each for each in apps.get_models() if issubclass(each, TenantModel) and each not in LEFT_OUT]
    while True:
        more = {model: column for model in models if model not in found and (column := _hangs_by(model, found))}
        if not more:
            return found
        found |= more


def _hangs_by(model: Table, parents: dict[Table, str]) -> str:
    columns = [field.column for field in _fields(model) if field.column in LOOSE or field.related_model in parents]
    return min(columns, key=lambda each: LOOSE.index(each) if each in LOOSE else len(LOOSE), default="")


def _fields(model: Table) -> "list[Field[Any, Any]]":
    return list(model._meta.concrete_fields)


def keep_seeds(connection: Connection, seeds: Seeds, open_numbers: list[int]) -> None:
    """Put the seeds' rows aside with the place of their lead, so that no copy is ever copied again."""
    connection.execute("CREATE TABLE bench_kin (id uuid PRIMARY KEY, kin bigint NOT NULL, is_open bool NOT NULL)")
    connection.execute(
        "INSERT INTO bench_kin SELECT id, number - 1, number = ANY(%s) FROM leads_lead WHERE organization_id = %s",
        [open_numbers, seeds.organization_id],
    )
    connection.execute(
        "INSERT INTO bench_kin SELECT DISTINCT ON (person_id) person_id, kin, is_open"
        " FROM leads_lead JOIN bench_kin USING (id) ORDER BY person_id, kin"
    )
    for model, column in copied_tables().items():
        names = {"seeds": _seeds_of(model), "table": sql.Identifier(model._meta.db_table)}
        keep = (
            "CREATE TABLE {seeds} AS SELECT t.*, kin AS of_kin, is_open"
            " FROM {table} t JOIN bench_kin b ON b.id = t.{by}"
        )
        connection.execute(sql.SQL(keep).format(**names, by=sql.Identifier(column or "id")))
        if column:
            follow = "INSERT INTO bench_kin SELECT id, of_kin, is_open FROM {seeds} ON CONFLICT DO NOTHING"
            connection.execute(sql.SQL(follow).format(**names))
    _keep_names(connection)


def _keep_names(connection: Connection) -> None:
    connection.execute("CREATE TABLE bench_first (at bigint PRIMARY KEY, name text)")
    connection.execute("CREATE TABLE bench_last (at bigint PRIMARY KEY, name text)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO bench_first VALUES (%s, %s)", list(enumerate(FIRST_NAMES)))
        cursor.executemany("INSERT INTO bench_last VALUES (%s, %s)", list(enumerate(LAST_NAMES)))
    connection.execute("ANALYZE bench_first, bench_last")


def _seeds_of(model: Table) -> sql.Identifier:
    return sql.Identifier(f"bench_seeds_{model._meta.db_table}")


def statements(seeds: Seeds, first: int, last: int) -> Iterator[sql.Composed]:
    """Return what copies every table for the planned copies from place `first` to `last`."""
    copied = copied_tables()
    for model in copied:
        table = model._meta.db_table
        values = {field.column: _value(table, field, copied, seeds) for field in _fields(model)}
        names = _NAMES if any("f.name" in value for value in values.values()) else ""
        text = (
            f"SELECT {', '.join(values.values())} FROM bench_copy c JOIN {{seeds}} s ON s.is_open = c.is_open"
            f" CROSS JOIN LATERAL (SELECT s.of_kin + c.n * {seeds.count} AS k) p{names}"
            f" WHERE c.place BETWEEN {first} AND {last}"
        )
        yield sql.SQL("INSERT INTO {} ({}) ").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, values))
        ) + sql.SQL(cast(LiteralString, text)).format(seeds=_seeds_of(model))


def _value(table: str, field: "Field[Any, Any]", copied: dict[Table, str], seeds: Seeds) -> str:
    name = field.column
    if (table, name) in OTHER:
        return OTHER[table, name]
    if name == DIGEST:
        return f"encode(sha256(convert_to(s.{name} || c.n, 'UTF8')), 'hex')"
    if isinstance(field, SealedTextField):
        return "NULL::bytea"  # sealed for the seed's row: a copy's could not be opened
    follows = field.related_model in copied if isinstance(field, ForeignKey) else isinstance(field, UUIDField)
    if follows:
        return f'(c.prefix || substr(s."{name}"::text, 14))::uuid'
    if field.get_internal_type() == "DateTimeField":
        base = f"'{seeds.base.isoformat()}'::timestamptz"
        return (
            f'CASE WHEN s.is_open AND s."{name}" > {base} THEN s."{name}" + c.late'
            f' ELSE s."{name}" - c.shift - s.of_kin * c.apart END'
        )
    return f's."{name}"'
