"""Lets every channel ask for consent and the preferred method, as each must from now on (row CN-02).

It goes tenant by tenant: under forced row-level security the owner too sees the rows of the tenant that is named.
"""

from django.db import migrations

NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
ADD = """
    UPDATE catalog_channel SET initial_fields = array_append(initial_fields, %s)
    WHERE organization_id = %s AND NOT (initial_fields || required_fields) && %s::varchar[]
"""
CONSENT = ["consent_any", "consent_call", "consent_text", "consent_email"]
ADDED = (("preferred_channel", ["preferred_channel"]), ("consent_any", CONSENT))


def add_fields(apps, schema_editor):
    """Add what a channel does not ask yet at the end of its fields."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANTS)
        for (tenant,) in cursor.fetchall():
            cursor.execute(NAMED, [str(tenant)])
            for name, known in ADDED:
                cursor.execute(ADD, [name, tenant, known])
        cursor.execute(NAMED, [""])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0019_queue_channels")]
    operations = [migrations.RunPython(add_fields, migrations.RunPython.noop)]
