"""Lets whoever approves rules approve the words of messages too: from now on somebody has to (row PH-14).

It goes tenant by tenant: under forced row-level security the owner too sees the rows of the tenant that is named.
"""

from django.db import migrations

NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
ADD = """
    UPDATE accounts_role SET permissions = array_append(permissions, 'template:approve')
    WHERE organization_id = %s AND 'rules:approve' = ANY(permissions) AND NOT 'template:approve' = ANY(permissions)
"""


def add_right(apps, schema_editor):
    """Add the right to the roles of each tenant."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANTS)
        for (tenant,) in cursor.fetchall():
            cursor.execute(NAMED, [str(tenant)])
            cursor.execute(ADD, [tenant])
        cursor.execute(NAMED, [""])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_access_requests"), ("tenancy", "0004_tenant_keys")]
    operations = [migrations.RunPython(add_right, migrations.RunPython.noop)]
