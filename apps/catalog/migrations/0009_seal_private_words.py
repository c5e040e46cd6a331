"""Seals the unmapped words of fields that are not plain, which stood in the clear until now (row DD-05).

It goes tenant by tenant: under forced row-level security the owner too sees the rows of the tenant that is named.
The words go in only: without the master key's ring nothing could be opened, so there is no way back.
"""

import json

from django.db import migrations

from apps.tenancy.sealing import blind_indexes, seal

NAMED = "SELECT set_config('leadcrm.organization_id', %s, true)"
TENANTS = "SELECT DISTINCT organization_id FROM tenancy_address ORDER BY organization_id"
CLEAR = """
    SELECT w.id, w.field, w.word, w.typed, w.means
    FROM catalog_unmappedword w
    JOIN catalog_customfield f ON f.organization_id = w.organization_id AND f.key = w.field
    WHERE w.organization_id = %s AND f.privacy <> 'plain' AND w.sealed IS NULL
    ORDER BY w.id
    FOR UPDATE OF w
"""
SEAL = "UPDATE catalog_unmappedword SET word = %s, typed = '', means = '', sealed = %s WHERE id = %s"


def seal_private_words(apps, schema_editor):
    """Seal what stands in the clear, with each tenant's own key."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANTS)
        for (tenant,) in cursor.fetchall():
            cursor.execute(NAMED, [str(tenant)])
            cursor.execute(CLEAR, [tenant])
            for row, field, word, typed, means in cursor.fetchall():
                plain = json.dumps({"typed": typed, "means": means}, ensure_ascii=False).encode()
                index = blind_indexes(f"{field}\n{word}", organization_id=tenant, purpose="unmapped-word")[0]
                cursor.execute(SEAL, [index, seal(plain, organization_id=tenant, row_id=row), row])
        cursor.execute(NAMED, [""])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_sealed_words"), ("tenancy", "0003_enter")]
    operations = [migrations.RunPython(seal_private_words, migrations.RunPython.noop)]
