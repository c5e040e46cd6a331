"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("appointments", "0005_seal_notes")]
    operations = [
        migrations.RunPython(sealer("appointments_appointmentevent", "note", "note_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="appointmentevent", name="note"),
        migrations.RenameField(model_name="appointmentevent", old_name="sealed_note", new_name="note"),
    ]
