"""Names a vendor for everything that works already, with sixty days to bring the agreement (row PH-09).

Senders by their provider, outside systems that are told by message, and agencies. It goes tenant by tenant: under
forced row-level security the owner too sees the rows of the tenant that is named.
"""

from django.db import migrations

NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
WORKING = """
    WITH working AS (
        SELECT 'connection' AS kind, key AS ref, 'sender-' || provider AS vendor, provider AS name,
            'Sends inquiries' AS service FROM connectors_connection WHERE organization_id = %(tenant)s AND is_active
        UNION ALL SELECT 'system', key, 'system-' || key, name, 'Hears where leads are'
            FROM catalog_outsidesystem WHERE organization_id = %(tenant)s AND is_active AND adapter <> 'by_hand'
        UNION ALL SELECT 'agency', key, 'agency-' || key, name, 'Delivers leads'
            FROM accounts_party WHERE organization_id = %(tenant)s AND is_active AND kind = 'agency'
    ), made AS (
        INSERT INTO catalog_vendor (id, organization_id, key, name, service, touches_phi, grace_until, is_active)
        SELECT gen_random_uuid(), %(tenant)s, left(vendor, 63), min(name), min(service), true, current_date + 60, true
        FROM working GROUP BY left(vendor, 63) RETURNING id, key
    )
    INSERT INTO catalog_vendoruse (id, organization_id, vendor_id, kind, ref)
    SELECT gen_random_uuid(), %(tenant)s, made.id, working.kind, working.ref
    FROM working JOIN made ON made.key = left(working.vendor, 63)
"""


def name_vendors(apps, schema_editor):
    """Put who works for a tenant today into its register."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANTS)
        for (tenant,) in cursor.fetchall():
            cursor.execute(NAMED, [str(tenant)])
            cursor.execute(WORKING, {"tenant": tenant})
        cursor.execute(NAMED, [""])


class Migration(migrations.Migration):
    dependencies = [("connectors", "0004_held_hooks"), ("catalog", "0021_vendors"), ("accounts", "__first__")]
    operations = [migrations.RunPython(name_vendors, migrations.RunPython.noop)]
