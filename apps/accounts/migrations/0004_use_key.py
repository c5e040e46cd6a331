"""Recognising an API key and counting its use in one statement, before any scope is open."""

from django.db import migrations

USE_KEY = """
    CREATE FUNCTION leadcrm_use_key(asked text, own_id uuid, fixed timestamptz, shift interval)
    RETURNS TABLE (
        organization_id uuid, id uuid, name text, mode text, scopes text[], party_id uuid, membership_id uuid,
        per_minute integer, expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz,
        party_is_active boolean, instant timestamptz, used integer)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    #variable_conflict use_column
    DECLARE
        place tenancy_address%ROWTYPE;
        present timestamptz := coalesce(fixed, clock_timestamp() + shift);
        counted integer;
    BEGIN
        SELECT * INTO place FROM tenancy_address WHERE kind = 'api_key' AND key = asked;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM set_config('leadcrm.organization_id', place.organization_id::text, true);
        INSERT INTO accounts_keyusage AS usage (id, organization_id, key_id, minute, count)
        VALUES (own_id, place.organization_id, place.row_id, date_trunc('minute', present, 'UTC'), 1)
        ON CONFLICT (organization_id, key_id, minute) DO UPDATE SET count = usage.count + 1
        RETURNING usage.count INTO counted;
        RETURN QUERY
        SELECT k.organization_id, k.id, k.name::text, k.mode::text, k.scopes::text[], k.party_id, k.membership_id,
            k.per_minute, k.expires_at, k.revoked_at, k.last_used_at, coalesce(p.is_active, true), present, counted
        FROM accounts_apikey k
        LEFT JOIN accounts_party p ON p.organization_id = k.organization_id AND p.id = k.party_id
        WHERE k.id = place.row_id;
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_key_choice"), ("tenancy", "0003_enter")]
    operations = [
        migrations.RunSQL(USE_KEY, "DROP FUNCTION leadcrm_use_key(text, uuid, timestamptz, interval)"),
    ]
