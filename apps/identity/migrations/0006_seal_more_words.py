"""Seals the words that stood in the clear, in batches, each in a transaction of its own (row PH-07).

They go in only: without the master key's ring nothing could be opened, so there is no way back.
"""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("identity", "0005_room_for_more_sealed_words")]
    operations = [
        migrations.RunPython(sealer("identity_matchdecision", "facts", "facts_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("identity_merge", "before", "before_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("identity_merge", "after", "after_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("identity_merge", "reason", "reason_sealed"), migrations.RunPython.noop),
    ]
