"""Seals the words that stood in the clear, in batches, each in a transaction of its own (row PH-07).

They go in only: without the master key's ring nothing could be opened, so there is no way back.
"""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("consent", "0004_room_for_more_sealed_words")]
    operations = [
        migrations.RunPython(sealer("consent_consentevent", "evidence", "evidence_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("consent_consentevent", "reason", "reason_sealed"), migrations.RunPython.noop),
    ]
