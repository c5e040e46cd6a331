"""Opening a scope in one statement: the tenant is set, and the instant and the settings' stamp come back."""

from django.db import migrations

ENTER = """
    CREATE FUNCTION leadcrm_enter(asked uuid, OUT instant timestamptz, OUT stamp bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        PERFORM set_config('leadcrm.organization_id', asked::text, true);
        instant := clock_timestamp();
        SELECT value INTO stamp FROM tenancy_counter WHERE organization_id = asked AND name = 'settings';
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_initial")]
    operations = [migrations.RunSQL(ENTER, "DROP FUNCTION leadcrm_enter(uuid)")]
