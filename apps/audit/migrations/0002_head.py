"""The end of a tenant's chain, locked, with an instant read after the lock: one statement, in order."""

from django.db import migrations

HEAD = """
    CREATE FUNCTION leadcrm_audit_head(asked uuid, new_id uuid, OUT seq bigint, OUT hash text, OUT instant timestamptz)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        LOOP
            SELECT h.seq, h.hash INTO seq, hash FROM audit_audithead h WHERE h.organization_id = asked FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO audit_audithead (id, organization_id, seq, hash) VALUES (new_id, asked, 0, repeat('0', 64))
            ON CONFLICT DO NOTHING;
        END LOOP;
        instant := clock_timestamp();
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(HEAD, "DROP FUNCTION leadcrm_audit_head(uuid, uuid)")]
