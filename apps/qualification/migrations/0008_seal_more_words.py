"""Seals the words that stood in the clear, in batches, each in a transaction of its own (row PH-07).

They go in only: without the master key's ring nothing could be opened, so there is no way back.
"""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("qualification", "0007_room_for_more_sealed_words")]
    operations = [
        migrations.RunPython(sealer("qualification_verification", "answers", "answers_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_qualification", "facts", "facts_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_qualification", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_qualification", "next_step", "next_step_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_criteriaresult", "facts", "facts_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_clearanceevent", "note", "note_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_parkedlead", "reason", "reason_sealed"), migrations.RunPython.noop),
    ]
