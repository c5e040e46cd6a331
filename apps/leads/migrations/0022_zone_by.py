"""Keeps by what a person's time zone is known; of whoever gave a ZIP code it is known by that.

It goes tenant by tenant: under forced row-level security the owner too sees the rows of the tenant that is named.
"""

from django.db import migrations, models

NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
KNOWN = "UPDATE leads_person SET zone_by = 'zip' WHERE organization_id = %s AND postal_code <> '' AND latitude IS NOT NULL"


def note_known(apps, schema_editor):
    """Note whose zone was read off a ZIP code."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANTS)
        for (tenant,) in cursor.fetchall():
            cursor.execute(NAMED, [str(tenant)])
            cursor.execute(KNOWN, [tenant])
        cursor.execute(NAMED, [""])


class Migration(migrations.Migration):
    dependencies = [("leads", "0021_no_clear_notes")]
    operations = [
        migrations.AddField(
            model_name="person",
            name="zone_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=6),
        ),
        migrations.RunPython(note_known, migrations.RunPython.noop),
    ]
