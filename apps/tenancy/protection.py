"""Row-level security, grants and composite keys, from each model's own declaration.

Runs as the owner at the end of every `migrate`, compares the catalogue with the declarations and
adds what is missing, so that a table cannot exist without its walls. It is idempotent and takes a
table lock only where something is missing.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.db import connections, models

from apps.tenancy.fields import TenantForeignKey

#: Tables of libraries. They hold no tenant data, or only what sign-in needs before a tenant is known.
THIRD_PARTY_GLOBAL = {
    "django_content_type": "names of models",
    "django_migrations": "schema history",
    "django_session": "opaque session key to user; emptied at sign-out",
    "django_admin_log": "unused: leadcrm's admin writes to the audit ledger",
    "auth_permission": "names of permissions",
    "auth_group": "one group per team, named by the team's id",
    "auth_group_permissions": "unused link table",
    "accounts_user_groups": "user id to group id",
    "accounts_user_user_permissions": "unused link table",
    "account_emailaddress": "sign-in address of a user",
    "account_emailconfirmation": "sign-in address of a user",
    "mfa_authenticator": "sealed second factor of a user",
    "axes_accessattempt": "failed sign-ins",
    "axes_accessfailurelog": "failed sign-ins",
    "axes_accesslog": "sign-ins",
    "axes_accessattemptexpiration": "failed sign-ins",
    "guardian_groupobjectpermission": "unused: grants live in direct tables",
    "guardian_userobjectpermission": "unused: grants live in direct tables",
}
POLICY = "tenant_isolation"
log = structlog.get_logger("tenancy")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a model says of itself: the tenant column (None: global), and what two roles of the database may do with it.

    Whatever a table does not say of `marketing`, the role of marketing reports may not do (row PH-04).
    """

    tenant_column: str | None
    grants: str
    marketing: str = ""


def declaration_of(model: type[models.Model]) -> Declaration | None:
    """Return the model's declaration, or None when it made none."""
    grants = getattr(model, "grants", "SELECT, INSERT, UPDATE, DELETE")
    column = getattr(model, "tenant_column", None)
    if column:
        return Declaration(column, grants, getattr(model, "marketing_grants", ""))
    if getattr(model, "global_because", ""):
        return Declaration(None, grants)
    return None


def tenant_models() -> Iterator[type[models.Model]]:
    """Yield the models whose rows belong to one tenant."""
    for model in apps.get_models(include_auto_created=True):
        found = declaration_of(model)
        if model._meta.managed and found and found.tenant_column:
            yield model


def protect_after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Signal adapter of `protect_tables`; other databases and the runtime role are left alone."""
    if settings.LEADCRM_OWNER_RUN and kwargs.get("verbosity", 1) >= 0:
        protect_tables(using)


def protect_tables(using: str = "default") -> list[str]:
    """Bring every table up to its declaration; return the statements that were needed."""
    done: list[str] = []
    with connections[using].cursor() as cursor:
        catalogue = _Catalogue(cursor)
        for statement in _wanted(catalogue):
            cursor.execute(statement)
            done.append(statement)
    return done


class _Catalogue:
    """What the database has now."""

    def __init__(self, cursor: Any) -> None:
        cursor.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        self.forced: dict[str, bool] = dict(cursor.fetchall())
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = %s", [POLICY])
        self.policies = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            " UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        )
        self.names = {row[0] for row in cursor.fetchall()}
        self.grants = self._granted(cursor, settings.LEADCRM_RUNTIME_ROLE)
        self.marketing = self._granted(cursor, settings.LEADCRM_MARKETING_ROLE)
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.LEADCRM_MARKETING_ROLE])
        self.knows_marketing = cursor.fetchone() is not None

    def _granted(self, cursor: Any, role: str) -> dict[str, str]:
        cursor.execute(
            "SELECT table_name, string_agg(privilege_type, ',' ORDER BY privilege_type)"
            " FROM information_schema.role_table_grants WHERE grantee = %s GROUP BY 1",
            [role],
        )
        return dict(cursor.fetchall())


def _wanted(catalogue: _Catalogue) -> Iterator[str]:
    role = settings.LEADCRM_RUNTIME_ROLE
    yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
    for model in tenant_models():
        yield from _walls(model, catalogue)
    for model in tenant_models():
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                yield from _composite_key(model, field, catalogue)
    for table in sorted(catalogue.forced):
        yield from _grants(table, catalogue, role)
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"'
    if catalogue.knows_marketing:
        yield from _marketing_grants(catalogue, settings.LEADCRM_MARKETING_ROLE)
    else:
        log.warning("marketing_role_missing", role=settings.LEADCRM_MARKETING_ROLE)


def _marketing_grants(catalogue: _Catalogue, role: str) -> Iterator[str]:
    """Let the role of marketing reports read what a table declares for it, and take away all else it may have."""
    yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
    declared = {model._meta.db_table: declaration_of(model) for model in tenant_models()}
    for table in sorted(catalogue.forced):
        found = declared.get(table)
        wanted = found.marketing if found else ""
        if catalogue.marketing.get(table, "") == ",".join(sorted(wanted.replace(" ", "").split(","))):
            continue
        yield f'REVOKE ALL ON "{table}" FROM "{role}"'
        if wanted:
            yield f'GRANT {wanted} ON "{table}" TO "{role}"'


def _walls(model: type[models.Model], catalogue: _Catalogue) -> Iterator[str]:
    table, column = model._meta.db_table, declaration_of(model).tenant_column  # type: ignore[union-attr]
    if not catalogue.forced.get(table):
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'
    if table not in catalogue.policies:
        test = f"{column} = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid"
        yield f'CREATE POLICY {POLICY} ON "{table}" USING ({test}) WITH CHECK ({test})'
    if column != "id" and (name := _name(table, "tenant_uq")) not in catalogue.names:
        yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE (organization_id, id)'


def _composite_key(model: type[models.Model], field: TenantForeignKey, catalogue: _Catalogue) -> Iterator[str]:
    table, column = model._meta.db_table, field.column
    target = field.related_model._meta.db_table
    if (name := _name(table, f"{column}_tfk")) not in catalogue.names:
        yield (
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (organization_id, "{column}")'
            f' REFERENCES "{target}" (organization_id, id) DEFERRABLE INITIALLY DEFERRED'
        )
    if field.indexed and (name := _name(table, f"{column}_tix")) not in catalogue.names:
        yield f'CREATE INDEX "{name}" ON "{table}" (organization_id, "{column}")'


def _grants(table: str, catalogue: _Catalogue, role: str) -> Iterator[str]:
    by_table = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    found = declaration_of(by_table[table]) if table in by_table else None
    wanted = found.grants if found else "SELECT, INSERT, UPDATE, DELETE"
    if table == "django_migrations":
        wanted = "SELECT"
    elif table not in by_table and table not in THIRD_PARTY_GLOBAL:
        return
    if catalogue.grants.get(table) != ",".join(sorted(wanted.replace(" ", "").split(","))):
        yield f'REVOKE ALL ON "{table}" FROM "{role}"'
        yield f'GRANT {wanted} ON "{table}" TO "{role}"'


def _name(table: str, suffix: str) -> str:
    """Return a constraint name inside PostgreSQL's 63 bytes."""
    name = f"{table}_{suffix}"
    return name if len(name) <= 63 else f"{name[:40]}_{hash_text(name):x}"


def hash_text(text: str) -> int:
    """Return a stable number for a text (Python's own hash changes with every process)."""
    return zlib.crc32(text.encode())
