"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("consent_consentevent", "evidence", "evidence_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("consent_consentevent", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="consentevent", name="evidence"),
        migrations.RenameField(model_name="consentevent", old_name="sealed_evidence", new_name="evidence"),
        migrations.RemoveField(model_name="consentevent", name="reason"),
        migrations.RenameField(model_name="consentevent", old_name="sealed_reason", new_name="reason"),
    ]
