"""Enters in the table of subjects what lists showed before there was one, from what their entries say.

It goes tenant by tenant: under forced row-level security the owner too sees the rows of the tenant that is named.
"""

from django.db import migrations

NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
ENTERED = """
    INSERT INTO audit_auditsubject (id, organization_id, subject_id, seq)
    SELECT gen_random_uuid(), listed.organization_id, listed.subject, listed.seq
    FROM (
        SELECT DISTINCT entry.organization_id, shown.id::uuid AS subject, entry.seq
        FROM audit_auditentry entry, jsonb_array_elements_text(entry.detail -> 'ids') AS shown(id)
        WHERE entry.organization_id = %s AND entry.action LIKE '%%.read'
            AND jsonb_typeof(entry.detail -> 'ids') = 'array'
    ) listed
"""


def enter_lists(apps, schema_editor):
    """Enter what lists showed until now."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANTS)
        for (tenant,) in cursor.fetchall():
            cursor.execute(NAMED, [str(tenant)])
            cursor.execute(ENTERED, [tenant])
        cursor.execute(NAMED, [""])


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_subjects")]
    operations = [migrations.RunPython(enter_lists, migrations.RunPython.noop)]
