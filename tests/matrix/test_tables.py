"""Matrices S4 and S5: row-level security of every tenant table, tried from inside and taken away piece by piece.

S4 tries, as the runtime role and in another tenant's name, to read and to write a row that is there. S5 takes each
policy off (as the owner, in a transaction that is taken back) and each filter of the code, one at a time: the same
try must then succeed, or the wall was not what held.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, models, transaction
from psycopg import sql

from apps.tenancy.models import Organization, TenantModel
from apps.tenancy.protection import POLICY, THIRD_PARTY_GLOBAL, declaration_of, tenant_models
from apps.tenancy.scope import tenant_scope
from tests.matrix.report import note
from tests.matrix.rows import tables
from tests.matrix.world import world

TABLES = [(model._meta.db_table, declaration_of(model).tenant_column) for model in tenant_models()]
#: Without those that only a function of the owner writes: the other tenant has no row there, and their policies are
#: compared word by word with the rest.
READ_ONLY = {model._meta.db_table for model in tenant_models() if "INSERT" not in getattr(model, "grants", "INSERT")}
WRITTEN = [each for each in TABLES if each[0] not in READ_ONLY]
#: What a scope says, and what somebody who gets at the connection may say instead of it.
NAME = "leadcrm.organization_id"
TRICKS = (
    "RESET ROLE",
    "SET ROLE leadcrm_owner",
    "SET SESSION AUTHORIZATION leadcrm_owner",
    "SET row_security = off",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant_isolation ON {table}",
    "CREATE POLICY open ON {table} USING (true)",
    "ALTER POLICY tenant_isolation ON {table} USING (true)",
    "TRUNCATE {table}",
    "CREATE VIEW public.everything AS SELECT * FROM {table}",
    "CREATE FUNCTION public.everything() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS 'SELECT 1::bigint'",
    "ALTER ROLE leadcrm_app BYPASSRLS",
    "GRANT leadcrm_owner TO leadcrm_app",
    "COPY {table} TO '/tmp/everything'",
)


def try_all(table: str, column: str, tenant: UUID) -> Iterator[tuple[str, int]]:
    """Yield each way to reach the tenant's rows of a table from outside, with how many rows it reached."""
    name = sql.Identifier(table)
    where = sql.SQL("{column} = %s").format(column=sql.Identifier(column))
    statements = {
        "read": sql.SQL("SELECT count(*) FROM {t} WHERE {w}"),
        "join": sql.SQL("SELECT count(*) FROM {t} a JOIN {t} b ON a.id = b.id WHERE {w2}"),
        "lock": sql.SQL("SELECT count(*) FROM (SELECT 1 FROM {t} WHERE {w} FOR UPDATE) x"),
        "move": sql.SQL("UPDATE {t} SET {c} = {c} WHERE {w}"),
        "delete": sql.SQL("DELETE FROM {t} WHERE {w}"),
    }
    own = sql.SQL("a.{column} = %s").format(column=sql.Identifier(column))
    for way, statement in statements.items():
        asked = statement.format(t=name, w=where, w2=own, c=sql.Identifier(column))
        yield way, _reached(asked, tenant, counts=way in ("read", "join", "lock"))


def _reached(statement: sql.Composed, tenant: UUID, *, counts: bool) -> int:
    """Return how many foreign rows a statement reached; a refusal of the database reached none."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [tenant])
            reached = cursor.fetchone()[0] if counts else cursor.rowcount
            transaction.set_rollback(True)
            return int(reached)
    except DatabaseError:
        return 0


def test_every_table_is_of_a_tenant_or_says_why_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'v') AND relnamespace = 2200")
        found = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename, policyname, permissive, roles::text, cmd, qual = with_check FROM pg_policies")
        policies = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {name for (name,) in cursor.fetchall()}
    tenant = {table for table, _ in TABLES}
    assert set(policies) == tenant
    assert tenant <= forced
    assert set(policies.values()) == {(POLICY, "PERMISSIVE", "{public}", "ALL", True)}
    because = [model._meta.db_table for model in _global_models()]
    assert found - tenant == {*because, *THIRD_PARTY_GLOBAL}


def _global_models() -> Iterator[Any]:
    from django.apps import apps

    for model in apps.get_models(include_auto_created=True):
        said = declaration_of(model)
        if said is not None and said.tenant_column is None:
            yield model


@pytest.mark.row("TA-01")
def test_no_statement_of_another_tenant_or_of_none_reaches_a_row() -> None:
    at, reached, tries = world(), [], 0
    foreign = at.lakeside.organization_id
    for scope in (at.harbor.organization_id, None):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, true)", [NAME, str(scope) if scope else ""])
            for table, column in TABLES:
                for way, rows in try_all(table, column, foreign):
                    tries += 1
                    note("tables", table, way, "another tenant" if scope else "no tenant", rows)
                    reached += [(table, way)] if rows else []
            transaction.set_rollback(True)
    assert not reached
    assert tries >= 60 and tries == len(TABLES) * 5 * 2


def test_the_runtime_role_cannot_lift_a_wall() -> None:
    lifted = []
    for trick in TRICKS:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(trick.format(table="leads_lead"))
                cursor.execute("SELECT count(*) FROM leads_lead")
                if cursor.fetchone()[0] or not trick.startswith(("RESET", "SET row")):
                    lifted.append(trick)
                transaction.set_rollback(True)
        except DatabaseError:
            continue
    assert not lifted


def test_a_row_is_not_written_into_another_tenant() -> None:
    """WITH CHECK: an own row is not given away, and a copy is not put elsewhere."""
    at, written = world(), []
    with at.lakeside.scope():
        for model in tables():
            if model is Organization or "UPDATE" not in declaration_of(model).grants:
                continue
            try:
                with transaction.atomic():
                    moved = model.rows().update(organization_id=at.harbor.organization_id)
                    written += [model._meta.label] if moved else []
                    transaction.set_rollback(True)
            except DatabaseError:
                continue
    assert not written


@pytest.fixture
def owner() -> Iterator[psycopg.Connection[Any]]:
    """Return a connection of the tables' owner whose changes are taken back."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as opened:
        yield opened
        opened.rollback()


@pytest.mark.row("TA-01")
def test_without_its_policy_each_table_is_open(owner: psycopg.Connection[Any]) -> None:
    """Mutation of the database: each policy is widened alone; the probe that found nothing must then find the row.

    The owner is no superuser and the walls are forced, so that the probe meets them as the runtime role does.
    """
    at, survived = world(), []
    with owner.cursor() as cursor:
        for table, column in WRITTEN:
            probe = sql.SQL("SELECT count(*) FROM {t} WHERE {c} = %s").format(
                t=sql.Identifier(table), c=sql.Identifier(column)
            )
            widen = sql.SQL("ALTER POLICY {p} ON {t} USING (true) WITH CHECK (true)").format(
                p=sql.Identifier(POLICY), t=sql.Identifier(table)
            )
            cursor.execute("SAVEPOINT walls")
            cursor.execute("SELECT set_config(%s, %s, true)", [NAME, str(at.harbor.organization_id)])
            cursor.execute(probe, [at.lakeside.organization_id])
            before = cursor.fetchone()
            cursor.execute(widen)
            cursor.execute(probe, [at.lakeside.organization_id])
            after = cursor.fetchone()
            cursor.execute("ROLLBACK TO SAVEPOINT walls")
            note("mutations", table, "policy", before, after)
            if before != (0,) or after == (0,):
                survived.append(table)
    assert not survived


@contextmanager
def without_filter(model: type[TenantModel]) -> Iterator[None]:
    """Take the code's own tenant filter away from one table: its manager returns the rows of all."""
    manager = model.objects
    manager.get_queryset = partial(models.Manager.get_queryset, manager)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del manager.get_queryset


def unfiltered(asked: Sequence[type[TenantModel]]) -> list[type[TenantModel]]:
    """Return which of these tables are read by a statement that names no tenant."""
    named = '"{}"."organization_id" = '
    return [
        model
        for model in asked
        if named.format(model._meta.db_table) not in str(model.rows().query).partition("WHERE")[2]
    ]


@pytest.mark.row("TA-01")
def test_without_its_filter_each_query_is_wider_and_the_policy_holds_alone() -> None:
    """Mutation of the code: each filter is dropped alone, and that very table is found; row-level security holds."""
    at, survived, opened = world(), [], []
    foreign, every = at.lakeside.organization_id, tables()
    with tenant_scope(at.harbor.organization_id):
        assert unfiltered(every) == []
        for place, model in enumerate(every):
            with without_filter(model):
                beside = [every[place - 1], model, every[(place + 1) % len(every)]]
                survived += [model._meta.label] if unfiltered(beside) != [model] else []
                opened += [model._meta.label] if model.rows().filter(organization_id=foreign).exists() else []
            note("mutations", model._meta.db_table, "filter", "named", "row-level security holds")
        assert unfiltered(every) == []
    assert not survived
    assert not opened


@pytest.mark.row("TA-01")
def test_without_its_policy_the_filter_of_the_code_holds_alone(owner: psycopg.Connection[Any]) -> None:
    """The other way round: each policy is widened alone, and the code's own statement finds no foreign row."""
    at, opened = world(), []
    with tenant_scope(at.harbor.organization_id):
        asked = [
            (model._meta.db_table, model.rows().order_by().values("pk").query.sql_with_params()) for model in tables()
        ]
    with owner.cursor() as cursor:
        for table, (statement, params) in asked:
            cursor.execute("SAVEPOINT walls")
            cursor.execute("SELECT set_config(%s, %s, true)", [NAME, str(at.harbor.organization_id)])
            widen = sql.SQL("ALTER POLICY {p} ON {t} USING (true) WITH CHECK (true)")
            cursor.execute(widen.format(p=sql.Identifier(POLICY), t=sql.Identifier(table)))
            own = sql.SQL("SELECT count(*) FROM {t} WHERE id IN ({s}) AND organization_id = %s").format(
                t=sql.Identifier(table), s=sql.SQL(statement)
            )
            cursor.execute(own, [*params, at.lakeside.organization_id])
            opened += [table] if cursor.fetchone() != (0,) else []
            cursor.execute("ROLLBACK TO SAVEPOINT walls")
            note("mutations", table, "policy", "the filter holds")
    assert not opened
