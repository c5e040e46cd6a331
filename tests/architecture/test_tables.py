"""Every table has its walls: the database's own catalogue is asked, not the code."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.protection import POLICY, THIRD_PARTY_GLOBAL, declaration_of, tenant_models

ISOLATION = "organization_id = (NULLIF(current_setting('leadcrm.organization_id'::text, true), ''::text))::uuid"


def rows(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def test_no_table_is_unaccounted_for() -> None:
    tables = {row[0] for row in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    declared = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if declaration_of(model)}
    assert tables - declared - set(THIRD_PARTY_GLOBAL) == set()


@pytest.mark.row("TA-01")
@pytest.mark.parametrize("model", list(tenant_models()), ids=lambda model: model._meta.label)
def test_every_tenant_table_has_forced_row_security(model) -> None:
    table, column = model._meta.db_table, declaration_of(model).tenant_column
    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table) == [
        (True, True)
    ]
    policies = rows("SELECT policyname, cmd, qual, with_check FROM pg_policies WHERE tablename = %s", table)
    test = f"({ISOLATION.replace('organization_id =', f'{column} =', 1)})"
    assert policies == [(POLICY, "ALL", test, test)]


@pytest.mark.parametrize("model", list(tenant_models()), ids=lambda model: model._meta.label)
def test_every_reference_between_tenant_tables_names_the_tenant(model) -> None:
    for field in model._meta.local_fields:
        if not field.is_relation or field.name == "organization":
            continue
        target = declaration_of(field.related_model)
        if target is None or target.tenant_column in (None, "id"):
            continue
        assert isinstance(field, TenantForeignKey), f"{model._meta.label}.{field.name} can cross tenants"
        keys = rows(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            model._meta.db_table,
        )
        wanted = f"FOREIGN KEY (organization_id, {field.column}) REFERENCES {field.related_model._meta.db_table}"
        assert any(key[0].startswith(wanted) for key in keys), wanted


@pytest.mark.parametrize("model", list(tenant_models()), ids=lambda model: model._meta.label)
def test_every_unique_key_begins_with_the_tenant(model) -> None:
    if model._meta.label == "tenancy.Organization":
        return
    found = rows(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND indisunique"
        " AND NOT indisprimary",
        model._meta.db_table,
    )
    for (definition,) in found:
        columns = definition.partition("(")[2]
        # One auth group belongs to one team, one tenant: its own key may stand alone.
        assert columns.startswith(("organization_id", "group_id)")), definition


def test_the_suite_runs_as_the_runtime_role() -> None:
    found = rows("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert found == [(settings.LEADCRM_RUNTIME_ROLE, False, False)]
    owned = rows("SELECT relname FROM pg_class WHERE relowner = current_user::regrole AND relkind = 'r'")
    assert owned == []


def test_append_only_tables_cannot_be_changed_by_the_runtime_role() -> None:
    for table in ("audit_auditentry", "consent_consentevent", "leads_timelineentry", "outreach_activity"):
        granted = {
            row[0]
            for row in rows(
                "SELECT privilege_type FROM information_schema.role_table_grants"
                " WHERE grantee = current_user AND table_name = %s",
                table,
            )
        }
        assert granted == {"SELECT", "INSERT"}, table
