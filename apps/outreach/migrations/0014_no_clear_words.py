"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("outreach", "0013_seal_words")]
    operations = [
        migrations.RunPython(sealer("outreach_activity", "note", "note_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("outreach_message", "subject", "subject_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("outreach_message", "body", "body_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="activity", name="note"),
        migrations.RenameField(model_name="activity", old_name="sealed_note", new_name="note"),
        migrations.RemoveField(model_name="message", name="subject"),
        migrations.RenameField(model_name="message", old_name="sealed_subject", new_name="subject"),
        migrations.RemoveField(model_name="message", name="body"),
        migrations.RenameField(model_name="message", old_name="sealed_body", new_name="body"),
    ]
