"""Breaking the data past the product, as an intruder or a bad script with the owner's rights could."""

import os

import psycopg

from tests.cast import Tenant

_TABLES = (
    *("audit_auditentry", "capture_submission", "leads_lead", "ownership_spell", "leads_touch", "leads_task"),
    "leads_timelineentry",
)


def as_owner(tenant: Tenant, statement: str) -> None:
    """Run a statement on one tenant's rows with the triggers switched off."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.execute("SELECT set_config('leadcrm.organization_id', %s, true)", [str(tenant.organization_id)])
        if "tenancy_wakeup" in statement:
            statement += f" WHERE organization_id = '{tenant.organization_id}'"
        connection.execute(statement)
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
